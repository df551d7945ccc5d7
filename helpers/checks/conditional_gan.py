"""Checks of lesson 5, the conditional GAN: each exercise with its known mistakes.

Labels are int64 (N,), from 0 to num_classes - 1. Images live in [-1, 1], D returns logits (N,) or
(N, 1), real is 1, fake is 0, z comes from N(0, I).
"""

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks import Topic
from helpers.checks.aspects import near
from helpers.checks.casts import (
    CLASSES,
    Reader,
    Stamps,
    batch_labels,
    labelled_discriminator,
    labelled_generator,
    reals,
)
from helpers.checks.kinds import classes
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import Function, no_tensor
from helpers.checks.kinds.labels import LabelledNetwork, LabelledStep, asked, own_labels
from helpers.checks.plays import Spy, WatchedSGD
from helpers.checks.vanilla_gan import BOTH, Generator, discriminator_loss, generator_loss, sample_z

CAUSES = {
    r"(cat|concat|concatenate|stack)\(\): argument 'tensors'|[hv]stack\(\) takes 1 positional argument": "The tensors to join come in together, in one pair of brackets of their own: a list or a tuple of tensors. The axis follows after it.",
    r"stack expects each tensor to be equal size": "stack lays tensors of one shape on top of each other, along a new axis. Which function puts tensors of different widths side by side, along an axis that they have?",
    r"argument 'size' .*must be tuple of ints|(full|zeros|ones)\(\) missing 1 required": "A size is a tuple, also where it has one axis: (n,), with the comma. What fills the tensor comes after it.",
    r"dimensions? of repeat dims|number of sizes provided": "repeat and expand want one number for each axis of the tensor, 1 (for repeat) or -1 (for expand) where nothing is repeated. How many axes has it, and along which one does it grow?",
    r"name '(num_classes|z_dim)' is not defined": "Inside a class, what __init__ got is gone when it ends: __init__ has to keep it, as self.num_classes for one, and the other methods read that. In a function, use the names in its brackets.",
    r"Target \d+ is out of bounds|multi-target not supported|cross_entropy.*target": "The class went in as the target of the loss. D has one output for a pair, real or fake: its target is 1 or 0, and the class goes into D beside the image.",
    r"except in dimension 0|dim(ension)? 0 must match": "The concatenation makes the batch longer. Should it make each row wider? dim says along which axis.",
    r"Index tensor must have the same": "scatter_ wants an index with as many axes as the table: (N, 1) for a table (N, K).",
    r"same number of dimensions|Tensors must have same number of dim": "Tensors of different numbers of axes are concatenated: labels (N,) are no rows yet, and images (N, 1, 28, 28) no rows either. Print both shapes.",
    r"zero-dimensional tensor.*cannot be concatenated": "A single number is concatenated: each row needs a label of its own, as a row of numbers.",
    r"except in dimension [1-3]|Sizes of tensors must match": "Two tensors of different shapes are concatenated. Print both shapes: all axes but the one named by dim have to agree, one row per image.",
    r"one_hot is only applicable to index tensor|indices.*scalar type|'indices' to have one of"
    r"|tensors used as indices must be|only integer tensors|index.*(int64|Long)|expected.*int64|expected.*dtype.*Long": "Labels are looked up by their number: one_hot, Embedding, scatter and indexing take whole numbers, int64. Which line makes real numbers of them, or of the wrong tensor?",
    r"Class values must be|index out of range|out of bounds|index \d+ is out": "A label does not fit the number of classes. Labels run from 0 to num_classes - 1, and num_classes comes in as an argument: look for a constant, a + 1 or a - 1.",
    r"expected input\[.*\] to have \d+ channels": "A convolution meets another number of channels than it was made for. Label maps put one channel per class beside the one of the image.",
    r"mat1 and mat2 shapes cannot be multiplied": "A linear layer meets rows of another width than it was made for. Print the shape right before it: what stands side by side there, and how wide is it together?",
    r"size of tensor a .* must match|not broadcastable|expanded size": "Two tensors of different shapes meet. Print both shapes right before that line: one of them lacks an axis, or has another width.",
    r"view size is not compatible": "view needs numbers that lie in order in memory. reshape does it for any tensor.",
    r"random_.*expects 'from' to be less|from.*less than.*to": "The range that is drawn from is empty: with 2 classes there is one other class. Look at both ends of the range; torch.randint leaves the upper one out.",
    r"received an invalid combination of arguments": "The arguments do not fit this call: count them, and look at their kinds. A size is made of whole numbers, and randint takes it in brackets of its own.",
    r"cannot sample n_sample": "There are fewer classes than labels asked for: a class may be drawn again.",
}
topic = Topic(CAUSES, earlier=(sample_z, discriminator_loss, generator_loss, Generator))
exercise, progress = topic.exercise, topic.progress
BCE = F.binary_cross_entropy_with_logits
FLOAT64 = {
    dtype: f"Its dtype is {dtype}: the layers are float32, so .float() saves a cast later."
    for dtype in (torch.float64, torch.float16, torch.bfloat16)
}
WHOLE = "Linear and convolutional layers take real numbers. Which method of a tensor makes floats?"

