"""Spies whose networks take a label as well: G(z, y) and D(x, y), recorded as rows of both."""

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks.laws.basics import kind_of
from helpers.checks.laws.old import expect
from helpers.checks.spies import Arena, Spy, reals

CLASSES = 10  # that the spies know, as many as there are digits
USED = 4  # that a batch holds: classes 0 to 3
ORDER = torch.tensor([3, 0, 1, 3, 2, 0, 1, 2, 2, 1])  # no turn or shift of it looks the same


def labels_of(n, shift=0):
    """n labels of 0 to 3, each of them frequent, in no order."""
    return ORDER.roll(shift).repeat(n // len(ORDER) + 1)[:n]


def packed(x, y):
    """Rows that hold an image or a z, flat, and the one-hot label beside it."""
    return torch.cat([x.flatten(1), F.one_hot(y, CLASSES).to(x.dtype)], dim=1)


def asked(rows):
    """The labels of packed rows."""
    return rows[:, -CLASSES:].argmax(1)


def pairs(n, seed=0):
    """n real images with their labels, packed."""
    return packed(reals(n, seed), labels_of(n, seed))


def unpacked(rows):
    """The images and the labels of packed rows."""
    return rows[:, :-CLASSES].reshape(-1, 1, 28, 28), asked(rows)


class LabelledSpy(Spy):
    """A spy that is called with two things: z or images, and their labels."""

    labels = num_classes = CLASSES  # num_classes: as the lesson's own networks have it

    def paired(self, images, x):
        """G's images beside the labels that they were made for."""
        return torch.cat([images.flatten(1), x[:, -CLASSES:]], dim=1)

    def inputs(self, n):
        """n random rows of z and label."""
        return packed(torch.randn(n, self.width), torch.randint(0, CLASSES, (n,)))

    def forward(self, x, y=None):
        """The output, recorded; a call without a label for each row is refused in words."""
        self._has_labels(x, y)
        self._accept(x)
        self._one_label_each(len(x), y)
        return self._recorded(packed(x, y))

    def _has_labels(self, x, y):
        what, call = ("z", "G(z, y)") if self.name == "G" else ("images", "D(x, y)")
        joined = y is None and torch.is_tensor(x) and x.dim() == 2
        expect(
            not (joined and x.shape[1] == self.width + CLASSES),
            f"{self.name} gets one tensor {tuple(x.shape) if joined else ''} of {what} and labels "
            f"joined, expected {call}. {self.name} joins the two by itself, in its forward: hand "
            f"it {what} and y.",
        )
        expect(
            y is not None,
            f"{self.name} gets {what} without labels, expected {call}. "
            + (
                "Without y it cannot know which class to draw."
                if self.name == "G"
                else "Without y it can judge whether an image looks real, and not whether it fits."
            ),
        )
        expect(
            torch.is_tensor(y),
            f"{self.name} gets {kind_of(y)} as labels, expected a tensor int64 (N,): one label "
            "for each row.",
        )
        swapped = torch.is_tensor(x) and x.dim() == 1 and y.dim() > 1
        expect(
            not swapped,
            f"{self.name} gets the labels first, of shape {tuple(x.shape)}, expected {call}: the "
            f"{what} come first.",
        )

    def _one_label_each(self, n, y):
        seen, wanted = f"{self.name} gets labels of", f"expected int64 ({n},)"
        expect(
            not y.is_floating_point(),
            f"{seen} dtype {y.dtype} and shape {tuple(y.shape)}, {wanted}: whole numbers. A label "
            "names a class, and the network itself makes one-hot rows of it.",
        )
        rows = "latents" if self.name == "G" else "images"
        expect(
            y.dim() != 1 or y.numel() <= n,
            f"{self.name} gets {n} {rows} for {y.numel()} labels, expected as many of both: every "
            f"label needs a row of its own. Are the {rows} too few, or the labels too many? "
            "Count the pictures that are asked for.",
        )
        expect(
            y.shape == (n,),
            f"{seen} shape {tuple(y.shape)}, {wanted}: {n} rows go in, and each needs a label of "
            "its own, one whole number.",
        )
        expect(
            y.dtype == torch.int64,
            f"{seen} dtype {y.dtype}, {wanted}: one_hot and Embedding look up int64.",
        )
        low, high = y.min().item(), y.max().item()
        expect(
            low >= 0 and high < CLASSES,
            f"{self.name} gets labels from {low} to {high}, expected 0 to {CLASSES - 1}: "
            "classes are counted from 0, and no label lies outside.",
        )


class LabelledArena(Arena):
    """An arena whose G takes (z, y) and whose D takes (x, y)."""

    kind = LabelledSpy


def labelled_generator(z_dim):
    """A spy G(z, y) in train mode, every image of which differs."""
    body = nn.Sequential(nn.Linear(z_dim + CLASSES, 12), nn.Tanh(), nn.Linear(12, 784), nn.Tanh())
    with torch.no_grad():
        body[0].weight.mul_(3)
    return LabelledSpy("G", [], body, (1, 28, 28)).train()
