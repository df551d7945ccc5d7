"""Checks of lesson 4, adversarial attacks: each exercise with its known mistakes.

Images are (N, C, H, W) in [0, 1], epsilon is in units of the pixels, labels are the true ones, a
model gives logits. It is in eval mode during an attack, and in its old mode after it.
"""

import functools

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks import CheckError, Topic
from helpers.checks.aspects import CLUE, REMARK, Aspect, kind_of, near, told
from helpers.checks.casts import bowls, labels, lines, moody, pictures
from helpers.checks.kinds import Kind
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import NO_TENSOR, Function
from helpers.checks.kinds.network import PLAIN
from helpers.checks.kinds.step import Step
from helpers.checks.plays import LEFT, Recorder, Spy, WatchedSGD

CAUSES = [
    (
        r"differentiated Tensors? ",
        "The gradient is asked for a tensor that took no part in the loss: it has to require grad "
        "before the model is called, and it is this very tensor that goes into the model.",
    ),
    (
        r"'NoneType' object has no attribute|NoneType.*(Tensor|float)|must be Tensor, not NoneType",
        ".grad is None there. A tensor gets one if it required grad before the model was called, "
        "and if it is no result of other operations: what cuts a new point loose from them?",
    ),
    (
        r"can't retain_grad|only Tensors of floating point",
        "Only real numbers collect gradients: images as float32, not whole numbers.",
    ),
    (
        r"leaf variables? .*requires_grad|you can only change requires_grad flags of leaf",
        "The flag of a result of other operations cannot be changed: detach() gives a tensor that "
        "starts anew.",
    ),
    (
        r"element \d+ of tensors does not require grad|does not have a grad_fn",
        "The loss has no history. Look for no_grad, detach or .item() between the images, the "
        "model and the loss.",
    ),
    (
        r"backward through the graph a second time",
        "backward() runs twice on one graph, and the first run has freed it: call the model again "
        "in each step, on the new point.",
    ),
    (
        r"sign\(\)|'tuple'|not tuple",
        "torch.autograd.grad gives a tuple, one gradient for each tensor that it is asked for: "
        "take out the one.",
    ),
    (
        r"'list'|not list",
        "mean and std come in as lists of numbers, one per channel: torch.tensor makes a tensor "
        "of a list.",
    ),
    (
        r"Boolean value of Tensor.*ambiguous",
        "and, or and a chain of comparisons want one truth value, and a mask has many: & joins "
        "two masks, each comparison in brackets of its own.",
    ),
    (
        r"(size|shape) of tensor a .* must match|not broadcastable|Sizes of tensors must match",
        "Two tensors of different shapes meet. Print both shapes right before that line: axes are "
        "paired from the right. Which one counts the images, which one the channels or classes?",
    ),
    (
        r"shape '\[[-\d, ]*\]' is invalid for input of size",
        "view asks for another count of numbers than the tensor has. Images may be grey or in "
        "colour, few or many: -1 in place of a constant fits them all.",
    ),
    (
        r"grad can be implicitly created only for scalar",
        "A gradient starts from one number, and there is still one for each image. What does "
        "cross entropy do by itself?",
    ),
]
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress

# --- the gradient for the images ------------------------------------------------------------------


def attacked(body=bowls, n=40, shape=(1, 2, 3), **rest):
    """A model with images of which half are misclassified; for n = 0, three of two pixels each."""
    model = Spy(body() if n else lines(), shape if n else (1, 1, 2))
    x = pictures(n, shape) if n else torch.tensor([0.5, 0.4, 0.3, 0.6, 0.2, 0.7]).view(3, 1, 1, 2)
    return {"model": model, "x": x, "y": labels(model, x) if n else torch.tensor([0, 1, 1])} | rest


def why_none(play):
    """Why an attack gives None, from the last image that went into the model."""
    call = play.calls["model"][-1] if play.calls["model"] and play.result is None else None
    why = ""
    if call and not call["asks"]:
        why = NOT_ASKED
    elif call and not call.get("used"):
        why = "no backward pass has reached the images, expected one. Is there a backward pass, and a return?"
    elif call and call["source"]:
        why = NOT_THE_START
    yield Aspect("none", why, lambda seen, expected: seen, role=CLUE)


NOT_ASKED = (
    "The images that went into the model did not require grad, and so nothing was recorded on the "
    "way: x has to ask for its gradient before the model is called."
)
NOT_THE_START = (
    "Either return is missing, or .grad is read of a tensor that is the result of an operation: "
    "only the tensor at the start of the graph keeps its .grad."
)
OTHER_TENSOR = (
    "Either return is missing, or .grad is read of another tensor than the one that went into the "
    "model."
)
ONE_OF_A_TUPLE = (
    "torch.autograd.grad gives a tuple, one gradient for each tensor that it is asked for: take "
    "out the one."
)
UNTIDY = "backward() has also filled .grad of the weights: torch.autograd.grad asks for one gradient alone."
STAYS = "An attack moves the image, and the weights stay."


def shape_of_images(seen, expected):
    """Advice on a result that is not shaped like the images."""
    n, *rest = expected
    hints = {
        (): "That is one number, a loss perhaps: how it changes with each pixel is asked for.",
        (n,): "One number per image: each pixel has its own. Nothing is averaged over them.",
        tuple(rest): "That is one image for the whole batch: each image has its own.",
        (1, *rest): "That is one image for the whole batch: each image has its own.",
        (n, 2): "It looks like the logits, or the numbers are there in another order of axes: keep "
        "those of x.",
        (2, 2): "It has the shape of the weights: an attack changes the image and not the model.",
    }
    return hints.get(seen, "Every image and every pixel keeps its place.")


def hints(values, **others):
    """The advice of an attack, where nothing has a name."""
    types = NO_TENSOR | {"None": OTHER_TENSOR, "a tuple": ONE_OF_A_TUPLE}
    return {"type": types, "shape": shape_of_images, "weights": STAYS, "values": values} | others


EVAL = [
    {"body": moody, "n": 4, "shape": (3, 1, 2), "training": False},
    {"body": moody, "n": 1, "shape": (1, 3, 2), "training": False},
]
ATTACK = {"through": ["model"], "untidy": UNTIDY, "more": why_none}


@exercise(
    Function(
        attacked,
        [{"n": 0}, {}, *EVAL],
        result="the gradient",
        hints=hints(
            "It is the derivative of the cross entropy of the logits and y with respect to x."
        ),
        **ATTACK,
    ),
    "helpers.attacks:input_gradient",
    "You now know which pixels the loss is most sensitive to.",
)
def input_gradient(model, x, y):
    """The gradient of the cross entropy with respect to x."""
    x = x.detach().clone().requires_grad_()
    loss = F.cross_entropy(model(x), y)
    return torch.autograd.grad(loss, x)[0]


LOSS, GRAD = "F.cross_entropy(model(x), y) -> ", "torch.autograd.grad(loss, x)[0]"
input_gradient.variants.update(
    {
        LOSS + "F.cross_entropy(model(x), y, reduction='sum')": "",
        "torch.autograd.grad(loss, x, create_graph=True)[0]": "The gradient carries a graph of its own: "
        "nothing here needs create_graph.",
    }
)
PREDICTED = (
    "The predictions of the model stand in for the labels: an image that is misclassified already is "
    "then pushed away from the wrong class, perhaps back to the right one. Take y as it came."
)
WINNER = (
    "That follows the score of the winning class, whatever the label is. Which scalar should grow for "
    "the attacker: a logit, or the loss of the true class?"
)
LABEL = (
    "That follows the logit of the label alone, which is what nll_loss makes of logits: it wants log "
    "probabilities. What the other classes say counts as well."
)
NO_LOG = (
    "That follows the probability of the label: the log is missing. nll_loss of a softmax does the "
    "same: it wants log probabilities."
)
ALL_LOGITS = "That follows the sum or the mean of all logits: where does the label enter?"
SOFTMAX = (
    "A softmax is applied twice: cross entropy contains one. Hand the logits over as they are."
)
SQUARED = (
    "This is a squared error: right elsewhere. Here the loss is the cross entropy of the logits."
)
ONE_HOT = "F.one_hot(y, model(x).shape[1]).float()"
EACH_ALONE = (
    "This is a binary cross entropy for each class alone: the classes exclude each other, so one "
    "softmax over all of them is asked for."
)
MARGIN = "That is the margin to the next class: right elsewhere. Here cross entropy is asked for."
UNIT = "The gradient is divided by its own length: how steep the loss is gets lost."
input_gradient.mistakes.update(
    {
        LOSS + "F.cross_entropy(model(x), model(x).argmax(1))": PREDICTED,
        (
            LOSS + "F.cross_entropy(model(x), model(x).argmin(1))",
            LOSS + "-F.cross_entropy(model(x), model(x).argmin(1))",
        ): "The least likely class stands in for the label. Take y as it came.",
        (
            LOSS + "model(x).max(1).values.mean()",
            LOSS + "model(x).max(1).values.sum()",
            LOSS + "model(x).softmax(1).max(1).values.sum()",
            LOSS + "model(x).softmax(1).max(1).values.mean()",
            LOSS + "-model(x).max(1).values.mean()",
        ): WINNER,
        (
            LOSS + "F.nll_loss(model(x), y)",
            LOSS + "-F.nll_loss(model(x), y)",
            LOSS + "-F.nll_loss(model(x), y, reduction='sum')",
        ): LABEL,
        (LOSS + "model(x).sum()", LOSS + "model(x).mean()", LOSS + "-model(x).sum()"): ALL_LOGITS,
        (
            LOSS + "F.nll_loss(model(x).softmax(1), y)",
            LOSS + "-F.nll_loss(model(x).softmax(1), y)",
        ): NO_LOG,
        (
            LOSS + "F.cross_entropy(model(x).softmax(1), y)",
            LOSS + "F.cross_entropy(model(x).sigmoid(), y)",
        ): SOFTMAX,
        (
            LOSS + "-F.cross_entropy(model(x), y)",
            LOSS + "-F.cross_entropy(model(x), y, reduction='sum')",
        ): "The sign is turned: this is the way down the loss.",
        (
            LOSS + f"F.mse_loss(model(x), {ONE_HOT})",
            LOSS + f"F.mse_loss(model(x).softmax(1), {ONE_HOT})",
        ): SQUARED,
        LOSS + f"F.binary_cross_entropy_with_logits(model(x), {ONE_HOT})": EACH_ALONE,
        LOSS
        + "F.multi_margin_loss(model(x), y)": "This is a hinge loss: right elsewhere. Here the cross entropy "
        "of the logits is asked for.",
        LOSS + f"(model(x) - 1e9 * {ONE_HOT}).amax(1).sum() - (model(x) * {ONE_HOT}).sum()": MARGIN,
        LOSS
        + "F.cross_entropy(model(x), y).exp()": "exp of the loss is followed: the cross entropy itself is "
        "asked for.",
        LOSS
        + "F.nll_loss(model(x).log_softmax(0), y)": "The softmax runs over the examples: its axis is that of "
        "the classes.",
        LOSS
        + "F.cross_entropy(model(x)[:1], y[:1])": "Only the first image has a gradient: the loss has to hold "
        "the whole batch.",
        f"{GRAD}.sign()": "Only the sign is left: here the gradient itself is asked for.",
        (
            f"{GRAD}.abs()",
            f"(len(x) * {GRAD}).abs()",
        ): "abs takes the direction away: which pixels should get darker?",
        f"{GRAD} * x.detach()": "The gradient is multiplied with the image: the gradient alone is asked for.",
        (
            f"F.normalize({GRAD}.flatten(1)).view_as(x)",
            f"(lambda g: g / g.norm())({GRAD})",
            f"(lambda g: g / g.abs().max())({GRAD})",
            f"(lambda g: g / g.abs().amax((1, 2, 3), keepdim=True))({GRAD})",
        ): UNIT,
        f"{GRAD} / len(x)": "It is divided by the batch size twice: the mean of the loss does that once already.",
        f"2 * {GRAD}": "It is twice as large: is it added up over two passes?",
        f"torch.zeros_like({GRAD})": "Everything is 0: is .grad cleared before it is read?",
        f"(x - {GRAD}).detach()": "That is a step already: the gradient alone is asked for.",
        f"(x + {GRAD}).detach()": "The image is added: the gradient alone is asked for.",
        "x.detach()": "That is x itself.",
        f"{GRAD}.mean(0, keepdim=True).expand_as(x)": "All images have the same gradient, the mean over the batch: "
        "each has its own.",
    }
)