# --- labels as numbers that a network can take ----------------------------------------------------

WORKED = (4, 0, 1, 4, 2, 0)
LABELS = [
    {},
    {"y": (1, 1, 1, 0, 6, 2, 2), "num_classes": 10},
    {"y": (5, 3, 4, 0, 5, 2, 1, 1, 4, 1, 0), "num_classes": 7},
    {"y": (1,), "num_classes": 3},
    {"y": (6, 0, 6, 3), "num_classes": 7},
]


def labels(y=WORKED, num_classes=8):
    """Some labels, and how many classes there are."""
    return {"y": torch.tensor(y), "num_classes": num_classes}


HOT_HINTS = {
    "shape": "One row per label, one column per class.",
    "values": "One row per label: 1 in the label's column, 0 in all others.",
    "dtype": WHOLE,
    "width": FLOAT64,
}


@exercise(
    Function(labels, LABELS, rows={"y": 0}, wide=True, hints=HOT_HINTS),
    "helpers.data:one_hot",
    "A label is now a name that a layer can take.",
)
def one_hot(y, num_classes):
    """One row per label: 1 in its column, 0 elsewhere."""
    return F.one_hot(y, num_classes).float()


NUMBER = "A label is a name and not a size: one number suggests that 9 is nine times 1. How many columns do the classes need?"
LARGEST = "The width follows the largest label of this batch, and the next batch may have another: num_classes says how many columns there are."
TEN = "num_classes comes in as an argument: 10 is for digits."
ALL = "That is one row for the whole batch: one row per label."
SHIFT = "The ones stand a column off. Which column belongs to digit 0, the first class?"
SIZE = "A label is a name and not a size: "
ROWS = "F.one_hot(y, num_classes).float()"
one_hot.mistakes.update(
    {
        ("y.float()[:, None]", "(y / (num_classes - 1))[:, None]", "y.float()"): NUMBER,
        "F.one_hot(y).float()": LARGEST,
        "(y[:, None] == y.unique()).float()": "The width follows the labels that occur: num_classes says how many columns there are, also for a class that is absent.",
        "F.one_hot(y, 10).float()": TEN,
        "torch.eye(len(y))[y]": "The width is the batch size: one column per class, num_classes of them.",
        f"{ROWS}.T": "That is one row per class: one row per label is asked for.",
        "F.one_hot(y[:, None], num_classes).float()": "One axis is left over: (N, K) is asked for.",
        ("torch.eye(num_classes)[y[0]]", "torch.eye(num_classes)[y[:1]]"): ALL,
        "F.one_hot(y, num_classes + 1).float()": "One column too many: labels run from 0 to num_classes - 1.",
        "(y[:, None] == torch.arange(num_classes - 1)).float()": "A column is missing: with labels from 0 to num_classes - 1, how many are there?",
        (
            "torch.eye(num_classes)[y - 1]",
            "torch.eye(num_classes)[(y + 1) % num_classes]",
            "(y[:, None] + 1 == torch.arange(num_classes)).float()",
            "(y[:, None] - 1 == torch.arange(num_classes)).float()",
        ): SHIFT,
        "out = torch.zeros(len(y), num_classes)\nout[:, y] = 1\nreturn out": "Every row has the labels of the whole batch: [:, y] sets these columns in all rows. How many ones does a row need?",
        "out = torch.zeros(len(y), num_classes)\nout[y[y < len(y)]] = 1\nreturn out": "[y] names rows, and whole rows are set. Which two indices name one entry, its row and its column?",
        "torch.ones(len(y), num_classes)": "Every entry is 1: how many ones does a row need, and where?",
        "torch.zeros(len(y), num_classes)": "Every entry is 0: nothing is written, or it is written into a copy. Names that end in _ write in place.",
        f"{ROWS} * y[:, None]": f"{SIZE}the value in its column marks it, and class 0 has an empty row here. Which value says 'this class'?",
        f"{ROWS} * (y[:, None] + 1)": f"{SIZE}the value in its column marks it. Which value says 'this class'?",
        "y.float()[:, None].repeat(1, num_classes)": f"{SIZE}here each column repeats it. Which value says 'this class'?",
        "(y[:, None] >= torch.arange(num_classes)).float()": "Class k has ones up to column k: that says 'at least', and digits have no order.",
        "(y[:, None] > torch.arange(num_classes)).float()": "Class k has ones below column k: that says 'more than', and digits have no order.",
        "1 - F.one_hot(y, num_classes).float()": "Ones and zeros are exchanged: the label's column is the 1.",
        "2 * F.one_hot(y, num_classes).float() - 1": "The other columns hold -1, and 0 is asked for.",
        "F.one_hot(num_classes - 1 - y, num_classes).float()": "The columns run backwards: class 0 belongs to the first one.",
        "F.one_hot(y.unique(return_inverse=True)[1], num_classes).float()": "The classes are counted anew in each batch: column k belongs to label k in all.",
        "F.one_hot(y.sort().values, num_classes).float()": "The labels are sorted: row i belongs to y[i].",
        "F.one_hot(y.flip(0), num_classes).float()": "The rows run backwards: row i belongs to y[i].",
        "F.one_hot(y[:1].expand(len(y)), num_classes).float()": "Every row has the label of the first one: row i belongs to y[i].",
        f"{ROWS}.softmax(1)": "softmax blurs it: the label is known, so its column is 1 and the others are 0.",
        "F.one_hot(y, num_classes) / num_classes": "It is divided by the number of classes: the label's column is 1.",
        "F.one_hot(y, num_classes) * 0.9 + 0.1 / num_classes": "This is label smoothing, known from classifiers. Here the label is certain.",
    }
)


