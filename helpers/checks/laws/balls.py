"""Laws of the ball |x_adv - x| <= epsilon within [0, 1]: the way back into it, and its measure."""

import torch

from helpers.checks.laws.basics import listed
from helpers.checks.laws.formulas import Formula

# --- projection -----------------------------------------------------------------------------------


def project(x_adv, x, epsilon):
    """The nearest images within epsilon of x in every pixel, and in [0, 1]."""
    return (x + (x_adv - x).clamp(-epsilon, epsilon)).clamp(0, 1)


def _shrunk(order):
    """A projection that shortens the change of an image until its norm of this order fits."""

    def shrink(a, x, e):
        d = a - x
        size = d.flatten(1).norm(order, dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)
        return (x + d * (e / size).clamp(max=1)).clamp(0, 1)

    return shrink


SHRUNK = (
    "The whole change of an image is shortened until it fits: each pixel has a budget of its own, "
    "and those that were within it stay."
)
NO_BOX = (
    "The range [0, 1] is not kept: what about a pixel that is 1 already, and may still grow by "
    "epsilon?"
)
ONE_SIDE = (
    "Only one side is bounded: how much brighter may a pixel get, and how much darker? Both are "
    "limited by epsilon."
)
AROUND_0 = "The result lies within epsilon of 0: the ball has its centre at x."
CHANGE_ALONE = "That is the change alone: which image is it to be added to?"
PROJECT_SUSPECTS = [
    (
        lambda a, x, e: a.clamp(0, 1),
        "epsilon takes no part: change it, and the result stays. Which of the two constraints is "
        "missing?",
    ),
    (lambda a, x, e: x + (a - x).clamp(-e, e), NO_BOX),
    (_shrunk(torch.inf), SHRUNK),
    (_shrunk(2), SHRUNK),
    (lambda a, x, e: (x + (a - x) * (e / (a - x).abs().max()).clamp(max=1)).clamp(0, 1), SHRUNK),
    (lambda a, x, e: (x + e * (a - x) / (a - x).abs().max()).clamp(0, 1), SHRUNK),
    (lambda a, x, e: (x + (a - x) * e).clamp(0, 1), "The change is multiplied by epsilon: cut it."),
    (lambda a, x, e: (x + (a - x).clamp(max=e)).clamp(0, 1), ONE_SIDE),
    (lambda a, x, e: (x + (a - x).clamp(min=-e)).clamp(0, 1), ONE_SIDE),
    (lambda a, x, e: (x + (a - x).clamp(0, e)).clamp(0, 1), ONE_SIDE),
    (lambda a, x, e: (x + (a - x).abs().clamp(max=e)).clamp(0, 1), ONE_SIDE),
    (lambda a, x, e: a.clamp(-e, e), AROUND_0),
    (lambda a, x, e: a.clamp(-e, e).clamp(0, 1), AROUND_0),
    (lambda a, x, e: (x + a.clamp(-e, e)).clamp(0, 1), "x_adv itself is cut: cut its change."),
    (lambda a, x, e: (a - x).clamp(-e, e), CHANGE_ALONE),
    (lambda a, x, e: (a - x).clamp(-e, e).clamp(0, 1), CHANGE_ALONE),
    (
        lambda a, x, e: (a + (x - a).clamp(-e, e)).clamp(0, 1),
        "x_adv and x have exchanged their roles: whose ball is it?",
    ),
    (lambda a, x, e: (x + (x - a).clamp(-e, e)).clamp(0, 1), "The change is turned: x_adv - x."),
    (
        lambda a, x, e: (a + (a - x).clamp(-e, e)).clamp(0, 1),
        "The cut change is added to x_adv: it starts from x.",
    ),
    (
        lambda a, x, e: (x + e * (a - x).sign()).clamp(0, 1),
        "Every pixel is moved to the edge of the ball: a pixel that is inside stays where it is.",
    ),
    (
        lambda a, x, e: torch.where((a - x).abs() <= e, a, x).clamp(0, 1),
        "A pixel that went too far is put back to x: the nearest allowed value is at the edge.",
    ),
    (
        lambda a, x, e: x + (a - x).clamp(-e, e).clamp(0, 1),
        "The clamp to [0, 1] is around the change: it belongs around the image.",
    ),
    (lambda a, x, e: (x + (a - x).clamp(-e, e)).clamp(-1, 1), "Here images lie in [0, 1]."),
    (lambda a, x, e: (x + (a - x).clamp(-e, e)).clamp(min=0), NO_BOX),
    (lambda a, x, e: (x + (a - x).clamp(-e, e)).clamp(max=1), NO_BOX),
    (lambda a, x, e: (x + (a - x).clamp(-e / 2, e / 2)).clamp(0, 1), "The ball is too small."),
    (lambda a, x, e: (x + (a - x).clamp(-2 * e, 2 * e)).clamp(0, 1), "The ball is too wide."),
    (
        lambda a, x, e: (x + (a - x).clamp(-e / 255, e / 255)).clamp(0, 1),
        "Nothing to divide by 255.",
    ),
    (
        lambda a, x, e: (x + e * torch.tanh((a - x) / e)).clamp(0, 1),
        "tanh bends: cut, do not bend.",
    ),
    (lambda a, x, e: x, "x comes back: x_adv takes no part."),
    (lambda a, x, e: a, "x_adv comes back as it was: nothing is projected."),
    (lambda a, x, e: (x + e).clamp(0, 1), "Every pixel moves up by epsilon: x_adv takes no part."),
]
PROJECT = Formula(
    right=project,
    suspects=PROJECT_SUSPECTS,
    comes="images like x",
    told=lambda args, row: (
        f"x_adv {listed(args[0][row], '.2g')} around x {listed(args[1][row], '.2g')} with "
        f"epsilon {args[2]:g}"
    ),
    hints=lambda args, shape: "Every pixel of every image stays in its place.",
    otherwise="Each pixel goes to the nearest value that is within epsilon of x and in [0, 1].",
)


