"""Laws of one step of size epsilon along the sign of the gradient: FGSM, its targeted form, and in
pixel units on a model that wants other numbers.

The mistakes are formulas of the same arguments; the one that gives the same images in all cases is
the diagnosis.
"""

import torch

from helpers.checks.laws.formulas import Formula, follows
from helpers.checks.laws.input_gradients import ATTACKED, PREDICTED
from helpers.checks.laws.old import expect
from helpers.checks.laws.victims import (
    all_behave,
    curved_victim,
    labels,
    linear_victim,
    moody_victim,
    pictures,
    slope,
    told,
)

SIGN = (
    "The gradient goes in as it is: its entries are small and of all sizes. What does the S in "
    "FGSM stand for?"
)
LENGTH = (
    "The gradient is divided by its length: the budget is one of each pixel, not of all of them "
    "together. Which norm bounds the change in FGSM?"
)
NO_CLAMP = (
    "Some pixels leave [0, 1]: can a camera produce a pixel of -0.1? Which tensor has to be a "
    "valid image, the one before or the one after the step?"
)
FACTOR = "A pixel moves by {} times epsilon: epsilon is in the units of the pixels, as it comes."
DELTA = "That is the change alone, without the image that it is added to."
RANGE = (
    "Black pixels go below 0, as in images in [-1, 1]: here an image lies in [0, 1], and can a "
    "camera produce a pixel of -0.1?"
)
RESCALED = (
    "The result is stretched or bent back into [0, 1], and every pixel changes: only those that "
    "leave the range have to be brought back."
)
ONE_WAY = (
    "Pixels move one way only: the sign is -1 in some pixels, and a darker pixel can raise the "
    "loss as well."
)
ZERO = (
    "The pixel with the gradient 0 moves as well: where the loss does not change, the sign is 0, "
    "and the pixel stays."
)


def stepped(step):
    """A formula (model, x, y, epsilon): x + step(sign, gradient, epsilon, x), clamped."""
    return lambda m, x, y, e: (x + step(slope(m, x, y).sign(), slope(m, x, y), e, x)).clamp(0, 1)


def unclamped(step):
    """The same without the clamp."""
    return lambda m, x, y, e: x + step(slope(m, x, y).sign(), slope(m, x, y), e, x)


def instead(result):
    """A formula (model, x, y, epsilon): result(sign, gradient, epsilon, x) and nothing else."""
    return lambda m, x, y, e: result(slope(m, x, y).sign(), slope(m, x, y), e, x)


def per_image(g, order):
    """g with each image divided by its norm of this order."""
    return g / g.flatten(1).norm(order, dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)


def _scaled(z):
    low, high = z.amin((1, 2, 3), keepdim=True), z.amax((1, 2, 3), keepdim=True)
    return (z - low) / (high - low)


