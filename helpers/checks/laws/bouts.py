"""Laws of one step of adversarial training: attack the model as it is, then learn from that.

The update is taken apart into the gradient on the clean images, the one on the attacked images and
what the attack has left behind: the three weights are the diagnosis.
"""

import torch
import torch.nn.functional as F

from helpers.checks.laws.basics import diagnosis, kind_of
from helpers.checks.laws.classifier_steps import LOSSES, LR, Step, WatchedLinear, moves
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import WatchedSGD, flat, same

BUDGET = 0.4


class Opponent:
    """An attack that records when it is called, and leaves gradients in the weights."""

    def __init__(self, model, x, y):
        """For one call of the step, on this batch."""
        self.model, self.x, self.y = model, x, y
        self.left = [torch.randn_like(p) for p in model.parameters()]
        self.result, self.asked, self.training = None, 0, None

    def __call__(self, *args):
        """Images that the model finds harder."""
        self._accept(args)
        self.model.log.append("attack")
        self.training = self.model.training
        self.asked = len(self.model.calls)
        x = self.x.clone().requires_grad_()
        weight, bias = (p.detach() for p in self.model.parameters())
        loss = F.cross_entropy(F.linear(x.flatten(1), weight, bias), self.y)
        (g,) = torch.autograd.grad(loss, x)
        for p, left in zip(self.model.parameters(), self.left):
            p.grad = left.clone() if p.grad is None else p.grad + left
        self.result = (self.x + BUDGET * g.sign()).clamp(0, 1)
        return self.result.clone()

    def _accept(self, args):
        """The model, the clean images and their true labels come in, and gradients are on."""
        kinds = ", ".join(map(_named, args))
        expect(
            len(args) == 3 and args[0] is self.model,
            f"attack gets ({kinds}), expected attack(model, x, y), in this order.",
        )
        _, x, y = args
        expect(
            torch.is_grad_enabled(),
            "attack runs under no_grad, expected gradients on: it needs the gradient for the "
            "images. Take it out of the block.",
        )
        expect(
            torch.is_tensor(x) and x.shape == self.x.shape and torch.equal(x.detach(), self.x),
            f"attack gets {_named(x)} with other values than the batch in the place of x, expected "
            "x as it came in.",
        )
        expect(
            torch.is_tensor(y) and y.shape == self.y.shape and torch.equal(y, self.y),
            "attack gets other labels than those of the batch, expected the true ones, y. With "
            "predictions in their place the images that are wrong already move back to the right.",
        )


def _named(thing):
    return f"a tensor {tuple(thing.shape)}" if torch.is_tensor(thing) else kind_of(thing)


class Bout(Step):
    """What one call of the step did: update = clean, attacked and left, each with a weight."""

    def __init__(self, answer, model, opt, x, y):
        """Calls answer(model, opt, x, y, attack) and reads everything off."""
        self.attack = Opponent(model, x, y)
        super().__init__(lambda *args: answer(*args, self.attack), model, opt, x, y)

    def parts(self):
        """The weights of the three gradients in the update, and whether they make it up."""
        columns = torch.stack(
            [self.on(self.x), self.on(self.attack.result), flat(self.attack.left)], 1
        ).double()
        change = self.change.double()
        weights = torch.linalg.lstsq(columns, change[:, None]).solution[:, 0]
        whole = same(columns @ weights, change, 5e-3)
        return [round(weight, 3) + 0.0 for weight in weights.tolist()], whole

    def on(self, x, loss=F.cross_entropy):
        """The gradient of a loss of (logits, y) on these images."""
        own, self.x = self.x, x
        try:
            return self.along(loss)
        finally:
            self.x = own


def bout_laws(answer):
    """Two calls on each of three batches; a remark on the modes, or on a mixed loss."""
    said = None
    for n, num_classes in ((6, 4), (1, 3), (7, 5)):
        model = WatchedLinear(12, num_classes).train()
        opt = WatchedSGD(model, LR)
        for _ in range(2):
            x, y = torch.rand(n, 1, 3, 4), torch.randint(0, num_classes, (n,))
            bout = Bout(answer, model, opt, x, y)
            _attacks_first(bout)
            moves(bout)
            _trains(bout)
            said = _follows(bout)
    model.eval()
    early = Bout(answer, model, opt, x, y).attack.training
    return " ".join(filter(None, (said, EARLY if early else None))) or None


