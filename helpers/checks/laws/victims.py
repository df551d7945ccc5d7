"""Small classifiers that write down what an attack asks them, and what an attack must leave alone.

Their images have six pixels, among them a black one, a white one and one that no logit depends on.
"""

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks.laws.basics import has_shape, is_tensor, listed
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Probe, Shared, cloned

IDLE = 4  # the pixel, counted row by row, that no victim looks at


class Victim(nn.Module):
    """A classifier that records each call: the images, the mode, and whether its graph was used."""

    def __init__(self, body, words):
        """body: images to logits; words: what a message calls the model."""
        super().__init__()
        self.body, self.words, self.calls = body, words, Shared()
        self.slopes = {}
        self.twin = (cloned(body).eval(),)  # in a tuple: no part of this module

    def still(self, x):
        """The logits in eval mode, without a record: for the checks' own use."""
        return self.twin[0](x)

    def forward(self, x):
        """The logits, recorded; what cannot be an image is refused in words."""
        is_tensor(x, "images for the model")
        expect(
            x.dim() == 4 and x.is_floating_point(),
            f"the model gets the shape {tuple(x.shape)} and {x.dtype}, expected images "
            "(N, C, H, W) of real numbers. The images go in as they came, all of them.",
        )
        inside = [module.training for module in self.body.modules()]
        call = {"top": self.training, "inside": any(inside), "used": False}
        # as it is now: an attack may change it later
        call |= {"x": x.detach().clone(), "asks": x.requires_grad, "node": x.grad_fn}
        self.calls.append(call)
        return Probe.apply(self.body(x), call)


