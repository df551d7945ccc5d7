"""Train lesson 06's generators: `python tools/train_cyclegan.py emoji`, or another of RECIPES.

`horse2zebra` wants `--data FOLDER`: the photographs in trainA, trainB, testA and testB. Every
minute the training is stored in checkpoints/; started again, it goes on from there. Writes
data/weights/cyclegan_NAME.pt, the moving average of both generators, and the log beside it.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import NamedTuple

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from helpers import data, domains, metrics, networks, runtime, training, weights  # noqa: E402
from helpers.translation import SCALES, CycleGAN, Scale  # noqa: E402


class Recipe(NamedTuple):
    scale: Scale
    identity_until: float = math.inf  # the step after which lambda_id is 0
    flip: bool = False


RECIPES = {
    "dyed": Recipe(SCALES["digits"]._replace(steps=800)),
    "emoji": Recipe(SCALES["emoji"]),
    "horse2zebra": Recipe(SCALES["horse2zebra"], identity_until=1500, flip=True),
}


def flipped(x):
    """Half of the pictures, by chance, as in a mirror."""
    return torch.where(torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5, x.flip(3), x)


class Training:
    """A CycleGAN, its moving average and schedules, stored in and restored from `path`."""

    def __init__(self, recipe, device, path, **options):
        pair = networks.Translators(**recipe.scale.pair).to(device)
        D_A, D_B = (
            networks.PatchDiscriminator(width=recipe.scale.width_D).to(device) for _ in "AB"
        )
        self.recipe, self.path, self.number, self.seconds = recipe, path, 0, 0.0
        self.log = []
        self.gan = CycleGAN(pair, D_A, D_B, recipe.scale.lr, **options)
        self.average = training.Average(pair)
        steps = recipe.scale.steps
        self.falling = [
            torch.optim.lr_scheduler.LambdaLR(
                opt, lambda n: min(1.0, max(0.02, 2 * (1 - n / steps)))
            )
            for opt in (self.gan.opt_G, self.gan.opt_D)
        ]

    def parts(self):
        gan = self.gan
        nets = gan.pair, gan.D_A, gan.D_B, self.average.net
        return *nets, gan.opt_G, gan.opt_D, *self.falling

    def store(self):
        self.path.parent.mkdir(exist_ok=True)
        state = {
            "number": self.number,
            "updates": self.average.updates,
            "seconds": self.seconds,
            "log": self.log,
            "parts": [part.state_dict() for part in self.parts()],
            "pools": [pool.images for pool in (self.gan.pool_A, self.gan.pool_B)],
        }
        new = self.path.with_suffix(".part")
        torch.save(state, new)
        new.replace(self.path)

    def restore(self):
        if not self.path.exists():
            return
        state = torch.load(self.path, weights_only=True)
        self.number, self.seconds = state["number"], state["seconds"]
        self.average.updates, self.log = state["updates"], state["log"]
        self.gan.pool_A.images, self.gan.pool_B.images = state["pools"]
        for part, values in zip(self.parts(), state["parts"]):
            part.load_state_dict(values)
        print(f"goes on after step {self.number}", flush=True)

    def run(self, both):
        """Train to the recipe's last step; yield (step, the mean losses) ten times on the way."""
        every = max(1, self.recipe.scale.steps // 10)
        left = self.recipe.scale.steps - self.number
        batches = both.batches(self.recipe.scale.batch_size, left)
        if self.recipe.flip:
            batches = ((flipped(a), flipped(b)) for a, b in batches)
        losses, stored = [], time.time()
        start = time.process_time() - self.seconds
        for step in self.gan.steps(batches, first=self.number + 1):
            self.number, self.seconds = step.number, time.process_time() - start
            self.average.update(self.gan.pair)
            for schedule in self.falling:
                schedule.step()
            if step.number > self.recipe.identity_until:
                self.gan.lambda_id = 0.0
            losses.append(torch.tensor(step[1:]))
            if time.time() - stored > 60:
                self.store()
                stored = time.time()
            if step.number % every == 0:
                names = step._fields[1:]
                mean = torch.stack(losses).mean(0).tolist()
                yield step.number, {k: round(v, 3) for k, v in zip(names, mean)}
                losses = []
        self.store()


def judged(pair, both):
    """Errors on the test pictures, to the true counterpart if it is known and after the cycle."""
    scores = metrics.translation(pair, both)._asdict()
    return {name: round(value, 4) for name, value in scores.items() if value == value}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--data", help="folder with trainA, trainB, testA, testB (horse2zebra)")
    name, folder = vars(parser.parse_args()).values()
    device = runtime.setup(seed=0)
    made = {"emoji": domains.emoji, "dyed": domains.dyed_digits}
    both = (domains.photographs(folder) if folder else made[name]()).to(device)
    run = Training(RECIPES[name], device, ROOT / "checkpoints" / f"cyclegan_{name}.state")
    run.restore()
    for number, losses in run.run(both):
        row = {"step": number, "seconds": round(run.seconds)} | losses
        run.log.append(json.dumps(row | judged(run.average.net, both)))
        print(run.log[-1], flush=True)
    weights.save(f"cyclegan_{name}", run.average.net)
    shipped = judged(weights.load(f"cyclegan_{name}", device), both)
    run.log.append(json.dumps({"as shipped": shipped}))
    print(run.log[-1])
    (data.ROOT / "weights" / f"cyclegan_{name}.log").write_text("\n".join(run.log) + "\n")


if __name__ == "__main__":
    main()