# --- one step -------------------------------------------------------------------------------------

MOODY = {"body": moody, "n": 6, "shape": (3, 1, 2), "epsilon": 0.07}
STEPS = [{"n": 0, "epsilon": 0.1}, {"n": 60, "epsilon": 0.15}, MOODY, EVAL[1] | {"epsilon": 0.3}]


def within(words):
    """Advice where a result leaves the range of an image; else these words."""

    def advice(seen, expected):
        pixels = torch.cat([x.flatten() for x in seen])
        low, high = float(pixels.min()), float(pixels.max())
        if low < -1e-5 or high > 1 + 1e-5:
            return f"Pixels run from {low:.3g} to {high:.3g}, expected 0 to 1. {NO_CLAMP}"
        return words

    return advice


NO_CLAMP = (
    "Some pixels leave [0, 1]: can a camera produce a pixel of -0.1? Which tensor has to be a valid "
    "image, the one before or the one after the step?"
)
CARRIED = (
    "x_adv still carries a graph: whoever uses it drags the attack along. detach() cuts it loose."
)


@exercise(
    Function(
        attacked,
        STEPS,
        result="x_adv",
        hints=hints(
            within(
                "Every pixel moves by epsilon along the sign of its gradient, and stays in [0, 1]."
            ),
            history=CARRIED,
        ),
        **ATTACK,
    ),
    "helpers.attacks:fgsm",
    "One step of epsilon in every pixel now raises the loss.",
)
def fgsm(model, x, y, epsilon):
    """x + epsilon * sign of the gradient, in [0, 1]; the model stays as it was."""
    was_training = model.training
    model.eval()
    g = input_gradient(model, x, y)
    model.train(was_training)
    return (x + epsilon * g.sign()).clamp(0, 1)


DOWN = (
    "The step goes down the loss, as in training: is the loss larger or smaller on your x_adv? The "
    "attacker wants it larger."
)
SIGN = (
    "The gradient goes in as it is: its entries are small and of all sizes. What does the S in FGSM "
    "stand for?"
)
LENGTH = (
    "The gradient is divided by its length: the budget is one of each pixel, not of all of them "
    "together. Which norm bounds the change in FGSM?"
)
DELTA = "That is the change alone, without the image that it is added to."
RANGE = (
    "Black pixels go below 0, as in images in [-1, 1]: here an image lies in [0, 1], and can a camera "
    "produce a pixel of -0.1?"
)
RESCALED = (
    "The result is stretched or bent back into [0, 1], and every pixel changes: only those that leave "
    "the range have to be brought back."
)
ONE_WAY = (
    "Pixels move one way only: the sign is -1 in some pixels, and a darker pixel can raise the loss as "
    "well."
)
ZERO = "The pixel with the gradient 0 moves as well: where the loss does not change, the sign is 0, and the pixel stays."
TIMES = "A pixel moves by {} times epsilon: epsilon is in the units of the pixels, as it comes."
FAR = (
    "A pixel moves as far as it can: where does epsilon enter? It is in the units of the pixels, "
    "without a factor of 255."
)
SHARED = "All images of the batch move in the same way: the gradient is averaged over them."
FIRST = "All images move along the gradient of the first one: each has its own."
RANDOM = "The signs are drawn: the gradient says where each pixel goes, and nothing is drawn here."


def clamped(*steps):
    """Edits of the result: each of these points, in [0, 1]."""
    return tuple(f"({step}).clamp(0, 1)" for step in steps)


fgsm.mistakes.update(
    {
        (
            *clamped("x - epsilon * g.sign()", "x - epsilon * g", "x - epsilon * len(x) * g"),
            "x - epsilon * g.sign()",
        ): DOWN,
        clamped("x + epsilon * g", "x + epsilon * len(x) * g", "x + epsilon * g.tanh()"): SIGN,
        "x + epsilon * g": SIGN + " And nothing keeps the pixels in [0, 1].",
        clamped("x + g"): SIGN + " And epsilon takes no part.",
        clamped(
            "x + epsilon * g / g.norm()",
            "x + epsilon * g / g.abs().max()",
            "x + epsilon * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)",
            "x + epsilon * g / g.abs().amax((1, 2, 3), keepdim=True)",
        ): LENGTH,
        (
            "x + epsilon * g.sign()",
            "(x + epsilon * g.sign()).clamp(min=0)",
            "(x + epsilon * g.sign()).clamp(0, 255)",
        ): NO_CLAMP,
        ("(x + epsilon * g.sign()).clamp(-1, 1)", "(x + epsilon * g.sign()).clamp(max=1)"): RANGE,
        "(x + epsilon * g.sign()).clamp(-epsilon, epsilon)": "The result lies in [-epsilon, epsilon]: that bounds "
        "the change, not the image.",
        "(x + epsilon * g.sign()).clamp(x.min(), x.max())": "The pixels are cut at the darkest and the brightest of "
        "this batch: the range of an image is [0, 1], also where the batch is grey.",
        (
            "(lambda z: (z - z.min()) / (z.max() - z.min()))(x + epsilon * g.sign())",
            "torch.sigmoid(x + epsilon * g.sign())",
            "torch.tanh(x + epsilon * g.sign())",
        ): RESCALED,
        "((x + epsilon * g.sign()).clamp(0, 1) * 255).round() / 255": "The pixels are rounded to 256 steps: here they "
        "stay real numbers.",
        clamped("x + 2 * epsilon * g.sign()"): TIMES.format(2),
        clamped("x + epsilon / 2 * g.sign()"): TIMES.format(0.5),
        clamped("x + epsilon / 255 * g.sign()"): TIMES.format("0.00392"),
        clamped("x + g.sign()", "x + 255 * epsilon * g.sign()"): FAR,
        ("epsilon * g.sign()", "g.sign()", *clamped("epsilon * g.sign()"), "g"): DELTA,
        ("x.clone()", "x + 0 * epsilon * g"): "Nothing moves: x comes back. Is the step added to it?",
        clamped("x + epsilon * g.mean(0, keepdim=True).sign()"): SHARED,
        clamped("x + epsilon * g[0].sign()"): FIRST,
        clamped(
            "x + epsilon * x.sign()"
        ): "The sign of the image itself is taken: pixels are never negative. Whose sign is it?",
        (
            "(x + epsilon * g).sign()",
            "(x + epsilon * g).sign().clamp(0, 1)",
        ): "The sign is taken of the whole sum: it belongs to the gradient alone.",
        clamped(
            "x * (1 + epsilon * g.sign())"
        ): "Each pixel moves by epsilon times its own value: a black pixel never moves.",
        (
            "epsilon * (x + g.sign())",
            *clamped("epsilon * (x + g.sign())"),
        ): "epsilon multiplies the image as well: look at the brackets.",
        clamped(
            "x + epsilon",
            "x - epsilon",
            "x + epsilon * g.abs().sign()",
            "x + epsilon * g.sign().relu()",
        ): ONE_WAY,
        (
            "torch.where(g > 0, x + epsilon, x - epsilon).clamp(0, 1)",
            "torch.where(g >= 0, x + epsilon, x - epsilon).clamp(0, 1)",
        ): ZERO,
        clamped(
            "x + epsilon * torch.randn_like(x).sign()",
            "x + epsilon * (torch.rand_like(x) - 0.5).sign()",
        ): RANDOM,
    }
)

# --- how far --------------------------------------------------------------------------------------


def changes(n=0, shape=(2, 1, 2)):
    """Three images with changes of both signs, or n random ones."""
    x = torch.rand(n, *shape) if n else torch.full((3, 2, 1, 2), 0.5)
    change = torch.tensor([[0.1, -0.3, 0, 0.2], [0.25, 0.1, -0.05, 0], [-0.2, -0.1, -0.4, -0.3]])
    change = 0.3 * torch.randn_like(x) if n else change.view(3, 2, 1, 2)
    return {"x_adv": (x + change).clamp(0, 1), "x": x}