def beside(d=4, **play):
    """As many latents as labels."""
    named = labels(**play)
    return {"z": torch.randn(len(named["y"]), d).requires_grad_() * 1} | named


def told_blocks(seen, expected):
    """Which of the two blocks is as it should be."""
    a, b = seen[0].double(), expected[0].double()
    hot = ((b == 0) | (b == 1)).all(0)
    label, right = a[:, hot], b[:, hot]
    if near(a[:, ~hot], b[:, ~hot]):
        if near(label.sum(0), right.sum(0)) and near(label.amax(1), right.amax(1)):
            return "The rows are shuffled: does row i still belong to y[i]?"
        return "z is there as it came, and the columns beside it are not the one-hot label."
    if near(label, right):
        return "The label is there, and z has changed: leave its numbers and its rows as they are, N(0, I)."
    return "Each row: the numbers of z, and the one-hot label of the same row."


@exercise(
    Function(
        beside,
        [{}, {"d": 8}, {"d": 7, "num_classes": 12}, {"d": 5, **LABELS[3]}, {"d": 5, **LABELS[4]}],
        learns=("z",),
        wide=True,
        hints=HOT_HINTS
        | {
            "shape": "z and the one-hot label of the same row, beside each other.",
            "values": told_blocks,
            "graph": "The result has no path back to z: leave detach, .data and .tolist() out.",
        },
    ),
    "helpers.networks:generator_input",
    "G now hears which digit it should draw.",
)
def generator_input(z, y, num_classes):
    """z and the one-hot label side by side."""
    return torch.cat([z, one_hot(y, num_classes)], dim=1)


generator_input.variants.update(
    {
        "torch.cat([one_hot(y, num_classes), z], dim=1)": "The label stands first: the text has the latent first, and whoever reads the columns by their number relies on it."
    }
)
PRODUCT = "Every entry of z meets every class, in a product. Beside each other is what is asked for."
generator_input.mistakes.update(
    {
        (
            "torch.cat([z, y.float()[:, None]], 1)",
            "torch.cat([z, (y / (num_classes - 1))[:, None]], 1)",
        ): f"{SIZE}that is one column for it. How many columns do the classes need?",
        "torch.cat([z, F.one_hot(y).float()], 1)": LARGEST,
        "torch.cat([z, F.one_hot(y, 10).float()], 1)": TEN,
        "one_hot(y, num_classes)": "Only the label is there: what makes two 7s differ?",
        "z": "Only z is there, or the label is mixed into it: could the network tell the two apart afterwards?",
        "torch.cat([z, z])": "The batch became longer. Should every row become wider instead?",
        "(z[:, :, None] * one_hot(y, num_classes)[:, None]).flatten(1)": PRODUCT,
        "z[:, :, None] * one_hot(y, num_classes)[:, None]": PRODUCT,
        "torch.cat([z, one_hot(y, num_classes)], 1).T": "Rows and columns are exchanged: one ROW per image.",
        "torch.cat([z, one_hot(y, num_classes)], 1)[:, :, None, None]": "Four axes belong to a convolutional layer: (N, z_dim + num_classes) is asked for.",
    }
)


# --- steps: a label beside every image ------------------------------------------------------------


def d_step(n=6, z_dim=5, row=False):
    """What a step of D is called with."""
    G = labelled_generator(z_dim)
    D = labelled_discriminator(G, row)
    named = {"x": reals(n), "y": batch_labels(n), "z_dim": z_dim}
    return {"G": G, "D": D, "opt_D": WatchedSGD(D)} | named


def g_step(n=6, z_dim=5, row=False):
    """What a step of G is called with."""
    G = labelled_generator(z_dim)
    D, y = labelled_discriminator(G, row), batch_labels(n)
    return {"G": G, "D": D, "opt_G": WatchedSGD(G), "y": y, "z_dim": z_dim}