def signed_suspects(up, turned):
    """Mistakes of a step up (1) or down (-1) the loss; turned: words for the other direction."""
    steps = [
        (lambda s, g, e, x: -up * e * s, turned),
        (lambda s, g, e, x: up * s, FAR),
        *((lambda s, g, e, x, k=k: up * k * e * s, FACTOR.format(f"{k:.3g}")) for k in FACTORS),
        *((lambda s, g, e, x, k=k: up * e * g * (len(g) if k else 1), SIGN) for k in (0, 1)),
        *((lambda s, g, e, x, k=k: -up * e * g * (len(g) if k else 1), turned) for k in (0, 1)),
        (lambda s, g, e, x: up * g, SIGN + " And epsilon takes no part."),
        (lambda s, g, e, x: up * e * g / g.norm(), LENGTH),
        (lambda s, g, e, x: up * e * per_image(g, 2), LENGTH),
        (lambda s, g, e, x: up * e * per_image(g, torch.inf), LENGTH),
        (lambda s, g, e, x: up * e * per_image(g, 1), LENGTH),
        (lambda s, g, e, x: up * e * g / g.abs().max(), LENGTH),
        (
            lambda s, g, e, x: up * e * g.mean(0, keepdim=True).sign(),
            "All images of the batch move in the same way: the gradient is averaged over them.",
        ),
        (lambda s, g, e, x: torch.full_like(x, up * e), ONE_WAY),
        (
            lambda s, g, e, x: up * e * x.sign(),
            "The sign of the image itself is taken: pixels are never negative. Whose sign is it?",
        ),
        (
            lambda s, g, e, x: up * e * s * x,
            "Each pixel moves by epsilon times its own value: a black pixel never moves.",
        ),
        (lambda s, g, e, x: up * e * g.abs().sign(), ONE_WAY),
        (lambda s, g, e, x: up * e * s.clamp(min=0), ONE_WAY),
        (lambda s, g, e, x: up * e * s.clamp(max=0), ONE_WAY),
        (lambda s, g, e, x: up * e * torch.where(s > 0, 1.0, -1.0), ZERO),
        (lambda s, g, e, x: up * e * torch.where(s >= 0, 1.0, -1.0), ZERO),
        (lambda s, g, e, x: up * e * torch.tanh(g), SIGN),
        (lambda s, g, e, x: up * e * torch.tanh(g * len(g)), SIGN),
        (lambda s, g, e, x: up * e * _first(s), "Only the first image of the batch moves."),
        (
            lambda s, g, e, x: up * e * s[:1],
            "All images move along the gradient of the first one: each has its own.",
        ),
        (lambda s, g, e, x: 0 * x, "Nothing moves: x comes back. Is the step added to it?"),
    ]
    whole = [
        (lambda s, g, e, x: up * e * s, DELTA),
        (lambda s, g, e, x: (up * e * s).clamp(0, 1), DELTA),
        (lambda s, g, e, x: s, DELTA),
        (lambda s, g, e, x: g, DELTA),
        (lambda s, g, e, x: (x + up * e * s).clamp(-1, 1), RANGE),
        (lambda s, g, e, x: (x + up * e * s).clamp(0, 255), NO_CLAMP),
        (lambda s, g, e, x: (x + up * e * s).clamp(min=0), NO_CLAMP),
        (lambda s, g, e, x: x + up * e * s, NO_CLAMP),
        (lambda s, g, e, x: _scaled(x + up * e * s), RESCALED),
        (lambda s, g, e, x: _batch_scaled(x + up * e * s), RESCALED),
        (lambda s, g, e, x: (x + up * e * s).sigmoid(), RESCALED),
        (lambda s, g, e, x: (x + up * e * s).tanh(), RESCALED),
        (lambda s, g, e, x: (x + up * e * s).clamp(-e, e), BALL_AT_0),
        (lambda s, g, e, x: (x + up * e * s).clamp(float(x.min()), float(x.max())), LOCAL_RANGE),
        (lambda s, g, e, x: ((x + up * e * s).clamp(0, 1) * 255).round() / 255, ROUNDED),
        (lambda s, g, e, x: (x + up * e * g).sign(), OUTER_SIGN),
        (lambda s, g, e, x: (x + up * e * g).sign().clamp(0, 1), OUTER_SIGN),
        (lambda s, g, e, x: e * (x + up * s), BRACKET),
        (lambda s, g, e, x: (e * (x + up * s)).clamp(0, 1), BRACKET),
    ]
    return [
        *((stepped(step), why) for step, why in steps),
        *((instead(result), why) for result, why in whole),
        *((unclamped(step), why) for step, why in steps),
    ]


FAR = (
    "A pixel moves as far as it can: where does epsilon enter? It is in the units of the pixels, "
    "without a factor of 255."
)
FACTORS = (2, 0.5, 255, 1 / 255, 3, 10, 0.1)
BALL_AT_0 = "The result lies in [-epsilon, epsilon]: that bounds the change, not the image."
LOCAL_RANGE = (
    "The pixels are cut at the darkest and the brightest of this batch: the range of an image is "
    "[0, 1], also where the batch is grey."
)
ROUNDED = "The pixels are rounded to 256 steps: here they stay real numbers."
OUTER_SIGN = "The sign is taken of the whole sum: it belongs to the gradient alone."
BRACKET = "epsilon multiplies the image as well: look at the brackets."


def _first(s):
    kept = torch.zeros_like(s)
    kept[:1] = s[:1]
    return kept


def _batch_scaled(z):
    return (z - z.min()) / (z.max() - z.min())


def loss_suspects(up, rename=None):
    """Steps along another loss than the cross entropy of y, both ways; rename: other words."""
    named = [(loss, rename(why) if rename else why) for loss, why in ATTACKED]

    def along(loss, sign):
        return lambda m, x, y, e: (x + sign * e * slope(m, x, y, loss).sign()).clamp(0, 1)

    return [(along(loss, sign), why) for loss, why in named for sign in (up, -up)]