class Lines(nn.Module):
    """Two classes with the logits 0 and w . x."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, x):
        """(N, 2)."""
        logit = (x.flatten(1) * self.w).sum(1)
        return torch.stack([torch.zeros_like(logit), logit], 1)


class Bowls(nn.Module):
    """Logits -s |x - c|^2, one centre c and one steepness s a class: curved, without layers."""

    def __init__(self, num_classes, pixels):
        super().__init__()
        self.c = nn.Parameter(torch.rand(num_classes, pixels))
        self.s = nn.Parameter(1 + torch.rand(num_classes))
        self.register_buffer("seen", (torch.arange(pixels) != IDLE).float())

    def forward(self, x):
        """(N, K)."""
        away = (x.flatten(1)[:, None] - self.c) * self.seen
        return -self.s * (away**2).sum(2)


def linear_victim():
    """The model of the worked example: logits 0 and 4 a - 2 b."""
    return Victim(Lines([4.0, -2.0]), "the model with the logits 0 and 4 a - 2 b").eval()


def curved_victim(num_classes=4, pixels=6):
    """Quadratic logits, in eval mode."""
    return Victim(Bowls(num_classes, pixels), "a model with curved logits").eval()


def peaked_victim(pixels=6):
    """The loss of class 0 is largest at the point c, within [0.3, 0.7], and falls on all sides."""
    body = Bowls(2, pixels)
    with torch.no_grad():
        body.c.uniform_(0.3, 0.7), body.s.copy_(torch.tensor([0.0, 5.0]))
    return Victim(body, "a model whose loss has a peak").eval()


def moody_victim(num_classes=3, pixels=6):
    """Batch norm and dropout inside; it came in train mode."""
    body = nn.Sequential(
        nn.Flatten(),
        nn.Linear(pixels, 16),
        nn.BatchNorm1d(16),
        nn.Dropout(0.5),
        nn.Tanh(),
        nn.Linear(16, num_classes),
    )
    with torch.no_grad():
        body[1].weight.normal_()[:, IDLE] = 0
        body[2].running_mean.normal_(), body[2].running_var.uniform_(0.5, 2)
        body[5].weight.normal_()
    return Victim(body, "a model with batch norm and dropout").train()


def pictures(n, shape=(1, 2, 3)):
    """n images in [0, 1], each with a black and a white pixel, not always in the same place."""
    x = 0.25 + 0.5 * torch.rand(n, *shape)
    flat, rows = x.view(n, -1), torch.arange(n)
    flat[rows, rows % 4], flat[rows, (rows + 1) % 4] = 0.0, 1.0
    flat[0, :2] = torch.tensor([1.0, 0.0])
    return x


def labels(model, x):
    """True labels: about half of the images are misclassified from the start."""
    logits = model.still(x).detach()
    y, wrong = logits.argmax(1), torch.arange(len(x)) % 2 == 1
    return torch.where(wrong, (y + 1) % logits.shape[1], y)


def told(args, row):
    """Words for one image of a case (model, x, y, ...)."""
    model, x, y = args[:3]
    pixels = listed(x[row], ".2g")
    return f"image {row} of {len(x)}, pixels {pixels}, label {y[row]}, on {model.words}"


def slope(model, x, y, loss=F.cross_entropy):
    """The gradient of loss(logits, y) with respect to x, for the model in eval mode; kept."""
    key = loss, x.detach().numpy().tobytes(), y.numpy().tobytes()
    if key not in model.slopes:
        x = x.detach().clone().requires_grad_()
        value = loss(model.still(x), y)
        (gradient,) = torch.autograd.grad(value, x, allow_unused=True)
        model.slopes[key] = torch.zeros_like(x) if gradient is None else gradient
    return model.slopes[key].clone()


class Strike:
    """One call of an attack: what came back, and what became of the model and the images."""

    def __init__(self, answer, model, x, *rest):
        """Calls answer(model, x, *rest) and reads everything off."""
        model.zero_grad(), model.calls.clear()
        self.model, self.x, self.given = model, x, x.clone()
        self.trained = model.training
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        self.result = self._ran(answer, [t.clone() if torch.is_tensor(t) else t for t in rest])
        after = model.state_dict()
        self.changed = [name for name in before if not torch.equal(before[name], after[name])]
        self.modes = [module.training for module in model.modules()]
        self.calls = list(model.calls)
        self.polluted = any(p.grad is not None and p.grad.any() for p in model.parameters())
        self.frozen = not all(p.requires_grad for p in model.parameters())

    def _ran(self, answer, rest):
        """What the call gives; batch norm that stops on one image means train mode."""
        try:
            return answer(self.model, self.given, *rest)
        except ValueError as error:
            if "more than 1 value" not in str(error):
                raise
            raise CheckError(
                f"the model runs in train mode, expected eval mode during the attack. {MODE}"
            ) from error


MODE = (
    "In train mode dropout makes the gradient random, batch norm mixes the images of the batch, "
    "and the running statistics drift."
)
INSIDE = (
    "To set model.training does not reach the layers inside; model.eval() and model.train(mode) do."
)


def gives_images(strike, what="x_adv"):
    """A tensor like x came back, and the model was asked."""
    result, x = strike.result, strike.x
    expect(
        not isinstance(result, tuple),
        f"a tuple of {len(result) if isinstance(result, tuple) else 0} came back, expected "
        f"{what} alone. torch.autograd.grad gives a tuple, one gradient for each tensor that it "
        "was asked for: take out the one.",
    )
    expect(
        strike.calls,
        "the model is never called, expected its logits on the images: an attack follows the loss.",
    )
    if result is None:
        raise CheckError(f"None came back, expected {what} like x. {_why_none(strike.calls[-1])}")
    is_tensor(result, f"{what} like x")
    has_shape(result, x.shape, _shape_hint(result, strike))
    expect(
        result.is_floating_point(),
        f"the dtype is {result.dtype}, expected {x.dtype}: whole numbers lose every grey.",
    )


def _why_none(call):
    if not call["asks"]:
        return (
            "The images that went into the model did not require grad, and so nothing was "
            "recorded on the way: x has to ask for its gradient before the model is called."
        )
    if not call["used"]:
        return "Is there a backward pass, and a return?"
    if call["node"] is not None:
        return (
            "Either return is missing, or .grad is read of a tensor that is the result of an "
            "operation: only the tensor at the start of the graph keeps its .grad."
        )
    return (
        "Either return is missing, or .grad is read of another tensor than the one that went "
        "into the model."
    )


def _shape_hint(result, strike):
    n, shape = len(strike.x), tuple(result.shape)
    weights = [tuple(p.shape) for p in strike.model.parameters()]
    if shape == ():
        return "That is one number, a loss perhaps: how it changes with each pixel is asked for."
    if shape == (n,) or shape == (n, 1):
        return "One number per image: each pixel has its own. Nothing is averaged over them."
    if shape == tuple(strike.x.shape[1:]) or shape == (1, *strike.x.shape[1:]):
        return "That is one image for the whole batch: each image has its own."
    if shape == tuple(strike.model.still(strike.x).shape):
        return "That looks like the logits: one number per class and not per pixel."
    if shape in weights:
        return "That is the shape of the weights: an attack changes the image and not the model."
    if result.numel() == strike.x.numel():
        return "The numbers are there, in another order of axes: keep those of x."
    return "Every image and every pixel keeps its place."


def keeps_values(strike):
    """The caller's x has the pixels that it came with."""
    x = strike.given
    expect(
        torch.equal(x, strike.x),
        f"x itself has changed during the call, by up to {(x - strike.x).abs().max():.2g}, "
        "expected no change. Give back a new tensor: names that end in _ and +=, -= write into the "
        "caller's images.",
    )