def shape_of_distances(seen, expected):
    """Advice on a result that is not one number an image: of the images (3, 2, 1, 2)."""
    whole = "That is one number for the whole batch: how many images are there?"
    words = {
        (): whole,
        (1,): whole,
        (3, 1): "One number per image in one row, (N,): an axis of length 1 is left.",
        (3, 1, 1, 1): "The axes of length 1 are left: keepdim keeps them.",
        (3, 2): "That is one number per channel: an image has all of its axes but the first.",
        (2, 1, 2): "The maximum runs over the images: which axis counts them?",
        (3, 2, 1, 2): "That is one number per pixel: an image counts by its largest one.",
    }
    return words.get(seen, "All axes but the first belong to one image.")


@exercise(
    Function(
        changes,
        [{}, {"n": 7, "shape": (3, 1, 2)}, {"n": 1, "shape": (1, 2, 3)}],
        result="the distance",
        hints={
            "shape": shape_of_distances,
            "values": "Take the change of every pixel without its sign, and the largest of them.",
        },
    ),
    "helpers.attacks:linf_distance",
    "You can now measure whether an attack kept its budget.",
    stretch=True,
)
def linf_distance(x_adv, x):
    """The largest change of a pixel, image by image."""
    return (x_adv - x).abs().flatten(1).amax(1)


EXTREMES = (
    "The two brightest pixels are compared: subtract pixel by pixel first, and look for the largest "
    "afterwards."
)
linf_distance.mistakes.update(
    {
        "(x_adv - x).flatten(1).norm(dim=1)": "That is the L2 norm: a sum over all pixels enters. What does norm() "
        "compute when nobody says which norm?",
        "((x_adv - x) ** 2).flatten(1).sum(1)": "The squares are added over the pixels.",
        "((x_adv - x) ** 2).flatten(1).mean(1)": "That is a mean of squares: the largest change is asked for.",
        "(x_adv - x).abs().flatten(1).mean(1)": "That is the average change: the budget holds for the pixel that "
        "moves most.",
        "(x_adv - x).abs().flatten(1).sum(1)": "That is the sum over the pixels, the L1 norm.",
        "(x_adv - x).flatten(1).amax(1)": "The signs are kept: a pixel that gets darker counts as well.",
        "(x - x_adv).flatten(1).amax(1)": "The signs are kept: a pixel that gets brighter counts as well.",
        "(x_adv - x).flatten(1).amax(1).abs()": "abs comes after the maximum: a pixel that gets darker has lost by "
        "then.",
        "(x_adv - x).abs().flatten(1).amin(1)": "That is the smallest change.",
        "(x_adv - x).abs().flatten(1).median(1).values": "That is the median change: the largest is asked for.",
        (
            "(x_adv - x).abs().flatten(1).argmax(1)",
            "(x_adv - x).abs().flatten(1).argmax(1).float()",
        ): "That is the place of the largest change, and not its size.",
        (
            "x_adv.flatten(1).amax(1) - x.flatten(1).amax(1)",
            "(x_adv.flatten(1).amax(1) - x.flatten(1).amax(1)).abs()",
        ): EXTREMES,
        "x_adv.abs().flatten(1).amax(1)": "x takes no part: that is the brightest pixel.",
        "(x_adv - x).abs().max().repeat(len(x))": "Every image gets the largest change of the whole batch: each has "
        "its own.",
        "((x_adv - x) ** 2).flatten(1).amax(1)": "The change is squared: its size is asked for.",
        "255 * (x_adv - x).abs().flatten(1).amax(1)": "The units are those of [0, 1]: nothing times 255.",
        "-(x_adv - x).abs().flatten(1).amax(1)": "A distance is never negative.",
        "(x_adv - x).abs().flatten(1)[:, 0]": "Only the first pixel counts.",
    }
)

# --- accuracy under attack ------------------------------------------------------------------------

FLOAT = "A tensor came back: .item() makes the float that the signature promises."


def as_float(play):
    """Whether one number came back as a tensor: right, and the signature promises a float."""
    yield Aspect("float", torch.is_tensor(play.result), hint=FLOAT, role=REMARK)


class Reader(nn.Module):
    """Reads its prediction off the first pixel of an image; in train mode it is one class off."""

    def __init__(self):
        super().__init__()
        self.sharpness, self.drop = nn.Parameter(torch.ones(())), nn.Dropout(0.5)

    def forward(self, x):
        """Logits (N, 5)."""
        said = (x[:, 0, 0, 0] * 10 + self.training) % 5
        return -self.sharpness * (torch.arange(5) - said[:, None]) ** 2


def accepted(args):
    """The arguments of an attack: what it cannot work with is refused in words."""
    kinds = [f"a tensor {tuple(a.shape)}" if torch.is_tensor(a) else kind_of(a) for a in args]
    kinds = ", ".join("the model" if isinstance(a, Spy) else k for a, k in zip(args, kinds))
    if len(args) != 3 or not isinstance(args[0], Spy):
        raise CheckError(f"attack gets ({kinds}), expected attack(model, x, y), in this order.")
    if not torch.is_grad_enabled():
        raise CheckError(
            "attack runs under no_grad, expected gradients on: an attack follows the gradient.",
            "Take the attack out of the block: which part can do without, and which cannot?",
        )
    return args


def same_labels(seen, y):
    """Refuses other labels than the true ones."""
    if not torch.is_tensor(seen) or seen.shape != y.shape or not torch.equal(seen, y):
        raise CheckError(
            "attack gets other labels than those of the batch, expected the true ones, y.",
            "With predictions in their place, images that are wrong already move back to the right.",
        )


def script(*args):
    """An attack that moves each image to the prediction in its second pixel."""
    _, x, y = accepted(args)
    same_labels(y, (x[:, 0, 0, 2] * 10).round().long())
    x = x.clone()
    x[:, 0, 0, 0] = x[:, 0, 0, 1]
    return x


# true labels, predictions before and after the attack
WORKED = (
    torch.tensor([4, 1, 3, 2, 1, 4, 1, 0, 2, 1, 2]),
    torch.tensor([4, 4, 3, 2, 4, 0, 3, 0, 3, 3, 2]),
    torch.tensor([3, 1, 3, 0, 1, 4, 3, 0, 2, 1, 4]),
)


def predictions(n):
    """Labels, and predictions before and after an attack: some of each kind."""
    if not n:
        return WORKED
    y = torch.randint(0, 5, (n,))
    clean = (y + (torch.rand(n) < 0.4)) % 5
    after = (y + torch.randint(1, 4, (n,)) * (torch.rand(n) < 0.6)) % 5
    clean[:3], after[:3] = (y[:3] + torch.tensor([0, 0, 1])) % 5, (y[:3] + torch.arange(3)) % 5
    return y, clean, after


def evaluated(n=0, size=3):
    """A model, a loader whose last batch may be smaller, and an attack."""
    said = predictions(n)
    x = torch.zeros(len(said[0]), 1, 2, 3)
    for pixel, values in enumerate((said[1], said[2], said[0])):
        x[:, 0, 0, pixel] = values / 10
    loader = DataLoader(TensorDataset(x, said[0]), batch_size=size)
    return {"model": Spy(Reader(), (1, 2, 3)), "loader": loader, "attack": Recorder(script)}


def attacked_batches(play):
    """Which batches the attack has seen."""
    sizes = [len(args[1]) for args in play.cast["attack"].calls]
    if sizes:
        words = "the attack gets batches of {}, and every batch once is asked for"
        yield Aspect("batches", tuple(sizes), words, "Where does the return stand?")
    else:
        words = "attack is never called"
        yield Aspect(
            "batches", (), lambda seen, expected: f"{words}, expected it for every batch.", CLEAN
        )
    yield from as_float(play)


CLEAN = "Without attack(model, x, y) this is the clean accuracy."


@exercise(
    Function(
        evaluated,
        [{}, {"n": 13, "size": 5}, {"n": 3, "size": 2}, {"n": 4, "size": 4}],
        result="the accuracy under attack",
        number=True,
        more=attacked_batches,
        hints={
            "values": "Count the attacked images whose prediction is their label, and divide by all images.",
            "silent": "It has to read the attacked images.",
        },
    ),
    "helpers.metrics:robust_accuracy",
    "Accuracy now also counts what an attacker can do.",
)
def robust_accuracy(model, loader, attack):
    """The share of all images that are right after the attack."""
    was_training, right, total = model.training, 0, 0
    model.eval()
    for x, y in loader:
        x_adv = attack(model, x, y)
        with torch.no_grad():
            right += (model(x_adv).argmax(1) == y).sum().item()
        total += len(y)
    model.train(was_training)
    return right / total


robust_accuracy.variants.update(
    {
        "model.train(was_training) -> pass": "The model is left in eval mode: who trains on afterwards has to know.",
    }
)
READ, SHARE = "(model(x_adv).argmax(1) == y).sum().item()", "return right / total -> return "
MEAN = f"{READ} -> (model(x_adv).argmax(1) == y).float().mean().item()"
WAS_RIGHT = "(model(x).argmax(1) == y)"
robust_accuracy.mistakes.update(
    {
        (
            f"{MEAN}\n{SHARE}right / len(loader)",
            f"{MEAN}\ntotal += len(y) -> total += 1",
        ): "The accuracies of the batches are averaged: the small last batch then weighs as much as the others. "
        "How can every image count once?",
        f"{MEAN}\n{SHARE}right": "The accuracies of the batches are added: out of how many images?",
        MEAN: "Fractions of batches are added, and divided by the number of images.",
        f"{READ} -> (model(x_adv).argmax(1) == model(x).argmax(1)).sum().item()": "The predictions after the attack "
        "are compared with those before: an image that was wrong and is wrong counts as a success. Accuracy is "
        "measured against what?",
        "model(x_adv) -> model(x)": "That is the accuracy on the clean images: what the attack gave back is never "
        "judged.",
        f"{SHARE}right": "That is a count: out of how many images?",
        f"{SHARE}100 * right / total": "That is a percentage: a fraction from 0 to 1 is asked for.",
        (
            f"{READ} -> (model(x_adv).argmax(1) != y).sum().item()",
            f"{SHARE}1 - right / total",
        ): "Those are the mistakes: that is the error rate under attack.",
        f"{READ} -> ((model(x_adv).argmax(1) == y) & {WAS_RIGHT}).sum().item()\ntotal += len(y) -> total += "
        f"{WAS_RIGHT}.sum().item()": "Only the images that were right before the attack are counted: all of them "
        "count.",
        f"{READ} -> ((model(x_adv).argmax(1) == y) & {WAS_RIGHT}).sum().item()": "Only images that are right before "
        "and after the attack count as right: after it is enough.",
        f"{READ} -> ((model(x_adv).argmax(1) != y) & {WAS_RIGHT}).sum().item()\ntotal += len(y) -> total += "
        f"{WAS_RIGHT}.sum().item()": "That is the success rate of the attack: another number, with another "
        "denominator.",
        f"{SHARE}right / len(loader)": "The count is divided by the number of batches.",
        f"{SHARE}right / (len(loader) * loader.batch_size)": "It is divided as if all batches were full.",
        f"{SHARE}right / loader.batch_size": "The count is divided by the size of one batch.",
        f"{SHARE}right / len(y)": "The count is divided by the size of the last batch.",
        "right += -> right =\ntotal += -> total =": "Only the last batch counts: what happens to the numbers of the "
        "others?",
        "right += -> right =": "The hits of the last batch alone are counted.",
    }
)