TARGETS = "The number of the class is the target of the loss. There are two kinds of label: the class goes into D beside the image, and the target says real (1) or fake (0)."
D_OWN = "Your fakes have labels of their own: the text asks for fakes made for y, so that reals and fakes share their labels, and differ in nothing else."
G_OWN = "It asks for labels of its own, and leaves aside those that it was given: y came in to be asked for."
G_PLAYS = [{}, {"n": 4, "leftover": ["D"], "again": True}]  # nothing but its own step fills G's .grad
STEPS = {
    "plays": [{}, {"n": 4, "leftover": True}],
    "chance": {"n": 40, "z_dim": 480},
    "optional": [
        ({"row": True}, "ones_like(logits) would fit the course's (N,) as well."),
        ({"n": 1}, "A batch of one image stops it: squeeze() drops the batch axis."),
    ],
    "hints": {
        "update direction": "The loss that is asked for: binary cross entropy of D's logits of pairs, 1 real, 0 fake, mean over the batch."
    },
}


@exercise(
    LabelledStep(d_step, ["D"], own=D_OWN, scales=(1, 2), freed=["D"], **STEPS),
    "helpers.training:conditional_discriminator_step",
    "D now learns which pairs are real.",
)
def discriminator_step(G, D, opt_D, x, y, z_dim):
    """One step of D on real pairs (1) and on detached fakes with the label they were made for (0)."""
    x_fake = G(sample_z(len(x), z_dim), y).detach()
    loss_D = discriminator_loss(D(x, y), D(x_fake, y))
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()


discriminator_step.variants.update(
    {
        "x_fake = G(sample_z(len(x), z_dim), y).detach() -> y_own = own_labels(G, y); x_fake = G(sample_z(len(x), z_dim), y_own).detach()\nD(x_fake, y) -> D(x_fake, y_own)": ""
    }
)
D_LOGITS = "loss_D = discriminator_loss(D(x, y), D(x_fake, y))"
ONES, CLASS = "torch.ones_like(real)", "y.float()"
discriminator_step.mistakes.update(
    {
        ".detach() -> ": "D's loss sends a gradient into G: G's .grad is not empty after D's step. Cut the fakes off before D sees them: a tensor has the method detach for that.",
        "D(x, y), D(x_fake, y) -> D(x, y), D(x, y)": "The fakes are made, and D judges 0 of them. D cannot learn the difference from one class.",
        "D(x, y), D(x_fake, y) -> D(x_fake, y), D(x_fake, y)": "D judges none of the reals. Without them, 'always fake' is its best answer.",
        tuple(
            f"{D_LOGITS} -> real, fake = D(x, y).flatten(), D(x_fake, y).flatten(); loss_D = (BCE(real, {a}) + BCE(fake, {b})) / 2"
            for a, b in ((CLASS, "0 * fake"), (CLASS, CLASS), (ONES, CLASS))
        ): TARGETS,
    }
)


@exercise(
    LabelledStep(g_step, ["G"], own=G_OWN, through=["D"], **(STEPS | {"plays": G_PLAYS})),
    "helpers.training:conditional_generator_step",
    "G now has to draw what it is asked for.",
)
def generator_step(G, D, opt_G, y, z_dim):
    """One step of G: D should call G(z, y) a real image of class y."""
    loss_G = generator_loss(D(G(sample_z(len(y), z_dim), y), y))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()


G_LOGITS = "D(G(sample_z(len(y), z_dim), y), y)"
MINIMAX = "This is the minimax loss: G learns slowly while D is sure."
OWN = "loss_G = generator_loss -> y_own = own_labels(G, y); loss_G = generator_loss\nz_dim), y), y) -> z_dim), y_own), y_own)"
SATURATING = "generator_loss(D -> -(lambda logits: F.softplus(logits).mean())(D"
generator_step.variants.update({SATURATING: MINIMAX, OWN: "", f"{OWN}\n{SATURATING}": MINIMAX})
generator_step.mistakes.update(
    {
        f"{G_LOGITS} -> {G_LOGITS}.flatten()\ngenerator_loss( -> BCE(\n.flatten()) -> .flatten(), y.float())": TARGETS,
        f"loss_G = generator_loss({G_LOGITS}) -> fake = {G_LOGITS}; loss_G = discriminator_loss(fake, fake)": f"The loss is not the generator loss of D(G(z, y), y): it is D's loss, with fakes in both places. {BOTH}",
        f"loss_G = generator_loss({G_LOGITS}) -> fake = {G_LOGITS}; loss_G = -discriminator_loss(fake, fake)": "This is D's loss with a minus, and the fakes stand in for the reals. Which term of D's loss depends on G?",
    }
)


# --- drawn labels ---------------------------------------------------------------------------------


@exercise(
    Draw(
        lambda n, num_classes: {"n": n, "num_classes": num_classes},
        [{"n": n, "num_classes": k} for n, k in ((7, 10), (400, 7), (90, 3), (1, 3), (6, 6))],
        chance={"n": 20_000, "num_classes": 7},
        drawn=lambda play: {"labels": play.result},
        lies=classes.shares,
        more=classes.ends,
        result="the row of labels",
        wide=True,
        hints={
            "shape": "n labels in one row.",
            "dtype": "A class is looked up by its number, and there is no class 3.7.",
            "width": classes.OTHER,
            "spread": "All classes should be as likely: look at the distribution that you draw from.",
        },
    ),
    "helpers.data:random_labels",
    "Every class is now asked for as often as the others.",
)
def random_labels(n, num_classes):
    """n labels from 0 to num_classes - 1, each as likely."""
    return torch.randint(0, num_classes, (n,))