def keeps_images(strike):
    """The caller's x has its values, asks for no gradient, and holds none."""
    x = strike.given
    keeps_values(strike)
    expect(
        not x.requires_grad,
        "the caller's x requires grad after the call, expected that x stays as it was: everything "
        "computed from this batch afterwards would build a graph. Work on a copy of your own.",
    )
    expect(
        x.grad is None,
        "the caller's x.grad is filled after the call, expected None as before: the next backward "
        "pass would add to it. Work on a copy of your own.",
    )


def runs_in_eval(strike):
    """Every call of the model during the attack is in eval mode."""
    top = any(call["top"] for call in strike.calls)
    inside = any(call["inside"] for call in strike.calls)
    expect(
        top or not inside,
        f"the layers inside the model are in train mode during the attack, expected eval mode. "
        f"{INSIDE}",
    )
    expect(
        not inside,
        f"the model runs in train mode, expected eval mode during the attack. {MODE}",
    )


def restores_mode(strike):
    """The model, and its layers, are in the mode in which they came."""
    came = "train" if strike.trained else "eval"
    expect(
        set(strike.modes) == {strike.trained} or strike.modes[0] != strike.trained,
        f"the model itself is back in {came} mode and its layers are not, expected the same mode "
        f"in all of them. {INSIDE}",
    )
    expect(
        strike.modes[0] == strike.trained,
        f"the model came in {came} mode and is left in {'eval' if strike.trained else 'train'} "
        f"mode, expected {came} mode again. Look at model.training before the attack, and put that "
        "mode back: training or testing goes on after it.",
    )


def keeps_model(strike):
    """Weights and statistics are as before, and can learn."""
    expect(
        not strike.changed,
        f"{', '.join(strike.changed[:2])} of the model changed during the attack, expected no "
        "change: an attack moves the image, and the weights stay.",
    )
    expect(
        not strike.frozen,
        "the weights have requires_grad False after the attack, expected True as before: the model "
        "could not learn any more.",
    )


def has_no_graph(strike):
    """The images come back as plain numbers."""
    expect(
        not strike.result.requires_grad,
        "x_adv still carries a graph, expected none: whoever uses it drags the attack's graph "
        "along, and adversarial training would run through it. detach() cuts it loose.",
    )


POLLUTED = (
    "backward() has also filled .grad of the weights: torch.autograd.grad asks for one gradient "
    "alone."
)
GRAPH = "x_adv still carries its graph: detach() would let it go."


def remarks(strike):
    """What could be better in a right attack, or None."""
    if strike.result.requires_grad:
        return GRAPH
    return POLLUTED if strike.polluted else None


def behaves(strike, graph=True, what="x_adv"):
    """The conduct of an attack, before any value; a remark or None.

    graph: whether a result with a graph is refused, or only remarked.
    """
    gives_images(strike, what)
    keeps_images(strike)
    runs_in_eval(strike)
    restores_mode(strike)
    keeps_model(strike)
    if graph:
        has_no_graph(strike)
    return remarks(strike)


def all_behave(answer, cases, graph=True, what="x_adv"):
    """The same in all cases (model, x, ...); the first remark or None."""
    found = [behaves(Strike(answer, *case), graph, what) for case in cases]
    return next(filter(None, found), None)
