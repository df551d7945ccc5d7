"""Laws of FGSM in pixel units on a model that expects (x - mean) / std."""

import torch

from helpers.checks.laws.formulas import Formula, follows
from helpers.checks.laws.input_gradients import PREDICTED, TIMES_X
from helpers.checks.laws.signed_steps import DELTA, LENGTH, NO_CLAMP, SIGN, eval_cases, told_step
from helpers.checks.laws.victims import (
    Strike,
    gives_images,
    keeps_images,
    keeps_model,
    labels,
    remarks,
    runs_in_eval,
    slope,
)


def _with(gradient):
    """A formula (model, x, y, epsilon, mean, std) of the sign at the point gradient(x, ...)."""

    def step(m, x, y, e, mean, std):
        return (x + e * slope(m, gradient(x, mean, std), y).sign()).clamp(0, 1)

    return step


def _normal(x, mean, std):
    return (x - mean) / std


def _from(result):
    """A formula of result(sign, gradient, z, x, epsilon, mean, std), z the normalised images."""

    def step(m, x, y, e, mean, std):
        z = _normal(x, mean, std)
        g = slope(m, z, y)
        return result(g.sign(), g, z, x, e, mean, std)

    return step


IN_NORMALISED = (
    "epsilon is added in normalised units: by how much does a pixel move in units of [0, 1]?"
)
TIMES_STD = (
    "epsilon is multiplied with std on its way into normalised units. Dividing x by std makes it "
    "larger or smaller? Then what does epsilon become?"
)
CUT_NORMALISED = (
    "The normalised image is cut to [0, 1]: every pixel darker than the mean is lost. What is the "
    "normalised value of a black pixel?"
)
STILL_NORMALISED = (
    "The result is still in normalised units: bring it back to pixels, where [0, 1] holds."
)
TURNED = "The step goes down the loss: the attacker wants it larger."
PIXEL_SUSPECTS = [
    (
        _with(lambda x, mean, std: x * std + mean),
        "The model gets x * std + mean, the way back from "
        "normalised images. Which of the two maps takes the mean to 0?",
    ),
    (
        _with(lambda x, mean, std: x),
        "The model gets the pixels as they are: it was trained on "
        "(x - mean) / std, and is lost without.",
    ),
    (_with(lambda x, mean, std: x - mean), "The model gets x - mean: std is missing."),
    (_with(lambda x, mean, std: x / std), "The model gets x / std: the mean is missing."),
    (
        _with(lambda x, mean, std: x - mean / std),
        "The model gets x - mean / std: look at the brackets.",
    ),
    (_with(lambda x, mean, std: (x - std) / mean), "mean and std have exchanged their places."),
    (
        _with(lambda x, mean, std: _normal(_normal(x, mean, std), mean, std)),
        "The images are normalised twice.",
    ),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * std * s).clamp(0, 1)), IN_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: x + e * std * s), IN_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * std**2 * s).clamp(0, 1)), TIMES_STD),
    (_from(lambda s, g, z, x, e, mean, std: x + e * std**2 * s), TIMES_STD),
    (
        _from(lambda s, g, z, x, e, mean, std: (x + e / std * s).clamp(0, 1)),
        "The pixels move by epsilon / std: in pixel units epsilon stays as it is.",
    ),
    (
        _from(lambda s, g, z, x, e, mean, std: (x + (e - mean) * s).clamp(0, 1)),
        "epsilon is "
        "normalised like a pixel: it is a difference of two pixels, and the mean falls out.",
    ),
    (
        _from(lambda s, g, z, x, e, mean, std: (z + e / std * s).clamp(0, 1) * std + mean),
        CUT_NORMALISED,
    ),
    (_from(lambda s, g, z, x, e, mean, std: (z + e * s).clamp(0, 1) * std + mean), CUT_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: z + e / std * s), STILL_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: z + e * s), STILL_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: (z + e / std * s).clamp(0, 1)), STILL_NORMALISED),
    (_from(lambda s, g, z, x, e, mean, std: (z + e * s).clamp(0, 1)), STILL_NORMALISED),
    (
        _from(lambda s, g, z, x, e, mean, std: _normal((x + e * s).clamp(0, 1), mean, std)),
        STILL_NORMALISED,
    ),
    (
        _from(lambda s, g, z, x, e, mean, std: _normal(z + e * s, mean, std)),
        "The result is normalised a second time: the way back multiplies.",
    ),
    (
        _from(lambda s, g, z, x, e, mean, std: ((z + e / std * s) + mean) * std),
        "The way back has its two steps in the wrong order: undo the last step first.",
    ),
    (
        _from(lambda s, g, z, x, e, mean, std: (((z + e / std * s) + mean) * std).clamp(0, 1)),
        "The way back has its two steps in the wrong order: undo the last step first.",
    ),
    (_from(lambda s, g, z, x, e, mean, std: (x - e * s).clamp(0, 1)), TURNED),
    (_from(lambda s, g, z, x, e, mean, std: x - e * s), TURNED),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * g / std).clamp(0, 1)), SIGN),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * g).clamp(0, 1)), SIGN),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * g / std * len(g)).clamp(0, 1)), SIGN),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * g / g.norm()).clamp(0, 1)), LENGTH),
    (_from(lambda s, g, z, x, e, mean, std: x + e * s), NO_CLAMP),
    (_from(lambda s, g, z, x, e, mean, std: e * s), DELTA),
    (
        _from(lambda s, g, z, x, e, mean, std: (x + 2 * e * s).clamp(0, 1)),
        "A pixel moves by twice epsilon: epsilon is in the units of the pixels, as it comes.",
    ),
    (_from(lambda s, g, z, x, e, mean, std: (x + e * x * s).clamp(0, 1)), TIMES_X),
    (_from(lambda s, g, z, x, e, mean, std: x), "Nothing moves: x comes back."),
    (
        lambda m, x, y, e, mean, std: _with(_normal)(
            m, x, m.still(_normal(x, mean, std)).argmax(1), e, mean, std
        ),
        PREDICTED,
    ),
]


