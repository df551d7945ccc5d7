"""Train lesson 02's VAEs: `python tools/train_vae.py vae` (also vae_gaussian, vae_2d).

Sixty epochs, some minutes on one core of a laptop. Writes data/weights/NAME.pt and, beside it, a
log of the negative ELBO on the test digits.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, losses, metrics, runtime, training, weights  # noqa: E402

BATCH_SIZE, PEAK_LR = 128, 2e-3
LIKELIHOODS = {
    "vae": losses.bernoulli_loss,
    "vae_gaussian": losses.reconstruction_loss,
    "vae_2d": losses.bernoulli_loss,
}


def trained(name, x, epochs):
    """Yield (epoch, model) after every epoch; the learning rate falls to 0 along a cosine."""
    model = weights.NETWORKS[name]().to(x.device)
    opt, batches = training.adam(model, PEAK_LR, (0.9, 0.999)), data.Batches(x, BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * len(batches))
    for epoch in range(1, epochs + 1):
        model.train()
        for _ in training.vae_steps(model, opt, batches.epoch(), recon=LIKELIHOODS[name]):
            schedule.step()
        yield epoch, model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=LIKELIHOODS)
    parser.add_argument("--epochs", type=int, default=60)
    args = parser.parse_args()
    device = runtime.setup(seed=0)
    x, x_test = (data.mnist(split, low=0.0)[0].to(device) for split in ("train", "test"))
    log = []
    for epoch, model in trained(args.name, x, args.epochs):
        if epoch in (1, 2, 5) or epoch % 10 == 0:
            recon, kl = metrics.negative_elbo(model, x_test, LIKELIHOODS[args.name])
            log.append(json.dumps({"epoch": epoch, "recon": round(recon, 2), "kl": round(kl, 2)}))
            print(log[-1], flush=True)
    weights.save(args.name, model)
    recon, kl = metrics.negative_elbo(
        weights.load(args.name, device), x_test, LIKELIHOODS[args.name]
    )
    log.append(json.dumps({"as shipped": {"recon": round(recon, 2), "kl": round(kl, 2)}}))
    print(log[-1])
    (data.ROOT / "weights" / f"{args.name}.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
