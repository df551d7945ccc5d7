"""Checks of lesson 4, adversarial attacks: each exercise with its known mistakes.

Images are (N, C, H, W) in [0, 1], epsilon is in units of the pixels, labels are the true ones, a
model gives logits. It is in eval mode during an attack, and in its old mode after it.
"""

import re

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks import Topic
from helpers.checks.aspects import REMARK, Aspect
from helpers.checks.casts import bowls, labels, lines, moody, pictures
from helpers.checks.kinds.attack import (
    CARRIED,
    NO_CLAMP,
    UNTIDY,
    Chase,
    Opponent,
    accepted,
    attack_then_learn,
    hints,
    same_labels,
    why_none,
    within,
)
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import NO_TENSOR, Function
from helpers.checks.kinds.step import Step
from helpers.checks.kinds.wrapper import Wrapper
from helpers.checks.plays import Recorder, Spy, WatchedSGD

CAUSES = {
    r"differentiated Tensors? ": "The gradient is asked for a tensor that took no part in the loss: it has to require grad before the model is called, and it is this very tensor that goes into the model.",
    r"'NoneType' object has no attribute|NoneType.*(Tensor|float)|must be Tensor, not NoneType": ".grad is None there. A tensor gets one if it required grad before the model was called, and if it is no result of other operations: what cuts a new point loose from them?",
    r"can't retain_grad|only Tensors of floating point": "Only real numbers collect gradients: images as float32, not whole numbers.",
    r"leaf variables? .*requires_grad|you can only change requires_grad flags of leaf": "The flag of a result of other operations cannot be changed: detach() gives a tensor that starts anew.",
    r"element \d+ of tensors does not require grad|does not have a grad_fn": "The loss has no history. Look for no_grad, detach or .item() between the images, the model and the loss.",
    r"backward through the graph a second time": "backward() runs twice on one graph, and the first run has freed it: call the model again in each step, on the new point.",
    r"sign\(\)|'tuple'|not tuple": "torch.autograd.grad gives a tuple, one gradient for each tensor that it is asked for: take out the one.",
    r"'list'|not list": "mean and std come in as lists of numbers, one per channel: torch.tensor makes a tensor of a list.",
    r"Boolean value of Tensor.*ambiguous": "and, or and a chain of comparisons want one truth value, and a mask has many: & joins two masks, each comparison in brackets of its own.",
    r"(size|shape) of tensor a .* must match|not broadcastable|Sizes of tensors must match": "Two tensors of different shapes meet. Print both shapes right before that line: axes are paired from the right. Which one counts the images, which one the channels or classes?",
    r"shape '\[[-\d, ]*\]' is invalid for input of size": "view asks for another count of numbers than the tensor has. Images may be grey or in colour, few or many: -1 in place of a constant fits them all.",
    r"grad can be implicitly created only for scalar": "A gradient starts from one number, and there is still one for each image. What does cross entropy do by itself?",
}
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


def each(start, several, end=""):
    """Edits from one line: several pieces of code, parted by semicolons, between start and end."""
    return tuple(f"{start}{code.strip()}{end}" for code in several.split(";"))


def between(start, table, end=""):
    """A table of such lines."""
    return {each(start, several, end): hears for several, hears in table.items()}


def edits(table):
    """A table of whole edits, several to a line."""
    return between("", table)


# --- the gradient for the images ------------------------------------------------------------------


def attacked(body=bowls, n=40, shape=(1, 2, 3), **rest):
    """A model with images of which half are misclassified; for n = 0, three of two pixels each."""
    model = Spy(body() if n else lines(), shape if n else (1, 1, 2))
    x = pictures(n, shape) if n else torch.tensor([0.2, 0.7, 0.4, 0.5, 0.25, 0.65]).view(3, 1, 1, 2)
    return {"model": model, "x": x, "y": labels(model, x) if n else torch.tensor([0, 1, 1])} | rest


FEW = {"body": moody, "n": 4, "shape": (3, 1, 2), "training": False}
ONE = {"body": moody, "n": 1, "shape": (1, 3, 2), "training": False}
ASKS = {"through": ["model"], "untidy": UNTIDY}
DERIVATIVE = "It is the derivative of the cross entropy of the logits and y with respect to x."


@exercise(
    Function(attacked, [{"n": 0}, {}, FEW, ONE], "the gradient", more=why_none, hints=hints(DERIVATIVE), **ASKS),
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
        f"{LOSS}F.cross_entropy(model(x), y, reduction='sum')": "",
        "torch.autograd.grad(loss, x, create_graph=True)[0]": "The gradient carries a graph of its own: nothing here needs create_graph.",
    }
)


def along(table):
    """Other losses, which are followed up or down."""
    return between(LOSS, table) | between(f"{LOSS}-(", table, ")")


