"""Laws of a step of a classifier: it follows the gradient of the mean cross entropy, no other.

The step runs under plain SGD on a linear model that writes down what happens; the gradient that
equals the change of the weights is the diagnosis, whatever the code looks like.
"""

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks.laws.basics import diagnosis
from helpers.checks.laws.formulas import stays
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Shared, WatchedSGD, gradient, same

LR = 0.3


class WatchedLinear(nn.Linear):
    """A linear classifier that records its calls, its clearings and its backward passes."""

    def __init__(self, d, num_classes):
        """Weights large enough that wrong losses have other gradients."""
        super().__init__(d, num_classes)
        self.log, self.calls = Shared(), Shared()
        with torch.no_grad():
            self.weight.normal_(), self.bias.normal_()
        self.weight.register_post_accumulate_grad_hook(lambda _: self._note("backward"))

    def _note(self, event):
        if self.log[-1:] != [event]:
            self.log.append(event)

    def forward(self, x):
        """The logits, recorded; images are flattened."""
        self.calls.append((x.detach().clone(), self.training))
        return super().forward(x.flatten(1))

    def zero_grad(self, set_to_none=True):
        """nn.Module's own, recorded."""
        self.log.append("zero_grad")
        super().zero_grad(set_to_none)


def one_hot_like(logits, y):
    """The labels as rows of 0 and 1."""
    return F.one_hot(y, logits.shape[1]).float()


SUMMED = (
    "The losses are added over the batch: the step then grows with the batch size. Average them."
)
TWICE = "A softmax is applied twice: cross entropy contains one. Hand the logits over as they are."
NOT_LOGS = "nll_loss wants log probabilities: log_softmax of the logits."
SQUARED = (
    "This is a squared error: right elsewhere. Here the loss is the cross entropy of the logits."
)
EACH_ALONE = (
    "This is a binary cross entropy for each class alone: the classes exclude each other, so one "
    "softmax over all of them is asked for."
)
# each a loss of (logits, y), and what it means that the weights follow its gradient
LOSSES = [
    (
        lambda logits, y: -F.cross_entropy(logits, y),
        "The sign is turned: the loss grows. The optimiser goes down by itself.",
    ),
    (lambda logits, y: F.cross_entropy(logits, y, reduction="sum"), SUMMED),
    (lambda logits, y: F.cross_entropy(logits.softmax(1), y), TWICE),
    (lambda logits, y: F.cross_entropy(logits.sigmoid(), y), TWICE),
    (lambda logits, y: F.nll_loss(logits, y), NOT_LOGS),
    (lambda logits, y: F.nll_loss(logits.softmax(1), y), NOT_LOGS),
    (lambda logits, y: F.nll_loss(logits.sigmoid(), y), NOT_LOGS),
    (lambda logits, y: F.nll_loss(logits.sigmoid().log(), y), EACH_ALONE),
    (
        lambda logits, y: F.nll_loss(logits.log(), y),
        "That is the log of a logit. A logit may be negative, and then has no log: cross entropy "
        "takes the log of a softmax.",
    ),
    (lambda logits, y: F.mse_loss(logits, one_hot_like(logits, y)), SQUARED),
    (lambda logits, y: F.mse_loss(logits.softmax(1), one_hot_like(logits, y)), SQUARED),
    (lambda logits, y: F.mse_loss(logits.sigmoid(), one_hot_like(logits, y)), SQUARED),
    (
        lambda logits, y: ((logits - one_hot_like(logits, y)) ** 2).sum(1).mean(),
        SQUARED,
    ),
    (
        lambda logits, y: ((logits.softmax(1) - one_hot_like(logits, y)) ** 2).sum(1).mean(),
        SQUARED,
    ),
    (
        lambda logits, y: F.binary_cross_entropy_with_logits(logits, one_hot_like(logits, y)),
        EACH_ALONE,
    ),
    (
        lambda logits, y: F.binary_cross_entropy(logits.softmax(1), one_hot_like(logits, y)),
        EACH_ALONE,
    ),
    (
        lambda logits, y: F.cross_entropy(logits, y) / logits.shape[1],
        "The mean runs over the classes as well: each example has one loss.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, logits.argmax(1)),
        "The model's own predictions are its labels: y takes no part.",
    ),
    (
        lambda logits, y: F.multi_margin_loss(logits, y),
        "This is a hinge loss: right elsewhere. Here the cross entropy of the logits is asked for.",
    ),
    (
        lambda logits, y: -logits.softmax(1)[torch.arange(len(y)), y].mean(),
        "The log is missing: cross entropy is minus the log of the probability of the label.",
    ),
    (
        lambda logits, y: -logits.log_softmax(0)[torch.arange(len(y)), y].mean(),
        "The softmax runs over the examples: the classes of one example compete with each other.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits[:1], y[:1]),
        "Only the first example counts: average over the batch.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, y.flip(0)),
        "The labels stand in another order than the examples.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, (y + 1) % logits.shape[1]),
        "The labels are shifted by one: the first class is class 0.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, torch.zeros_like(y)),
        "Every example gets the label 0: y takes no part.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits.mean(0, keepdim=True).expand_as(logits), y),
        "The logits are averaged first. Average the losses: each example is judged on its own.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, y).exp(),
        "exp of the loss is lowered: the cross entropy itself is asked for.",
    ),
    (
        lambda logits, y: F.cross_entropy(logits, y) ** 2,
        "The square of the loss is lowered: the cross entropy itself is asked for.",
    ),
    (
        lambda logits, y: logits.mean(),
        "The mean logit is lowered, and y takes no part.",
    ),
    *(
        (
            lambda logits, y, e=e: F.cross_entropy(logits, y, label_smoothing=e),
            "This is label smoothing: right elsewhere; here the plain labels are asked for.",
        )
        for e in (0.05, 0.1, 0.2)
    ),
]