# --- many steps -----------------------------------------------------------------------------------


def points(n=0, near=False, wide=3.0, epsilon=0.2):
    """An image and a point outside its ball: by hand, inside already, or random ones."""
    x = torch.tensor([0.5, 0.1, 0.9, 0.3, 0.6, 0.0]).view(1, 1, 2, 3)
    far = torch.tensor([0.8, -0.3, 1.4, 0.35, 0.2, 0.1]).view(1, 1, 2, 3)
    if near:
        far = (x + torch.tensor([0.1, 0.0, -0.1, 0.04, -0.07, 0.02]).view(1, 1, 2, 3)).clamp(0, 1)
    if n:
        x, far = torch.rand(n, 3, 1, 2), torch.rand(n, 3, 1, 2) * 2 * wide + 0.5 - wide
    return {"x_adv": far, "x": x, "epsilon": epsilon}


NEAREST = "Each pixel goes to the nearest value that is within epsilon of x and in [0, 1]."


@exercise(
    Function(
        points,
        [{}, {"near": True, "epsilon": 0.15}, {"n": 7, "epsilon": 0.3}, {"n": 7, "epsilon": 1.8}],
        result="the projection",
        hints={
            "shape": "Every pixel of every image stays in its place.",
            "values": within(NEAREST),
        },
    ),
    "helpers.attacks:linf_project",
    "A point outside the budget now finds its way back.",
)
def linf_project(x_adv, x, epsilon):
    """The nearest images within epsilon of x, and in [0, 1]."""
    delta = (x_adv - x).clamp(-epsilon, epsilon)
    return (x + delta).clamp(0, 1)


BALL, BOX = "(x_adv - x).clamp(-epsilon, epsilon) -> ", "(x + delta).clamp(0, 1)"
NO_BOX = "The range [0, 1] is not kept: what about a pixel that is 1 already, and may still grow by epsilon?"
SIDE = (
    "Only one side is bounded: how much brighter may a pixel get, and how much darker? Both are limited "
    "by epsilon."
)
SHRUNK = (
    "The whole change of an image is shortened until it fits: each pixel has a budget of its own, and "
    "those that were within it stay."
)
CHANGE = "That is the change alone: which image is it to be added to?"
ROLES = "x_adv and x have exchanged their roles: whose ball is it?"
linf_project.mistakes.update(
    {
        "x_adv.clamp(0, 1)": "epsilon takes no part: change it, and the result stays. Which of the two constraints is "
        "missing?",
        ("x + delta", "(x + delta).clamp(min=0)", "(x + delta).clamp(max=1)"): NO_BOX,
        (
            BALL
            + "(x_adv - x) * (epsilon / (x_adv - x).abs().amax((1, 2, 3), keepdim=True)).clamp(max=1)",
            BALL + "(x_adv - x) * (epsilon / (x_adv - x).abs().max()).clamp(max=1)",
            BALL + "(x_adv - x) * epsilon / (x_adv - x).abs().max()",
            BALL
            + "(x_adv - x) * (epsilon / (x_adv - x).flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(max=1)",
        ): SHRUNK,
        (
            BALL + "(x_adv - x).clamp(max=epsilon)",
            BALL + "(x_adv - x).clamp(min=-epsilon)",
            BALL + "(x_adv - x).clamp(0, epsilon)",
            BALL + "(x_adv - x).abs().clamp(max=epsilon)",
        ): SIDE,
        (
            "x_adv.clamp(-epsilon, epsilon)",
            "x_adv.clamp(-epsilon, epsilon).clamp(0, 1)",
        ): "The result lies within epsilon of 0: the ball has its centre at x.",
        BALL + "x_adv.clamp(-epsilon, epsilon)": "x_adv itself is cut: cut its change.",
        ("delta", "delta.clamp(0, 1)"): CHANGE,
        "(x_adv + (x - x_adv).clamp(-epsilon, epsilon)).clamp(0, 1)": ROLES,
        BALL + "(x - x_adv).clamp(-epsilon, epsilon)": "The change is turned: x_adv - x.",
        "(x_adv + delta).clamp(0, 1)": "The cut change is added to x_adv: it starts from x.",
        BALL
        + "epsilon * (x_adv - x).sign()": "Every pixel is moved to the edge of the ball: a pixel that is inside "
        "stays where it is.",
        "torch.where((x_adv - x).abs() <= epsilon, x_adv, x).clamp(0, 1)": "A pixel that went too far is put back to "
        "x: the nearest allowed value is at the edge.",
        "x + delta.clamp(0, 1)": "The clamp to [0, 1] is around the change: it belongs around the image.",
        "(x + delta).clamp(-1, 1)": "Here images lie in [0, 1].",
        BALL + "epsilon * (x_adv - x)": "The change is multiplied by epsilon: cut it.",
        BALL + "(x_adv - x).clamp(-epsilon / 2, epsilon / 2)": "The ball is too small.",
        BALL + "(x_adv - x).clamp(-2 * epsilon, 2 * epsilon)": "The ball is too wide.",
        BALL + "(x_adv - x).clamp(-epsilon / 255, epsilon / 255)": "Nothing to divide by 255.",
        BALL + "epsilon * torch.tanh((x_adv - x) / epsilon)": "tanh bends: cut, do not bend.",
        BALL + "epsilon": "Every pixel moves up by epsilon: x_adv takes no part.",
        "x": "x comes back: x_adv takes no part.",
        "x_adv": "x_adv comes back as it was: nothing is projected.",
    }
)


def grey(wide=False, epsilon=0.1):
    """Images like pictures; or many of two grey rows, far from 0 and 1, and one black and white one."""
    if not wide:
        return {"x": pictures(7, (1, 2, 3)), "epsilon": epsilon}
    x = 0.3 + 0.4 * torch.rand(100, 1, 3, 128)
    x[:, :, 2] = (torch.arange(128) % 2).float()
    return {"x": x, "epsilon": epsilon}


def noise(play):
    """The changes in units of epsilon: of grey pixels, and from black and white ones inwards."""
    x, epsilon = play.before["x"], play.cast["epsilon"]
    change = ((play.result.detach() - x) / epsilon * 1e3).round() / 1e3
    inwards = change[:, 0, 2] * (1 - 2 * x[:, 0, 2])
    return {NOISE: change[:, 0, :2].flatten(1), "the way from black and white pixels": inwards}


NOISE = "noise in units of epsilon"
OWN_NOISE = (
    "Every image, and each of its pixels, gets noise of its own: compare the shape of the noise with "
    "the shape of x."
)
UNIFORM = (
    "Look at the distribution that you draw from: in units of epsilon it is uniform from -1 to 1."
)


@exercise(
    Draw(
        grey,
        [{}, {"epsilon": 0.3}],
        chance={"wide": True, "epsilon": 0.25},
        drawn=noise,
        result="the start",
        hints={
            "shape": "Every pixel of every image gets a start of its own: draw like x.",
            "rows": OWN_NOISE,
            "columns": OWN_NOISE,
            "spread": UNIFORM,
        },
    ),
    "helpers.attacks:random_start",
    "Every attack now starts somewhere else in the ball.",
    stretch=True,
)
def random_start(x, epsilon):
    """A uniform random point of the ball around x, in [0, 1]."""
    return (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)


U = "(2 * torch.rand_like(x) - 1)"
DARKER = "The start is never darker: what is the smallest value of torch.rand?"
BRIGHTER = "The start is never brighter: both signs are possible."
NORMAL = "Some pixels start outside the budget: the noise looks normal. How often is |randn| larger than 1?"
OUTSIDE = (
    "Some pixels start outside the budget: where do the ends of your noise lie, and are they multiplied "
    "by epsilon?"
)
EDGE = "Every pixel starts at the edge of the ball: the inside is never tried, and a step outwards leads nowhere."
PART = (
    "A part of the ball is never reached: which two numbers does the noise lie between before epsilon "
    "multiplies it?"
)
CUT = "Some pixels start exactly at the edge: the noise was wider than the ball, and has been cut."
OUT_OF_RANGE = (
    "The start leaves [0, 1] from black and white pixels: the first gradient would be taken on an image "
    "that no camera gives."
)
random_start.mistakes.update(
    {
        clamped("x + epsilon * torch.rand_like(x)"): DARKER,
        (
            *clamped(
                "x - epsilon * torch.rand_like(x)", "x + 2 * torch.rand_like(x) * epsilon - 1"
            ),
            f"(epsilon * {U}).clamp(0, 1)",
        ): BRIGHTER,
        clamped("x + epsilon * torch.randn_like(x)"): NORMAL,
        clamped("x + (epsilon * torch.randn_like(x)).clamp(-epsilon, epsilon)"): CUT,
        f"x + epsilon * {U}": OUT_OF_RANGE,
        clamped(
            "x + (2 * torch.rand(1) - 1) * epsilon"
        ): "Every pixel changes by the same: one number is only a "
        "change of brightness. How many do you draw?",
        clamped(
            "x + (2 * torch.rand(len(x), 1, 1, 1) - 1) * epsilon"
        ): "For each image one number is drawn, and all "
        "pixels of an image change by the same: compare the shape of the noise with the shape of x.",
        clamped(
            "x + (2 * torch.rand_like(x[:1]) - 1) * epsilon"
        ): "All images get the same noise: compare the shape of the noise with the shape of x.",
        clamped(
            "x + (2 * torch.rand_like(x[:, :, :1]) - 1) * epsilon"
        ): "Some pixels change as another one does in "
        "every image: compare the shape of the noise with the shape of x.",
        clamped("x + epsilon * torch.randn_like(x).sign()"): EDGE,
        clamped("x + epsilon * (torch.rand_like(x) - 0.5)", f"x + epsilon / 255 * {U}"): PART,
        clamped(
            f"x + 2 * epsilon * {U}", f"x + {U}", "torch.rand_like(x)", "x + torch.randn_like(x)"
        ): OUTSIDE,
        clamped(
            "x + epsilon * torch.randint(-4, 5, x.shape) / 4"
        ): "Only a few different values come up: draw real numbers.",
        "x.clone()": "The start is x itself: a random point of the ball around it is asked for.",
        f"1 - (1 - (x + epsilon * {U}).abs()).abs()": "From black and white pixels about half of the noise points out "
        "of [0, 1]: a clamp leaves those pixels where they are.",
    }
)