random_labels.mistakes.update(
    {
        "(torch.rand(n) * (num_classes - 1)).round().long()": "The first and the last class come half as often as the others: rounding gives each of the two only half of an interval. Which rounding gives every class an interval of the same length?",
        "torch.randint(0, num_classes, (n, 1))": "One axis is left over: labels stand in one row.",
        "F.one_hot(torch.randint(0, num_classes, (n,)), num_classes)": "That is one row per label: a label is one whole number, and the networks make one-hot rows of it.",
        (
            "torch.randint(0, num_classes, (1,))",
            "torch.randint(0, num_classes, ())",
        ): "That is one label for all: draw n of them.",
        "torch.randint(0, n, (num_classes,))": "That is one label per class: n of them are asked for, whatever num_classes is.",
        "torch.randperm(num_classes)[:n]": "There are at most as many labels as classes: a class may come again.",
    }
)


# --- networks -------------------------------------------------------------------------------------

PAIR_HINTS = {
    "again": "Look for layers that are made in forward, for noise, for F.dropout without self.training, for labels that are drawn or shuffled inside: row i belongs to label y[i]."
}


def turns(n, k):
    """n labels of all classes in turn, from the last one."""
    return k - 1 - torch.arange(n) % k


@exercise(
    LabelledNetwork(
        [(16, 5), (9, 12)],
        lambda n, z_dim, k: (torch.randn(n, z_dim), turns(n, k)),
        ("z", "y"),
        hints={"shape": "One image per row of z, with one channel of 28 by 28 pixels; the batch size comes from z."}
        | PAIR_HINTS,
        optional=[
            (
                lambda net, z, y: any(isinstance(m, nn.Hardtanh) for m in net.modules()),
                "A clamp has no gradient beyond its ends, where tanh keeps a little.",
            )
        ],
    ),
    "helpers.networks:ConditionalGenerator",
    "G now draws for a label, and z varies it.",
)
class ConditionalGenerator(nn.Module):
    """z and a label to images in the range of tanh."""

    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = Generator(z_dim + num_classes)

    def forward(self, z, y):
        return self.net(torch.cat([z, F.one_hot(y, self.num_classes)], 1))


EACH = "That is one number for each class. The sum runs over the pictures: it should run over the classes. Which axis is that?"
ONE = "That is one number for the whole batch: a sum or a mean that names no axis runs over all of them. Which axis holds the "
ONE += "pictures, which one the classes, and over which should it go?"
SCORES = {  # what the shape of the scores of seven pairs, of five classes, means
    (
        7,
        7,
    ): "[:, y] takes one column for each label of the batch, in every row. Which two indices name one score per row?",
    (
        7,
        5,
    ): "There is a score for each of the classes: D answers one question about the pair, and y says for which class.",
    (7, 10): "Ten outputs are for the ten digits. D asks one question about the pair: real or fake.",
} | {(5,): EACH, (1, 5): EACH, (): ONE, (1,): ONE, (1, 1): ONE}
ONE_LOGIT = "D answers one question about each pair: one logit for each."


@exercise(
    LabelledNetwork(
        [(5,), (12,)],
        lambda n, k: (torch.rand(n, 1, 28, 28) * 2 - 1, turns(n, k)),
        ("x", "y"),
        vague=True,
        hints={"shape": lambda a, b: SCORES.get(a, ONE_LOGIT)} | PAIR_HINTS,
        optional=[
            (
                lambda net, x, y: net.eval()(x[:1], y[:1]).dim() == 0,
                "For a single image squeeze() drops the batch axis too; squeeze(1) keeps it.",
            )
        ],
    ),
    "helpers.networks:ConditionalDiscriminator",
    "D now judges an image, given its label.",
)
class ConditionalDiscriminator(nn.Module):
    """An image and a label to one logit for the pair."""

    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2), nn.Linear(32, num_classes))

    def forward(self, x, y):
        return (self.net(x) * F.one_hot(y, self.num_classes)).sum(1)


END_LINEAR = "The loss applies a sigmoid already. End in the linear layer."
SQUASHED = f"That is the range of a sigmoid or softmax. {END_LINEAR}"
LAST = "nn.Linear(32, num_classes) -> nn.Linear(32, num_classes)"
ConditionalDiscriminator.mistakes.update(
    {
        (f"{LAST}, nn.Sigmoid()", f"{LAST}, nn.Softmax(1)"): SQUASHED,
        f"{LAST}, nn.Tanh()": f"That is a tanh: it bounds what D can say. {END_LINEAR}",
        f"{LAST}, nn.ReLU()": "No score is negative: an activation such as ReLU stands after the last layer, and D can never say fake.",
        f"{LAST}, nn.LogSigmoid()": f"No score is positive: a log of a probability is not a logit. {END_LINEAR}",
    }
)


# --- pictures of chosen classes -------------------------------------------------------------------

