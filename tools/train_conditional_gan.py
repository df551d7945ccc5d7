"""Train lesson 05's conditional GAN: `python tools/train_conditional_gan.py`.

A quarter of an hour on one core of a laptop. Writes data/weights/conditional_gan.pt, the moving
average of G, and the log beside it.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, metrics, networks, runtime, training, weights  # noqa: E402

Z_DIM, BATCH_SIZE, LR, BETAS, R1 = 64, 32, 2e-3, (0.0, 0.99), 0.1
LOOKS = 10  # times that the average is judged on the way


@torch.no_grad()
def samples(G, n=10_000):
    """`n` images of G, as many of each class, and their labels; the same latents each time."""
    device = next(G.parameters()).device
    z = torch.randn(n, Z_DIM, generator=torch.Generator().manual_seed(1)).to(device)
    y = torch.arange(n, device=device) % G.num_classes
    with networks.evaluating(G):
        return torch.cat([G(a, b) for a, b in zip(z.split(500), y.split(500))]), y


def scores(G, judge):
    """Fréchet distance, and the share that is read as asked: all classes, and the worst one."""
    x_fake, y = samples(G)
    _, probs = metrics.digit_features(judge.classifier, x_fake)
    right = (probs.argmax(1) == y).float()
    classes = torch.stack([right[y == k].mean() for k in range(G.num_classes)])
    return {
        "frechet": round(judge(x_fake).frechet, 1),
        "as_asked": round(right.mean().item(), 4),
        "worst_class": round(classes.min().item(), 4),
    }


def trained(x, y, steps):
    """Yield (number, averaged G) after every step; both learning rates fall to 0 linearly."""
    G, D = networks.ConditionalGenerator(Z_DIM).to(x.device), networks.ConditionalDiscriminator()
    D = D.to(x.device)
    opts = [training.adam(net, LR, BETAS) for net in (G, D)]
    falling = [torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.02, steps) for opt in opts]
    average = training.Average(G)
    batches = data.Batches(x, BATCH_SIZE, y).take(steps)
    for step in training.gan_steps(G, D, *opts, batches, Z_DIM, r1=R1):
        average.update(G)
        for schedule in falling:
            schedule.step()
        yield step.number, average.net


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000)
    steps = parser.parse_args().steps
    device = runtime.setup(seed=0)
    x, y = (tensor.to(device) for tensor in data.mnist("train"))
    judge = metrics.Judge(
        weights.load("digit_classifier", device), data.mnist("test")[0].to(device)
    )
    log = []
    for number, G in trained(x, y, steps):
        if number % (steps // LOOKS) == 0:
            log.append(json.dumps({"step": number} | scores(G, judge)))
            print(log[-1], flush=True)
    weights.save("conditional_gan", G)
    shipped = scores(weights.load("conditional_gan", device), judge)
    log.append(json.dumps({"as shipped": shipped}))
    print(log[-1])
    (data.ROOT / "weights" / "conditional_gan.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