def chased(n=40, body=bowls, shape=(1, 2, 3), epsilon=0.2, alpha=0.05, steps=5, wide=False):
    """What pgd is called with; for n = 0, images of two pixels; wide: many grey ones."""
    cast = attacked(body, n, shape)
    if not n:
        cast["x"] = torch.tensor([0.5, 0.4, 0.03, 0.95, 0.98, 0.0]).view(3, 1, 1, 2)
    if wide:
        cast["x"] = 0.3 + 0.4 * torch.rand(n, *shape)
    return cast | {"epsilon": epsilon, "alpha": alpha, "steps": steps}


def ridge():
    """The loss of class 0 is largest at a point within [0.3, 0.7], and falls on all sides."""
    body = bowls(2, 6)
    body.c.data.uniform_(0.3, 0.7), body.s.data.copy_(torch.tensor([0.0, 5.0]))
    return body


class Chase(Draw):
    """An iterated attack: its path from the start that it drew, and how that start lies.

    The start of the student's path is on tape: in a replay all answers begin there.
    """

    def played(self, answer, tape, k, options):
        """One call, with the points at which a gradient was taken."""
        play = super().played(answer, tape, k, options)
        play.path = path(play)
        if tape.records and play.path:
            tape.hear(play.path[0])
        return play

    def observe(self, answer, name, tape):
        """The usual; a start that is uneven in its ball is a remark."""
        for aspect in super().observe(answer, name, tape):
            if aspect.name == "spread" and in_ball(aspect.value):
                aspect.role, aspect.hint = REMARK, UNEVEN
            if aspect.name != "lengths":
                yield aspect

    def values(self, play):
        """All points of the path, and what came back."""
        walked = [*play.path, play.result.detach()]
        words = functools.partial(told_step, play)
        yield Aspect("values", walked, words, same=self.same, series=True)


def path(play):
    """The points at which a gradient was taken; single images are put together, batch by batch."""
    found = [call["given"] for call in play.calls["model"] if call.get("used")]
    n, steps = len(play.before["x"]), play.cast["steps"]
    if n > 1 and len(found) == n * steps and all(len(point) == 1 for point in found):
        return [torch.cat(found[k::steps]) for k in range(steps)]
    return found


def in_ball(z):
    """Whether noise in units of epsilon stays within the ball, and goes both ways."""
    low, high = float(z.min()), float(z.max())
    return -1.001 < low < -0.05 * high and -0.05 * low < high < 1.001


def start(play):
    """The noise of the first point, in units of epsilon."""
    share = (path(play)[0] - play.before["x"]) / play.cast["epsilon"]
    return {NOISE: (share.flatten(1) * 1e3).round() / 1e3}


def told_step(play, seen, expected):
    """The first step that goes astray, in the pixel that is farthest off."""
    k = next(
        k for k, (a, b) in enumerate(zip(seen, expected)) if not near(a.flatten(), b.flatten())
    )
    at = int((seen[k] - expected[k]).abs().nan_to_num(9.0).argmax())
    now, to, aim = (float(x.flatten()[at]) for x in (seen[k - 1], seen[k], expected[k]))
    cast, home = play.cast, float(play.before["x"].flatten()[at])
    return (
        f"step {k} of {cast['steps']} with epsilon {cast['epsilon']:g} and alpha {cast['alpha']:g}: a "
        f"pixel of x {home:.3g} goes from {now:.3g} to {to:.3g}, expected {aim:.3g}."
    )


def gradients_taken(play):
    """How many gradients are taken, and whether at new points; whether the graph grows."""
    yield from why_none(play)
    asked, steps = path(play), play.cast["steps"]
    words = lambda seen, expected: (
        f"with steps {steps} the gradient is taken {seen} times, expected {steps}."
    )
    hint = "Is the gradient taken inside the loop, and return behind it?"
    if len(asked) != 1:
        hint = "Count the rounds of your loop, and the gradients in each."
    yield Aspect("gradients", len(asked), words, hint)
    still = len(asked) > 1 and all(torch.equal(point, asked[0]) for point in asked)
    clean = ", the clean image" if still and torch.equal(asked[0], play.before["x"]) else ""
    words = f"all {steps} gradients are taken at the same point{clean}, expected each at another."
    yield Aspect("still", still, lambda seen, expected: words, STILL)
    depths = [depth(call["source"]) for call in play.calls["model"] if call.get("used")]
    grows = len(depths) > 2 and depths[-1] > depths[1] + 1
    yield Aspect("grows", grows, hint=GROWS, role=REMARK)


def depth(node, most=400):
    """How many operations stand behind a tensor, followed along one line."""
    count = 0
    while node is not None and count < most:
        node = next((above for above, _ in node.next_functions if above is not None), None)
        count += 1
    return count


STILL = (
    "Each belongs to the point that the step before has reached. Which tensor goes into the model in "
    "the second step?"
)
GROWS = (
    "The graph grows from step to step, since nothing cuts the new point loose: the numbers are right, "
    "and detach() saves the memory."
)
UNEVEN = "The start is random, and not uniform in the ball around x."


@exercise(
    Chase(
        chased,
        [
            {"n": 0, "epsilon": 0.1, "alpha": 0.07, "steps": 3},
            {},
            {"body": moody, "n": 6, "shape": (3, 1, 2), "epsilon": 0.1, "alpha": 0.25, "steps": 4},
            EVAL[1] | {"epsilon": 0.15, "alpha": 0.06, "steps": 3},
            {"n": 2, "epsilon": 0.25, "alpha": 0.1, "steps": 1},
            {"n": 8, "body": ridge, "epsilon": 0.1, "alpha": 0.06, "steps": 4},
        ],
        chance={
            "n": 100,
            "shape": (1, 12, 16),
            "epsilon": 0.1,
            "alpha": 0.03,
            "steps": 1,
            "wide": True,
            "body": lambda: bowls(3, 192),
        },
        drawn=start,
        result="x_adv",
        hints=hints(
            "Each step: alpha along the sign of the gradient at the current point, then back into the ball around x "
            "and into [0, 1].",
            history=CARRIED,
            rows=OWN_NOISE,
            columns=OWN_NOISE,
        ),
        **ATTACK | {"more": gradients_taken},
    ),
    "helpers.attacks:pgd",
    "Many small steps now find what one large step misses.",
)
def pgd(model, x, y, epsilon, alpha, steps):
    """A random start, then steps of alpha, each projected on the ball around x and [0, 1]."""
    was_training = model.training
    model.eval()
    x_adv = model.replayed(random_start(x, epsilon))
    for _ in range(steps):
        g = input_gradient(model, x_adv, y)
        x_adv = linf_project(x_adv + alpha * g.sign(), x, epsilon)
    model.train(was_training)
    return x_adv


MOVE, END = "linf_project(x_adv + alpha * g.sign(), x, epsilon) -> ", "return x_adv -> return "
ONLY_BALL = "x + (x_adv + alpha * g.sign() - x).clamp(-epsilon, epsilon)"
pgd.variants.update(
    {
        f"{MOVE}{ONLY_BALL}\n{END}x_adv.clamp(0, 1)": "The model meets pixels outside [0, 1] on the way: a clamp in "
        "each step spares it that.",
    }
)


def stepped(*steps):
    """Edits of the step, projected as it should be."""
    return tuple(f"{MOVE}linf_project(x_adv + {step}, x, epsilon)" for step in steps)


def boxed(*steps):
    """The same, only kept in [0, 1]; and with the projection at the very end."""
    return tuple(f"{MOVE}(x_adv + {step}).clamp(0, 1)" for step in steps)