LEFT = {
    "in eval mode": "A network is in eval mode now: call train() before its next training step.",
    "frozen": "A network is frozen now, and would never learn again: no_grad alone is enough here.",
}
KEPT = "The pictures still carry G's graph: no_grad spares it."
LIST = "torch.cat and torch.stack make one tensor of it."


def judged(num_classes=5, n=40, z_dim=6):
    """What class_accuracy is called with."""
    G = Spy(Stamps(z_dim), (z_dim,), draws=True, labels=CLASSES)
    classifier = Spy(Reader(num_classes), (1, 28, 28))
    return {"G": G, "classifier": classifier, "num_classes": num_classes, "n": n, "z_dim": z_dim}


@exercise(
    Draw(
        judged,
        [{}, *({"num_classes": k, "n": n} for k, n in ((10, 12), (4, 4), (3, 1)))],
        chance={"num_classes": 2, "n": 40, "z_dim": 480},
        drawn=lambda play: play.noise()[asked(play) == 0],
        more=classes.judged_classes,
        result="the vector of accuracies",
        wide=True,
        lenient=("G afterwards", "classifier afterwards", "history"),
        hints={
            "shape": "One accuracy per class.",
            "values": "Take one class: how many of its pictures does the classifier read as that class?",
            "history": "",
            "silent": "Who else says which digit a picture shows?",
            "made by G": "n pictures of every class are asked for: take both numbers from the arguments.",
        }
        | dict.fromkeys(("G afterwards", "classifier afterwards"), LEFT),
    ),
    "helpers.metrics:class_accuracy",
    "Each class now has a number of its own.",
)
def class_accuracy(G, classifier, num_classes, n, z_dim):
    """The share of G's pictures of each class that a classifier reads as that class."""
    y = torch.arange(num_classes).repeat_interleave(n)
    with torch.no_grad():
        logits = classifier(G(sample_z(len(y), z_dim), y))
    read = logits.argmax(1)
    right = (read == y).float()
    return right.view(num_classes, n).mean(1)


HIDES = "That is one number: a class that is never right hides in the average. Which class fails?"
CONFIDENT = "That is how confident the classifier is, whatever it reads: a perfect 0 drawn for label 3 would score 1. Confident about which class?"
PER_PICTURE = "That is one answer per picture: average over the pictures of a class."
LEFT_OVER = "One axis is left over: (num_classes,) is asked for."
BY_CLASS = ".view(num_classes, n).mean(1)"
class_accuracy.mistakes.update(
    {
        ("right.mean()", "right.mean(0, True)"): HIDES,
        "right.view(num_classes, n).mean(0)": "That is one number per picture of a class: which axis is the class?",
        ("right.view(num_classes, n)", "right.view(num_classes, n).T", "right"): PER_PICTURE,
        (f"right{BY_CLASS}[:, None]", f"right{BY_CLASS}[None]"): LEFT_OVER,
        "torch.stack([F.one_hot(part, num_classes).float().mean(0) for part in read.view(num_classes, n)])": "That is a table of what is taken for what: its diagonal holds what is asked for.",
        "F.one_hot(read, num_classes).float()": "That is a row per picture: which class is read, and is it the one asked for?",
        (f"logits.softmax(1).amax(1){BY_CLASS}", f"logits.amax(1){BY_CLASS}"): CONFIDENT,
        f"logits.softmax(1).gather(1, y[:, None]){BY_CLASS}": "That is the mean probability of the class asked for. A picture is read right or wrong: 0.51 for its class is a whole right answer.",
        f"logits.gather(1, y[:, None]){BY_CLASS}": "That is the mean logit of the class asked for. A picture is read right or wrong.",
        f"1 - right{BY_CLASS}": "That is the error: which pictures count, the right or the wrong ones?",
        "right.view(num_classes, n).sum(1)": "Those are counts: divide by the number of pictures of a class.",
        f"100 * right{BY_CLASS}": "Those are percentages: a share lies between 0 and 1.",
        f"right{BY_CLASS} / num_classes": "Each count is divided by the number of all pictures. How many has one class?",
        "right.view(num_classes, n).sum(1) / num_classes": "The counts are divided by the number of classes: each is out of n.",
        "right.mean().expand(num_classes)": "All classes get the accuracy of all pictures together: which class fails?",
        "torch.bincount(read, minlength=num_classes) / n": "That is how often each class is read, in whatever picture. Compare with the label that was asked for.",
        "torch.bincount(read, minlength=num_classes) / len(y)": "That is the share of each class among all that is read.",
        "torch.bincount(y[read == y], minlength=num_classes) / torch.bincount(read, minlength=num_classes).clamp(1)": "That is how often a reading is true, out of the pictures read as that class. Out of the pictures that were asked for as that class, how many are read right?",
        f"(read.sort().values == y).float(){BY_CLASS}": "The readings are sorted before they are compared: picture i has its own label.",
        (
            "right.view(n, num_classes).mean(0)",
            "y = torch.arange(num_classes).repeat(n)\nread = classifier(G(sample_z(len(y), z_dim), y)).argmax(1)\nreturn (read == y).float().view(num_classes, n).mean(1)",
        ): "The answers of all pictures are cut into a table whose rows are not the classes: in which order do the labels stand, and how long is a row?",
        f"right{BY_CLASS}.round()": "The shares are rounded to 0 and 1: stay with real numbers.",
        "torch.zeros(num_classes)": "All are 0: a division rounds down, or what the classifier gives is not compared with the label: which entry is its answer?",
        "torch.ones(num_classes)": "All are 1: the readings are compared with themselves.",
        f"read.float(){BY_CLASS}": "That is the average of the classes that are read, and classes have no average.",
    }
)


