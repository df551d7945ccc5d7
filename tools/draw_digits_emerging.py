"""Draw the README's picture: `python tools/draw_digits_emerging.py` (about a minute).

Lesson 03's DCGAN is trained; the same latents are drawn after 0, 30, 100, 300 and 1,200 steps.
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from helpers import data, images, networks, runtime, training  # noqa: E402

LOOKS = (0, 30, 100, 300, 1200)


def main():
    device = runtime.setup(seed=0)
    x_real = data.mnist("train")[0].to(device)
    G, D = networks.ConvGenerator().to(device), networks.ConvDiscriminator().to(device)
    opt_G, opt_D = (training.adam(net, lr=2e-3, betas=(0.0, 0.99)) for net in (G, D))
    average = training.Average(G)
    z_fixed = data.sample_z(36, G.z_dim, device)
    looks = {0: G(z_fixed).detach()}
    batches = data.Batches(x_real, batch_size=32).take(LOOKS[-1])
    for step in training.gan_steps(G, D, opt_G, opt_D, batches, G.z_dim, r1=0.1):
        average.update(G)
        if step.number in LOOKS:
            with torch.no_grad():
                looks[step.number] = average.net.eval()(z_fixed)
    _, axes = plt.subplots(1, len(looks), figsize=(3 * len(looks), 3.3))
    for ax, (number, x) in zip(axes, looks.items()):
        images.draw(ax, x, f"after {number:,} steps" if number else "before training", columns=6)
    plt.tight_layout()
    plt.savefig(ROOT / "figures" / "digits_emerging.png", dpi=80)


if __name__ == "__main__":
    main()