LATE = "The path is cut back once, at its end: the projection belongs into each step."
NO_BALL = (
    "The step is never brought back into the ball: how far from x may you be after many steps? The clamp "
    "to [0, 1] is another constraint."
)
CENTRE = (
    "Each step is projected around another point than x, and so the budget grows: the ball has a fixed "
    "centre. Which image is it?"
)
GOES_DOWN = (
    "The step goes down the loss, as in training: print the loss at every step. Should the attacker's "
    "loss fall?"
)
NO_SIGN = (
    "The gradient goes in as it is: compare alpha * |gradient| with epsilon. How many steps would it need "
    "to use the budget?"
)
PILED = (
    "Each step follows the sum of all gradients so far: backward() adds to .grad, and who empties it? (As "
    "momentum this is right elsewhere.)"
)
AT_X = "Each step starts at x again: what the steps before have reached is lost."
UNIT_STEPS = (
    "alpha * g / g.norm()",
    "alpha * g / g.abs().max()",
    "alpha * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)",
    "alpha * g / g.abs().amax((1, 2, 3), keepdim=True)",
)
pgd.mistakes.update(
    {
        boxed("alpha * g.sign()"): NO_BALL,
        f"{MOVE}x_adv + alpha * g.sign()": NO_BALL + " And pixels leave [0, 1].",
        f"{MOVE}x_adv + alpha * g.sign()\n{END}x_adv.clamp(0, 1)": NO_BALL,
        (
            f"{MOVE}x_adv + alpha * g.sign()\n{END}linf_project(x_adv, x, epsilon)",
            f"{MOVE}(x_adv + alpha * g.sign()).clamp(0, 1)\n{END}linf_project(x_adv, x, epsilon)",
        ): LATE,
        (
            f"{MOVE}linf_project(x_adv + alpha * g.sign(), x_adv, epsilon)",
            "for _ -> x = x_adv\n    for _",
        ): CENTRE,
        f"{MOVE}{ONLY_BALL}": "Pixels leave [0, 1]: there are two constraints, and one of them is missing.",
        f"{MOVE}(x_adv + alpha * g.sign()).clamp(-epsilon, epsilon)": "The image is cut to [-epsilon, epsilon]: the "
        "ball has its centre at x.",
        f"{MOVE}(x + (x_adv + alpha * g.sign() - x).clamp(max=epsilon)).clamp(0, 1)": "Only one side of the ball is "
        "kept: how much darker may a pixel get?",
        (
            f"{MOVE}linf_project(x + alpha * g.sign(), x, epsilon)",
            f"{MOVE}linf_project(x + epsilon * g.sign(), x, epsilon)",
        ): AT_X,
        stepped("-alpha * g.sign()", "-alpha * g"): GOES_DOWN,
        stepped("alpha * g", "alpha * g * len(x)", "epsilon * g"): NO_SIGN,
        boxed(
            "alpha * g", "alpha * g * len(x)"
        ): f"{NO_SIGN} And {NO_BALL[0].lower()}{NO_BALL[1:]}",
        boxed("-alpha * g.sign()"): f"{GOES_DOWN} And {NO_BALL[0].lower()}{NO_BALL[1:]}",
        stepped(
            "epsilon * g.sign()"
        ): "A step is epsilon long: alpha is the step, epsilon the budget.",
        f"{MOVE}(x_adv + epsilon * g.sign()).clamp(0, 1)\n{END}linf_project(x_adv, x, epsilon)": "A step is epsilon "
        "long: alpha is the step, epsilon the budget. And the projection belongs into each step.",
        stepped(
            "alpha * epsilon * g.sign()"
        ): "A step is alpha times epsilon long: alpha is enough.",
        stepped("g.sign()"): "A step is 1 long: where does alpha enter?",
        stepped("2 * alpha * g.sign()"): "A step is twice alpha long: alpha is enough.",
        stepped(
            "alpha / steps * g.sign()"
        ): "alpha is divided by the number of steps: it is the length of one step.",
        stepped("epsilon / steps * g.sign()"): "A step is epsilon / steps long: alpha is the step.",
        stepped(
            "alpha / 255 * g.sign()"
        ): "Nothing has to be divided by 255: pixels are in [0, 1].",
        stepped(*UNIT_STEPS): LENGTH,
        stepped("alpha * g.abs().sign()", "alpha"): ONE_WAY,
        stepped("alpha * g.mean(0, keepdim=True).sign()"): SHARED,
        stepped("alpha * torch.randn_like(x).sign()"): RANDOM,
        "for _ -> total = 0\n    for _\ng = input_gradient(model, x_adv, y) -> g = total = total + "
        "input_gradient(model, x_adv, y)": PILED,
        "g = input -> last = x_adv\n        g = input\nreturn x_adv -> return last": "The last step is not in what "
        "comes back: the point before it does.",
        f"{END}x.clone()": "x itself comes back: return the last point.",
        f"{END}x_adv - x": "The change alone comes back: what is it added to?",
        "random_start(x, epsilon) -> x.clone()": "The first gradient is taken at the clean image, expected at a random "
        "point of the ball around it. What distinguishes PGD from FGSM in many steps?",
    }
)

# --- a wish ---------------------------------------------------------------------------------------


def aimed(**play):
    """The same, where the labels are the classes that are wished for."""
    model, x, y, epsilon = attacked(**play).values()
    return {"model": model, "x": x, "target": y, "epsilon": epsilon}


@exercise(
    Function(
        aimed,
        [step | {"training": False} for step in STEPS],
        result="x_adv",
        hints=hints(
            within(
                "Every pixel moves by epsilon against the sign of its gradient, and stays in [0, 1]."
            )
        ),
        **ATTACK,
    ),
    "helpers.attacks:fgsm_targeted",
    "The attacker now chooses what the model should say.",
)
def fgsm_targeted(model, x, target, epsilon):
    """One step down the loss of the target."""
    g = -input_gradient(model, x, target)
    return (x + epsilon * g.sign()).clamp(0, 1)


fgsm_targeted.variants.update(
    {
        "(x.clone().requires_grad_() + epsilon * g.sign()).clamp(0, 1)": "x_adv still carries its graph: detach() "
        "would let it go.",
    }
)
G = "-input_gradient(model, x, target) -> "
OWN = (
    "The model's own prediction stands in for the target: change the target class, and nothing changes. "
    "Where does it enter?"
)
AWAY = "The step runs away from the target: should the loss of the target class become larger or smaller?"
fgsm_targeted.mistakes.update(
    {edit: AWAY if hears == DOWN else hears for edit, hears in fgsm.mistakes.items()}
    | {
        (
            f"{G}input_gradient(model, x, model(x).argmax(1))",
            f"{G}-input_gradient(model, x, model(x).argmax(1))",
        ): OWN,
        f"{G}(lambda z: torch.autograd.grad(model(z).gather(1, target[:, None]).sum(), z)[0])"
        "(x.clone().requires_grad_())": LABEL.replace("label", "target"),
    }
)

# --- other units ----------------------------------------------------------------------------------


MEAN_STD = {3: ([0.4, 0.6, 0.1], [0.2, 0.5, 0.25]), 1: ([0.13], [0.31])}  # by channels


class Wrapper(Kind):
    """A class built around a model, and what becomes of the images on their way to it."""

    thing = "class"

    def found(self, answer):
        """What sort of thing came in; a function that builds one is as good as a class."""
        return "a class" if callable(answer) else kind_of(answer)

    def observe(self, answer, name, tape):
        """The class; for each batch what it holds, what it hands on, and how it is left."""
        yield self.handed(answer, name)
        plain = isinstance(answer, type) and not issubclass(answer, nn.Module)
        kind = "a plain class" if plain else "a subclass of nn.Module"
        yield Aspect("class", kind, f"{name} is {{}}", PLAIN)
        for k, shape in enumerate([(2, 3, 3, 3), (7, 3, 2, 5), (1, 3, 4, 2), (4, 1, 2, 3)]):
            tape.cue(k)
            model = Spy(bowls(4, torch.Size(shape[1:]).numel()), shape[1:]).train(k > 0)
            x = torch.rand(shape)
            constants = [torch.tensor(c) if k == 2 else c for c in MEAN_STD[shape[1]]]
            net = answer(model, *constants)
            kind = "a network" if isinstance(net, nn.Module) else kind_of(net)
            yield Aspect("network", kind, f"{name}(model, mean, std) gives {{}}", PLAIN)
            yield Aspect("held", holds(net, model), lambda a, b: a, HELD)
            yield from handed_on(net, model, x)
            yield from kept(net, model, k > 0)
        yield moved(answer(nn.Sequential(nn.Flatten(), nn.Linear(12, 4)), *MEAN_STD[3]))


HELD = (
    "nn.Module finds its parts among its attributes: eval(), to() and an optimiser reach the model only "
    "there. (It holds a copy? What the model learns later does not reach that.)"
)


def holds(net, model):
    """Whether the model is a part of the network, in words."""
    if any(part is model for part in net.modules()):
        return ""
    said = "the model is not among the parts of the wrapper, expected the model itself."
    for key, value in vars(net).items():
        if isinstance(value, (list, tuple, dict)) and model in list(value):
            return f"self.{key} is a Python {type(value).__name__}: {said}"
    copied = len(list(net.parameters())) >= len(list(model.parameters()))
    return f"{said} It holds a copy." if copied else said


def handed_on(net, model, x):
    """What the model is given, what comes back, and whether a gradient reaches x."""
    given = x.clone()
    y = net(given)
    yield Aspect("type", kind_of(y), "{} came back from forward", NO_TENSOR)
    words = "x itself has {}ed in forward"
    same = "stay" if torch.equal(given, x) else "chang"
    yield Aspect("x", same, words, "Names that end in _ and -=, /= write into the caller's images.")
    called = "is called" if model.calls else "is never called"
    yield Aspect("called", called, "the model {}", "Hand the normalised images to it.")
    seen = model.calls[-1]["given"]
    yield Aspect("shape", tuple(seen.shape), "the model gets the shape {}", ONE_A_CHANNEL)
    pixels = told(x[0, :, 0, 0])
    words = lambda a, b: (
        f"the pixels {pixels} of the channels reach the model as {told(a[0, :, 0, 0])}, expected "
        f"{told(b[0, :, 0, 0])}."
    )
    yield Aspect("seen", seen, words, "Work one pixel of each channel by hand.")
    words = lambda a, b: f"the result of image 0 is {told(a[0])}, expected the logits {told(b[0])}."
    yield Aspect("result", y.detach(), words, AS_THEY_ARE)
    given = x.clone().requires_grad_()
    y = net(given)
    grad = y.requires_grad and torch.autograd.grad(y.sum(), given, allow_unused=True)[0]
    reached = "a" if torch.is_tensor(grad) and grad.any() else "no"
    words = "{} gradient reaches x through the wrapper"
    yield Aspect("gradient", reached, words, "Look for detach, no_grad, .data or numpy in forward.")


ONE_A_CHANNEL = "The images keep their shape: one constant per channel, axis 1."
AS_THEY_ARE = "The logits of the model come back as they are: nothing comes after the model."