def ordered(digit=3, n=7, z_dim=6):
    """What sample_digit is called with."""
    return {"G": labelled_generator(z_dim), "digit": digit, "n": n, "z_dim": z_dim}


PICTURES = {
    "drawn": lambda play: play.noise(),
    "result": "the batch of pictures",
    "hints": {
        "shape": classes.why_pictures,
        "values": "Look at what happens between G and return.",
        "made by G": lambda a, b: (
            "That is a single picture." if a == 1 else "Take the number of pictures from the arguments."
        ),
        "G afterwards": {state: words.replace("A network", "G") for state, words in LEFT.items()},
        "history": "Every picture would hold on to the memory of its pass through G. Sampling runs under no_grad.",
        "type": lambda a, b: LIST if a.startswith("a list") else no_tensor(a, b),
    },
}
SCALED = "They are scaled to [0, 1]: a plot does that. Give back G's range, -1 to 1."
CLAMPED = "You clamp: everything below 0 turns black."
BYTES = "That is the range 0 to 255: give back G's range, -1 to 1."


@exercise(
    Draw(
        ordered,
        [{}, {"digit": 8, "n": 1}, {"digit": 0, "n": 5}],
        chance={"n": 40, "z_dim": 480},
        more=classes.one_digit,
        lenient=("G afterwards",),
        **PICTURES,
    ),
    "helpers.images:sample_digit",
    "You can now order a digit.",
    stretch=True,
)
def sample_digit(G, digit, n, z_dim):
    """n pictures of one class, each from its own z, without a graph."""
    y = torch.full((n,), digit)
    with torch.no_grad():
        x = G(sample_z(n, z_dim), y)
    return x


def altered(x):
    """The mistakes of an answer that changes the images x of G."""
    return {f"({x} + 1) / 2": SCALED, f"{x}.clamp(0, 1)": CLAMPED, (f"{x} * 255", f"({x} + 1) * 127.5"): BYTES}


sample_digit.mistakes.update(altered("x"))


def grid(num_classes=4, per_class=7, z_dim=6):
    """What class_grid is called with."""
    named = {"num_classes": num_classes, "per_class": per_class, "z_dim": z_dim}
    return {"G": labelled_generator(z_dim)} | named


@exercise(
    Draw(
        grid,
        [{}, *({"num_classes": k, "per_class": n} for k, n in ((5, 3), (3, 3), (10, 2), (4, 1)))],
        chance={"num_classes": 2, "per_class": 40, "z_dim": 480},
        more=classes.rows_and_columns,
        lenient=("G afterwards", "history", "fresh"),
        **PICTURES
        | {
            "hints": PICTURES["hints"] | {"history": KEPT, "fresh": ""},
            "drawn": lambda play: play.noise().unique(dim=0),
        },
    ),
    "helpers.images:class_grid",
    "A column now shows what the label alone changes.",
    stretch=True,
)
def class_grid(G, num_classes, per_class, z_dim):
    """Row k shows class k, column j one z."""
    z = torch.randn(per_class, z_dim).repeat(num_classes, 1)
    y = torch.arange(num_classes).repeat_interleave(per_class)
    with torch.no_grad():
        x = G(z, y)
    return x


GRID_LABELS = "torch.arange(num_classes).repeat_interleave(per_class) -> "
class_grid.mistakes.update(
    {
        "torch.randn -> torch.rand": "That looks uniform on [0, 1): compare the names rand and randn.",
        f"{GRID_LABELS}torch.arange(num_classes).flip(0).repeat_interleave(per_class)": "The rows run from the last class to the first. Which row is plotted first?",
        f"{GRID_LABELS}torch.arange(num_classes).repeat(per_class)": "The classes run along the rows: picture 0 is class 0, picture 1 is class 1. Which call repeats each label, and which the whole list?",
        f"{GRID_LABELS}(torch.arange(num_classes) + 1).repeat_interleave(per_class)": "Classes are counted from 0.",
        f"{GRID_LABELS}((torch.arange(num_classes) + 1) % num_classes).repeat_interleave(per_class)": "Classes are counted from 0.",
    }
    | altered("x")
)


# --- any label but the true one -------------------------------------------------------------------


def true_labels(n=0, num_classes=10, y=()):
    """What wrong_labels is called with."""
    y = torch.tensor(y) if y else torch.arange(n)[torch.randperm(n)] % num_classes
    return {"y": y, "num_classes": num_classes}