def project_cases():
    """One image by hand, one that is inside already, then random ones."""
    x = torch.tensor([0.5, 0.1, 0.9, 0.3, 0.6, 0.0]).view(1, 1, 2, 3)
    far = torch.tensor([0.8, -0.3, 1.4, 0.35, 0.2, 0.1]).view(1, 1, 2, 3)
    near = (x + torch.tensor([0.1, 0.0, -0.1, 0.04, -0.07, 0.02]).view(1, 1, 2, 3)).clamp(0, 1)
    drawn = [torch.rand(7, 3, 1, 2).round(decimals=2) for _ in range(2)]
    return [
        (far, x, 0.2),
        (near, x, 0.15),
        (drawn[0] * 3 - 1, drawn[1], 0.3),
        (drawn[1] + 0.2 * torch.randn(7, 3, 1, 2), drawn[1], 0.1),
    ]


# --- distance -------------------------------------------------------------------------------------


def _distance(a, x):
    return (a - x).abs().flatten(1).amax(1)


def _distance_hint(args, shape):
    n, *rest = args[0].shape
    hints = {
        (): "That is one number for the whole batch: how many images are there?",
        (1,): "That is one number for the whole batch: how many images are there?",
        (n, 1): "One number per image in one row, (N,): an axis of length 1 is left.",
        (n, 1, 1, 1): "The axes of length 1 are left: keepdim keeps them.",
        (n, rest[0]): "That is one number per channel: an image has all of its axes but the first.",
        tuple(rest): "The maximum runs over the images: which axis counts them?",
        (n, *rest): "That is one number per pixel: an image counts by its largest one.",
    }
    return hints.get(shape, "All axes but the first belong to one image.")


EXTREMES = (
    "The two brightest pixels are compared: subtract pixel by pixel first, and look for the "
    "largest afterwards."
)
DISTANCE = Formula(
    right=_distance,
    suspects=[
        (
            lambda a, x: (a - x).flatten(1).norm(dim=1),
            "That is the L2 norm: a sum over all pixels "
            "enters. What does norm() compute when nobody says which norm?",
        ),
        (lambda a, x: ((a - x) ** 2).flatten(1).sum(1), "The squares are added over the pixels."),
        (lambda a, x: ((a - x) ** 2).flatten(1).mean(1), "That is a mean of squares: the largest."),
        (
            lambda a, x: (a - x).abs().flatten(1).mean(1),
            "That is the average change: the budget holds for the pixel that moves most.",
        ),
        (lambda a, x: (a - x).abs().flatten(1).sum(1), "That is the sum over the pixels, L1."),
        (
            lambda a, x: (a - x).flatten(1).amax(1),
            "The signs are kept: a pixel that gets darker counts as well.",
        ),
        (
            lambda a, x: (x - a).flatten(1).amax(1),
            "The signs are kept: a pixel that gets brighter counts as well.",
        ),
        (
            lambda a, x: (a - x).flatten(1).amax(1).abs(),
            "abs comes after the maximum: a pixel that gets darker has lost by then.",
        ),
        (lambda a, x: (a - x).abs().flatten(1).amin(1), "That is the smallest change."),
        (lambda a, x: (a - x).abs().flatten(1).median(1).values, "That is the median change."),
        (
            lambda a, x: (a - x).abs().flatten(1).argmax(1).float(),
            "That is the place of the largest change, and not its size.",
        ),
        (lambda a, x: a.flatten(1).amax(1) - x.flatten(1).amax(1), EXTREMES),
        (lambda a, x: (a.flatten(1).amax(1) - x.flatten(1).amax(1)).abs(), EXTREMES),
        (lambda a, x: (a.abs().flatten(1).amax(1) - x.abs().flatten(1).amax(1)).abs(), EXTREMES),
        (lambda a, x: a.abs().flatten(1).amax(1), "x takes no part: that is the brightest pixel."),
        (
            lambda a, x: (a - x).abs().max().expand(len(x)),
            "Every image gets the largest change of the whole batch: each has its own.",
        ),
        (
            lambda a, x: ((a - x) ** 2).flatten(1).amax(1),
            "The change is squared: its size is asked for.",
        ),
        (lambda a, x: 255 * _distance(a, x), "The units are those of [0, 1]: nothing times 255."),
        (lambda a, x: -_distance(a, x), "A distance is never negative."),
        (lambda a, x: (a - x).abs().flatten(1)[:, 0], "Only the first pixel counts."),
    ],
    comes="one number per image, (N,),",
    told=lambda args, row: (
        f"image {row} with the changes {listed(args[0][row] - args[1][row], '.2g')}"
    ),
    hints=_distance_hint,
    otherwise="Take the change of every pixel without its sign, and the largest of them.",
)


def distance_cases():
    """Changes by hand, of both signs, then random ones."""
    x = torch.full((3, 2, 1, 2), 0.5)
    change = torch.tensor(
        [[0.1, -0.3, 0.0, 0.2], [0.25, 0.1, -0.05, 0.0], [-0.2, -0.1, -0.4, -0.3]]
    )
    cases = [(x + change.view(3, 2, 1, 2), x)]
    for n, shape in ((7, (3, 1, 2)), (1, (1, 2, 3))):
        x = torch.rand(n, *shape)
        cases.append(((x + 0.3 * torch.randn_like(x)).clamp(0, 1), x))
    return cases