def kept(net, model, training):
    """Who learns, and in which mode the model is."""
    own = {id(p) for p in model.parameters()}
    learns = [key for key, p in net.named_parameters() if id(p) not in own and p.requires_grad]
    yield Aspect("learns", learns, "{} would be trained by an optimiser", CONSTANTS)
    frozen = not all(p.requires_grad for p in model.parameters())
    words = "the weights of the model have requires_grad False, expected that they can still learn."
    yield Aspect("frozen", frozen, lambda a, b: words, "Leave the model as it comes.")
    came = "train" if training else "eval"
    words = f"the model came in {came} mode, and is in {{}} mode in the wrapper"
    yield Aspect("mode", "train" if model.training else "eval", words, MODES)
    follows = [net.train(mode) and model.training for mode in (True, False)]
    words = "after train(True) and train(False) of the wrapper the model has training {}"
    yield Aspect("modes", follows, words, MODES)


CONSTANTS = "mean and std are constants. What else than a Parameter does nn.Module keep?"
MODES = "Leave train and eval to nn.Module: it hands the mode on to its parts."


def moved(net):
    """Whether mean and std follow the wrapper to another dtype, and so to another device.

    float64 swallows constants that stay float32, as new tensors made in forward may; a tensor that
    is a plain attribute has to show in bfloat16 that it follows.
    """
    left = [f"self.{key}" for key, value in vars(net).items() if torch.is_tensor(value)]
    dtype = torch.bfloat16 if left else torch.float64
    try:
        net.to(dtype)(torch.rand(2, 3, 2, 2).to(dtype))
        stays = ""
    except RuntimeError:
        stays = " and ".join(left) or "mean and std"
    words = (
        f"after .to({dtype}) the wrapper stops: {stays} stay behind, expected that they move to another "
        "device or dtype with the weights."
    )
    return Aspect("moves", not stays, lambda a, b: words, "Which attributes does .to() move?")


@exercise(
    Wrapper(),
    "helpers.networks:NormalizedModel",
    "Every attack on pixels now works on this model too.",
    stretch=True,
)
class NormalizedModel(nn.Module):
    """Pixels in [0, 1] to the model's logits."""

    def __init__(self, model, mean, std):
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.as_tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.as_tensor(std).view(-1, 1, 1))

    def forward(self, x):
        return self.model((x - self.mean) / self.std)


NORMAL = "(x - self.mean) / self.std -> "
RIGHT_AXES = (
    "broadcasting pairs the axes from the right. Where do the channels stand, and how many axes stand "
    "behind them?"
)
NormalizedModel.mistakes.update(
    {
        NORMAL
        + "x * self.std + self.mean": "That is the way back from normalised pixels. Which of the two maps "
        "takes the mean image to 0?",
        NORMAL + "x": "The model gets the pixels as they are: mean and std take no part.",
        NORMAL + "x - self.mean": "std is missing: the model gets x - mean.",
        NORMAL + "x / self.std": "The mean is missing: the model gets x / std.",
        NORMAL + "x - self.mean / self.std": "Only the mean is divided: look at the brackets.",
        NORMAL + "(x + self.mean) / self.std": "The mean is added: it has to go to 0.",
        NORMAL + "(x - self.std) / self.mean": "mean and std have exchanged their places.",
        NORMAL + "(x - self.mean) * self.std": "It is multiplied with std: it divides.",
        NORMAL + "(x - self.mean) / self.std ** 2": "std is squared: as it is, it divides.",
        NORMAL
        + "(x - self.mean) / self.std.sqrt()": "The root of std is taken: it is no variance.",
        NORMAL
        + "((x - self.mean) / self.std - self.mean) / self.std": "The images are normalised twice.",
        NORMAL
        + "((x - self.mean) / self.std).clamp(0, 1)": "It is cut to [0, 1] after normalising: what is the "
        "normalised value of a black pixel?",
        (
            NORMAL + "(x * 255 - self.mean) / self.std",
            NORMAL + "(x / 255 - self.mean) / self.std",
        ): "Pixels are in [0, 1] here: nothing times 255, and nothing divided by it.",
        NORMAL
        + "(x - self.mean.mean()) / self.std.mean()": "All channels get the same mean and std: each has its own.",
        NORMAL
        + "(x - self.mean[0]) / self.std[0]": "All channels get the numbers of the first one: each has its "
        "own.",
        NORMAL
        + "(x - self.mean.flip(0)) / self.std.flip(0)": "The channels stand in another order.",
        NORMAL
        + "(x - self.mean.view(-1)) / self.std.view(-1)": f"mean and std meet the last axis, the columns: "
        f"{RIGHT_AXES}",
        NORMAL
        + "(x - self.mean.view(-1, 1)) / self.std.view(-1, 1)": f"mean and std meet the rows: {RIGHT_AXES}",
        (
            NORMAL + "(x - x.mean((0, 2, 3), True)) / x.std((0, 2, 3), keepdim=True)",
            NORMAL + "(x - x.mean((2, 3), True)) / x.std((2, 3), keepdim=True)",
            NORMAL + "(x - x.mean()) / x.std()",
        ): "mean and std are those of the batch: take the constants that came in.",
    }
)


def unnormalised(mean=0.5, std=0.25, **play):
    """What fgsm_pixel is called with: a model that expects (x - mean) / std."""
    model, x, y, epsilon = attacked(**play).values()
    y = labels(model, (x - mean) / std) if play["n"] else y
    return {"model": model, "x": x, "y": y, "epsilon": epsilon, "mean": mean, "std": std}


BY_HAND = (
    "It relies on a model in eval mode: with dropout in train mode the gradient would be noisy; fgsm sets "
    "eval mode by itself."
)
UNITS = [{}, {"mean": 0.2, "std": 0.35}, {"mean": 0.13, "std": 0.31}, {"mean": 0.4, "std": 0.5}]


@exercise(
    Function(
        unnormalised,
        [step | {"training": False} | units for step, units in zip(STEPS, UNITS)],
        result="x_adv",
        optional=[(MOODY | UNITS[2], BY_HAND)],
        hints=hints(
            within(
                "The model sees (x - mean) / std; the pixel itself moves by epsilon, within [0, 1]."
            )
        ),
        **ATTACK,
    ),
    "helpers.attacks:fgsm_pixel",
    "epsilon now means the same for every model, whatever it wants its images to look like.",
    stretch=True,
)
def fgsm_pixel(model, x, y, epsilon, mean, std):
    """FGSM in pixel units on a model that expects (x - mean) / std."""
    wrapped = NormalizedModel(model, mean, std).train(model.training)
    return fgsm(wrapped, x, y, epsilon)


fgsm_pixel.variants.update(
    {
        ".train(model.training) -> ": "The model came in eval mode and is left in train mode: a new nn.Module around "
        "it starts in train mode, and hands that on.",
    }
)
Z = "(x - mean) / std"
S = f"input_gradient(model, {Z}, y).sign()"
IN_NORMALISED = (
    "epsilon is added in normalised units: by how much does a pixel move in units of [0, 1]?"
)
TIMES_STD = (
    "epsilon is multiplied with std on its way into normalised units. Dividing x by std makes it larger or "
    "smaller? Then what does epsilon become?"
)
CUT_NORMALISED = (
    "The normalised image is cut to [0, 1]: every pixel darker than the mean is lost. What is the "
    "normalised value of a black pixel?"
)
STILL_NORMALISED = (
    "The result is still in normalised units: bring it back to pixels, where [0, 1] holds."
)
fgsm_pixel.mistakes.update(
    {
        (f"(x + epsilon * std * {S}).clamp(0, 1)", f"x + epsilon * std * {S}"): IN_NORMALISED,
        (f"(x + epsilon * std ** 2 * {S}).clamp(0, 1)", f"x + epsilon * std ** 2 * {S}"): TIMES_STD,
        f"(x + epsilon / std * {S}).clamp(0, 1)": "The pixels move by epsilon / std: in pixel units epsilon stays as it "
        "is.",
        f"(x + (epsilon - mean) * {S}).clamp(0, 1)": "epsilon is normalised like a pixel: it is a difference of two "
        "pixels, and the mean falls out.",
        (
            f"({Z} + epsilon / std * {S}).clamp(0, 1) * std + mean",
            f"({Z} + epsilon * {S}).clamp(0, 1) * std + mean",
        ): CUT_NORMALISED,
        (
            f"{Z} + epsilon / std * {S}",
            f"{Z} + epsilon * {S}",
            f"({Z} + epsilon / std * {S}).clamp(0, 1)",
            f"({Z} + epsilon * {S}).clamp(0, 1)",
            f"((x + epsilon * {S}).clamp(0, 1) - mean) / std",
        ): STILL_NORMALISED,
        f"({Z} + epsilon * {S} - mean) / std": "The result is normalised a second time: the way back multiplies.",
        (
            f"(({Z} + epsilon / std * {S}) + mean) * std",
            f"((({Z} + epsilon / std * {S}) + mean) * std).clamp(0, 1)",
        ): "The way back has its two steps in the wrong order: undo the last step first.",
        f"(x + epsilon / std * input_gradient(model, {Z}, y)).clamp(0, 1)": SIGN,
        f"(x + epsilon * input_gradient(model, {Z}, y)).clamp(0, 1)": SIGN,
        f"(x + 2 * epsilon * {S}).clamp(0, 1)": "A pixel moves by twice epsilon: epsilon is in the units of the "
        "pixels, as it comes.",
    }
)

# --- who wins, and who learns ---------------------------------------------------------------------


def fooled(n=0):
    """Predictions before and after an attack, and the labels."""
    y, clean_pred, adv_pred = predictions(n)
    return {"clean_pred": clean_pred.clone(), "adv_pred": adv_pred.clone(), "y": y.clone()}


@exercise(
    Function(
        fooled,
        [{}, {"n": 20}, {"n": 7}],
        result="the success rate",
        number=True,
        more=as_float,
        hints={
            "type": NO_TENSOR | {"a tensor": "One number for all images."},
            "values": "Mark the images that were right before; of those, count the ones wrong after.",
        },
    ),
    "helpers.metrics:attack_success_rate",
    "An attack is now paid only for the images that it could win.",
    stretch=True,
)
def attack_success_rate(clean_pred, adv_pred, y):
    """Of the images that were right, the share that the attack turned wrong."""
    was_right, wrong = clean_pred == y, adv_pred != y
    return (was_right & wrong).sum().item() / was_right.sum().item()


