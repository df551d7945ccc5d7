"""Laws of a random start: uniform in the ball around x, inside [0, 1], new in every call."""

import torch

from helpers.checks.laws.basics import has_shape, is_tensor
from helpers.checks.laws.latents import is_fresh
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.victims import pictures

EPSILON = 0.1


def grey(n=40, shape=(1, 10, 10)):
    """n images with all pixels in [0.3, 0.7]: no clamp touches a start within 0.1 of them."""
    return 0.3 + 0.4 * torch.rand(n, *shape)


def start_laws(answer):
    """All that a random start has to hold, in the order of diagnosis."""
    for n, shape, epsilon in ((7, (1, 2, 3), 0.1), (1, (3, 1, 2), 0.3)):
        _has_place(answer, pictures(n, shape), epsilon)
    x = grey()
    share = (answer(x.clone(), EPSILON).detach() - x) / EPSILON
    is_noise(share)
    is_inside(share)
    is_fresh(lambda: answer(x.clone(), EPSILON).detach() - x)
    fills(share)
    _stays_in_range(answer)


def _has_place(answer, x, epsilon):
    given = x.clone()
    result = answer(given, epsilon)
    is_tensor(result, "images like x")
    has_shape(result, x.shape, "Every pixel of every image gets a start of its own: draw like x.")
    expect(
        torch.equal(given, x),
        "x itself has changed during the call, expected no change: the ball keeps its centre. "
        "Names that end in _ and += write in place.",
    )
    expect(
        result.is_floating_point(),
        f"the dtype is {result.dtype}, expected {x.dtype}: whole numbers lose every grey.",
    )


def is_noise(share):
    """Each pixel of each image has a number of its own; share: the changes divided by epsilon."""
    n, flat = len(share), share.flatten(1)
    seen = f"for {n} grey images with {flat.shape[1]} pixels and epsilon {EPSILON:g} "
    expect(
        flat.abs().max() > 1e-4,
        f"{seen}the start is x itself, expected a random point of the ball around it.",
    )
    expect(
        flat.std() > 1e-3,
        f"{seen}every pixel changes by {EPSILON * flat.mean():.3g}, expected a number of its own "
        "for each: one number is only a change of brightness. How many do you draw?",
    )
    expect(
        flat.std(1).max() > 1e-3,
        f"{seen}all pixels of an image change by the same number, expected a number of its own "
        "for each pixel: compare the shape of the noise with the shape of x.",
    )
    copies = n - len(torch.unique((flat * 1000).round(), dim=0))
    expect(
        copies == 0,
        f"{seen}{copies + 1 if copies == n - 1 else copies} images get the same noise as another, "
        "expected noise of its own for each image: compare the shape of the noise with that of x.",
    )
    columns = flat.shape[1] - len(torch.unique((flat.T * 1000).round(), dim=0))
    expect(
        columns == 0,
        f"{seen}{columns} pixels change as another one does in every image, expected a number of "
        "its own for each: compare the shape of the noise with the shape of x.",
    )


def is_inside(share):
    """No pixel is beyond epsilon, and both sides are used."""
    low, high = share.min(), share.max()
    seen = f"the changes run from {EPSILON * low:.3g} to {EPSILON * high:.3g} with epsilon 0.1"
    wanted = "expected -0.1 to 0.1."
    normal = ((share - share.mean()) ** 4).mean() / share.var() ** 2 > 2.6
    outside = float((share.abs() > 1.001).float().mean())
    if outside and normal:
        raise CheckError(
            f"{seen}, {wanted} {outside:.0%} of the pixels start outside the budget: the noise "
            "looks normal. How often is |randn| larger than 1?"
        )
    expect(
        low < -0.05 * high,
        f"{seen}, {wanted} The start is never darker: what is the smallest value of torch.rand?",
    )
    expect(
        high > -0.05 * low,
        f"{seen}, {wanted} The start is never brighter: both signs are possible.",
    )
    expect(
        not outside,
        f"{seen}, {wanted} Some pixels start outside the budget: where do the ends of your noise "
        "lie, and are they multiplied by epsilon?",
    )


def fills(share):
    """The changes are spread evenly between -epsilon and epsilon."""
    why = uneven(share)
    if why:
        raise CheckError(why)


def uneven(share):
    """What is wrong with the spread of the changes (in units of epsilon), or None."""
    flat = share.flatten().double()
    low, high, mean, std = flat.min(), flat.max(), flat.mean(), flat.std()
    seen = (
        f"in units of epsilon the changes run from {low:.2f} to {high:.2f} with mean {mean:.2f} "
        f"and std {std:.2f}; expected uniform from -1 to 1, mean 0 and std 0.58."
    )
    edge = float((flat.abs() > 0.998).double().mean())
    if edge > 0.9:
        return (
            f"{seen} Every pixel starts at the edge of the ball: the inside is never tried, and a "
            "step outwards leads nowhere."
        )
    if max(-low, high) < 0.95:
        return (
            f"{seen} A part of the ball is never reached: which two numbers does the noise lie "
            "between before epsilon multiplies it?"
        )
    if len(torch.unique((flat * 1000).round())) < 100:
        return f"{seen} Only a few different values come up: draw real numbers."
    if edge > 0.03:
        return (
            f"{seen} {edge:.0%} of the pixels start exactly at the edge: the noise was wider than "
            "the ball, and has been cut."
        )
    if abs(mean) > 0.06 or abs(std - 0.577) > 0.035:
        return f"{seen} Look at the distribution that you draw from, and at what shifts it."
    if abs((flat**4).mean() - 0.2) > 0.02:
        return f"{seen} The noise is not even between its ends: which distribution is it?"
    return None


def _stays_in_range(answer):
    """A black and a white pixel stay in [0, 1]."""
    x = torch.zeros(6, 1, 4, 5)
    x[:, :, 2:] = 1
    result = answer(x.clone(), 0.2).detach()
    low, high = result.min(), result.max()
    expect(
        low >= 0 and high <= 1,
        f"from black and white pixels the start runs from {low:.3g} to {high:.3g}, expected values "
        "in [0, 1]: the first gradient would be taken on an image that no camera gives.",
    )
    moved = (result - x).abs()
    expect(
        moved.max() > 0.02 and moved.max() <= 0.2001,
        f"from black and white pixels the start is up to {moved.max():.3g} away, expected up to "
        "0.2: what else than a clamp brings it back into [0, 1]?",
    )
    share = float((moved > 1e-6).float().mean())
    expect(
        0.2 < share < 0.8,
        f"{share:.0%} of the black and white pixels move, expected about half: the other half of "
        "the noise points out of [0, 1], where a clamp brings it back to the border.",
    )
