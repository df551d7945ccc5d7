"""Lesson 06's comparison of losses, three seeds each: `python tools/sweep_cyclegan.py`.

Half an hour on one core; started again, it goes on. Writes data/curves/cyclegan.json: a row for
each run and look, all numbers on 1,000 pairs of test digits: share that keeps its digit, mean
absolute difference (0 to 1) to the true counterpart, both directions, and after the round trip.
"""

import itertools
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import domains, metrics, networks, runtime, weights  # noqa: E402
from helpers.translation import SCALES, CycleGAN  # noqa: E402

# a run: lambda_cyc, lambda_id, learning rate of D relative to G's
RUNS = {
    "cycle 10, identity 5": (10.0, 5.0, 1.0),  # the lesson's
    "cycle 0": (0.0, 0.0, 1.0),
    "cycle 0, identity 5": (0.0, 5.0, 1.0),
    "cycle 1": (1.0, 0.0, 1.0),
    "cycle 10": (10.0, 0.0, 1.0),
    "cycle 100": (100.0, 0.0, 1.0),
    "cycle 1000": (1000.0, 0.0, 1.0),
    "cycle 10, identity 5, D 10 times faster": (10.0, 5.0, 10.0),
}
SEEDS, LOOKS, N_TEST = (0, 1, 2), (25, 50, 100, 150, 200, 250, 300), 1000
DONE = Path(__file__).resolve().parent.parent / "checkpoints" / "sweep_cyclegan.json"


def look(pair, both, judge):
    """The numbers of a pair of translators on the test digits, rounded."""
    scores = metrics.translation(pair, both, judge)
    return {name: round(value, 4) for name, value in scores._asdict().items()}


def run(seed, both, judge, lambda_cyc, lambda_id, speed_D):
    """Yield (step, numbers) at each of LOOKS."""
    torch.manual_seed(seed)
    device = both.A.device
    pair = networks.Translators(**SCALES["digits"].pair).to(device)
    gan = CycleGAN(
        pair,
        *(networks.PatchDiscriminator().to(device) for _ in "AB"),
        lambda_cyc=lambda_cyc,
        lambda_id=lambda_id,
    )
    gan.opt_D.param_groups[0]["lr"] *= speed_D
    for step in gan.steps(both.batches(16, LOOKS[-1])):
        if step.number in LOOKS:
            yield step.number, look(pair, both, judge) | {"loss_D": round(step.loss_D, 3)}


def main():
    device = runtime.setup()
    both = domains.striped_digits(N_TEST).to(device)
    judge = weights.load("striped_classifier", device)
    rows = json.loads(DONE.read_text()) if DONE.exists() else []  # it goes on where it broke off
    done = {(row["run"], row["seed"]) for row in rows}
    for name, seed in itertools.product(RUNS, SEEDS):
        if (name, seed) not in done:
            for number, scores in run(seed, both, judge, *RUNS[name]):
                rows.append({"run": name, "seed": seed, "step": number} | scores)
            DONE.parent.mkdir(exist_ok=True)
            DONE.write_text(json.dumps(rows))
            print(json.dumps(rows[-1]), flush=True)
    weights.ship("curves/cyclegan.json", json.dumps(rows, indent=0).encode())


if __name__ == "__main__":
    main()
