"""Laws of a walk between two codes: straight, even, and from the first to the second."""

import torch

from helpers.checks.explain import explained
from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, listed
from helpers.checks.laws.old import CheckError, expect


def line_laws(answer):
    """(steps, L), from z1 to z2, both included, in equal steps."""
    ends = torch.tensor([1.0, 0.0, -2.0]), torch.tensor([3.0, 4.0, 0.0])
    for steps in (5, 3, 2, 11):
        _straight(answer, *ends, steps)
    for steps, latent_dim in ((4, 4), (7, 2), (2, 6), (9, 1)):
        _straight(answer, torch.randn(latent_dim), torch.randn(latent_dim), steps)


def _straight(answer, z1, z2, steps):
    kept = z1.clone(), z2.clone()
    path = _walked(answer, z1, z2, steps)
    expect(
        torch.equal(z1, kept[0]) and torch.equal(z2, kept[1]),
        "z1 or z2 has changed during the call, expected both as they were: += and names that end "
        "in _ write in place.",
    )
    t = torch.linspace(0, 1, steps)[:, None]
    wanted = (1 - t) * z1 + t * z2
    if not torch.allclose(path.detach().float(), wanted, atol=1e-4):
        _say(path.detach().float(), wanted, z1, z2)


def _walked(answer, z1, z2, steps):
    """The path; two shapes that do not meet are told with what t has to look like."""
    try:
        path = answer(z1, z2, steps)
    except RuntimeError as error:
        if "must match the size" not in str(error):
            raise
        text = explained(
            error,
            "interpolate",
            [
                (
                    "must match",
                    "t has one value per step, z one per latent dimension. Which shape must t have "
                    "so that every step meets every dimension?",
                )
            ],
        )
        raise CheckError(text) from error
    if isinstance(path, (list, tuple)):
        raise CheckError(
            f"a {type(path).__name__} of {len(path)} came back, expected one tensor of shape "
            f"{(steps, len(z1))}: a decoder takes all codes at once. torch.stack makes one."
        )
    is_tensor(path, f"{steps} codes of shape {(steps, len(z1))}")
    has_shape(path, (steps, len(z1)), _hint(tuple(path.shape), steps, len(z1)))
    return path


def _hint(shape, steps, latent_dim):
    hints = {
        (latent_dim, steps): "The order is the other way round: one ROW per step.",
        (steps + 1, latent_dim): "That is one row too many: steps counts the rows, both ends too.",
        (steps - 1, latent_dim): "One row is missing: steps counts the rows, both ends too.",
        (steps - 2, latent_dim): "The two ends are missing: they belong to the path.",
        (steps + 2, latent_dim): "steps counts the rows, both ends included.",
        (steps * latent_dim,): "The numbers are in one long row: one row per step is asked for.",
        (steps, 1, latent_dim): "There is one axis too many between the steps and the latents.",
        (latent_dim,): "That is one code. Where does the axis of the steps come from?",
        (steps,): "That is one number per step: each step is a whole code.",
    }
    return hints.get(shape, "One row per step, as long as z1.")


def _say(path, wanted, z1, z2):
    """A CheckError with the first row that differs, and the walk that fits."""
    steps = len(path)
    row = int(((path - wanted).abs().amax(1) > 1e-4).nonzero()[0])
    why = diagnosis(
        _walks(z1, z2, steps),
        lambda walk: torch.allclose(path, walk, atol=1e-3),
        "Put t = 0 and t = 1 into your formula: where does it start, and where does it end?",
    )
    raise CheckError(
        f"from {listed(z1, '.3g')} to {listed(z2, '.3g')} in {steps} steps, row {row} is "
        f"{listed(path[row], '.3g')}, expected {listed(wanted[row], '.3g')}. {why}"
    )


def _walks(z1, z2, steps):
    """(path, words) of the mistakes that have a name."""
    t = torch.linspace(0, 1, steps)[:, None]
    k = torch.arange(steps)[:, None]
    inside = (k + 1) / (steps + 1)
    angle = torch.acos((z1 @ z2 / (z1.norm() * z2.norm())).clamp(-1, 1))
    walks = {
        "The order is the other way round: the walk starts at z1.": t * z1 + (1 - t) * z2,
        "The walk ends at z1 + z2. z1 loses the weight that z2 gains.": z1 + t * z2,
        "z1 is missing in the direction: z2 - z1 leads from z1 to z2.": z1 + t * (z1 + z2),
        "The direction is turned: z2 - z1 leads from z1 to z2.": z1 + t * (z1 - z2),
        "z1 is missing at the start: the direction is added to it.": t * (z2 - z1) + 0 * z1,
        "The last step stops before z2: with steps rows there are steps - 1 gaps.": (
            z1 + k / steps * (z2 - z1)
        ),
        "The first row has left z1 already: the walk starts at t = 0.": (
            z1 + (k + 1) / steps * (z2 - z1)
        ),
        "Both ends are missing: the walk includes z1 and z2.": z1 + inside * (z2 - z1),
        "It jumps at the end: // divides and cuts off the rest. What is 2 // 4?": (
            z1 + (k // max(steps - 1, 1)) * (z2 - z1)
        ),
        "Every row is the middle. t has to run from 0 to 1.": ((z1 + z2) / 2).repeat(steps, 1),
        "Every row is z1. t has to run from 0 to 1.": z1.repeat(steps, 1),
        "Every row is z2. t has to run from 0 to 1.": z2.repeat(steps, 1),
        "It runs too far: t ends at 1, and not at the number of steps.": z1 + k * (z2 - z1),
        "The weights of z1 and z2 do not add up to 1.": t * (z1 + z2),
        "Each dimension gets a t of its own: t has the shape of z1 and broadcasts along the wrong "
        "axis.": _one_t_each(z1, z2, steps),
        "That walk is round (slerp), right elsewhere. Here a straight line is asked for.": (
            (torch.sin((1 - t) * angle) * z1 + torch.sin(t * angle) * z2) / torch.sin(angle)
        ),
        "The steps grow: t is squared.": z1 + t**2 * (z2 - z1),
        "The steps are uneven: a smooth curve of t. Here they are equal.": (
            z1 + (3 * t**2 - 2 * t**3) * (z2 - z1)
        ),
        "The steps are uneven: a cosine of t. Here they are equal.": (
            z1 + (1 - torch.cos(torch.pi * t)) / 2 * (z2 - z1)
        ),
    }
    return [(walk, why) for why, walk in walks.items()]


def _one_t_each(z1, z2, steps):
    """What broadcasting t along the latents gives where steps == L."""
    if len(z1) != steps:
        return torch.full((steps, len(z1)), torch.inf)
    t = torch.linspace(0, 1, steps)
    return ((1 - t) * z1 + t * z2).repeat(steps, 1)
