"""Judge lesson 06's horses and zebras: `python tools/judge_photographs.py FOLDER [CONTACT_SHEET]`.

FOLDER holds the photographs in trainA, trainB, testA and testB. A small network learns to tell
horses from zebras on the training photographs (two minutes on one core); in its features the
Fréchet distance says how far a set of pictures is from the test photographs of a domain. The
numbers become the last line of data/weights/cyclegan_horse2zebra.log. CONTACT_SHEET is a picture
to be looked at: real, fake and reconstructed test photographs. It is not free: do not commit it.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.utils import save_image
from train_cyclegan import flipped

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, domains, metrics, runtime, training, weights  # noqa: E402

EPOCHS, BATCH_SIZE, PEAK_LR = 12, 32, 3e-3
LOG = data.ROOT / "weights" / "cyclegan_horse2zebra.log"


class Judge(nn.Module):
    """Photographs `(N, 3, 64, 64)` to logits (horse, zebra); `features(x)` is `(N, 64)`."""

    def __init__(self):
        super().__init__()
        widths = 3, 24, 48, 64, 64
        steps = [self._step(*pair) for pair in zip(widths, widths[1:])]
        self.features = nn.Sequential(*steps, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(64, 2)

    @staticmethod
    def _step(c_in, c_out):
        conv = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2))

    def forward(self, x):
        return self.head(self.features(x))


def trained(A, B):
    """A Judge after EPOCHS passes over both domains, half of the pictures mirrored."""
    judge = Judge().to(A.device)
    x, y = torch.cat([A, B]), torch.tensor([0] * len(A) + [1] * len(B), device=A.device)
    batches = data.Batches(x, BATCH_SIZE, y)
    total = EPOCHS * len(batches)
    opt = training.adam(judge, betas=(0.9, 0.999))
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, PEAK_LR, total)
    for x, y in batches.take(total):
        loss = F.cross_entropy(judge(flipped(x)), y, label_smoothing=0.1)
        training._descend(opt, loss)
        schedule.step()
    return judge.eval()


def scores(judge, pair, both):
    """What the pair is worth on the test photographs; every number has its anchors."""
    A, B = both.test_A, both.test_B
    fake_B, fake_A = metrics.translated(pair.G_AB, A), metrics.translated(pair.G_BA, B)
    zeros, ones = (torch.full((len(x),), k, device=x.device) for x, k in ((A, 0), (B, 1)))

    def frechet(x, y):
        features = (metrics.translated(judge.features, part) for part in (x, y))
        return metrics.frechet_distance(*(v for f in features for v in metrics.mean_and_cov(f)))

    cycle = metrics.translation(pair, both)
    rows = {
        "share of test photographs read rightly": (
            metrics.accuracy(judge, torch.cat([A, B]), torch.cat([zeros, ones]))
        ),
        "share of fake zebras read as zebras": metrics.accuracy(judge, fake_B, 1 + zeros),
        "share of fake horses read as horses": metrics.accuracy(judge, fake_A, ones - 1),
        "Fréchet distance, horses to zebras": frechet(A, B),
        "Fréchet distance, fake zebras to zebras": frechet(fake_B, B),
        "Fréchet distance, other zebras to zebras": frechet(both.B[: len(A)], B),
        "Fréchet distance, fake horses to horses": frechet(fake_A, A),
        "Fréchet distance, other horses to horses": frechet(both.A[: len(B)], A),
        "difference after horse to zebra to horse": cycle.cycle_A,
        "difference after zebra to horse to zebra": cycle.cycle_B,
        "difference of fake zebra and its horse": metrics.pixel_error(fake_B, A),
    }
    return {name: round(value, 3) for name, value in rows.items()}


def contact_sheet(pair, both, path, n=16):
    """Write rows of real, fake and reconstructed test photographs, both directions, to `path`."""
    A, B = both.test_A[:n], both.test_B[:n]
    fake_B, fake_A = metrics.translated(pair.G_AB, A), metrics.translated(pair.G_BA, B)
    rec_A, rec_B = metrics.translated(pair.G_BA, fake_B), metrics.translated(pair.G_AB, fake_A)
    rows = torch.cat([A, fake_B, rec_A, B, fake_A, rec_B])
    save_image(data.to_display_range(rows), path, nrow=n)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("contact_sheet", nargs="?")
    arguments = parser.parse_args()
    device = runtime.setup(seed=0)
    both = domains.photographs(arguments.folder).to(device)
    pair = weights.load("cyclegan_horse2zebra", device)
    if arguments.contact_sheet:
        contact_sheet(pair, both, arguments.contact_sheet)
    judged = json.dumps({"judged": scores(trained(both.A, both.B), pair, both)}, ensure_ascii=False)
    print(judged)
    lines = [line for line in LOG.read_text().splitlines() if not line.startswith('{"judged"')]
    LOG.write_text("\n".join([*lines, judged]) + "\n")


if __name__ == "__main__":
    main()