EARLY = (
    "Train mode is set before the attack: the attack then runs in train mode, unless it sets eval "
    "mode by itself."
)
MIXED = (
    "This is the mixed form: the loss of the clean images has a share in it, {:.0%} of the weight."
)


def _attacks_first(bout):
    """The attack is called, before the model learns."""
    order = ", ".join(bout.log) or "nothing"
    expect(
        "attack" in bout.log,
        f"attack is never called. Seen: {order}; expected attack(model, x, y) first: new "
        "adversarial images in each step, from the model as it is.",
    )
    late = "step" in bout.log and bout.log.index("step") < bout.log.index("attack")
    expect(
        not late,
        f"the attack comes after the update. Seen: {order}; expected attack first: the images of "
        "this step come from the model as it is, and the step learns from them.",
    )


def _trains(bout):
    """The update runs in train mode."""
    used = bout.calls[bout.attack.asked :] or bout.calls
    expect(
        all(training for _, training in used),
        "the update runs in eval mode, expected train mode: batch norm and dropout would never "
        "train. In which mode does an attack run, and in which mode are weights updated?",
    )
    expect(
        not bout.frozen,
        "the weights have requires_grad False after the step, expected True: a frozen model never "
        "learns again.",
    )


def _follows(bout):
    """The update is the gradient on attacked images; a remark if that on clean ones is in it."""
    (clean, attacked, left), whole = bout.parts()
    n, order = len(bout.x), ", ".join(bout.log)
    said = (
        f"in the update the gradient on the attacked images has the weight {attacked:.2g}, that on "
        f"the clean ones {clean:.2g}, and what the attack left in .grad {left:.2g}; expected 1, 0 "
        "and 0 (or a share for the clean ones)."
    )
    if not whole:
        raise CheckError(_otherwise(bout))
    if abs(left) > 0.02:
        raise CheckError(
            f"{said} Seen: {order}. backward() adds to .grad, and the attack has called it before "
            "you: the gradients have to be cleared after the attack."
        )
    expect(
        attacked > -0.02 and clean > -0.02,
        f"{said} The loss grows in this step: the attack maximises it over the image. Who "
        "minimises it, and over what?",
    )
    expect(
        attacked > 0.05 * clean,
        f"{said} The step learns from the clean images alone: what the attack gave back is never "
        "used.",
    )
    total = attacked + clean
    expect(
        0.95 < total < 2.05,
        f"{said} Together they are {total:.3g} times a mean over the batch of {n}: look for a sum, "
        "a factor, or a gradient that is clipped.",
    )
    return MIXED.format(clean / total) if clean > 0.02 else None


ON_ATTACKED = "On the attacked images: "
MIDDLE = "The model learns from images between x and x_adv: hand over x_adv as it is."
CHANGE = "The model learns from the change x_adv - x: hand over x_adv, a whole image."


def _otherwise(bout):
    """Words for an update that no mixture of the three gradients makes up."""
    x, x_adv = bout.x, bout.attack.result
    seen = (
        f"the update is {bout.change.norm():.3g} long, expected {bout.on(x_adv).norm():.3g} and "
        "the direction of one SGD step on the cross entropy of the attacked images and y."
    )
    for images, said in ((x_adv, ON_ATTACKED), (x, "On the clean images: ")):
        for loss, why in LOSSES:
            if _is(bout, bout.on(images, loss)):
                return f"{seen} {said}{why[0].lower()}{why[1:]}"
    suspects = [((x + x_adv) / 2, MIDDLE), (x_adv - x, CHANGE), (2 * x_adv - x, MIDDLE)]
    why = diagnosis(
        suspects,
        lambda images: _is(bout, bout.on(images)),
        "Which images, which labels and which loss does the update come from?",
    )
    return f"{seen} {why}"


def _is(bout, gradient):
    """Whether the update is this gradient, with what the attack left or without."""
    return any(same(bout.change, gradient + k * flat(bout.attack.left)) for k in (0, 1))