LABEL = "That follows the logit of the label alone, which is what nll_loss makes of logits: it wants log probabilities. What the other classes say counts as well."
SOFTMAX = "A softmax is applied twice: cross entropy contains one. Hand the logits over as they are."
SQUARED = "This is a squared error: right elsewhere. Here the loss is the cross entropy of the logits."
EACH_ALONE = "This is a binary cross entropy for each class alone: the classes exclude each other, so one softmax over all of them is asked for."
HOT = "F.one_hot(y, model(x).shape[1]).float()"
input_gradient.mistakes.update(
    along(
        {
            "F.cross_entropy(model(x), model(x).argmax(1))": "The predictions of the model stand in for the labels: an image that is misclassified already is then pushed away from the wrong class, perhaps back to the right one. Take y as it came.",
            "F.cross_entropy(model(x), model(x).argmin(1))": "The least likely class stands in for the label.",
            "model(x).amax(1).mean(); model(x).amax(1).sum(); model(x).softmax(1).amax(1).mean(); model(x).softmax(1).amax(1).sum()": "That follows the score of the winning class, whatever the label is. Which scalar should grow for the attacker: a logit, or the loss of the true class?",
            "F.nll_loss(model(x), y); F.nll_loss(model(x), y, reduction='sum')": LABEL,
            "model(x).sum(); model(x).mean()": "That follows the sum or the mean of all logits: where does the label enter?",
            "F.nll_loss(model(x).softmax(1), y)": "That follows the probability of the label: the log is missing. nll_loss of a softmax does the same: it wants log probabilities.",
            "F.cross_entropy(model(x).softmax(1), y); F.cross_entropy(model(x).sigmoid(), y)": SOFTMAX,
            f"F.mse_loss(model(x), {HOT}); F.mse_loss(model(x).softmax(1), {HOT})": SQUARED,
            f"F.binary_cross_entropy_with_logits(model(x), {HOT})": EACH_ALONE,
            "F.multi_margin_loss(model(x), y)": "This is a hinge loss: right elsewhere. Here it is cross entropy.",
            f"((model(x) - 1e9 * {HOT}).amax(1) - (model(x) * {HOT}).sum(1)).sum()": "That is the margin to the next class. Here it is cross entropy.",
            "(model(x).softmax(1) * model(x).log_softmax(1)).sum(1).mean()": "That is the entropy: where does y enter?",
            "F.cross_entropy(model(x), y).exp()": "exp of the loss is followed: the cross entropy itself is asked for.",
            "F.cross_entropy(model(x), y) ** 2": "The square of the loss is followed: the cross entropy itself is asked for.",
            "F.nll_loss(model(x).log_softmax(0), y)": "The softmax runs over the examples: its axis is that of the classes.",
            "F.cross_entropy(model(x)[:1], y[:1])": "Only the first image has a gradient: the loss takes the whole batch.",
        }
    )
    | edits(
        {
            f"{LOSS}-F.cross_entropy(model(x), y); {LOSS}-F.cross_entropy(model(x), y, reduction='sum')": "The sign is turned: this is the way down the loss.",
            f"{GRAD}.sign()": "Only the sign is left: here the gradient itself is asked for.",
            f"{GRAD}.abs(); (len(x) * {GRAD}).abs()": "abs takes the direction away: which pixels should get darker?",
            f"{GRAD} * x.detach()": "The gradient is multiplied with the image: the gradient alone is asked for.",
            f"(lambda g: g / g.norm())({GRAD}); (lambda g: g / g.abs().max())({GRAD}); (lambda g: g / g.abs().amax((1, 2, 3), True))({GRAD}); (lambda g: g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1))({GRAD})": "The gradient is divided by its own length: how steep the loss is gets lost.",
            f"{GRAD} / len(x)": "It is divided by the batch size twice: the mean of the loss does that once already.",
            f"2 * {GRAD}": "It is twice as large: is it added up over two passes?",
            f"torch.zeros_like({GRAD})": "Everything is 0: is .grad cleared before it is read?",
            f"(x - {GRAD}).detach()": "That is a step already: the gradient alone is asked for.",
            f"(x + {GRAD}).detach()": "The image is added: the gradient alone is asked for.",
            "x.detach()": "That is x itself.",
            f"{GRAD}.mean(0, keepdim=True).expand_as(x)": "All images have the same gradient: each has its own.",
        }
    )
)

# --- one step -------------------------------------------------------------------------------------

SIX = {"body": moody, "n": 6, "shape": (3, 1, 2), "epsilon": 0.07}
STEPS = [{"n": 0, "epsilon": 0.1}, {"n": 60, "epsilon": 0.15}, SIX, ONE | {"epsilon": 0.3}]
UP = within("Every pixel moves by epsilon along the sign of its gradient, and stays in [0, 1].")