class Step:
    """What one call of a step did to the model."""

    def __init__(self, answer, model, opt, x, y):
        """Calls answer(model, opt, x, y) and reads everything off."""
        model.log.clear(), model.calls.clear()
        self.x, self.y, self.before = x, y, [p.detach().clone() for p in model.parameters()]
        given = x.clone(), y.clone()
        self.result = _ran(answer, model, opt, *given)
        stays(given, (x, y))
        after = [p.detach().clone() for p in model.parameters()]
        moves = [(a - b).flatten() for a, b in zip(self.before, after)]
        self.change = torch.cat(moves) / LR
        self.log, self.calls = list(model.log), list(model.calls)
        self.trains, self.frozen = model.training, not model.weight.requires_grad

    def along(self, loss):
        """The gradient of a loss of (logits, y) at the weights before the step."""
        twin = nn.Linear(self.before[0].shape[1], len(self.before[1]))
        with torch.no_grad():
            for p, value in zip(twin.parameters(), self.before):
                p.copy_(value)
        return gradient(loss(twin(self.x.flatten(1)), self.y), twin)


def _ran(answer, model, opt, x, y):
    """What the call returns; a loss without history is told in the words of a classifier."""
    try:
        return answer(model, opt, x, y)
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
        raise CheckError(
            "the loss has no history that leads back to the weights, expected one. argmax, round, "
            "detach, no_grad and .item() have no gradient: compare the logits themselves with y."
        ) from error


def batch(n, d, num_classes):
    """A model, its optimiser, and two batches that are not symmetric."""
    model = WatchedLinear(d, num_classes).train()
    data = [(torch.randn(n, d), torch.randint(0, num_classes, (n,))) for _ in range(2)]
    return model, WatchedSGD(model, LR), data


def descends(answer):
    """One gradient step on the mean cross entropy, in each call; a remark for a tensor."""
    remark = None
    for n, d, num_classes in ((6, 3, 4), (1, 2, 3), (9, 5, 2)):
        model, opt, data = batch(n, d, num_classes)
        earlier = None
        for x, y in data:
            step = Step(answer, model, opt, x, y)
            moves(step)
            follows_gradient(step, earlier)
            keeps_mode(step)
            earlier = step
            if torch.is_tensor(step.result):
                remark = "The docstring asks for a float: loss.item() is one, without history."
    return remark


def moves(step):
    """The weights change, by one step of the optimiser that came in."""
    seen = ", ".join(step.log) or "nothing"
    expect(
        step.calls,
        "the model is never called, expected its logits: model(x).",
    )
    expect(
        step.change.abs().max() > 1e-6,
        f"the weights do not move. Seen: {seen}; expected zero_grad, backward, step. "
        f"{why_still(step.log)}",
    )
    expect(
        "step" in step.log,
        "the weights move, and opt never steps. Expected one step of the optimiser that comes in: "
        "an update by hand, or a new optimiser, knows nothing of its learning rate.",
    )
    count = step.log.count("step")
    expect(
        count == 1,
        f"opt.step() runs {count} times, expected 1: average over the batch, and step once.",
    )


def why_still(log):
    """Why weights stay, from the order of zero_grad, backward and step."""
    if "backward" not in log:
        return "No gradient reaches the weights: backward() is missing, or detach cuts its path."
    if "step" not in log:
        return "opt.step() is missing."
    if log.index("step") < log.index("backward"):
        return "The step comes before backward(): it then has no gradient to follow."
    if "zero_grad" in log[log.index("backward") : log.index("step")]:
        return "The gradients are cleared between backward() and step(): nothing is left to follow."
    return "Print .grad right before the step."


def follows_gradient(step, earlier):
    """The change is the gradient of the mean cross entropy; else the loss that fits speaks."""
    wanted = step.along(F.cross_entropy)
    if same(step.change, wanted):
        return
    _has_no_leftovers(step, earlier, wanted)
    seen = (
        f"the update is {step.change.norm():.3g} long, expected {wanted.norm():.3g} and the "
        "direction of one SGD step on the mean cross entropy."
    )
    why = diagnosis(LOSSES, lambda loss: same(step.change, step.along(loss)), None)
    factor = float(step.change @ wanted / (wanted @ wanted))
    if why is None and same(step.change, factor * wanted):
        why = (
            f"The direction is right and the length is {factor:.3g} times the expected: look for "
            "a factor, a sum for a mean, or a gradient that is clipped."
        )
    raise CheckError(f"{seen} {why or 'Cross entropy of the logits and y, mean over the batch.'}")


def _has_no_leftovers(step, earlier, wanted):
    """Nothing of an earlier call is in the update."""
    left = earlier is not None and same(step.change - wanted, earlier.change)
    order = ", ".join(step.log)
    why = (
        "zero_grad comes too late to clear it, or clears something else."
        if "zero_grad" in step.log
        else "backward() adds to .grad, it does not overwrite."
    )
    expect(
        not left,
        f"the gradient of the call before is still in the update. Seen: {order}; expected "
        f"zero_grad before backward. {why}",
    )


def keeps_mode(step):
    """The model learns in train mode, and can go on learning."""
    trains = step.trains and all(training for _, training in step.calls[:1])
    expect(
        trains,
        "the model is in eval mode during or after the step, expected train mode as before: a "
        "model with dropout would learn without it. Leave eval() out.",
    )
    expect(
        not step.frozen,
        "the weights have requires_grad False after the step, expected True: a frozen model never "
        "learns again.",
    )