def step_cases():
    """(model, x, y, epsilon): two pixels by hand, a grey batch, then borders and both modes."""
    x = torch.tensor([0.5, 0.4]).view(1, 1, 1, 2)
    cases = [(linear_victim(), x, torch.tensor([label]), 0.1) for label in (0, 1)]
    for model, n, shape, epsilon in (
        (curved_victim(5), 60, (1, 2, 3), 0.15),
        (moody_victim().eval(), 1, (1, 3, 2), 0.3),
        (moody_victim(), 6, (3, 1, 2), 0.07),
    ):
        images = pictures(n, shape)
        cases.append((model, images, labels(model, images), epsilon))
    return cases


def eval_cases():
    """The same, where every model comes in eval mode."""
    cases = step_cases()
    for case in cases:
        case[0].eval()
    return cases


def told_step(args, row):
    """Words for one image of a case."""
    return f"{told(args, row)}, epsilon {args[3]:g},"


def advice(up):
    """Words from what the result breaks: the range, the budget or the direction of the loss."""

    def words(results, cases):
        for result, (model, x, y, epsilon) in zip(results, cases):
            if not torch.is_tensor(result):
                continue
            low, high, far = result.min(), result.max(), (result - x).abs().max()
            if low < -1e-5 or high > 1 + 1e-5:
                return f"Pixels run from {low:.3g} to {high:.3g}, expected 0 to 1. {NO_CLAMP}"
            if far > epsilon + 1e-4:
                return (
                    f"One pixel moves by {far:.3g}: more than epsilon {epsilon:g}. How far may a "
                    "single pixel move?"
                )
        return _wanders(up, results, cases)

    return words


def _wanders(up, results, cases):
    loss = torch.nn.functional.cross_entropy
    for result, (model, x, y, _) in zip(results, cases):
        if torch.is_tensor(result):
            before, after = (loss(model.still(z), y).item() for z in (x, result.detach().float()))
            if up * (after - before) < 0:
                way = "rise" if up > 0 else "fall"
                return (
                    f"The loss goes from {before:.3g} to {after:.3g}, and it should {way}: print "
                    "it before and after the step."
                )
    return None


FGSM = Formula(
    right=stepped(lambda s, g, e, x: e * s),
    suspects=[
        *signed_suspects(
            1,
            "The step goes down the loss, as in training: is the loss larger or smaller on your "
            "x_adv? The attacker wants it larger.",
        ),
        *loss_suspects(1),
    ],
    comes="x_adv, shaped like x",
    told=told_step,
    advice=advice(1),
    otherwise="Every pixel moves by epsilon along the sign of its gradient, and stays in [0, 1].",
)
OWN = (
    "The model's own prediction stands in for the target: change the target class, and nothing "
    "changes. Where does it enter?"
)
TARGETED = Formula(
    right=stepped(lambda s, g, e, x: -e * s),
    suspects=[
        *signed_suspects(
            -1,
            "The step runs away from the target: should the loss of the target class become "
            "larger or smaller?",
        ),
        *loss_suspects(-1, lambda why: OWN if why == PREDICTED else why.replace("label", "target")),
    ],
    comes="x_adv, shaped like x",
    told=lambda args, row: told_step(args, row).replace("label", "target"),
    advice=advice(-1),
    otherwise="Every pixel moves by epsilon against the sign of its gradient, and stays in [0, 1].",
)


def _draws_nothing(answer, model, x, y, epsilon):
    """Two calls on the same batch give the same images."""
    first, second = (answer(model, x.clone(), y, epsilon).detach() for _ in range(2))
    expect(
        torch.allclose(first, second, atol=1e-5),
        f"two calls with the same batch differ by up to {(first - second).abs().max():.2g}, "
        "expected the same images: the gradient says where each pixel goes, and nothing is drawn.",
    )


def fgsm_laws(answer):
    """The conduct of the attack, then its images; a remark or None."""
    cases = step_cases()
    remark = all_behave(answer, cases)
    _draws_nothing(answer, *cases[2])
    follows(answer, FGSM, cases)
    return remark


def targeted_laws(answer):
    """The same, down the loss of the target; the model is in eval mode."""
    cases = eval_cases()
    remark = all_behave(answer, cases, graph=False)
    follows(answer, TARGETED, cases)
    return remark