ALL_ERRORS = (
    "Every error after the attack counts, also of images that were wrong before: which images can an "
    "attacker win?"
)
ALL_IMAGES = (
    "It is divided by all images: if the model was right on half of them and the attack fools all of those, "
    "what does your formula give?"
)
KEPT = "Those are the images that stay right: the share that the attack turns wrong is asked for."
MOVED = "Every changed prediction counts, also from one wrong class to another: compare with y."
BY_CHANCE = "an image that the attack turned right by chance hides one that it turned wrong."
HALF_MASKED = (
    "A mask has taken images out of one of the two, and the other still has them all: what is compared "
    "needs the same mask. Mask y as well."
)
attack_success_rate.mistakes.update(
    {
        ("wrong.float().mean().item()", "wrong.sum().item() / was_right.sum().item()"): ALL_ERRORS,
        "(was_right & wrong).float().mean().item()": ALL_IMAGES,
        (
            "(was_right & ~wrong).sum().item() / was_right.sum().item()",
            "(was_right & ~wrong).float().mean().item()",
        ): KEPT,
        "(~wrong).float().mean().item()": "That is the accuracy under attack.",
        "was_right.float().mean().item()": "That is the accuracy before the attack.",
        (
            "(clean_pred != adv_pred).float().mean().item()",
            "(clean_pred != adv_pred).sum().item() / was_right.sum().item()",
        ): MOVED,
        "was_right.float().mean().item() - (~wrong).float().mean().item()": f"That is the accuracy lost: {BY_CHANCE}",
        "1 - (~wrong).sum().item() / was_right.sum().item()": f"The accuracies are compared: {BY_CHANCE}",
        "(was_right & wrong).sum().item() / wrong.sum().item()": "It is divided by the errors after the attack: out "
        "of which images could it win?",
        "(was_right & wrong).sum().item() / (~was_right).sum().item()": "It is divided by the images that were wrong: "
        "out of which images could it win?",
        "(~was_right & wrong).sum().item() / (~was_right).sum().item()": "Only images that were wrong before are "
        "looked at: those that were right are meant.",
        "(~was_right & ~wrong).sum().item() / (~was_right).sum().item()": "That is the share of wrong images that "
        "turn right: the other way round is meant.",
        "(was_right & wrong).sum().item()": "That is a count: out of how many?",
        "100 * (was_right & wrong).sum().item() / was_right.sum().item()": "That is a percentage: a fraction from 0 to "
        "1 is asked for.",
        "(was_right & wrong).sum().item() // was_right.sum().item()": "The division rounds to a whole number: // cuts "
        "off the rest.",
        "(adv_pred[was_right] != y).float().mean().item()": HALF_MASKED,
    }
)


class Opponent:
    """An attack that leaves gradients in the weights, and notes what the model would learn."""

    def __init__(self, x, y):
        self.x, self.y, self.asked = x.clone(), y.clone(), False

    def reset(self):
        """As new."""
        self.asked = False
        return self

    def __call__(self, *args):
        """Images that the model finds harder."""
        model, x, y = accepted(args)
        if not torch.is_tensor(x) or x.shape != self.x.shape or not torch.equal(x, self.x):
            raise CheckError(
                "attack gets other values than the batch in the place of x, expected x as it came in."
            )
        same_labels(y, self.y)
        model.log.append("attack")
        self.asked, self.turn, self.training = True, next(Spy.turns), model.training
        clean, g = self.gradients(model, self.x)
        x_adv = (self.x + 0.4 * g.sign()).clamp(0, 1)
        self.learnt = clean, self.gradients(model, x_adv)[0]
        for p in model.parameters():
            p.grad = torch.full_like(p, LEFT)
        return x_adv

    def gradients(self, model, x):
        """Of the loss on these images: for the weights in one vector, and for the images."""
        x = x.clone().requires_grad_()
        loss = F.cross_entropy(model.body(x), self.y)
        *weights, g = torch.autograd.grad(loss, [*model.parameters(), x])
        return torch.cat([w.flatten() for w in weights]), g


def trained(n=6, num_classes=4):
    """What a step of adversarial training is called with."""
    layer = nn.Linear(12, num_classes)
    layer.weight.data.normal_(), layer.bias.data.normal_()
    model = Spy(nn.Sequential(nn.Flatten(), layer), (1, 3, 4), rate=0.3)
    x, y = torch.rand(n, 1, 3, 4), torch.randint(0, num_classes, (n,))
    cast = {"model": model, "opt": WatchedSGD(model), "x": x, "y": y}
    return cast | {"attack": Opponent(x, y)}


def attack_then_learn(play):
    """When the attack comes, in which mode the model learns, and whether clean images have a share."""
    attack, log = play.cast["attack"], play.nets["model"].log
    late = "step" in log and "attack" in log and log.index("step") < log.index("attack")
    when = "comes after the update" if late else "comes first" if attack.asked else "is never called"
    yield Aspect(
        "attack", when, f"the attack {{}}. Seen: {', '.join(log) or 'nothing'}", ATTACK_FIRST
    )
    if not attack.asked:
        return
    after = [call for call in play.calls["model"] if call["turn"] > attack.turn]
    trains = all(call["inside"] == {True} for call in after or play.calls["model"])
    yield Aspect(
        "update mode", "train" if trains else "eval", "the update runs in {} mode", IN_TRAIN
    )
    if not play.training:
        yield Aspect("attack mode", attack.training, hint=EARLY, role=REMARK)
    share = share_of_clean(play)
    yield Aspect("mixed", share > 0, hint=MIXED.format(share), role=REMARK)
    given = isinstance(play.result, float)
    yield Aspect("float", given, hint="The docstring asks for the loss, a float.", role=REMARK)


def share_of_clean(play):
    """The share of the clean images in the loss; the update is from then on as if there was none."""
    update = play.update["model"]
    clean, attacked_ones = play.cast["attack"].learnt
    table = torch.stack([clean, attacked_ones]).double()
    weights = torch.linalg.solve(table @ table.T, table @ update.double())
    low, high = weights.tolist()
    if not (near(weights @ table, update.double(), 5e-3) and low > 0.02 and high > 0.05 * low):
        return 0.0
    if not 0.95 < low + high < 2.05:
        return 0.0
    play.update["model"] = attacked_ones
    return low / (low + high)


ATTACK_FIRST = "New adversarial images in each step come from the model as it is, and the step learns from them."
IN_TRAIN = (
    "Batch norm and dropout would never train. In which mode does an attack run, and in which mode are "
    "weights updated?"
)
EARLY = "Train mode is set before the attack: the attack then runs in train mode, unless it sets eval mode by itself."
MIXED = (
    "This is the mixed form: the loss of the clean images has a share in it, {:.0%} of the weight."
)


@exercise(
    Step(
        trained,
        ["model"],
        [
            {},
            {"n": 1, "num_classes": 3},
            {"n": 7, "num_classes": 5},
            {"training": False},
        ],
        more=attack_then_learn,
        hints={
            "update direction": "Which images, which labels and which loss does the update come from?"
        },
    ),
    "helpers.training:adversarial_train_step",
    "The model now learns from the attacks on itself.",
)
def adversarial_train_step(model, opt, x, y, attack):
    """One step on the loss of attacked images, made from the model as it is."""
    x_adv = attack(model, x, y)
    model.train()
    loss = F.cross_entropy(model(x_adv), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


adversarial_train_step.variants.update(
    {
        "return loss -> model.eval()\n    return loss": "",
        "model.train() -> pass": "It relies on a model that comes in train mode.",
    }
)
ADV = "F.cross_entropy(model(x_adv), y)"
ROWS = "F.one_hot(y, model(x_adv).shape[1]).float()"
LEFT_THERE = (
    "backward() adds to .grad, and the attack has called it before you: the gradients have to be cleared "
    "after the attack."
)
GROWING = "The loss grows in this step: the attack maximises it over the image. Who minimises it, and over what?"
MIDDLE = "The model learns from images between x and x_adv, or beyond: hand over x_adv as it is."
CLEAR = "opt.zero_grad() -> pass"
adversarial_train_step.mistakes.update(
    {
        (
            CLEAR,
            f"{CLEAR}\nx_adv = -> opt.zero_grad(); x_adv =",
            f"{CLEAR}\nreturn loss -> opt.zero_grad()\n    return loss",
        ): LEFT_THERE,
        (
            "loss.backward() -> (-loss).backward()",
            f"{ADV} -> F.cross_entropy(model(x), y) - {ADV}",
            "loss.backward() -> (-loss).backward()\nmodel(x_adv) -> model(x)",
        ): GROWING,
        "model(x_adv) -> model(x)": "The step learns from the clean images alone: what the attack gave back is never "
        "used.",
        f"{ADV} -> F.cross_entropy(model(x_adv), model(x_adv).argmax(1))": "The model's own predictions are its labels: "
        "y takes no part.",
        f"{ADV} -> F.cross_entropy(model(x_adv), y, reduction='sum')": "The losses are added over the batch: look for a "
        "sum where a mean is asked for.",
        f"{ADV} -> F.cross_entropy(model(x_adv).softmax(1), y)": SOFTMAX,
        f"{ADV} -> F.nll_loss(model(x_adv), y)": "nll_loss wants log probabilities: log_softmax of the logits.",
        (
            f"{ADV} -> F.mse_loss(model(x_adv), {ROWS})",
            f"{ADV} -> F.mse_loss(model(x_adv).softmax(1), {ROWS})",
        ): SQUARED,
        f"{ADV} -> F.binary_cross_entropy_with_logits(model(x_adv), {ROWS})": EACH_ALONE,
        f"{ADV} -> F.cross_entropy(model(x_adv), y, label_smoothing=0.1)": "This is label smoothing: right elsewhere; "
        "here the plain labels are asked for.",
        f"{ADV} -> F.cross_entropy(model(x_adv)[:1], y[:1])": "Only the first image counts: average over the batch.",
        "model(x_adv) -> model(x_adv - x)": "The model learns from the change x_adv - x: hand over x_adv, a whole image.",
        ("model(x_adv) -> model((x + x_adv) / 2)", "model(x_adv) -> model(2 * x_adv - x)"): MIDDLE,
    }
)