@exercise(
    Function(attacked, STEPS, "x_adv", more=why_none, hints=hints(UP, history=CARRIED), **ASKS),
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


def clamped(table):
    """Other points, in [0, 1]."""
    return between("(", table, ").clamp(0, 1)")


UNITS = "; ".join(
    f"g / g{size}"
    for size in (".norm()", ".abs().max()", ".flatten(1).norm(dim=1).view(-1, 1, 1, 1)", ".abs().amax((1, 2, 3), True)")
)
DOWN = "The step goes down the loss, as in training: is the loss larger or smaller on your x_adv? The attacker wants it larger."
SIGN = "The gradient goes in as it is: its entries are small and of all sizes. What does the S in FGSM stand for?"
LENGTH = "The gradient is divided by its length: the budget is one of each pixel, not of all of them together. Which norm bounds the change in FGSM?"
RANGE = "Black pixels go below 0, as in images in [-1, 1]: here an image lies in [0, 1], and can a camera produce a pixel of -0.1?"
ONE_WAY = "Pixels move one way only: the sign is -1 in some pixels, and a darker pixel can raise the loss as well."
TIMES = "A pixel moves by {} times epsilon: epsilon is in the units of the pixels, as it comes."
SHARED = "All images of the batch move in the same way: the gradient is averaged over them."
RANDOM = "The signs are drawn: the gradient says where each pixel goes, and nothing is drawn here."
STEP = "x + epsilon * g.sign()"
fgsm.mistakes.update(
    clamped(
        {
            "x - epsilon * g.sign(); x - epsilon * g; x - epsilon * len(x) * g": DOWN,
            "x + epsilon * g; x + epsilon * len(x) * g; x + epsilon * g.tanh()": SIGN,
            "x + g": f"{SIGN} And epsilon takes no part.",
            f"x + epsilon * {UNITS.replace('; ', '; x + epsilon * ')}": LENGTH,
            "x + 2 * epsilon * g.sign()": TIMES.format(2),
            "x + epsilon / 2 * g.sign()": TIMES.format(0.5),
            "x + epsilon / 255 * g.sign()": TIMES.format("0.00392"),
            "x + g.sign(); x + 255 * epsilon * g.sign()": "A pixel moves as far as it can: where does epsilon enter? It is in the units of the pixels, without a factor of 255.",
            "x + epsilon * g.mean(0, keepdim=True).sign()": SHARED,
            "x + epsilon * g[0].sign()": "All images move along the gradient of the first one: each has its own.",
            "x + epsilon * x.sign()": "The sign of the image itself is taken: pixels are never negative. Whose sign is it?",
            "x * (1 + epsilon * g.sign())": "Each pixel moves by epsilon times its own value: a black pixel never moves.",
            "x + epsilon; x - epsilon; x + epsilon * g.abs().sign(); x + epsilon * g.sign().relu()": ONE_WAY,
            "x + epsilon * torch.randn_like(x).sign(); x + epsilon * (torch.rand_like(x) - 0.5).sign()": RANDOM,
        }
    )
    | edits(
        {
            "x - epsilon * g.sign()": DOWN,
            "x + epsilon * g": f"{SIGN} And nothing keeps the pixels in [0, 1].",
            f"{STEP}; ({STEP}).clamp(min=0); ({STEP}).clamp(0, 255)": NO_CLAMP,
            f"({STEP}).clamp(-1, 1); ({STEP}).clamp(max=1)": RANGE,
            f"({STEP}).clamp(-epsilon, epsilon)": "Now it lies in [-epsilon, epsilon]: that bounds the change, not the image.",
            f"({STEP}).clamp(x.min(), x.max())": "The pixels are cut at the darkest and the brightest of this batch: the range of an image is [0, 1], also where the batch is grey.",
            f"(lambda z: (z - z.min()) / (z.max() - z.min()))({STEP}); torch.sigmoid({STEP}); torch.tanh({STEP})": "The result is stretched or bent back into [0, 1], and every pixel changes: only those that leave the range have to be brought back.",
            f"(({STEP}).clamp(0, 1) * 255).round() / 255": "The pixels are rounded to 256 steps: leave them real.",
            "epsilon * g.sign(); g.sign(); g; (epsilon * g.sign()).clamp(0, 1)": "That is the change alone, without the image that it is added to.",
            "x.clone(); x + 0 * epsilon * g": "Nothing moves: x comes back. Is the step added to it?",
            "(x + epsilon * g).sign(); ((x + epsilon * g).sign()).clamp(0, 1)": "The sign is taken of the whole sum: it belongs to the gradient alone.",
            "epsilon * (x + g.sign()); (epsilon * (x + g.sign())).clamp(0, 1)": "epsilon multiplies the image as well: look at the brackets.",
            "torch.where(g > 0, x + epsilon, x - epsilon).clamp(0, 1); torch.where(g >= 0, x + epsilon, x - epsilon).clamp(0, 1)": "The pixel with the gradient 0 moves as well: where the loss does not change, the sign is 0, and the pixel stays.",
        }
    )
)

# --- how far --------------------------------------------------------------------------------------


def changes(n=0, shape=(2, 1, 2)):
    """Three images with changes of both signs, or n random ones."""
    x = torch.rand(n, *shape) if n else torch.full((3, 2, 1, 2), 0.5)
    change = torch.tensor([[0.1, -0.3, 0, 0.2], [0.25, 0.1, -0.05, 0], [-0.2, -0.1, -0.4, -0.3]])
    change = 0.3 * torch.randn_like(x) if n else change.view(3, 2, 1, 2)
    return {"x_adv": (x + change).clamp(0, 1), "x": x}


BATCH = "That is one number for the whole batch: how many images are there?"
SHAPES = {  # of a result on the images (3, 2, 1, 2)
    (): BATCH,
    (1,): BATCH,
    (3, 1): "One number per image in one row, (N,): an axis of length 1 is left.",
    (3, 1, 1, 1): "The axes of length 1 are left: keepdim keeps them.",
    (3, 2): "That is one number per channel: an image has all of its axes but the first.",
    (2, 1, 2): "The maximum runs over the images: which axis counts them?",
    (3, 2, 1, 2): "That is one number per pixel: an image counts by its largest one.",
}
LARGEST = "Take the change of every pixel without its sign, and the largest of them."
AXES = lambda seen, expected: SHAPES.get(seen, "All axes but the first belong to one image.")


@exercise(
    Function(
        changes,
        [{}, {"n": 7, "shape": (3, 1, 2)}, {"n": 1, "shape": (1, 2, 3)}],
        "the distance",
        hints={"shape": AXES, "values": LARGEST},
    ),
    "helpers.attacks:linf_distance",
    "You can now measure whether an attack kept its budget.",
    stretch=True,
)
def linf_distance(x_adv, x):
    """The largest change of a pixel, image by image."""
    return (x_adv - x).abs().flatten(1).amax(1)


ABS, BRIGHTEST = "(x_adv - x).abs().flatten(1)", "x_adv.flatten(1).amax(1) - x.flatten(1).amax(1)"
linf_distance.mistakes.update(
    edits(
        {
            "(x_adv - x).flatten(1).norm(dim=1)": "That is the L2 norm: a sum over all pixels enters. What does norm() compute when nobody says which norm?",
            "((x_adv - x) ** 2).flatten(1).sum(1)": "The squares are added over the pixels.",
            "((x_adv - x) ** 2).flatten(1).mean(1)": "That is a mean of squares: the largest change is asked for.",
            f"{ABS}.mean(1)": "That is the average change: the budget holds for the pixel that moves most.",
            f"{ABS}.sum(1)": "That is the sum over the pixels, the L1 norm.",
            "(x_adv - x).flatten(1).amax(1)": "The signs are kept: a pixel that gets darker counts as well.",
            "(x - x_adv).flatten(1).amax(1)": "The signs are kept: a pixel that gets brighter counts as well.",
            "(x_adv - x).flatten(1).amax(1).abs()": "abs comes after the maximum: a pixel that gets darker has lost by then.",
            f"{ABS}.amin(1)": "That is the smallest change.",
            f"{ABS}.median(1).values": "That is the median change: the largest is asked for.",
            f"{ABS}.argmax(1); {ABS}.argmax(1).float()": "That is the place of the largest change, and not its size.",
            f"{BRIGHTEST}; ({BRIGHTEST}).abs()": "The two brightest pixels are compared: subtract pixel by pixel first, and look for the largest afterwards.",
            "x_adv.abs().flatten(1).amax(1)": "x takes no part: that is the brightest pixel.",
            f"{ABS}.max().repeat(len(x))": "Every image gets the largest change of the whole batch: each has its own.",
            "((x_adv - x) ** 2).flatten(1).amax(1)": "The change is squared: its size is asked for.",
            f"255 * {ABS}.amax(1)": "The units are those of [0, 1]: nothing times 255.",
            f"-{ABS}.amax(1)": "A distance is never negative.",
            f"{ABS}[:, 0]": "Only the first pixel counts.",
        }
    )
)

# --- accuracy under attack ------------------------------------------------------------------------


def as_float(play):
    """Whether one number came back as a tensor."""
    hint = "A tensor came back: .item() makes the float that the signature promises."
    yield Aspect("float", torch.is_tensor(play.result), hint=hint, role=REMARK)


class Reader(nn.Module):
    """Reads its prediction off the first pixel of an image; in train mode it is one class off."""

    def __init__(self):
        super().__init__()
        self.sharpness, self.drop = nn.Parameter(torch.ones(())), nn.Dropout(0.5)

    def forward(self, x):
        """Logits (N, 5)."""
        said = (x[:, 0, 0, 0] * 10 + self.training) % 5
        return -self.sharpness * (torch.arange(5) - said[:, None]) ** 2


def script(*args):
    """An attack that moves each image to the prediction in its second pixel."""
    _, x, y = accepted(args)
    same_labels(y, (x[:, 0, 0, 2] * 10).round().long())
    x = x.clone()
    x[:, 0, 0, 0] = x[:, 0, 0, 1]
    return x


WORKED = [  # true labels, predictions before and after the attack
    [4, 1, 3, 2, 1, 4, 1, 0, 2, 1, 2],
    [4, 4, 3, 2, 4, 0, 3, 0, 3, 3, 2],
    [3, 1, 3, 0, 1, 4, 3, 0, 2, 1, 4],
]


def predictions(n):
    """Labels, and predictions before and after an attack: some of each kind."""
    if not n:
        return torch.tensor(WORKED).unbind()
    y = torch.randint(0, 5, (n,))
    clean = (y + (torch.rand(n) < 0.4)) % 5
    after = (y + torch.randint(1, 4, (n,)) * (torch.rand(n) < 0.6)) % 5
    clean[:3], after[:3] = (y[:3] + torch.tensor([0, 0, 1])) % 5, (y[:3] + torch.arange(3)) % 5
    return y, clean, after


def evaluated(n=0, size=3):
    """A model, a loader whose last batch may be smaller, and an attack."""
    y, clean, after = predictions(n)
    x = torch.zeros(len(y), 1, 2, 3)
    x[:, 0, 0] = torch.stack([clean, after, y], 1) / 10
    loader = DataLoader(TensorDataset(x, y), batch_size=size)
    return {"model": Spy(Reader(), (1, 2, 3)), "loader": loader, "attack": Recorder(script)}


def attacked_batches(play):
    """Which batches the attack has seen."""
    sizes = tuple(len(args[1]) for args in play.cast["attack"].calls)
    words, hint = "the attack gets batches of {}", "Every batch once: where does the return stand?"
    if not sizes:
        words = lambda seen, expected: "attack is never called, expected it for every batch."
        hint = "Without attack(model, x, y) this is the clean accuracy."
    yield Aspect("batches", sizes, words, hint)
    yield from as_float(play)


ATTACKED = "Of unknown origin are the attacked images."
COUNT = "Count the attacked images whose prediction is their label, and divide by all images."


@exercise(
    Function(
        evaluated,
        [{}, {"n": 13, "size": 5}, {"n": 3, "size": 2}, {"n": 4, "size": 4}],
        "the accuracy under attack",
        number=True,
        more=attacked_batches,
        hints={"values": COUNT, "silent": "It has to read the attacked images.", "shown": ATTACKED},
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
    {"model.train(was_training) -> pass": "The model is left in eval mode: a training that goes on has to set its own."}
)
HITS, SHARE = "(model(x_adv).argmax(1) == y).sum().item()", "return right / total -> return "
MEAN = f"{HITS} -> (model(x_adv).argmax(1) == y).float().mean().item()"
WERE = "(model(x).argmax(1) == y)"
OF_THESE = f"\ntotal += len(y) -> total += {WERE}.sum().item()"
robust_accuracy.mistakes.update(
    edits(
        {
            f"{MEAN}\n{SHARE}right / len(loader); {MEAN}\ntotal += len(y) -> total += 1": "The accuracies of the batches are averaged: the small last batch then weighs as much as the others. How can every image count once?",
            f"{MEAN}\n{SHARE}right": "The accuracies of the batches are added: out of how many images?",
            f"{MEAN}": "Fractions of batches are added, and divided by the number of images.",
            f"{HITS} -> (model(x_adv).argmax(1) == model(x).argmax(1)).sum().item()": "The predictions after the attack are compared with those before: an image that was wrong and is wrong counts as a success. Accuracy is measured against what?",
            "model(x_adv) -> model(x)": "That is the accuracy on the clean images: the attacked ones are never judged.",
            f"{SHARE}right": "That is a count: out of how many images?",
            f"{SHARE}100 * right / total": "That is a percentage: a fraction is asked for.",
            f"argmax(1) == y -> argmax(1) != y; {SHARE}1 - right / total": "That is the error rate under attack.",
            f"{HITS} -> ((model(x_adv).argmax(1) == y) & {WERE}).sum().item(){OF_THESE}": "Only the images that were right before the attack are counted: all of them count.",
            f"{HITS} -> ((model(x_adv).argmax(1) == y) & {WERE}).sum().item()": "Only images that are right before and after the attack count as right: after it is enough.",
            f"{HITS} -> ((model(x_adv).argmax(1) != y) & {WERE}).sum().item(){OF_THESE}": "That is the success rate of the attack: another number, with another denominator.",
            f"{SHARE}right / len(loader)": "The count is divided by the number of batches.",
            f"{SHARE}right / (len(loader) * loader.batch_size)": "It is divided as if all batches were full.",
            f"{SHARE}right / loader.batch_size": "The count is divided by the size of one batch.",
            f"{SHARE}right / len(y)": "The count is divided by the size of the last batch.",
            "right += -> right =\ntotal += -> total =": "Only the last batch counts: what becomes of the others?",
            "right += -> right =": "The hits of the last batch alone are counted.",
        }
    )
)

# --- many steps -----------------------------------------------------------------------------------


def points(n=0, near=False, epsilon=0.2):
    """An image and a point outside its ball: by hand, inside already, or random ones."""
    x = torch.tensor([0.5, 0.1, 0.9, 0.3, 0.6, 0.0]).view(1, 1, 2, 3)
    far = torch.tensor([0.8, -0.3, 1.4, 0.35, 0.2, 0.1]).view(1, 1, 2, 3)
    if near:
        far = (x + torch.tensor([0.1, 0.0, -0.1, 0.04, -0.07, 0.02]).view(1, 1, 2, 3)).clamp(0, 1)
    if n:
        x, far = torch.rand(n, 3, 1, 2), torch.rand(n, 3, 1, 2) * 6 - 2.5
    return {"x_adv": far, "x": x, "epsilon": epsilon}


NEAREST = within("Each pixel goes to the nearest value that is within epsilon of x and in [0, 1].")
IN_PLACE = "Every pixel of every image stays in its place."


@exercise(
    Function(
        points,
        [{}, {"near": True, "epsilon": 0.15}, {"n": 7, "epsilon": 0.3}, {"n": 7, "epsilon": 1.8}],
        "the projection",
        hints={"shape": IN_PLACE, "values": NEAREST},
    ),
    "helpers.attacks:linf_project",
    "A point outside the budget now finds its way back.",
)
def linf_project(x_adv, x, epsilon):
    """The nearest images within epsilon of x, and in [0, 1]."""
    delta = (x_adv - x).clamp(-epsilon, epsilon)
    return (x + delta).clamp(0, 1)


def cut(table):
    """Other ways to cut the change."""
    return between("(x_adv - x).clamp(-epsilon, epsilon) -> ", table)


SHRUNK = "The whole change of an image is shortened until it fits: each pixel has a budget of its own, and those that were within it stay."
SIDE = "Only one side is bounded: how much brighter may a pixel get, and how much darker? Both are limited by epsilon."
NO_BOX = "The range [0, 1] is not kept: what about a pixel that is 1 already, and may still grow by epsilon?"
DELTA = "(x_adv - x)"
linf_project.mistakes.update(
    cut(
        {
            f"{DELTA} * (epsilon / {DELTA}.abs().amax((1, 2, 3), True)).clamp(max=1); {DELTA} * (epsilon / {DELTA}.abs().max()).clamp(max=1); {DELTA} * epsilon / {DELTA}.abs().max(); {DELTA} * (epsilon / {DELTA}.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(max=1)": SHRUNK,
            f"{DELTA}.clamp(max=epsilon); {DELTA}.clamp(min=-epsilon); {DELTA}.clamp(0, epsilon); {DELTA}.abs().clamp(max=epsilon)": SIDE,
            "x_adv.clamp(-epsilon, epsilon)": "x_adv itself is cut: cut its change.",
            "(x - x_adv).clamp(-epsilon, epsilon)": "The change is turned: x_adv - x.",
            f"epsilon * {DELTA}.sign()": "Every pixel is moved to the edge of the ball: one that is inside stays.",
            f"epsilon * {DELTA}": "The change is multiplied by epsilon: cut it.",
            f"{DELTA}.clamp(-epsilon / 2, epsilon / 2)": "The ball is too small.",
            f"{DELTA}.clamp(-2 * epsilon, 2 * epsilon)": "The ball is too wide.",
            f"{DELTA}.clamp(-epsilon / 255, epsilon / 255)": "Nothing to divide by 255.",
            f"epsilon * torch.tanh({DELTA} / epsilon)": "tanh bends: cut, do not bend.",
            "epsilon": "Every pixel moves up by epsilon: x_adv takes no part.",
        }
    )
    | edits(
        {
            "x_adv.clamp(0, 1)": "epsilon takes no part: change it, and the result stays. Which of the two constraints is missing?",
            "x + delta; (x + delta).clamp(min=0); (x + delta).clamp(max=1)": NO_BOX,
            "x_adv.clamp(-epsilon, epsilon); x_adv.clamp(-epsilon, epsilon).clamp(0, 1)": "The result lies within epsilon of 0: the ball has its centre at x.",
            "delta; delta.clamp(0, 1)": "That is the change alone: which image is it to be added to?",
            "(x_adv + (x - x_adv).clamp(-epsilon, epsilon)).clamp(0, 1)": "x_adv and x have exchanged their roles.",
            "(x_adv + delta).clamp(0, 1)": "The cut change is added to x_adv: it starts from x.",
            "torch.where((x_adv - x).abs() <= epsilon, x_adv, x).clamp(0, 1)": "A pixel that went too far is put back to x: the nearest allowed value is at the edge.",
            "x + delta.clamp(0, 1)": "The clamp to [0, 1] is around the change: it belongs around the image.",
            "(x + delta).clamp(-1, 1)": "Here images lie in [0, 1].",
            "x": "x comes back: x_adv takes no part.",
            "x_adv": "x_adv comes back as it was: nothing is projected.",
        }
    )
)


def grey(wide=False, epsilon=0.1):
    """Some images; or many of two grey rows, far from 0 and 1, and a row of black and white."""
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
    return {Chase.noise: change[:, 0, :2].flatten(1), "the way from black and white pixels": inwards}


OF_ITS_OWN = (
    "Every image, and each of its pixels, gets noise of its own: compare the shape of the noise with that of x."
)
EVEN = "Look at the distribution that you draw from: in units of epsilon it is uniform from -1 to 1."
DRAWN = {"rows": OF_ITS_OWN, "columns": OF_ITS_OWN}


@exercise(
    Draw(
        grey,
        [{}, {"epsilon": 0.3}],
        {"wide": True, "epsilon": 0.25},
        noise,
        result="the start",
        hints=DRAWN | {"shape": f"{IN_PLACE} Draw like x.", "spread": EVEN},
    ),
    "helpers.attacks:random_start",
    "Every attack now starts somewhere else in the ball.",
    stretch=True,
)
def random_start(x, epsilon):
    """A uniform random point of the ball around x, in [0, 1]."""
    return (x + epsilon * (2 * torch.rand_like(x) - 1)).clamp(0, 1)


U = "(2 * torch.rand_like(x) - 1)"
OUTSIDE = (
    "Some pixels start outside the budget: where do the ends of your noise lie, and are they multiplied by epsilon?"
)
BRIGHTER = "The start is never brighter: both signs are possible."
random_start.mistakes.update(
    clamped(
        {
            "x + epsilon * torch.rand_like(x)": "The start is never darker: what is the smallest value of torch.rand?",
            f"x - epsilon * torch.rand_like(x); x + 2 * torch.rand_like(x) * epsilon - 1; epsilon * {U}": BRIGHTER,
            "x + epsilon * torch.randn_like(x)": "Some pixels start outside the budget: the noise looks normal. How often is |randn| larger than 1?",
            "x + (epsilon * torch.randn_like(x)).clamp(-epsilon, epsilon)": "Some pixels start exactly at the edge: the noise was wider than the ball, and has been cut.",
            "x + (2 * torch.rand(1) - 1) * epsilon": "Every pixel changes by the same: one number is only a change of brightness. How many do you draw?",
            "x + (2 * torch.rand(len(x), 1, 1, 1) - 1) * epsilon": "For each image one number is drawn, and all pixels of an image change by the same: compare the shape of the noise with the shape of x.",
            "x + (2 * torch.rand_like(x[:1]) - 1) * epsilon": "All images get the same noise: compare the shape of the noise with the shape of x.",
            "x + (2 * torch.rand_like(x[:, :, :1]) - 1) * epsilon": "Some pixels change as another one does in every image: compare the shape of the noise with the shape of x.",
            "x + epsilon * torch.randn_like(x).sign()": "Every pixel starts at the edge of the ball: the inside is never tried, and a step outwards leads nowhere.",
            f"x + epsilon * (torch.rand_like(x) - 0.5); x + epsilon / 255 * {U}": "A part of the ball is never reached: which two numbers does the noise lie between before epsilon multiplies it?",
            f"x + 2 * epsilon * {U}; x + {U}; torch.rand_like(x); x + torch.randn_like(x)": OUTSIDE,
            "x + epsilon * torch.randint(-4, 5, x.shape) / 4": "Only a few different values come up: draw real numbers.",
        }
    )
    | edits(
        {
            f"x + epsilon * {U}": "The start leaves [0, 1] from black and white pixels: the first gradient would be taken on an image that no camera gives.",
            "x.clone()": "The start is x itself: a random point of the ball around it is asked for.",
            f"1 - (1 - (x + epsilon * {U}).abs()).abs()": "From black and white pixels about half of the noise points out of [0, 1]: a clamp leaves those pixels where they are.",
            f"(lambda z: (z - z.min()) / (z.max() - z.min()))(x + epsilon * {U})": "All pixels are stretched into [0, 1], and some start outside the budget: only those that leave the range have to be brought back.",
        }
    )
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


MANY = {"n": 100, "shape": (1, 12, 16), "wide": True, "body": lambda: bowls(3, 192), "steps": 1}
STEP_BY_STEP = "Each step: alpha along the sign of the gradient where you are, then back into the ball and into [0, 1]."


@exercise(
    Chase(
        chased,
        [
            {"n": 0, "epsilon": 0.1, "alpha": 0.07, "steps": 3},
            {"n": 20, "steps": 2},
            SIX | {"epsilon": 0.1, "alpha": 0.25, "steps": 2},
            ONE | {"epsilon": 0.15, "alpha": 0.06, "steps": 1},
            {"n": 8, "body": ridge, "epsilon": 0.1, "alpha": 0.06, "steps": 4},
        ],
        MANY,
        result="x_adv",
        hints=hints(STEP_BY_STEP, history=CARRIED, **DRAWN),
        **ASKS,
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


MOVE, END = "linf_project(x_adv + alpha * g.sign(), x, epsilon) -> ", "\nreturn x_adv -> return "
ONLY_BALL = f"{MOVE}x + (x_adv + alpha * g.sign() - x).clamp(-epsilon, epsilon)"
pgd.variants.update(
    {f"{ONLY_BALL}{END}x_adv.clamp(0, 1)": "The model meets pixels outside [0, 1] on the way: clamp in each step."}
)


def stepped(table):
    """Other steps, projected as they should be."""
    return between(f"{MOVE}linf_project(x_adv + ", table, ", x, epsilon)")


def boxed(table):
    """Other steps, which are kept in [0, 1] alone."""
    return between(f"{MOVE}(x_adv + ", table, ").clamp(0, 1)")


BOXED, AT_END = (f"{MOVE}(x_adv + alpha * g.sign()).clamp(0, 1)", f"{END}linf_project(x_adv, x, epsilon)")
LATE = "the projection belongs into each step."
NO_BALL = "The step is never brought back into the ball: how far from x may you be after many steps? The clamp to [0, 1] is another constraint."
FALLS = "The step goes down the loss, as in training: print the loss at every step. Should the attacker's loss fall?"
NO_SIGN = "The gradient goes in as it is: compare alpha * |gradient| with epsilon. How many steps would it need to use the budget?"
EPSILON = "A step is epsilon long: alpha is the step, epsilon the budget."
pgd.mistakes.update(
    stepped(
        {
            "-alpha * g.sign(); -alpha * g": FALLS,
            "alpha * g; alpha * g * len(x); epsilon * g": NO_SIGN,
            "epsilon * g.sign()": EPSILON,
            "alpha * epsilon * g.sign()": "A step is alpha times epsilon long: alpha is enough.",
            "g.sign()": "A step is 1 long: where does alpha enter?",
            "2 * alpha * g.sign()": "A step is twice alpha long: alpha is enough.",
            "alpha / steps * g.sign()": "alpha is divided by the number of steps: it is the length of one step.",
            "epsilon / steps * g.sign()": "A step is epsilon / steps long: alpha is the step.",
            "alpha / 255 * g.sign()": "Nothing has to be divided by 255: pixels are in [0, 1].",
            f"alpha * {UNITS.replace('; ', '; alpha * ')}": LENGTH,
            "alpha * g.abs().sign(); alpha": ONE_WAY,
            "alpha * g.mean(0, keepdim=True).sign()": SHARED,
            "alpha * torch.randn_like(x).sign()": RANDOM,
        }
    )
    | boxed(
        {
            "-alpha * g.sign()": f"{FALLS} And the step is never brought back into the ball.",
            "alpha * g; alpha * g * len(x)": f"{NO_SIGN} And the step is never brought back into the ball.",
        }
    )
    | edits(
        {
            f"{BOXED}; {MOVE}x_adv + alpha * g.sign(){END}x_adv.clamp(0, 1)": NO_BALL,
            f"{MOVE}x_adv + alpha * g.sign()": f"{NO_BALL} And pixels leave [0, 1].",
            f"{BOXED}{AT_END}; {MOVE}x_adv + alpha * g.sign(){AT_END}": f"The path is cut back once, at its end: {LATE}",
            f"{MOVE}linf_project(x_adv + alpha * g.sign(), x_adv, epsilon); for _ -> x = x_adv\n    for _": "Each step is projected around another point than x, and so the budget grows: the ball has a fixed centre. Which image is it?",
            f"{ONLY_BALL}": "Pixels leave [0, 1]: there are two constraints, and one of them is missing.",
            f"{MOVE}(x_adv + alpha * g.sign()).clamp(-epsilon, epsilon)": "The ball has its centre at x, not at 0.",
            f"{MOVE}(x + (x_adv + alpha * g.sign() - x).clamp(max=epsilon)).clamp(0, 1)": "Only one side of the ball is kept: how much darker may a pixel get?",
            f"{MOVE}linf_project(x + alpha * g.sign(), x, epsilon); {MOVE}linf_project(x + epsilon * g.sign(), x, epsilon)": "Each step starts at x again: what the steps before have reached is lost.",
            f"{BOXED}{AT_END}\nalpha * -> epsilon *": f"{EPSILON} And {LATE}",
            "for _ -> total = 0\n    for _\ng = input -> g = total = total + input": "Each step follows the sum of all gradients so far: backward() adds to .grad, and who empties it? (As momentum this is right elsewhere.)",
            f"g = input -> last = x_adv\n        g = input{END}last": "The last step is not in what comes back.",
            f"{END[1:]}x.clone()": "x itself comes back: return the last point.",
            f"{END[1:]}x_adv - x": "The change alone comes back: what is it added to?",
            "random_start(x, epsilon) -> x.clone()": "The first gradient is taken at the clean image, expected at a random point of the ball around it. What distinguishes PGD from FGSM in many steps?",
        }
    )
)

# --- a wish ---------------------------------------------------------------------------------------


def aimed(**play):
    """The same, where the labels are the classes that are wished for."""
    model, x, y, epsilon = attacked(**play).values()
    return {"model": model, "x": x, "target": y, "epsilon": epsilon}


AGAINST = within("Every pixel moves by epsilon against the sign of its gradient, and stays in [0, 1].")
STILL = [step | {"training": False} for step in STEPS]


@exercise(
    Function(aimed, STILL, "x_adv", more=why_none, hints=hints(AGAINST), **ASKS),
    "helpers.attacks:fgsm_targeted",
    "The attacker now chooses what the model should say.",
)
def fgsm_targeted(model, x, target, epsilon):
    """One step down the loss of the target."""
    g = -input_gradient(model, x, target)
    return (x + epsilon * g.sign()).clamp(0, 1)


fgsm_targeted.variants.update(
    {
        "(x.clone().requires_grad_() + epsilon * g.sign()).clamp(0, 1)": "x_adv still carries its graph: detach() would let it go."
    }
)
AWAY = "The step runs away from the target: should the loss of the target class become larger or smaller?"
OF_TARGET = (
    "(lambda z: torch.autograd.grad(model(z).gather(1, target[:, None]).sum(), z)[0])(x.clone().requires_grad_())"
)
fgsm_targeted.mistakes.update(
    {edit: AWAY if hears == DOWN else hears for edit, hears in fgsm.mistakes.items()}
    | edits(
        {
            "-input_gradient(model, x, target) -> input_gradient(model, x, model(x).argmax(1)); -input_gradient(model, x, target) -> -input_gradient(model, x, model(x).argmax(1))": "The model's own prediction stands in for the target: change the target class, and nothing changes. Where does it enter?",
            f"-input_gradient(model, x, target) -> {OF_TARGET}": LABEL.replace("label", "target"),
        }
    )
)

# --- other units ----------------------------------------------------------------------------------


@exercise(
    Wrapper(), "helpers.networks:NormalizedModel", "Every attack on pixels now works on this model too.", stretch=True
)
class NormalizedModel(nn.Module):
    """Pixels in [0, 1] to the model's logits."""

    def __init__(self, model, mean, std):
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.as_tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.as_tensor(std).view(-1, 1, 1))

    def forward(self, x):
        mean, std = self.mean, self.std
        return self.model((x - mean) / std)


def shown(table):
    """Other things that the model is shown."""
    return between("(x - mean) / std -> ", table)


FROM_THE_RIGHT = "broadcasting pairs the axes from the right. Where do the channels stand, and how many axes follow?"
NormalizedModel.mistakes.update(
    shown(
        {
            "x * std + mean": "That is the way back from normalised pixels. Which of the two maps takes the mean image to 0?",
            "x": "The model gets the pixels as they are: mean and std take no part.",
            "x - mean": "std is missing: the model gets x - mean.",
            "x / std": "The mean is missing: the model gets x / std.",
            "x - mean / std": "Only the mean is divided: look at the brackets.",
            "(x + mean) / std": "The mean is added: it has to go to 0.",
            "(x - std) / mean": "mean and std have exchanged their places.",
            "(x - mean) * std": "It is multiplied with std: it divides.",
            "(x - mean) / std ** 2": "std is squared: as it is, it divides.",
            "(x - mean) / std.sqrt()": "The root of std is taken: it is no variance.",
            "((x - mean) / std - mean) / std": "The images are normalised twice.",
            "((x - mean) / std).clamp(0, 1)": "It is cut to [0, 1] after normalising: where does a black pixel go?",
            "(x * 255 - mean) / std; (x / 255 - mean) / std": "Pixels are in [0, 1] here: nothing times 255, or by it.",
            "(x - mean.mean()) / std.mean()": "All channels get the same mean and std: each has its own.",
            "(x - mean[0]) / std[0]": "All channels get the numbers of the first one: each has its own.",
            "(x - mean.flip(0)) / std.flip(0)": "The channels stand in another order.",
            "(x - mean.view(-1)) / std.view(-1)": f"mean and std meet the last axis, the columns: {FROM_THE_RIGHT}",
            "(x - mean.view(-1, 1)) / std.view(-1, 1)": f"mean and std meet the rows: {FROM_THE_RIGHT}",
            "(x - x.mean()) / x.std(); (x - x.mean((0, 2, 3), True)) / x.std((0, 2, 3), keepdim=True); (x - x.mean((2, 3), True)) / x.std((2, 3), keepdim=True)": "mean and std are those of the batch: take the constants that came in.",
        }
    )
)


def unnormalised(mean=0.5, std=0.25, **play):
    """What fgsm_pixel is called with: a model that expects (x - mean) / std."""
    model, x, y, epsilon = attacked(**play).values()
    y = labels(model, (x - mean) / std) if play["n"] else y
    return {"model": model, "x": x, "y": y, "epsilon": epsilon, "mean": mean, "std": std}


SCALES = [{}, {"mean": 0.2, "std": 0.35}, {"mean": 0.13, "std": 0.31}, {"mean": 0.4, "std": 0.5}]
BY_HAND = "It relies on a model in eval mode: with dropout in train mode the gradient would be noisy; fgsm sets eval mode by itself."
SEES = within("The model sees (x - mean) / std; the pixel itself moves by epsilon, within [0, 1].")


@exercise(
    Function(
        unnormalised,
        [step | scale for step, scale in zip(STILL, SCALES)],
        "x_adv",
        more=why_none,
        optional=[(SIX | SCALES[2], BY_HAND)],
        hints=hints(SEES),
        **ASKS,
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
        ".train(model.training) -> ": "The model came in eval mode and is left in train mode: a new nn.Module around it starts in train mode, and hands that on."
    }
)


def normal(table):
    """Other results: z is the normalised image, g the gradient for it, s its sign, e stands for epsilon."""
    g = "input_gradient(model, (x - mean) / std, y)"
    names = {"z": "((x - mean) / std)", "g": g, "s": f"{g}.sign()", "e": "epsilon"}
    code = lambda several: re.sub(r"\b[zgse]\b", lambda name: names[name[0]], several)
    return between("", {code(several): hears for several, hears in table.items()})


fgsm_pixel.mistakes.update(
    normal(
        {
            "(x + e * std * s).clamp(0, 1); x + e * std * s": "epsilon is added in normalised units: by how much does a pixel move in units of [0, 1]?",
            "(x + e * std ** 2 * s).clamp(0, 1); x + e * std ** 2 * s": "epsilon is multiplied with std on its way into normalised units. Dividing x by std makes it larger or smaller? Then what does epsilon become?",
            "(x + e / std * s).clamp(0, 1)": "The pixels move by epsilon / std: in pixel units it stays epsilon.",
            "(x + (e - mean) * s).clamp(0, 1)": "epsilon is normalised like a pixel: it is a difference of two pixels, and the mean falls out.",
            "(z + e / std * s).clamp(0, 1) * std + mean; (z + e * s).clamp(0, 1) * std + mean": "The normalised image is cut to [0, 1]: every pixel darker than the mean is lost. What is the normalised value of a black pixel?",
            "z + e / std * s; z + e * s; (z + e / std * s).clamp(0, 1); (z + e * s).clamp(0, 1); ((x + e * s).clamp(0, 1) - mean) / std": "The result is still in normalised units: bring it back to pixels, where [0, 1] holds.",
            "(z + e * s - mean) / std": "The result is normalised a second time: the way back multiplies.",
            "((z + e / std * s) + mean) * std; (((z + e / std * s) + mean) * std).clamp(0, 1)": "The way back has its two steps in the wrong order: undo the last step first.",
            "(x + e / std * g).clamp(0, 1); (x + e * g).clamp(0, 1)": SIGN,
            "(x + 2 * e * s).clamp(0, 1)": "A pixel moves by twice epsilon: epsilon is in the units of the pixels, as it comes.",
        }
    )
)

# --- who wins, and who learns ---------------------------------------------------------------------


def fooled(n=0):
    """Predictions before and after an attack, and the labels."""
    y, clean_pred, adv_pred = predictions(n)
    return {"clean_pred": clean_pred.clone(), "adv_pred": adv_pred.clone(), "y": y.clone()}


MARK = "Mark the images that were right before; of those, count the ones wrong after."


@exercise(
    Function(
        fooled,
        [{}, {"n": 20}, {"n": 7}],
        "the success rate",
        number=True,
        more=as_float,
        hints={"type": NO_TENSOR | {"a tensor": "One number for all images."}, "values": MARK},
    ),
    "helpers.metrics:attack_success_rate",
    "An attack is now paid only for the images that it could win.",
    stretch=True,
)
def attack_success_rate(clean_pred, adv_pred, y):
    """Of the images that were right, the share that the attack turned wrong."""
    right, wrong = clean_pred == y, adv_pred != y
    return (right & wrong).sum().item() / right.sum().item()


def share(table):
    """Other fractions "a / b" of masks, where n stands for all images."""
    sums = lambda mask: "len(y)" if mask == "n" else f"({mask}).sum().item()"
    code = lambda several: re.sub(r"[^/;]*[^/; ]", lambda mask: sums(mask[0].strip()), several)
    return between("", {code(several): hears for several, hears in table.items()})


CHANCE = "an image that the attack turned right by chance hides one that it turned wrong."
attack_success_rate.mistakes.update(
    share(
        {
            "wrong / n; wrong / right": "Every error after the attack counts, also of images that were wrong before: which images can an attacker win?",
            "right & wrong / n": "It is divided by all images: if the model was right on half of them and the attack fools all of those, what does your formula give?",
            "right & ~wrong / right; right & ~wrong / n": "Those are the images that stay right: the share that the attack turns wrong is asked for.",
            "~wrong / n": "That is the accuracy under attack.",
            "right / n": "That is the accuracy before the attack.",
            "clean_pred != adv_pred / n; clean_pred != adv_pred / right": "Every changed prediction counts, also from one wrong class to another: compare with y.",
            "right & wrong / wrong": "It is divided by the errors after the attack: out of which images could it win?",
            "right & wrong / ~right": "It is divided by the images that were wrong: out of which images could it win?",
            "~right & wrong / ~right": "Only images that were wrong before are looked at: those that were right are meant.",
            "~right & ~wrong / ~right": "That is the share of wrong images that turn right: the other way round is meant.",
            "right & wrong": "That is a count: out of how many?",
        }
    )
    | edits(
        {
            "(right.sum().item() - (~wrong).sum().item()) / len(y)": f"That is the accuracy lost: {CHANCE}",
            "1 - (~wrong).sum().item() / right.sum().item()": f"The accuracies are compared: {CHANCE}",
            "100 * (right & wrong).sum().item() / right.sum().item()": "That is a percentage: a fraction is asked for.",
            "(right & wrong).sum().item() // right.sum().item()": "The division rounds to a whole number: // cuts.",
            "(adv_pred[right] != y).float().mean().item()": "A mask has taken images out of one of the two, and the other still has them all: what is compared needs the same mask. Mask y as well.",
        }
    )
)


COMES_FROM = "Which images, which labels and which loss does the update come from?"


def trained(n=6, num_classes=4):
    """What a step of adversarial training is called with."""
    layer = nn.Linear(12, num_classes)
    layer.weight.data.normal_(), layer.bias.data.normal_()
    model = Spy(nn.Sequential(nn.Flatten(), layer), (1, 3, 4), rate=0.3)
    x, y = torch.rand(n, 1, 3, 4), torch.randint(0, num_classes, (n,))
    return {"model": model, "opt": WatchedSGD(model), "x": x, "y": y, "attack": Opponent(x, y)}


@exercise(
    Step(
        trained,
        ["model"],
        [{}, {"n": 1, "num_classes": 3}, {"n": 7, "num_classes": 5}, {"training": False}],
        more=attack_then_learn,
        hints={"update direction": COMES_FROM, "shown": ATTACKED},
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
ADV, SHOWN = "F.cross_entropy(model(x_adv), y)", "model(x_adv) -> "
ROWS = "F.one_hot(y, model(x_adv).shape[1]).float()"
adversarial_train_step.mistakes.update(
    edits(
        {
            f"loss.backward() -> (-loss).backward(); {ADV} -> F.cross_entropy(model(x), y) - {ADV}; {SHOWN}model(x)\nloss.backward() -> (-loss).backward()": "The loss grows in this step: the attack maximises it over the image. Who minimises it, and over what?",
            f"{SHOWN}model(x)": "The step learns from the clean images alone: what the attack gave back is never used.",
            f"{ADV} -> F.cross_entropy(model(x_adv), model(x_adv).argmax(1))": "The model's own predictions are its labels.",
            f"{ADV} -> F.cross_entropy(model(x_adv), y, reduction='sum')": "The losses are added over the batch: look for a sum where a mean is asked for.",
            f"{ADV} -> F.cross_entropy(model(x_adv).softmax(1), y)": SOFTMAX,
            f"{ADV} -> F.nll_loss(model(x_adv), y)": "nll_loss wants log probabilities: log_softmax of the logits.",
            f"{ADV} -> F.mse_loss(model(x_adv), {ROWS}); {ADV} -> F.mse_loss(model(x_adv).softmax(1), {ROWS})": SQUARED,
            f"{ADV} -> F.binary_cross_entropy_with_logits(model(x_adv), {ROWS})": EACH_ALONE,
            f"{ADV} -> F.cross_entropy(model(x_adv), y, label_smoothing=0.1)": "This is label smoothing: right elsewhere; here the plain labels are asked for.",
            f"{ADV} -> F.cross_entropy(model(x_adv)[:1], y[:1])": "Only the first image counts: average over the batch.",
            f"{SHOWN}model(x_adv - x)": "The model learns from the change x_adv - x: hand over x_adv, a whole image.",
            f"{SHOWN}model((x + x_adv) / 2); {SHOWN}model(2 * x_adv - x)": "The model learns from images between x and x_adv, or beyond: hand over x_adv as it is.",
        }
    )
)
