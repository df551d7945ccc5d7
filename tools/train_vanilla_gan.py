"""Train lesson 03's generator for long: `python tools/train_vanilla_gan.py --epochs 40`.

An epoch takes about half a minute on one core of a laptop. Every 10 epochs a line goes to the log,
and the state to a file beside the weights, from which an interrupted run continues. At the end
data/weights/vanilla_gan.pt holds the moving average of G.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, metrics, networks, runtime, training, weights  # noqa: E402

Z_DIM, BATCH_SIZE, SAMPLES = 100, 128, 10_000
FOLDER = data.ROOT / "weights"
STATE, LOG = FOLDER / "vanilla_gan.state", FOLDER / "vanilla_gan.log"


def players(device):
    """G, D, their optimisers and the moving average of G, as they start."""
    runtime.seed(0)
    G, D = networks.Generator(Z_DIM).to(device), networks.Discriminator().to(device)
    return G, D, training.adam(G), training.adam(D), training.Average(G, decay=0.999)


def state_of(parts):
    G, D, opt_G, opt_D, average = parts
    nets = [part.state_dict() for part in (G, D, opt_G, opt_D, average.net)]
    return nets + [average.updates, torch.get_rng_state()]


def restore(parts, state):
    *nets, updates, rng = state
    G, D, opt_G, opt_D, average = parts
    for part, saved in zip((G, D, opt_G, opt_D, average.net), nets):
        part.load_state_dict(saved)
    average.updates = updates
    torch.set_rng_state(rng.cpu())


def keep(state):
    """Write the state beside the old one first: an interruption leaves one of them whole."""
    part = STATE.with_suffix(".part")
    torch.save(state, part)
    part.replace(STATE)


def scores(judge, G):
    """The judge's scores of G, rounded for the log."""
    found = judge.generator(G, Z_DIM, SAMPLES)
    return {key: round(value, 3) for key, value in found._asdict().items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    epochs = parser.parse_args().epochs
    device = runtime.setup()
    x_real = data.mnist("train")[0].to(device)
    judge = metrics.Judge(
        weights.load("digit_classifier", device), data.mnist("test")[0].to(device)
    )
    parts, done = players(device), 0
    G, D, opt_G, opt_D, average = parts
    if STATE.exists():
        done, state = torch.load(STATE, weights_only=True, map_location=device)
        restore(parts, state)
        print(f"going on after epoch {done}")
    else:
        LOG.write_text("")
    batches = data.Batches(x_real, BATCH_SIZE)
    for epoch in range(done + 1, epochs + 1):
        for step in training.gan_steps(G, D, opt_G, opt_D, batches.epoch(), Z_DIM):
            average.update(G)
        if epoch in (1, 2, 5) or epoch % 10 == 0:
            row = {"epoch": epoch, "last_G": scores(judge, G)}
            row |= {"average_G": scores(judge, average.net)}
            row |= {key: round(value, 3) for key, value in zip(step._fields[1:], step[1:])}
            with LOG.open("a") as log:
                log.write(json.dumps(row) + "\n")
            print(row, flush=True)
            keep((epoch, state_of(parts)))
    weights.save("vanilla_gan", average.net)
    STATE.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