@exercise(
    Draw(
        true_labels,
        [
            {"n": 600},
            {"n": 600, "num_classes": 3},
            {"y": (4,) * 400, "num_classes": 5},
            {"y": (3, 0, 1, 3, 2, 0, 4), "num_classes": 5},
            {"y": (0, 1, 1, 0, 1, 0), "num_classes": 2},
            {"y": (2,), "num_classes": 3},
        ],
        chance={"n": 20_000},
        drawn=lambda play: {"shifts": (play.result - play.before["y"]) % 10},
        lies=classes.shares,
        lenient=("fresh", "spread"),
        more=classes.others,
        result="the row of labels",
        wide=True,
        hints={
            "shape": "One label for each label of y.",
            "dtype": "They name classes: whole numbers, as y.",
            "width": classes.OTHER,
            "fresh": "",
            "spread": classes.one_sided,
        },
    ),
    "helpers.data:wrong_labels",
    "D can now also learn what does not fit.",
    stretch=True,
)
def wrong_labels(y, num_classes):
    """For each label another class."""
    return (y + torch.randint(1, num_classes, y.shape)) % num_classes


FOR_ALL = "That is one label for all: each label of y needs one."
wrong_labels.mistakes.update(
    {
        "1 - F.one_hot(y, num_classes)": "That is one row per label: which wrong class is taken?",
        ("torch.randint(0, num_classes, (1,))", "torch.randint(0, num_classes, ())"): FOR_ALL,
        "torch.arange(num_classes - 1)": "Those are the other classes: one of them for each label.",
    }
)


# --- labels as planes -----------------------------------------------------------------------------


def planes(height=3, width=4, **play):
    """Labels, and the size of their planes."""
    return labels(**play) | {"height": height, "width": width}


@exercise(
    Function(
        planes,
        [
            {},
            {"num_classes": 10, "height": 7, "width": 2},
            {"num_classes": 7, "height": 28, "width": 28},
            {"height": 4, "width": 6, **LABELS[3]},
            {"height": 5, "width": 2, **LABELS[4]},
        ],
        rows={"y": 0},
        wide=True,
        hints=HOT_HINTS
        | {
            "shape": "Images, classes, height, width: (N, num_classes, height, width).",
            "values": lambda a, b: (
                "Plane y[i] of image i is 1 everywhere, and its other planes are 0."
                if near(a[0], a[0][:, :, :1, :1].expand_as(a[0]))
                else "A plane is not constant: every pixel of plane k says whether the label is k."
            ),
        },
    ),
    "helpers.networks:label_maps",
    "A convolution now sees the label at every pixel.",
    stretch=True,
)
def label_maps(y, num_classes, height, width):
    """One constant plane per class."""
    return one_hot(y, num_classes)[:, :, None, None].expand(-1, -1, height, width)


HOT = "one_hot(y, num_classes)"
EVERY = "[:, :, None, None].expand(-1, -1, height, width)"
label_maps.mistakes.update(
    {
        f"{HOT}[:, None, None, :].expand(-1, height, width, -1)": "The classes stand last. Compare with a batch of images, (N, 1, H, W): where does PyTorch keep the channels?",
        f"{HOT}[:, :, None, None].expand(-1, -1, width, height)": "Height and width are exchanged.",
        f"{HOT}.T{EVERY}": "The first two axes are exchanged: images first, then the classes.",
        "y.float().view(-1, 1, 1, 1).expand(-1, 1, height, width)": f"{SIZE}one plane for all classes would have to hold it as one number. One plane per class is asked for.",
        "y.float().view(-1, 1, 1).expand(-1, height, width)": "The axis of the classes is missing: one plane per class.",
        HOT: "That is the one-hot row: which axes are missing, and who repeats it over them?",
        f"{HOT}[:, :, None, None]": "The planes have one pixel each: torch.cat with an image needs H and W of them.",
        f"{HOT}[0][:, None, None].expand(-1, height, width)": "That is one image: one block of planes for each label.",
        f"{HOT}[:, :, None].expand(-1, -1, height * width)": "The pixels stand in a row: an image has two axes.",
        f"{HOT}[:, :, None].expand(-1, -1, height)": "An axis is missing: height and width.",
        f"F.one_hot(y, 10).float(){EVERY}": TEN,
        f"F.one_hot(y).float(){EVERY}": "The planes follow the largest label of this batch: num_classes says how many there are.",
        f"{HOT}[:, :, None, None].expand(-1, -1, 28, 28)": "Height and width come in as arguments: 28 is for MNIST.",
        "out = torch.zeros(len(y), num_classes, height, width)\nout[:, y] = 1\nreturn out": "Every image has the planes of the whole batch: [:, y] writes to these planes of all images. Which two indices name one plane?",
        "out = torch.zeros(len(y), num_classes, height, width)\nout[torch.arange(len(y)), y, 0, 0] = 1\nreturn out": "Only one pixel of the plane is 1: a convolution looks everywhere, so the whole plane carries the label.",
    }
)
