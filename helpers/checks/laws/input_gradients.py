"""Laws of the gradient of the cross entropy with respect to the images, and its mistakes."""

import torch
import torch.nn.functional as F

from helpers.checks.laws.classifier_steps import LOSSES
from helpers.checks.laws.formulas import Formula, close, follows
from helpers.checks.laws.old import expect
from helpers.checks.laws.victims import (
    Strike,
    all_behave,
    curved_victim,
    gives_images,
    keeps_values,
    labels,
    linear_victim,
    moody_victim,
    pictures,
    slope,
    told,
)


def of_label(logits, y):
    """The entry of each row that its label names."""
    return logits[torch.arange(len(y)), y]


def _margin(logits, y):
    """How far the label's logit is ahead of the best other one."""
    others = logits.masked_fill(F.one_hot(y, logits.shape[1]).bool(), -torch.inf)
    return of_label(logits, y) - others.amax(1)


WINNER = (
    "That follows the score of the winning class, whatever the label is. Which scalar should grow "
    "for the attacker: a logit, or the loss of the true class?"
)
LABEL_ONLY = (
    "That follows the logit of the label alone. What the other classes say counts as well: cross "
    "entropy holds them all."
)
NLL_OF_LOGITS = (
    "That follows the logit of the label alone, which is what nll_loss makes of logits: it wants "
    "log probabilities. What the other classes say counts as well."
)
NO_LOG = (
    "That follows the probability of the label: the log is missing. nll_loss of a softmax does "
    "the same: it wants log probabilities."
)
ALL_LOGITS = "That follows the sum or the mean of all logits: where does the label enter?"
PREDICTED = (
    "The predictions of the model stand in for the labels: an image that is misclassified already "
    "is then pushed away from the wrong class, perhaps back to the right one. Take y as it came."
)
MARGIN = "That is the margin to the next class: right elsewhere. Here cross entropy is asked for."
ENTROPY = "That is the entropy of the prediction: where does the label enter?"
# each a loss of (logits, y), and what it means that an attack follows it
ATTACKED = [
    (lambda logits, y: F.cross_entropy(logits, logits.argmax(1)), PREDICTED),
    (lambda logits, y: logits.amax(1).mean(), WINNER),
    (lambda logits, y: logits.amax(1).sum(), WINNER),
    (lambda logits, y: logits.softmax(1).amax(1).mean(), WINNER),
    (lambda logits, y: logits.softmax(1).amax(1).sum(), WINNER),
    (lambda logits, y: F.nll_loss(logits, y), NLL_OF_LOGITS),
    (lambda logits, y: F.nll_loss(logits, y, reduction="sum"), NLL_OF_LOGITS),
    (lambda logits, y: of_label(logits, y).mean(), LABEL_ONLY),
    (lambda logits, y: of_label(logits, y).sum(), LABEL_ONLY),
    (lambda logits, y: F.nll_loss(logits.softmax(1), y), NO_LOG),
    (lambda logits, y: F.nll_loss(logits.softmax(1), y, reduction="sum"), NO_LOG),
    (lambda logits, y: logits.sum(), ALL_LOGITS),
    (lambda logits, y: logits.mean(), ALL_LOGITS),
    (
        lambda logits, y: F.cross_entropy(logits, logits.argmin(1)),
        "The least likely class stands in for the label. Take y as it came.",
    ),
    (lambda logits, y: _margin(logits, y).mean(), MARGIN),
    (lambda logits, y: _margin(logits, y).sum(), MARGIN),
    (lambda logits, y: (logits.softmax(1) * logits.log_softmax(1)).sum(1).mean(), ENTROPY),
    (lambda logits, y: (logits.softmax(1) * logits.log_softmax(1)).sum(), ENTROPY),
    (
        lambda logits, y: F.cross_entropy(logits, y).exp(),
        "exp of the loss is followed: the cross entropy itself is asked for.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, y) ** 2,
        "The square of the loss is followed: the cross entropy itself is asked for.",
    ),
    *LOSSES[2:],  # without the turned sign and the sum, which mean something else here
]


def gradient_cases():
    """(model, x, y): two pixels by hand, then curved and moody models, all in eval mode."""
    x = torch.tensor([0.5, 0.4]).view(1, 1, 1, 2)
    cases = [(linear_victim(), x, torch.tensor([label])) for label in (0, 1)]
    for model, n, shape in (
        (curved_victim(5), 40, (1, 2, 3)),
        (moody_victim().eval(), 4, (3, 1, 2)),
        (moody_victim().eval(), 1, (1, 3, 2)),
    ):
        images = pictures(n, shape)
        cases.append((model, images, labels(model, images)))
    return cases


