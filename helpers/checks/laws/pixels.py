"""Laws of a map of pixels from one range to another: pixel by pixel, and with the right ends."""

import torch

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, listed
from helpers.checks.laws.old import CheckError, expect

# each suspect: a map of pixels and what it means; the first that fits the values speaks
TO_GAN_SUSPECTS = [
    (
        lambda x: x,
        "Nothing has changed: a real pixel is never negative, and a fake from tanh often "
        "is. D would see that at once.",
    ),
    (lambda x: x - 0.5, "You shift, and the width stays 1. tanh spans 2, from -1 to 1."),
    (lambda x: 2 * x, "You stretch, and nothing shifts: black has to land at -1."),
    (
        lambda x: 1 - 2 * x,
        "Black and white are exchanged: the sign of the factor is the other one.",
    ),
    (lambda x: x * 0.5 + 0.5, "That is the way back, from [-1, 1] to [0, 1]."),
    (lambda x: x * 2 - 2, "Order of operations: the shift is doubled as well."),
    (
        lambda x: (x - 0.5) * 0.5,
        "You multiply by 0.5 where dividing by it would widen the range.",
    ),
    (
        lambda x: x / 127.5 - 1,
        "That is the map for whole numbers from 0 to 255. "
        "These pixels lie between 0 and 1 already.",
    ),
    (
        lambda x: x / 255,
        "These pixels lie between 0 and 1 already: nothing is left to divide by 255.",
    ),
    (
        lambda x: (x - 0.1307) / 0.3081,
        "Those are the mean and std of MNIST: mean 0 and std 1 is "
        "another aim than the range of tanh.",
    ),
    (torch.tanh, "tanh belongs at the end of G. The data need a straight line."),
    (
        lambda x: torch.tanh(2 * x - 1),
        "The straight line was enough: tanh on top of it bends the "
        "data, and white no longer reaches 1.",
    ),
    (lambda x: (2 * x - 1).clamp(0, 1), "The clamp cuts off everything below 0."),
    (lambda x: (2 * x - 1).sign(), "Every shade of grey becomes -1 or 1. Keep the shades."),
]
TO_DISPLAY_SUSPECTS = [
    (lambda x: x, "Nothing has changed: a plot cuts off every pixel below 0."),
    (
        lambda x: x.clamp(0, 1),
        "You clamp: everything below 0 turns black. Where should -0.2 end up, dark grey or black?",
    ),
    (lambda x: x.relu(), "You cut: everything below 0 turns black."),
    (lambda x: x + 1, "You shift, and the width stays 2: white lands at 2."),
    (lambda x: x / 2, "You shrink, and nothing shifts: black has to land at 0."),
    (lambda x: x + 0.5, "You shift by a half, and the width stays 2."),
    (
        lambda x: x / 2 + 1,
        "Order of operations: divide after the shift, or shift by a half.",
    ),
    (
        lambda x: (1 - x) / 2,
        "Black and white are exchanged: the sign of the factor is the other one.",
    ),
    (lambda x: x.abs(), "abs folds the range: black and white both land at 1."),
    (lambda x: 2 * x - 1, "That is the other direction, from [0, 1] to [-1, 1]."),
    (lambda x: (x - 0.5) / 0.5, "That is the other direction, from [0, 1] to [-1, 1]."),
    (
        torch.sigmoid,
        "sigmoid bends the greys, and white stops at 0.73. Undo a straight line with one.",
    ),
    (lambda x: (x + 1) * 127.5, "That is the range 0 to 255. Here the plot wants 0 to 1."),
    (
        lambda x: x * 0.3081 + 0.1307,
        "Those are the mean and std of MNIST: they undo another map.",
    ),
]


def keeps_shape(answer, pixels):
    """The result is a tensor with the shape of x, and x itself stays as it was."""
    for n in (1, 7):
        x = pixels.view(-1)[: n * 784].reshape(n, 1, 28, 28).clone()
        kept = x.clone()
        result = answer(x)
        is_tensor(result, "the scaled images")
        has_shape(
            result, kept.shape, "Only the values change: nothing is averaged, added or flattened."
        )
        expect(
            result.is_floating_point(),
            f"the dtype is {result.dtype}, expected torch.float32. "
            "A cast to whole numbers loses every shade of grey.",
        )
        expect(
            torch.equal(x, kept),
            f"x itself has changed: its first pixel was {kept.flatten()[0]:.2f} "
            f"and is now {x.flatten()[0]:.2f}, expected no change. Give back a new tensor: a "
            f"name that ends in _ and "
            "*=, -= write into the caller's images.",
        )


def is_fixed_map(answer, pixels):
    """A pixel's new value does not depend on the pixels around it, in its image or its batch."""
    x, lone = pixels[:7].clone(), pixels[:1].clone()
    x[:, :, 14:] *= 0.3
    lone[:, :, 20], lone[:, :, 21] = 1.0, pixels.min().floor()
    among, alone = answer(x.clone())[0, 0, :14], answer(lone)[0, 0, :14]
    expect(
        torch.allclose(among.float(), alone.float(), atol=1e-4),
        "the same pixel becomes "
        f"{among.flatten()[0]:.3f} and {alone.flatten()[0]:.3f} in two different batches, "
        f"expected the same "
        f"number. {_why_not_fixed(answer, x)} Use fixed numbers, the same for every image.",
    )


def _why_not_fixed(answer, x):
    y = answer(x.clone())
    unit = (y - y.min()) / (y.max() - y.min())
    if abs(y.mean()) < 1e-3 and abs(y.std() - 1) < 0.05:
        return "You standardise: mean and std come from the batch, and tanh cannot reach beyond 1."
    if torch.allclose(y, unit, atol=1e-3) or torch.allclose(y, 2 * unit - 1, atol=1e-3):
        return (
            "You stretch each batch from its min to its max: a flat grey failure then looks sharp."
        )
    return "Something of the batch or the image (min, max, mean, std) enters the map."


def maps(answer, points, expected, suspects):
    """The worked values: points go to expected; a suspect that fits names the mistake."""
    x = torch.tensor(points).repeat(8 * 784 // len(points) + 1)[: 7 * 784].reshape(7, 1, 28, 28)
    y = answer(x.clone()).detach()
    seen = y.flatten()[: len(points)]
    if torch.allclose(seen.float(), torch.tensor(expected), atol=1e-4):
        return
    why = diagnosis(
        suspects,
        lambda suspect: torch.allclose(seen.float(), suspect(torch.tensor(points)), atol=2e-3),
        "Where should the two ends of the "
        "range land, and where should its middle? Two fixed numbers, a factor and a shift, do it.",
    )
    raise CheckError(
        f"{listed(torch.tensor(points))} goes to {listed(seen, '.3g')}, "
        f"expected {listed(torch.tensor(expected))}. {why}"
    )
