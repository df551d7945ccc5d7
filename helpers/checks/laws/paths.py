"""The steps of an iterated attack by formula, right and mistaken, each mistake with its diagnosis.

Each leads from one point to the next, as a function of (model, x, y, epsilon, alpha, point).
"""

import torch

from helpers.checks.laws.balls import project
from helpers.checks.laws.input_gradients import ATTACKED
from helpers.checks.laws.signed_steps import LENGTH, ONE_WAY, per_image
from helpers.checks.laws.victims import slope

SIGN = (
    "The gradient goes in as it is: compare alpha * |gradient| with epsilon. How many steps would "
    "it need to use the budget?"
)
NO_BALL = (
    "The step is never brought back into the ball: how far from x may you be after many steps? "
    "The clamp to [0, 1] is another constraint."
)
LATE = "The path is cut back once, at its end: the projection belongs into each step."


def inside(step):
    """(model, x, y, epsilon, alpha, point) -> the next point, cut to the ball and to [0, 1].

    step: of the sign of the gradient, the gradient, alpha and epsilon.
    """
    return lambda m, x, y, e, a, p: project(p + _step(step, m, p, y, a, e), x, e)


def boxed(step):
    """The same, cut to [0, 1] and not to the ball."""
    return lambda m, x, y, e, a, p: (p + _step(step, m, p, y, a, e)).clamp(0, 1)


def balled(step):
    """The same, cut to the ball and not to [0, 1]."""
    return lambda m, x, y, e, a, p: x + (p + _step(step, m, p, y, a, e) - x).clamp(-e, e)


def free(step):
    """The same, cut to nothing."""
    return lambda m, x, y, e, a, p: p + _step(step, m, p, y, a, e)


def _step(step, m, p, y, a, e):
    g = slope(m, p, y)
    return step(g.sign(), g, a, e)


def plain(s, g, a, e):
    """The right step: alpha along the sign."""
    return a * s


RIGHT = inside(plain), inside(plain)
UNBOXED = balled(plain), inside(plain)  # right at its end, and out of [0, 1] on the way


def _along(loss, sign):
    def follow(m, x, y, e, a, p):
        return project(p + sign * a * slope(m, p, y, loss).sign(), x, e)

    return follow


TURNED = (
    "The step goes down the loss, as in training: print the loss at every step. Should the "
    "attacker's loss fall?"
)
STEPS = [
    (lambda s, g, a, e: -a * s, TURNED),
    (lambda s, g, a, e: a * g, SIGN),
    (lambda s, g, a, e: a * g * len(g), SIGN),
    (lambda s, g, a, e: e * g, SIGN),
    (lambda s, g, a, e: -a * g, TURNED),
    (lambda s, g, a, e: e * s, "A step is epsilon long: alpha is the step, epsilon the budget."),
    (lambda s, g, a, e: a * e * s, "A step is alpha times epsilon long: alpha is enough."),
    (lambda s, g, a, e: s, "A step is 1 long: where does alpha enter?"),
    (lambda s, g, a, e: 2 * a * s, "A step is twice alpha long: alpha is enough."),
    (lambda s, g, a, e: a / 255 * s, "Nothing has to be divided by 255: pixels are in [0, 1]."),
    (lambda s, g, a, e: a * g / g.norm(), LENGTH),
    (lambda s, g, a, e: a * per_image(g, 2), LENGTH),
    (lambda s, g, a, e: a * per_image(g, torch.inf), LENGTH),
    (lambda s, g, a, e: a * per_image(g, 1), LENGTH),
    (lambda s, g, a, e: a * g.abs().sign(), ONE_WAY),
    (
        lambda s, g, a, e: a * g.mean(0, keepdim=True).sign(),
        "All images of the batch move in the same way: the gradient is averaged over them.",
    ),
]
NO_BOX = "Pixels leave [0, 1]: there are two constraints, and one of them is missing."
AT_X = "Each step starts at x again: what the steps before have reached is lost."
# (each step but the last, the last step, words)
PATHS = [
    (free(plain), inside(plain), LATE),
    (boxed(plain), inside(plain), LATE),
    (
        lambda m, x, y, e, a, p: project(p + a * slope(m, p, y).sign(), p, e),
        None,
        "Each step is projected around the point before, and so the budget grows with every step: "
        "the ball has a fixed centre. Which image is it?",
    ),
    (boxed(plain), None, NO_BALL),
    (free(plain), None, NO_BALL + " And pixels leave [0, 1]."),
    (free(plain), boxed(plain), NO_BALL),
    (balled(plain), None, NO_BOX),
    (
        lambda m, x, y, e, a, p: (p + a * slope(m, p, y).sign()).clamp(-e, e),
        None,
        "The image is cut to [-epsilon, epsilon]: the ball has its centre at x.",
    ),
    (lambda m, x, y, e, a, p: project(x + a * slope(m, p, y).sign(), x, e), None, AT_X),
    (lambda m, x, y, e, a, p: project(x + e * slope(m, p, y).sign(), x, e), None, AT_X),
    (
        lambda m, x, y, e, a, p: (x + (p + a * slope(m, p, y).sign() - x).clamp(max=e)).clamp(0, 1),
        None,
        "Only one side of the ball is kept: how much darker may a pixel get?",
    ),
    (
        lambda m, x, y, e, a, p: p,
        lambda m, x, y, e, a, p: x,
        "Nothing moves: is the new point kept for the next step, and does it come back?",
    ),
    (
        lambda m, x, y, e, a, p: p,
        None,
        "Nothing moves from step to step: is the new point kept for the next one?",
    ),
    *((inside(step), None, why) for step, why in STEPS),
    *((boxed(step), inside(step), why) for step, why in STEPS),
    *((boxed(step), None, f"{why} And {NO_BALL[0].lower()}{NO_BALL[1:]}") for step, why in STEPS),
    *((_along(loss, sign), None, why) for loss, why in ATTACKED for sign in (1, -1)),
    (
        inside(plain),
        lambda m, x, y, e, a, p: p,
        "The last step is not in what comes back: the point before it does.",
    ),
    (inside(plain), lambda m, x, y, e, a, p: x, "x itself comes back: return the last point."),
    (
        inside(plain),
        lambda m, x, y, e, a, p: project(p + a * slope(m, p, y).sign(), x, e) - x,
        "The change alone comes back: what is it added to?",
    ),
]