def _first_only(model, x, y):
    g = torch.zeros_like(x)
    g[:1] = slope(model, x[:1], y[:1])
    return g


def _shared(model, x, y):
    return slope(model, x, y).mean(0, keepdim=True).expand_as(x)


def _per_image(order):
    """The gradient of each image, divided by its norm of this order."""

    def scaled(model, x, y):
        g = slope(model, x, y)
        return g / g.flatten(1).norm(order, dim=1).view(-1, 1, 1, 1)

    return scaled


UNIT = "The gradient is divided by its own length: how steep the loss is gets lost."
TIMES_X = "The gradient is multiplied with the image: the gradient alone is asked for."
SUSPECTS = [
    (lambda m, x, y: -slope(m, x, y), "The sign is turned: this is the way down the loss."),
    (lambda m, x, y: -slope(m, x, y) * len(x), "The sign is turned: this is the way down."),
    (
        lambda m, x, y: slope(m, x, y).sign(),
        "Only the sign is left of it: how steep the loss is in each pixel is asked for here, the "
        "sign comes with the attack.",
    ),
    (lambda m, x, y: slope(m, x, y).abs(), "abs takes the direction away: keep the signs."),
    (lambda m, x, y: slope(m, x, y).abs() * len(x), "abs takes the direction away."),
    (lambda m, x, y: slope(m, x, y) ** 2, "The gradient is squared: keep the signs."),
    (lambda m, x, y: x, "That is x itself: where is its gradient?"),
    (lambda m, x, y: x * slope(m, x, y), TIMES_X),
    (lambda m, x, y: len(x) * x * slope(m, x, y), TIMES_X),
    (lambda m, x, y: x + slope(m, x, y), "The image is added: the gradient alone is asked for."),
    (lambda m, x, y: x - slope(m, x, y), "That is a step already: the gradient alone, please."),
    (lambda m, x, y: slope(m, x, y) / slope(m, x, y).norm(), UNIT),
    (_per_image(2), UNIT),
    (_per_image(torch.inf), UNIT),
    (_per_image(1), UNIT),
    (
        _shared,
        "All images have the same gradient, the mean over the batch: each has its own.",
    ),
    (_first_only, "Only the first image has a gradient: the loss has to hold the whole batch."),
    (
        lambda m, x, y: slope(m, x, y) / len(x),
        "It is divided by the batch size twice: the mean of the loss does that once already.",
    ),
    (lambda m, x, y: 2 * slope(m, x, y), "It is twice as large: is it added up over two passes?"),
    (lambda m, x, y: torch.zeros_like(x), "Everything is 0: is .grad cleared before it is read?"),
    *((lambda m, x, y, f=loss: slope(m, x, y, f), why) for loss, why in ATTACKED),
    *((lambda m, x, y, f=loss: -slope(m, x, y, f), why) for loss, why in ATTACKED),
]
GRADIENT = Formula(
    right=slope,
    suspects=SUSPECTS,
    comes="the gradient, shaped like x",
    told=lambda args, row: "the gradient of " + told(args, row),
    otherwise="It is the derivative of the cross entropy of the logits and y with respect to x.",
)


def gradient_laws(answer):
    """The conduct, then the values; a remark or None."""
    cases = gradient_cases()
    strike = Strike(answer, *cases[2])
    gives_images(strike, "the gradient")
    keeps_values(strike)
    _does_not_add_up(answer, *cases[2])
    remark = all_behave(answer, cases, graph=False, what="the gradient")
    follows(_as_mean(answer), GRADIENT, cases)
    return remark if remark is None or "x_adv" not in remark else GRAPH


GRAPH = "The gradient carries a graph of its own: nothing here needs create_graph."


def _does_not_add_up(answer, model, x, y):
    """A second call with the same batch gives the same gradient."""
    x = x.clone()
    first = answer(model, x, y).detach().clone()
    second = answer(model, x, y).detach()
    factor = float((second * first).sum() / (first * first).sum().clamp_min(1e-12))
    expect(
        not (first.any() and close(second, 2 * first)),
        f"a second call with the same batch gives {factor:.3g} times the gradient of the first, "
        "expected the same. backward() adds to .grad: who empties it, and whose x is it?",
    )
    expect(
        close(second, first),
        "a second call with the same batch gives another gradient, expected the same: nothing is "
        "random here. Which mode is the model in, and does something stay from the first call?",
    )


def _as_mean(answer):
    """The answer, where a loss summed over the batch counts as its mean: it points the same way."""

    def scaled(model, x, y):
        g = answer(model, x, y)
        summed = torch.is_tensor(g) and close(g.detach(), len(x) * slope(model, x, y))
        return g / len(x) if summed else g

    return scaled