def _pixel_advice(results, cases):
    for result, case in zip(results, cases):
        if torch.is_tensor(result):
            x, epsilon = case[1], case[3]
            low, high, far = result.min(), result.max(), (result - x).abs().max()
            if low < -1e-5 or high > 1 + 1e-5:
                return f"Its pixels run from {low:.3g} to {high:.3g}: a result in [0, 1] is asked."
            if far > epsilon + 1e-4:
                return f"One pixel moves by {far:.3g} of [0, 1]: more than epsilon {epsilon:g}."
    return None


PIXEL = Formula(
    right=_with(_normal),
    suspects=PIXEL_SUSPECTS,
    comes="x_adv in pixels, shaped like x",
    told=lambda args, row: f"{told_step(args, row)} mean {args[4]:g} and std {args[5]:g},",
    advice=_pixel_advice,
    otherwise="The model sees (x - mean) / std; the pixel itself moves by epsilon, within [0, 1].",
)


def pixel_laws(answer):
    """FGSM in pixel units, with mean and std as two numbers; a remark or None."""
    cases = []
    scales = ((0.5, 0.25), (0.5, 0.25), (0.2, 0.35), (0.4, 0.5), (0.13, 0.31))
    for (model, x, _, epsilon), (mean, std) in zip(eval_cases(), scales):
        z = _normal(x, mean, std)
        cases.append((model, x, labels(model, z), epsilon, mean, std))
    remark = None
    for case in cases:
        strike = Strike(answer, *case)
        gives_images(strike)
        keeps_images(strike)
        runs_in_eval(strike)
        keeps_model(strike)
        remark = remark or remarks(strike)
        if set(strike.modes) != {False}:
            remark = MOODY
            case[0].eval()
    follows(_in_eval(answer), PIXEL, cases)
    return remark or _in_train(answer, *cases[4])


MOODY = (
    "The model came in eval mode and is left in train mode: a new nn.Module around it starts in "
    "train mode, and hands that on."
)


BY_HAND = (
    "It relies on a model in eval mode: with dropout in train mode the gradient would be noisy; "
    "fgsm sets eval mode by itself."
)


def _in_train(answer, model, *rest):
    """A remark if a model that comes in train mode is attacked in it."""
    try:
        strike = Strike(answer, model.train(), *rest)
    except Exception:
        return None
    return BY_HAND if any(call["inside"] for call in strike.calls) else None


def _in_eval(answer):
    """The answer on a model that is in eval mode each time."""

    def call(model, *rest):
        model.eval()
        return answer(model, *rest)

    return call
