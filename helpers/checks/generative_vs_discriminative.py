"""Checks of lesson 1, generative against discriminative: each exercise with its known mistakes.

x is (N, d), labels y are (N,), a log joint is (N, K): one row per example. In each first play,
which can be followed by hand, N, K and d differ, so that a wrong axis shows in the shape.
"""

import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks import CheckError, Topic
from helpers.checks.aspects import REMARK, Aspect, near, told
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import Function
from helpers.checks.kinds.step import Step
from helpers.checks.plays import Spy, WatchedSGD

CAUSES = {
    r"can only concatenate list|'Tensor' and 'list'|'list' and 'Tensor'|'list' object has no attribute": "Something is still a Python list there, of columns perhaps: torch.stack first, which makes one tensor of it.",
    r"log_softmax\w*\W+not implemented for 'Long'": "Whole numbers stand where cross entropy wants the logits. The logits come first, then the labels.",
    r"without replacement|n_sample": "multinomial draws without putting back unless told otherwise: a class can then come only once.",
    r"must be Tensor, not (float|int)|only (one element|integer) tensors|can be converted to": "math.log and math.sqrt take one number, torch.log and torch.sqrt a tensor; and it is torch.stack that joins a list of tensors, not torch.tensor.",
    r"must match the size of tensor|broadcast|Sizes of tensors must match": "Two tensors of different shapes meet. Print both shapes right before that line: axes are paired from the right, and keepdim=True or [:, None] leaves an axis of length 1.",
    r"stack expects each tensor to be equal size": "Tensors of different sizes are stacked. Classes differ in their number of examples: after averaging, which axis should be gone, the examples or the features?",
    r"mat1 and mat2|size mismatch|inconsistent tensor size": "A matrix product pairs the last axis of the left with the first of the right. Print both shapes right before that line.",
    r"expected (target size|scalar type Long)|multi-target|0D or 1D target|Expected floating point type for target": "Cross entropy wants the logits (N, K) first and then the labels (N,), as whole numbers.",
    r"input dtype should be either floating|could not infer output dtype|mean of floating": "A mean of whole numbers or of True and False is asked for: make them float first.",
    r"tensors used as indices|out of bounds|one_hot is only applicable": "An index does not fit: labels are whole numbers from 0 to num_classes - 1, and row k belongs to class k.",
    r"invalid multinomial|probability tensor contains": "multinomial wants probabilities: none below 0, and no logs.",
    r"covariance_matrix must be": "MultivariateNormal wants a whole covariance matrix, and var is only its diagonal.",
    r"satisfy the constraint": "A distribution refused a parameter: Normal wants a standard deviation above 0, Categorical probabilities.",
    r"element \d+ of tensors does not require grad|does not have a grad_fn": "The loss has no history that leads back to the weights. argmax, round, detach, no_grad and .item() have no gradient: compare the logits themselves with y.",
}
topic = Topic(list(CAUSES.items()))
exercise, progress = topic.exercise, topic.progress


def axes(asked, sizes, more="", special=()):
    """Hints for wrong shapes of the first play, where these are asked for: what runs along the axes.

    asked: one shape, or several. sizes: of examples, classes and features there. more: ends most
    hints, and stands for the other plays. special: {shape: hint}.
    """

    def per(shape):
        left, names = [(size, name) for name, found in sizes.items() for size in found], []
        for size in shape:
            pair = next((pair for pair in left if pair[0] == size), None)
            if pair is None:
                return ""
            left.remove(pair), names.append(pair[1])
        return told(names) if names else ""

    def hint(seen, expected):
        if expected not in (asked, *asked) or seen in special:
            return dict(special).get(seen, more)
        wanted = f"one per {per(expected)} is asked for."
        if seen == expected[::-1]:
            return f"The two axes are exchanged: one row per {per(expected[:1])}."
        if [size for size in seen if size > 1] == list(expected):
            return f"One axis is left over, from keepdim perhaps: {wanted}"
        if not per(seen) and seen:
            return more
        return f"That is one number{' per ' * bool(seen)}{per(seen)}: {wanted} {more}".strip()

    return hint


def sizes(names, *plays):
    """The play to work by hand, and plays of these sizes."""
    return [{}, *(dict(zip(names.split(), play)) for play in plays)]


def formula(cast, plays, result, values, shape, hints=(), **options):
    """A function of tensors, in any precision; with hints for its values and its shape."""
    hints = {"values": values, "shape": shape, **dict(hints)}
    return Function(cast, plays, result=result, wide=True, hints=hints, **options)


def instead(old, table):
    """Mistakes that put something else in the place of `old`."""
    mistakes = {}
    for key, words in table.items():
        each = key if isinstance(key, tuple) else (key,)
        mistakes[tuple(f"{old} -> {new}" for new in each)] = words
    return mistakes


BASE = "The logarithm has the base {}: the natural one is asked for."
BASES = {base: f" / math.log({base})" for base in (2, 10)}

# --- what is counted and averaged -----------------------------------------------------------------


def labels(y=(0, 0, 2, 0), num_classes=6):
    """Labels to count by hand, some classes absent; or so many drawn ones."""
    y = torch.randint(0, num_classes, (y,)) if isinstance(y, int) else torch.tensor(y)
    return {"y": y, "num_classes": num_classes}


def total(seen, expected):
    """What shares add up to, if not to 1."""
    found = float(seen[0].sum())
    if abs(found - 1) > 1e-3:
        return f"They add up to {found:.3g}, expected 1."
    return "Count by hand how often each class occurs, out of how many examples."


ABSENT = "A class that is absent has one as well, with the share 0."
SHORT = {
    (2,): f"Only the classes that occur in y have an entry. {ABSENT}",
    (3,): f"The entries end at the largest label in y. num_classes says how many there are. {ABSENT}",
}


@exercise(
    formula(
        labels,
        sizes("y num_classes", ((0, 0, 2, 0), 3), ((1,), 2), ((2,) * 7, 4), (23, 5), ((5, 2, 2, 4, 0, 1, 3), 6)),
        "the prior",
        total,
        axes((6,), {"class": [6], "example": [4]}, f"One entry per class, num_classes of them. {ABSENT}", SHORT),
    ),
    "helpers.gaussians:class_priors",
    "You know how frequent each class is.",
)
def class_priors(y, num_classes):
    """The share of each class in y, (K,); 0 for an absent one."""
    counts = torch.bincount(y, minlength=num_classes)
    return counts / len(y)


class_priors.mistakes.update(
    {
        "torch.full((num_classes,), 1 / num_classes)": "Every class gets the same share: y takes no part. Count how often each class occurs.",
        "counts": "Those are counts: what do the entries of a probability vector add up to?",
        "counts / num_classes": "You divide by the number of classes. Each count is out of how many examples?",
        "counts // len(y)": "// and a cast to whole numbers round down, and a share is below 1.",
        "(counts / len(y)).round()": "The shares are rounded to whole numbers: stay with real ones.",
        "counts / (len(y) - 1)": "You divide by N - 1, as for a variance. A share is out of all N examples.",
        "counts / counts.max()": "You divide by the largest count: the shares have to add up to 1.",
        "(counts + 1) / (len(y) + num_classes)": "You add one to every count (Laplace smoothing): right elsewhere; here the plain shares are asked for, and a class that never occurs has share 0.",
        "counts.float().softmax(0)": "softmax takes exp of the counts: the frequent class gets nearly all. Divide instead.",
        "(counts / len(y)).softmax(0)": "The shares add up to 1 already: softmax bends them.",
        "(counts / len(y)).log()": "Those are log priors: the log is taken later, in log_joint.",
        "100 * counts / len(y)": "Those are percentages: shares add up to 1.",
        "(1 / counts.clamp(min=1)) / (1 / counts.clamp(min=1)).sum()": "Rare classes get most: those are weights that balance the classes.",
        "len(y) / counts": "The fraction stands upside down: rare classes get a large number.",
        "counts / (counts > 0).sum()": "You divide by the number of classes that occur. Each count is out of how many examples?",
        "(counts > 0) / (counts > 0).sum()": "Every class that occurs gets the same share. Count how often each one does.",
        "counts.sort(descending=True).values / len(y)": "The shares are right and stand in another order: entry k belongs to class k.",
        "torch.zeros(num_classes)": "All are 0: a division rounds down, or a comparison never holds. A tensor of one label is no number: look at what == and the counting get.",
    }
)


# --- densities ------------------------------------------------------------------------------------

MANY = 100  # features, whose densities multiply to something that float32 rounds to 0


def bells(*shape):
    """Means and variances, away from 1."""
    return torch.randn(*shape), 0.3 + 2.2 * torch.rand(*shape)


def points(n=0, d=3, size=0.0):
    """Four rows and a Gaussian to work by hand, or n drawn rows; the first row lies at mu."""
    if n:
        mu, var = bells(d)
        x = mu + 1.5 * torch.randn(n, d)
        x = size * x.sign() if size else torch.cat([mu[None], x[1:]])
        return {"x": x, "mu": mu, "var": var}
    x = [[1.0, 2.0, 3.0], [1.0, 0.0, 3.5], [4.0, 2.0, -1.0], [0.0, 5.0, 2.0]]
    mu, var = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.25, 4.0, 0.5])
    return {"x": torch.tensor(x), "mu": mu, "var": var}


def which_term(seen, expected):
    """Whether it is the distance that is off, or what is left of the density at mu, in row 0."""
    a, b = seen[0], expected[0]
    if near(a[0], b[0]):
        return "At x = mu your value is right, and away from it not: look at the term with the distance."
    if len(a) > 1 and near(a - a[0], b - b[0]):
        return "The distance counts as it should, and at x = mu the value is off: look at the terms with var and 2 pi alone."
    return "Work one feature by hand, at x = mu: which terms remain there?"


UNDERFLOW = "You take the log of a product of densities, and with many features, or far from mu, that product rounds to 0. Take the log on paper: it turns the product into a sum, and exp cancels."


SQUARE = {(4, 4): "That is one number per pair of rows: each row meets only itself."}


@exercise(
    formula(
        points,
        sizes("n d", (6, 2), (3, 3), (1, 4), (5, 1), (7, 5)),
        "the log density",
        which_term,
        axes((4,), {"example": [4], "feature": [3, 3]}, "Add the logs of a row's features.", SQUARE),
        {"far": UNDERFLOW},
        rows={"x": 0},
        far=[{"n": 2, "d": MANY}, {"n": 2, "d": 2, "size": 40.0}],
    ),
    "helpers.gaussians:gaussian_log_prob",
    "Every point now has a log density.",
)
def gaussian_log_prob(x, mu, var):
    """log N(x; mu, diag(var)) of each row."""
    terms = (x - mu) ** 2 / var + var.log() + math.log(2 * math.pi)
    return -0.5 * terms.sum(dim=1)


NOT_SQUARED = "The distance is not squared."
ALL_TERMS = "(x - mu) ** 2 / var + var.log() + math.log(2 * math.pi)"
NO_LOG_VAR = "The term with log var is missing: a wide class then gets too much everywhere. It differs from class to class, so it does not cancel."
AS_A_WHOLE = "The log density as a whole is {} times the expected one: look at the factor before the bracket."
NO_LOG = "A log is missing: the {} itself was added."
gaussian_log_prob.mistakes.update(
    instead(
        "(x - mu) ** 2 / var",
        {
            "(x - mu) ** 2": "var does not scale the squared distance: divide by it.",
            "(x - mu) ** 2 / var ** 2": "The squared distance is divided by var squared: either (x - mu) / std is squared, or the square is divided by var.",
            "(x - mu) ** 2 / var.sqrt()": "The squared distance is divided by the standard deviation: the variance belongs there.",
            "(x - mu) ** 2 * var": "The squared distance is multiplied by var: in a wide Gaussian, is a point 2 away nearer or farther, measured in its width?",
            "(x - mu) / var": NOT_SQUARED + " Above and below mu then differ.",
            ("(x - mu).abs() / var", "(x - mu).abs() / var.sqrt()", "(x - mu) / var.sqrt()"): NOT_SQUARED,
            "x ** 2 / var": "mu takes no part: the distance is measured from 0.",
            "(x + mu) ** 2 / var": "x + mu is no distance: look at the sign.",
            "(x ** 2 - mu ** 2) / var": "(x - mu) squared is not x squared - mu squared.",
            "(x - mu) ** 4 / var": "The distance is squared twice.",
            "0 * x": "The squared distance is missing.",
            "-((x - mu) ** 2) / var": "The squared distance has the wrong sign: should a point far from mu be more or less likely than mu itself?",
            "2 * (x - mu) ** 2 / var": "The squared distance is not halved.",
            "(x - mu) ** 2 / (2 * var)": "The squared distance is halved twice.",
        },
    )
    | instead(
        "var.log()",
        {
            "var": "log var is asked for, and var itself was added.",
            "var.sqrt()": NO_LOG.format("standard deviation"),
            ("1 / var", "var.rsqrt()"): NO_LOG.format("normalising factor"),
            ("0 * var", "0 * var + 0 * math.log(2 * math.pi)"): NO_LOG_VAR,
            "-var.log()": "log var has the wrong sign: a wide Gaussian is lower at its top.",
            "2 * var.log()": "log var enters whole: the density is divided by the standard deviation, the root of var.",
            "0.5 * var.log()": "log var is halved twice: under the common factor 1/2 it is the log of the variance.",
            "2 * var.log() + math.log(2 * math.pi)": "log var and the constant enter whole: the density is divided by the root of 2 pi var.",
            "(-2 * var.log()) - 3 * math.log(2 * math.pi)": "Only the squared distance is under the factor -1/2: log var and the constant belong into the same bracket.",
        },
    )
    | instead(
        "math.log(2 * math.pi)",
        {
            "0": "The term with 2 pi is missing: without it exp of your function does not integrate to 1, and log p(x) is off.",
            "math.log(2 * math.pi) / x.shape[1]": "The constant is there once: each of the d features brings its own.",
            "(-math.log(2 * math.pi))": "The constant has the wrong sign: dividing by a number lowers the log.",
            "2 * math.log(2 * math.pi)": "The constant is not halved: 2 pi stands under the root as well.",
            "math.log(math.pi)": "The 2 in 2 pi is missing.",
            ("2 * math.pi", "(2 * math.pi) ** 0.5"): NO_LOG.format("constant"),
            "0.5 * math.log(2 * math.pi)": "The constant is halved twice.",
        },
    )
    | instead(
        ALL_TERMS,
        {
            "(x - mu) ** 2 / var ** 2 + 2 * var.log() + math.log(2 * math.pi)": "var took the place of the standard deviation: torch.distributions.Normal, for one, wants the standard deviation, and (x - mu) / var divides by too much.",
            "(x - mu) ** 2 / var ** 0.5 + 0.5 * var.log() + math.log(2 * math.pi)": "The standard deviation took the place of the variance: which of the two comes in?",
            "(x - mu) ** 2 * var - var.log() + math.log(2 * math.pi)": "1 / var took the place of var.",
            "(x - mu) ** 2 / var + var.log10() + math.log10(2 * math.pi)": "The logarithms of var and of the constant have the base 10: the natural one is asked for.",
            "(x - mu) ** 2 / var": NO_LOG_VAR + " So is the constant.",
        },
    )
    | {
        "torch.exp(-0.5 * terms.sum(dim=1))": "That is a density, and its log is asked for. With many features the density rounds to 0.",
        ("torch.exp(-0.5 * terms).prod(dim=1).log()", "torch.exp(-0.5 * terms).log().sum(dim=1)"): UNDERFLOW,
        "-0.5 * terms.mean(dim=1)": "You average over the features. The log of a product over features is a sum of logs.",
        "torch.exp(-0.5 * terms).sum(dim=1).log()": "You add the densities of the features and then take the log. Independent features multiply.",
        "(-0.5 * terms).prod(dim=1)": "You multiply the logs. Products of densities become what, after taking logs?",
        "0.5 * terms.sum(dim=1)": "The sign is turned, so a point far from mu gets the highest value. It is a density, not a distance.",
        "-terms.sum(dim=1)": AS_A_WHOLE.format("2"),
        "-0.25 * terms.sum(dim=1)": AS_A_WHOLE.format("0.5"),
        "-0.5 * terms[:, 0]": "Only the first feature counts.",
    }
    | {f"-0.5 * terms.sum(dim=1){over}": BASE.format(base) for base, over in BASES.items()}
)


# --- one Gaussian a class -------------------------------------------------------------------------


def clouds(counts=(), d=2):
    """Eight labelled points to work by hand, or drawn ones, so many of each class."""
    x = torch.tensor([[1, 4], [7, 2], [3, 0], [8, 2.5], [2, 8], [9, 1], [0.5, 3], [6, 1.5]])
    y = torch.tensor([2, 0, 1, 0, 1, 0, 2, 1])
    if counts:
        y = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
        y = y[torch.randperm(len(y))]
        mu, var = bells(len(counts), d)
        x = (3 * mu + 2 * torch.arange(len(counts))[:, None])[y]
        x = x + var[y].sqrt() * torch.randn(len(y), d)
    return {"x": x, "y": y, "num_classes": int(y.max()) + 1}


def in_order(seen, expected):
    """Whether the rows are right and stand elsewhere."""
    orders = map(list, itertools.permutations(range(len(seen[0]))))
    if any(near(seen[0][order], expected[0]) for order in orders):
        return "The rows are right and stand in another order: row k belongs to label k."
    return "Select the rows of one class first, and work that class by hand."


FULL = {(3, 2, 2): "That is a full covariance: its diagonal is asked for, one variance a feature."}
AVERAGED = "After averaging, which axis should be gone: the examples or the features?"


@exercise(
    formula(
        clouds,
        sizes("counts d", ((4, 7, 5), 2), ((9, 3), 5), ((3, 4, 5, 6), 1)),
        "the pair",
        "",
        axes((3, 2), {"class": [3], "feature": [2], "example": [8]}, AVERAGED, FULL),
        {"values of mu": in_order, "values of var": in_order},
        parts=("mu", "var"),
        rows={},
    ),
    "helpers.gaussians:fit_gaussians",
    "Each class is now a Gaussian of its own.",
)
def fit_gaussians(x, y, num_classes):
    """Mean and variance of each class, (K, d) both."""
    clusters = [x[y == k] for k in range(num_classes)]
    mu = torch.stack([rows.mean(dim=0) for rows in clusters])
    var = torch.stack([rows.var(dim=0, unbiased=False) for rows in clusters])
    return mu, var


UNBIASED = "unbiased=False -> unbiased=True"
fit_gaussians.variants.update({UNBIASED: "Your var divides by n - 1: maximum likelihood divides by n."})
OWN_SIZE = "How many examples has class k?"
ABOUT_ALL = "The spread of class k is measured around the mean of all data, so the distance between the classes is in it. Around which point should it be measured?"
SHARED = "All classes have the same variance here. With one for all, the border between two classes is a straight line: give each class its own."
ONE_SCALE = "All features of a class share one variance: each has its own scale."
SQUARES, EACH_VAR = "((rows - {}) ** 2)", "rows.var(dim=0, unbiased=False)"
OWN, ALL = SQUARES.format("rows.mean(dim=0)"), SQUARES.format("x.mean(dim=0)")


def both(form):
    """What becomes of the variance, divided by n and by n - 1."""
    return tuple(form.format(var) for var in (EACH_VAR, "rows.var(dim=0)"))


fit_gaussians.mistakes.update(
    instead(
        "rows.mean(dim=0)",
        {
            "x.mean(dim=0)": "All rows of mu are equal, the mean of all data. Whose average should row k be?",
            "rows.sum(dim=0)": "That is a sum: how many examples has class k?",
            "rows.sum(dim=0) / len(x)": f"The sum over class k is divided by the size of the whole data. {OWN_SIZE}",
            "rows.sum(dim=0) / num_classes": f"The sum over class k is divided by the number of classes. {OWN_SIZE}",
            "rows.sum(dim=0) / (len(rows) - 1)": "The sum over class k is divided by n - 1: that is for a variance, and a mean divides by n.",
            "rows.median(dim=0).values": "That is the median: the mean of a Gaussian is estimated by the average.",
            "rows.mean().expand(x.shape[1])": "All features of a class share one number. A centre is a point: average over the examples only.",
            "rows[0]": "That is one example of the class, not their average.",
        },
    )
    | instead(
        EACH_VAR,
        {
            both("{}.sqrt()"): "That is the standard deviation: square it.",
            (f"{ALL}.mean(dim=0)", f"{ALL}.sum(dim=0) / (len(rows) - 1)"): ABOUT_ALL,
            (
                "((x - mu[y]) ** 2).mean(dim=0)",
                "((x - mu[y]) ** 2).sum(dim=0) / (len(x) - num_classes)",
                *both("sum({} for rows in clusters) / num_classes"),
            ): SHARED,
            ("x.var(dim=0, unbiased=False)", "x.var(dim=0)"): SHARED + " Around its own mean, too.",
            "((x - rows.mean(dim=0)) ** 2).mean(dim=0)": "All rows of x are measured from mu[k]: only those of class k belong to it.",
            "((rows - rows.mean()) ** 2).mean(dim=0)": "The spread is measured around one number for all features: each feature has its own mean.",
            "(rows ** 2).mean(dim=0)": "That is the mean of x squared: the mean itself is not taken away.",
            f"{OWN}.sum(dim=0)": "The squares are added up and not averaged: how many examples has class k?",
            f"{OWN}.sum(dim=0) / len(x)": f"You divide by the size of the whole data. {OWN_SIZE}",
            "(rows - rows.mean(dim=0)).abs().mean(dim=0)": "That is the mean distance from the centre: a variance averages its square.",
            (
                *both("{}.mean().expand(x.shape[1])"),
                "rows.var().expand(x.shape[1])",
                "rows.var(unbiased=False).expand(x.shape[1])",
            ): ONE_SCALE,
            both("1 / {}"): "That is 1 / variance, the precision.",
            both("{}.log()"): "That is log variance: the log comes later.",
            both("{} ** 2"): "The variance is squared once more.",
            both(
                "{} / len(rows)"
            ): "That is the variance of the mean. The spread of the examples does not shrink with more of them.",
            "torch.ones(x.shape[1])": "All variances are 1: measure them.",
        },
    )
    | {
        (
            "var, mu",
            f"{UNBIASED}\nreturn mu, var -> return var, mu",
        ): "The two results are swapped: mu comes first, then var.",
        "y == k -> y == k + 1": "The labels start at 0: row k comes from the examples with y == k. A class that got no example has the mean nan.",
    }
)


# --- the joint ------------------------------------------------------------------------------------


def model(n, k, d):
    """n points and a model of k classes."""
    mu, var = bells(k, d)
    prior = torch.rand(k) + 0.1 * torch.arange(1, k + 1)
    return torch.randn(n, d) * 2, prior / prior.sum(), mu, var


def classes(n=0, k=3, d=2, size=0.0):
    """Four points and three classes to work by hand, or drawn ones."""
    x = torch.tensor([[1.0, 2.0], [0.0, 0.0], [4.0, 1.0], [-1.0, 3.0]])
    prior = torch.tensor([0.5, 0.2, 0.3])
    mu = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 1.5]])
    var = torch.tensor([[0.25, 4.0], [0.5, 2.0], [1.5, 0.2]])
    if n:
        x, prior, mu, var = model(n, k, d)
        x = size * x.sign() if size else x
    return {"x": x, "prior": prior, "mu": mu, "var": var}


SIZES = {"example": [4], "class": [3], "feature": [2]}
STACKED = "Examples and classes are exchanged: torch.stack puts the new axis first unless told otherwise."
TOO_FEW = "The loop makes 2 columns, the prior has 3 entries: one for each class."


STACKS = "The 3 classes stand along the first axis and the 4 examples along the last, where the log prior needs the classes: torch.stack puts the new axis first unless dim says otherwise."


@exercise(
    formula(
        classes,
        sizes("n k d", (6, 2, 3), (3, 3, 2), (1, 4, 3), (7, 3, 5), (5, 2, 1)),
        "the log joint",
        "Work one class by hand: the sum over its features, then the log prior.",
        axes((4, 3), SIZES, special={(4, 2): TOO_FEW, (3, 4): STACKED}),
        {"far": UNDERFLOW},
        rows={"x": 0, "mu": 1, "var": 1},
        far=[{"n": 2, "d": MANY}, {"n": 3, "k": 2, "size": 40.0}],
        causes={
            r"a \((3\) .* b \(4|4\) .* b \(3)\) .* dimension 1$": STACKS,
            r"a \((2\) .* b \(3|3\) .* b \(2)\) .* dimension 1$": TOO_FEW,
        },
    ),
    "helpers.gaussians:log_joint",
    "You have a model of x and y together.",
)
def log_joint(x, prior, mu, var):
    """log p(x | y = k) + log p(y = k), (N, K)."""
    columns = [gaussian_log_prob(x, mu[k], var[k]) for k in range(len(prior))]
    ll = torch.stack(columns, dim=1)
    return ll + prior.log()


SAME_PRIOR = "All classes get the same log prior: column k needs the log of prior[k]."
ORDER_OF_PRIORS = "The priors stand in the wrong order: column k needs the log of prior[k]."
log_joint.mistakes.update(
    {
        "ll": "The prior takes no part: that is log p(x | y) alone. A rare class needs more evidence.",
        "ll + prior": "The prior is added as it is. In a sum of logs every term is a log.",
        "ll * prior": "The log likelihood is multiplied by the prior: a negative number times a small prior gets larger. Products of probabilities become what, after taking logs?",
        "ll * prior.log()": "The two logs are multiplied. Products of probabilities become what, after taking logs?",
        "(ll + prior.log()).exp()": "That is the probability p(x, y): its log is asked for, and the probability rounds to 0 with many features.",
        "ll.exp() + prior": "You add probabilities: p(x | y) and p(y) multiply, and their logs add.",
        "ll - prior.log()": "The log prior has the wrong sign: a smaller prior then gives a larger value.",
        "(ll * prior).log()": "The log of a log: log p(x | y) is a log already, and only the prior needs one.",
        "(ll.exp() * prior).log()": UNDERFLOW,
        "(ll + prior.log()).log_softmax(1)": "The rows are normalised already: that is the log posterior log p(y | x). Here p(x) is not yet divided out.",
        "(ll + prior.log()).softmax(1)": "That is the posterior p(y | x): normalising comes later, and logs are asked for here.",
        "ll + prior.log_softmax(0)": "log_softmax bends the prior, which adds up to 1 already: its log is enough.",
        "ll + x.shape[1] * prior.log()": "The log prior is counted once per feature: add it after the sum over the features.",
        "(ll + prior.log()) / x.shape[1]": "You average over the features. The log of a product over features is a sum of logs, and the prior stands outside of it.",
        **{
            f"ll + prior.log(){over}": f"The logarithm of the prior has the base {base}: the natural one is asked for."
            for base, over in BASES.items()
        },
        (
            "ll + prior.log().mean()",
            "ll + prior.log().sum()",
            "ll + prior[0].log()",
            "ll + prior[-1].log()",
        ): SAME_PRIOR,
        ("ll + prior.log().flip(0)", "ll + prior.log().roll(1)", "ll + prior.log().roll(-1)"): ORDER_OF_PRIORS,
        "ll + prior.log().sort(descending=True).values": ORDER_OF_PRIORS,
        (
            "ll.roll(1, 1) + prior.log()",
            "ll.roll(-1, 1) + prior.log()",
            "ll.flip(1) + prior.log()",
        ): "The columns stand in the wrong order: column k belongs to class k, with mu[k] and var[k].",
        (
            "var[k] -> var[0]",
            "var[k] -> var[-1]",
            "var[k] -> var.mean(0)",
        ): "Every class is measured with the same var: take that of class k.",
        (
            "mu[k] -> mu[0]",
            "mu[k] -> mu[-1]",
            "mu[k] -> mu.mean(0)",
        ): "Every class is measured from the same mu: take that of class k.",
        "ll + 2 * prior.log()": "The log prior counts twice.",
    }
)


# --- Bayes' rule ----------------------------------------------------------------------------------

HAND = torch.tensor([[0.2, 0.1, 0.1], [0.02, 0.06, 0.12], [0.3, 0.15, 0.05], [0.01, 0.03, 0.01]])
LEVEL = torch.tensor([[-1.0]])  # far below 0, all rows alike
APART = torch.tensor([[-1.0], [-0.1], [-1.1], [-1.3]])  # and far from each other
WIDE = torch.tensor([[-1.15, -1.002, -1.0], [-1.4, -1.1, -1.0], [-1.0, -1.002, -1.3]])[[0, 1, 2, 1]]  # and in a row


def joints(n=0, k=3, far=None):
    """A log joint of four rows to work by hand, or n drawn rows; far: something to add to it."""
    table = torch.randn(n, k) * 1.5 - 2 - torch.rand(n, 1) if n else HAND.log()
    return {"log_joint": table if far is None else table + far}


def deep(depth):
    """Plays around -depth, where exp is 0."""
    return [{"far": depth * shift} for shift in (LEVEL, APART, WIDE)]


TABLE = {"example": [4], "class": [3]}
TABLES = sizes("n k", (3, 3), (2, 5), (5, 2), (1, 4), (7, 3))
NEARER = "Nearer to 0 your numbers are right."
ROWWISE = "The largest entry of EACH row has to become 0 before exp, and here one number is taken from the whole table: examples that are less likely than the best one round to 0."


@exercise(
    formula(
        joints,
        TABLES,
        "the posterior",
        lambda seen, expected: _not_one(seen[0][0].sum()),
        axes((4, 3), TABLE, "One row per example, one column per class."),
        {
            "far": f"{NEARER} But exp(-1000) is 0, in float64 as well. Which number can you take from a row before exp, without changing the ratios in it?"
        },
        rows={"log_joint": 0},
        far=deep(1000),
    ),
    "helpers.gaussians:posterior",
    "The generative model now classifies.",
)
def posterior(lj):
    """p(y | x) from log p(x, y), safe at -1000."""
    return torch.exp(lj - torch.logsumexp(lj, dim=1, keepdim=True))


def _not_one(total):
    if abs(total - 1) > 1e-3:
        return f"Row 0 adds up to {told(total)}, expected 1."
    return "Bayes' rule: p(y | x) is p(x, y) divided by the sum of its row."


def shares_from(point):
    """Shares of a row, after this has become 0."""
    return f"(lj - {point}).exp() / (lj - {point}).exp().sum(1, keepdim=True)"


MAX = "lj.amax(1, keepdim=True)"
OVERFLOW = "becomes 0 before exp, and the largest can then overflow: which entry has to become 0?"
WHOLE_TABLE = "The whole table adds up to 1, and not each row. p(x) belongs to one example: over which axis do you add?"
posterior.mistakes.update(
    {
        "lj.exp()": "That is the numerator of Bayes' rule, p(x, y): divide by p(x), so that every row adds up to 1.",
        f"(lj - {MAX}).exp()": "Every row is divided by its largest entry: divide by its sum.",
        "lj.softmax(1) / len(lj)": "The rows add up to 1 / N: p(x) belongs to one example.",
        (f"(lj - {MAX}).exp() / (lj - {MAX}).exp().sum()", "(lj - lj.logsumexp((0, 1))).exp()"): WHOLE_TABLE,
        "lj.softmax(0)": "The columns add up to 1, and not the rows: dim=0 runs over the examples.",
        "lj.log_softmax(1)": "That is the log posterior: exp is missing at the end.",
        "lj / lj.sum(1, keepdim=True)": "You divide the logs by their sum: go back to probabilities first, or subtract.",
        "lj / lj.logsumexp(1, keepdim=True)": "You divide the logs. A quotient of probabilities becomes what, after taking logs?",
        "lj.softmax(1).softmax(1)": "The rows are normalised twice: the second softmax bends the posterior.",
        "lj.exp().softmax(1)": "exp is taken twice: softmax takes the exp itself, of logs.",
        "lj.softmax(1).sqrt()": "The root of the posterior came back.",
        "(-lj).softmax(1)": "The sign is turned: the least probable class gets the most.",
        "lj.abs().softmax(1)": "abs turns the order of negative numbers around: the least probable class gets the most.",
        "lj.sigmoid()": "sigmoid looks at each class alone: the posterior compares the classes of a row.",
        f"(lj == {MAX}).float()": "The most probable class gets all: the posterior also says how sure that is.",
        "(lj - lj.logsumexp(1).mean()).exp()": "One p(x) is taken for all examples: each row has its own.",
        "torch.exp(lj + lj.logsumexp(1, keepdim=True))": "You multiply by p(x): Bayes' rule divides by it, which subtracts its log.",
        shares_from("lj.max()"): ROWWISE,
        shares_from(
            "lj.amax(0)"
        ): "The maximum of each column is taken away: the ratios in a row change. Take the maximum of each row.",
        shares_from("lj.amin(1, keepdim=True)"): f"The smallest entry {OVERFLOW}",
        shares_from(
            "lj.mean(1, keepdim=True)"
        ): "The mean of a row is taken away: the largest entry can then overflow. Which entry has to become 0?",
        (shares_from("lj[:, :1]"), shares_from("lj[:, -1:]")): f"Always the same entry {OVERFLOW}",
    }
)


# --- pairs from the model -------------------------------------------------------------------------

N = 3000
PRIOR = torch.tensor([0.7, 0.1, 0.2])
MU = torch.tensor([[2.0, -3.0], [-1.5, 4.0], [5.0, 1.0]])
VAR = torch.tensor([[0.25, 2.56], [4.0, 0.49], [6.25, 0.09]])


def pairs(n, k=3, d=2):
    """How many pairs, and a model whose classes lie apart; or a drawn model of another size."""
    parts = (PRIOR, MU, VAR) if (k, d) == (3, 2) else model(1, k, d)[1:]
    return {"n": n, **{key: x.clone() for key, x in zip(("prior", "mu", "var"), parts)}}


def side_by_side(play):
    """x and y in one table, once the labels are such."""
    x, y = play.result
    if y.min() < 0 or y.max() >= len(PRIOR):
        raise CheckError(
            f"the labels run from {int(y.min())} to {int(y.max())}, expected 0 to {len(PRIOR) - 1}.",
            "Class k is row k of mu.",
        )
    return torch.cat([x, y[:, None]], 1)


def clouds_of(name, z, other):
    """How the pairs lie: labels, then means, spreads and tails of x of each class.

    A right answer misses a limit once in a million times.
    """
    x, y = z[:, :-1], z[:, -1].long()
    yield from anew(z, other)
    share = torch.bincount(y, minlength=3) / len(y)
    words = f"the shares of the labels in {len(y)} pairs are {{}}"
    yield Aspect("shares", share, words, FIRST, same=lambda a, b: (a - b).abs().max() < 0.07)
    parts = [x[y == k] for k in range(3)]
    mean, std = torch.stack([p.mean(0) for p in parts]), torch.stack([p.std(0) for p in parts])
    yield own_noise(x, y, std)
    yield Aspect("means", (mean, std), told_means, means_advice, same=same_means)
    noise = torch.cat([(p - p.mean(0)) / p.std(0) for p in parts])
    line = float((noise[:, 0] * noise[:, 1]).mean())
    words = "the two features of a class are correlated by {}"
    yield Aspect("line", line, words, LINE, same=lambda a, b: abs(a - b) < 0.2)
    fourth, third = float((noise**4).mean()), abs(float((noise**3).mean()))
    tails = "normal" if 2.4 < fourth < 3.9 and third < 0.5 else "short" if fourth < 2.4 else "other"
    words = f"the noise has the third and fourth moment {third:.2f} and {fourth:.2f}, expected 0 and 3."
    yield Aspect("tails", tails, lambda a, b: words, TAILS)
    yield Aspect("stds", std, told_stds, SCALED, same=same_stds)


def anew(z, other):
    """Whether another call draws other points and other labels."""
    same = "the same" if torch.equal(z[:, :-1], other[:, :-1]) and z[:, :-1].std() > 0 else "new"
    yield Aspect("fresh points", same, "two calls give {} points", FRESH)
    same = "the same" if torch.equal(z[:, -1], other[:, -1]) and len(z[:, -1].unique()) > 1 else "new"
    yield Aspect("fresh labels", same, "two calls give {} labels", FRESH_LABELS)


def own_noise(x, y, std):
    """Whether each example has noise of its own."""
    words = "all samples of a class are the same point, expected a cloud around its mean."
    few = min(len(column.unique()) for column in x.T) < len(x) / 2
    if std.max() < 1e-6:
        found = "no noise" if near(x, MU.double()[y]) else "one noise"
    elif few:
        found = "few"
        words = f"one feature of {len(x)} points takes few values, expected a new one in each point."
    else:
        found = "its own"
    return Aspect("noise", found, lambda a, b: words, NOISE)


def same_means(a, b):
    """Whether the means agree within their noise."""
    error = torch.maximum(a[1], b[1]) / (N * PRIOR[:, None]).sqrt()
    return bool(((a[0] - b[0]).abs() < 8 * error + 1e-4).all())


def same_stds(a, b):
    """Whether the standard deviations agree within their noise."""
    return bool(((a / b).log().abs() < 5.5 / (N * PRIOR[:, None]).sqrt()).all())


def told_means(seen, expected):
    """The class whose mean is furthest off."""
    k = int((seen[0] - expected[0]).abs().amax(1).argmax())
    return f"x of class {k} has the mean {told(seen[0][k])}, expected {told(MU[k])}."


def told_stds(seen, expected):
    """The class whose spread is furthest off."""
    k = int((seen / expected).log().abs().amax(1).argmax())
    return f"x of class {k} has the standard deviation {told(seen[k])}, expected {told(VAR[k].sqrt())}, from var = {told(VAR[k])}."


def means_advice(seen, expected):
    """What to try for means that no known mistake gives."""
    if not torch.isfinite(seen[0]).all():
        return "nan comes from a root of something negative, perhaps."
    return "Something shifts or folds the noise, or x and y no longer belong together: noise has the mean 0, and row n of x belongs to y[n]."


FRESH = "Draw inside the function, without a seed: seed once, at the top of the notebook."
FRESH_LABELS = "A seed inside the function, or rounding n * prior, fixes them: each label is drawn from the prior."
FIRST = "The labels come first, each drawn from the prior, and then x from their class."
LINE = "The points lie on a line. Each feature has its own noise: (n, d) numbers, not (n, 1)."
SCALED = "Noise from N(0, 1), times the standard deviation of the class, gives it."
NOISE = {
    "no noise": "Draw two of one class: should they be equal?",
    "one noise": "The noise is drawn once for all: (n, d) numbers are needed.",
    "few": "Draw noise for every example and feature, (n, d) numbers, and leave it as it is: not rounded, not clipped.",
}
TAILS = {
    "short": "That looks uniform, or clipped: where are its tails?",
    "other": "Those are not the tails of N(0, 1): look at the distribution that you draw from.",
}


class Pairs(Draw):
    """Labels and points; a single pair draws its label, too."""

    def observe(self, answer, name, tape):
        """As a draw, and then the labels of single pairs."""
        yield from super().observe(answer, name, tape)
        cast = self.made(91, {"n": 1}).values()
        found = {int(answer(*cast)[1]) for _ in range(60)}
        labels = "several labels" if len(found) > 1 else "the same label"
        words = "60 calls for one pair each give {}"
        yield Aspect("single labels", labels, words, "Rounding n * prior fixes it: draw each one.")


ONE_EACH = "One row of x and one label for each of the n examples, each drawn on its own."
EVERY = {(7, 3, 2): "This is x, with a point from every class: take the one that y names."}
ROWS = (
    "mu and var have one row per class, and the noise has one per example: pick the rows of both with y, as in mu[y]."
)


@exercise(
    Pairs(
        pairs,
        [{"n": 7}, {"n": 5, "k": 2, "d": 4}, {"n": 1}, {"n": 2}],
        chance={"n": N},
        drawn=lambda play: {"pairs": side_by_side(play)},
        lies=clouds_of,
        parts=("x", "y"),
        wide=True,
        hints={
            "seed": FRESH,
            "shape": axes(((7,), (7, 2)), {**SIZES, "example": [7]}, ONE_EACH, EVERY),
            "dtype": "x holds real numbers, and y whole ones: labels are indices.",
        },
        causes={r"a \((3\) .* b \(7|7\) .* b \(3)\) .* dimension 0": ROWS},
    ),
    "helpers.gaussians:sample_from_model",
    "The model now draws new pairs, data and label both.",
)
def sample_from_model(n, prior, mu, var):
    """n new pairs (x, y): y from the prior, x from its class."""
    y = torch.multinomial(prior, n, replacement=True)
    mean, std, z = mu[y], var[y].sqrt(), torch.randn_like(mu[y])
    x = mean + std * z
    return x, y


APART_DRAWN = "All classes have the same mean: y and x are drawn apart, or all classes are mixed. Draw y first, then x from the class that y names."
NEIGHBOUR = "Class k gets the {} of its neighbour."
ONE_CLASS = "All points come from one class: take the one that y names."
ONE_SPREAD = "All classes have one spread: take the one that y names."
sample_from_model.mistakes.update(
    {"y, x": "The two results are swapped: x comes first, then y."}
    | instead(
        "torch.multinomial(prior, n, replacement=True)",
        {
            "torch.randint(0, len(prior), (n,))": "All classes are equally frequent: the prior takes no part in the labels.",
            "prior.argmax().repeat(n)": "Every label is 0: the most probable class is not the only one.",
            "torch.multinomial(prior.softmax(0), n, replacement=True)": "The prior went in as logits: it holds probabilities, and their logs would be logits.",
            "torch.multinomial(prior, 1).expand(n)": "Every label is the same: draw each one.",
            "torch.multinomial(prior.flip(0), n, replacement=True)": "The order of the classes is turned around.",
            (
                "torch.multinomial(prior.roll(1), n, replacement=True)",
                "torch.multinomial(prior.roll(-1), n, replacement=True)",
            ): NEIGHBOUR.format("share"),
            "torch.multinomial(prior ** 2, n, replacement=True)": "The prior takes part twice.",
            "torch.multinomial(1 / prior, n, replacement=True)": "Rare classes are drawn most.",
        },
    )
    | instead(
        "mean + std * z",
        {
            (
                "mu[y[torch.randperm(n)]] + std * z",
                "(mean + std * z)[torch.randperm(n)]",
                "prior @ mu + (prior @ var).sqrt() * z",
            ): APART_DRAWN,
            "mu.mean(0) + std * z": "All classes share one mean: take the one that y names.",
            "std * z": "The mean takes no part: the clouds lie around 0.",
            "std * z - mean": "The sign of the mean is turned.",
            "2 * mean + std * z": "The mean is added twice.",
            ("(mean + z) * std", "(mean + z) * var[y]"): "The mean is scaled too: only the noise is.",
            "mean + std * torch.rand_like(z)": "All noise is positive and below 1: compare the names rand and randn.",
            (
                "mean + std * (1 + z)",
                "mean + (std * z).abs()",
            ): "The noise does not have the mean 0: something shifts or folds it.",
            "mu[y - 1] + std * z": NEIGHBOUR.format("mean"),
            "mu.flip(0)[y] + std * z": "The classes stand in the wrong order.",
            tuple(f"mu[{k}] + var[{k}].sqrt() * z" for k in (0, 1, -1)): ONE_CLASS,
        },
    )
    | instead(
        "var[y].sqrt()",
        {
            "1": "The noise is not scaled: each class has its own spread.",
            "var[y]": "var itself scales the noise: x = mu + sigma * eps. Is var sigma?",
            "var[y] ** 0.25": "The root is taken twice.",
            "var[y] ** 2": "The variance is squared: its root is asked for.",
            "1 / var[y].sqrt()": "You divide by the standard deviation: which class is wider, then?",
            "1 / var[y]": "You divide by the variance.",
            "(0.5 * var[y]).exp()": "var is read as a log variance: its root is asked for.",
            "var[y].exp()": "var is read as a log: its root is asked for.",
            "0.5 * var[y]": "Half of var is not its root.",
            (
                "var.sqrt().mean(0)",
                "var.mean(0).sqrt()",
                "(prior @ var).sqrt()",
                *(f"var[{k}].sqrt()" for k in (0, 1, -1)),
            ): ONE_SPREAD,
            "var[y].sqrt().mean(1, keepdim=True)": "All features have one spread: each has its own.",
            "var[y - 1].sqrt()": NEIGHBOUR.format("spread"),
            "var[y].sqrt().flip(1)": "The spreads of the features are exchanged.",
            "2 * var[y].sqrt()": "The noise is doubled.",
            "0.5 * var[y].sqrt()": "The noise is halved.",
        },
    )
)


# --- a step of the classifier ---------------------------------------------------------------------


class Linear(Spy):
    """A linear classifier, which shows its weights as one."""

    weight = property(lambda self: self.body.weight)
    bias = property(lambda self: self.body.bias)
    moody = property(lambda self: True, lambda self, value: None)  # as if it had dropout
    goes_in = "The whole batch x goes into {}, one example a row."


def batch(n=6, d=3, num_classes=4):
    """A classifier with large weights, its optimiser and a batch."""
    body = nn.Linear(d, num_classes)
    with torch.no_grad():
        body.weight.normal_(), body.bias.normal_()
    net = Linear(body, (d,), rate=0.3)
    y = torch.randint(0, num_classes, (n,))
    return {"model": net, "opt": WatchedSGD(net), "x": torch.randn(n, d), "y": y}


class Training(Step):
    """A step whose loss should come back as a number of Python."""

    def remarks(self, answer, tape):
        """Those of a step, and on what comes back."""
        found = self.played(answer, tape, 50, {}).result
        yield Aspect("float", type(found).__name__, hint=NO_FLOAT, role=REMARK)
        loss = torch.tensor(found if isinstance(found, float) else 0.0)
        yield Aspect("loss", loss, hint=OTHER_LOSS, role=REMARK, same=lambda a, b: a == 0 or near(a, b))
        yield from super().remarks(answer, tape)


NO_FLOAT = "The docstring asks for a float: loss.item() is one, without history."
OTHER_LOSS = "The number that comes back is not the loss of the batch that the step starts from."


@exercise(
    Training(
        batch,
        ["model"],
        [{}, {"again": True}, {"n": 1, "d": 2, "num_classes": 3}, {"n": 9, "d": 5, "num_classes": 2}],
        hints={
            "silent": "The logits come from it: model(x).",
            "shown": "Hand the whole batch over, as it comes in.",
            "mode of model": "A model with dropout would learn without it: leave eval() out.",
            "update direction": "Cross entropy of the logits and y, mean over the batch.",
        },
    ),
    "helpers.training:classifier_step",
    "The classifier now learns p(y | x) directly.",
)
def train_step(model, opt, x, y):
    """One gradient step on the mean cross entropy of the logits."""
    logits = model(x)
    loss = F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


ADDED = "The losses are added over the batch, so that the step grows with the batch size. Average them instead."
TWICE = "A softmax is applied twice: cross entropy contains one. Hand the logits over as they are."
NOT_LOGS = "nll_loss wants log probabilities: log_softmax of the logits."
SQUARED = "This is a squared error: right elsewhere. Here the loss is the cross entropy of the logits."
EACH_ALONE = "This is a binary cross entropy for each class alone: the classes exclude each other, so one softmax over all of them is asked for."
LEFT_OVER = "The gradient of the call before is still in the update: backward() adds to .grad, it does not overwrite."
SMOOTH = "This is label smoothing: right elsewhere; here the plain labels are asked for."
ONE_HOT = "F.one_hot(y, logits.shape[1]).float()"
train_step.mistakes.update(
    {"opt.zero_grad() -> pass": LEFT_OVER}
    | instead(
        "F.cross_entropy(logits, y)",
        {
            "-F.cross_entropy(logits, y)": "The sign is turned: the loss grows. The optimiser goes down by itself.",
            "F.cross_entropy(logits, y, reduction='sum')": ADDED,
            ("F.cross_entropy(logits.softmax(1), y)", "F.cross_entropy(logits.sigmoid(), y)"): TWICE,
            ("F.nll_loss(logits, y)", "F.nll_loss(logits.softmax(1), y)", "F.nll_loss(logits.sigmoid(), y)"): NOT_LOGS,
            (
                "F.nll_loss(F.logsigmoid(logits), y)",
                f"F.binary_cross_entropy_with_logits(logits, {ONE_HOT})",
                f"F.binary_cross_entropy(logits.softmax(1), {ONE_HOT})",
                f"F.binary_cross_entropy_with_logits(logits, {ONE_HOT}, reduction='sum') / len(y)",
            ): EACH_ALONE,
            "F.nll_loss(logits.log(), y)": "That is the log of a logit. A logit may be negative, and then has no log: cross entropy takes the log of a softmax.",
            (
                f"F.mse_loss(logits, {ONE_HOT})",
                f"F.mse_loss(logits.softmax(1), {ONE_HOT})",
                f"F.mse_loss(logits.sigmoid(), {ONE_HOT})",
                f"((logits - {ONE_HOT}) ** 2).sum(1).mean()",
                f"((logits.softmax(1) - {ONE_HOT}) ** 2).sum(1).mean()",
            ): SQUARED,
            "F.cross_entropy(logits, y) / logits.shape[1]": "The mean runs over the classes as well: each example has one loss.",
            "F.cross_entropy(logits, logits.argmax(1))": "The model's own predictions are its labels: y takes no part.",
            "F.multi_margin_loss(logits, y)": "This is a hinge loss: right elsewhere. Here the cross entropy of the logits is asked for.",
            "F.nll_loss(logits.log_softmax(0), y)": "The softmax runs over the examples: the classes of one example compete with each other.",
            "F.cross_entropy(logits[:1], y[:1])": "Only the first example counts: average over the batch.",
            "F.cross_entropy(logits, y.flip(0))": "The labels stand in another order than the examples.",
            "F.cross_entropy(logits, (y + 1) % logits.shape[1])": "The labels are shifted by one: the first class is class 0.",
            "F.cross_entropy(logits, 0 * y)": "Every example gets the label 0: y takes no part.",
            "F.cross_entropy(logits.mean(0, keepdim=True).expand_as(logits), y)": "The logits are averaged first. Average the losses: each example is judged on its own.",
            "F.cross_entropy(logits, y).exp()": "exp of the loss is lowered: the cross entropy itself is asked for.",
            "F.cross_entropy(logits, y) ** 2": "The square of the loss is lowered: the cross entropy itself is asked for.",
            "logits.mean()": "The mean logit is lowered, and y takes no part.",
            "-logits.log_softmax(1)[:, y].mean()": "Every example meets the labels of all others: [:, y] takes whole columns, and each row has one label.",
            tuple(f"F.cross_entropy(logits, y, label_smoothing={e})" for e in (0.05, 0.1, 0.2)): SMOOTH,
        },
    )
)


# --- what is not seen -----------------------------------------------------------------------------


def masked(n=0, k=3, mask="101", size=0.0):
    """Two classes and three features to work by hand, the second unseen, or drawn ones; rubbish in its place."""
    seen = torch.tensor([letter == "1" for letter in mask])
    if n:
        x, prior, mu, var = model(n, k, len(mask))
        x = torch.where(seen, size * x.sign() if size else x, 7.0 + torch.randn(n, 1))
    else:
        parts = classes()
        prior, tables = torch.tensor([0.6, 0.4]), (parts["x"], parts["mu"][:2], parts["var"][:2])
        x, mu, var = (torch.cat([t, t.flip(0)[:, :1]], 1) for t in tables)
    return {"x": x, "seen": seen, "prior": prior, "mu": mu, "var": var}


UNCUT = "x has 2 features left and mu or var still 3: cut them, too."
NO_VARIANCE = "A variance set to 0 is no missing feature: leave the column out."


UNLIKE = "2 features are left in one place and 3 in another: cut x, mu and var alike."
ROW_MASK = "seen has one entry per feature, not per row: it belongs on the axis of the features."


@exercise(
    formula(
        masked,
        sizes(
            "n k mask", (6, 3, "10110"), (4, 3, "01001"), (2, 3, "11111"), (5, 3, "00100"), (3, 3, "101"), (1, 2, "101")
        ),
        "the log joint",
        "Work one class by hand with a single seen feature.",
        axes((4, 2), {"example": [4], "class": [2], "feature": [2, 3]}, special={(2, 4): STACKED}),
        {"far": UNDERFLOW},
        rows={"x": 0},
        far=[{"n": 3, "k": 2, "mask": "1" * MANY + "0"}, {"n": 4, "k": 2, "size": 40.0}],
        causes={
            r"shape of the mask \[\d+\] at index 0": ROW_MASK,
            r"a \(2\) .* b \(3\)|2\]\) vs torch.Size\(\[[\d, ]*3\]": UNCUT,
            r"a \(3\) .* b \(2\)|3\]\) vs torch.Size\(\[[\d, ]*2\]": UNLIKE,
            r"parameter scale .* satisfy the constraint": NO_VARIANCE,
        },
    ),
    "helpers.gaussians:log_joint_missing",
    "The model now classifies what is only partly seen.",
    stretch=True,
)
def log_joint_missing(x, seen, prior, mu, var):
    """The log joint of the seen features alone."""
    return log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])


SEEN = "log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])"
AT_MEAN = "At its mean a density is not 1: the terms with log var and 2 pi of the unseen features are still there, and the narrower class is favoured. What is the integral of a density?"
GUESSED = "that is a guess. An unseen feature contributes its integral."
log_joint_missing.mistakes.update(
    {
        "log_joint(x, prior, mu, var * seen)": NO_VARIANCE,
        "log_joint(x, prior, mu, var)": "seen takes no part: what stands in an unseen place decides the class. Change that placeholder: should the answer change?",
        "log_joint(x[:, ~seen], prior, mu[:, ~seen], var[:, ~seen])": "The unseen features are used and the seen ones dropped: True means seen.",
        "log_joint(x * seen, prior, mu * seen, var)": AT_MEAN,
        "log_joint(x * seen, prior, mu, var)": "The unseen features count as 0: that is a guess, and it favours the class near 0. An unseen feature contributes its integral.",
        tuple(
            f"log_joint(torch.where(seen, x, {fill}), prior, mu, var)"
            for fill in ("mu.mean(0)", "prior @ mu", "x.mean(0)")
        ): f"The unseen features are filled with an average: {GUESSED}",
        "log_joint(x, prior, mu * seen, var)": "Only mu is cut, and the rubbish in the unseen places of x still counts: leave the whole column out.",
        f"{SEEN} - (~seen).sum() * math.log(2 * math.pi) / 2": "The constant with 2 pi is still counted for the unseen features.",
        f"{SEEN} - var[:, ~seen].log().sum(1) / 2": "log var is still counted for the unseen features: the narrower class is favoured.",
        f"({SEEN} - prior.log()) * len(seen) / seen.sum() + prior.log()": "The seen features are scaled up to make good for the unseen ones: what is not seen is no evidence.",
        f"({SEEN} - prior.log()) / len(seen) + prior.log()": "You average over the features, the unseen ones among them. The log of a product over features is a sum of logs.",
        "d = int(seen.sum())\nreturn log_joint(x[:, :d], prior, mu[:, :d], var[:, :d])": "The first columns are taken, as many as are seen: seen says which ones.",
    }
)


# --- three more -----------------------------------------------------------------------------------


DEEPER = "At -3000, where pictures get to, it stops being right: take out the row's maximum."


@exercise(
    formula(
        joints,
        TABLES,
        "log p(x)",
        "Work one row by hand, through exp and log: p(x) is the sum of the p(x, y) over y.",
        axes((4,), TABLE, "p(x) is the sum of the p(x, y) over the classes."),
        {
            "far": f"{NEARER} In float32 exp(-500) is 0, and a log of 0, or of something small that was added to it, is not log p(x): is there a way to take the largest entry of a row out of the sum?"
        },
        rows={"log_joint": 0},
        far=deep(500),
        optional=[({"far": 3000 * APART}, DEEPER)],
    ),
    "helpers.gaussians:log_marginal",
    "You can now say how likely x itself is.",
    stretch=True,
)
def log_marginal(lj):
    """log p(x), the log of the sum of the joint."""
    return torch.logsumexp(lj, dim=1)


LSE = "lj.logsumexp(1)"
log_marginal.mistakes.update(
    {
        "lj.amax(1)": "That is the best class alone. Is p(x) the largest p(x, y) or the total?",
        f"{LSE} - math.log(lj.shape[1])": "That is an average over the classes. The class weights p(y) are in the joint already: should you weight again?",
        "lj.sum(1)": "You add the logs: that multiplies the probabilities. p(x) is the sum of the p(x, y).",
        "lj.mean(1)": "You average the logs. p(x) is the sum of the p(x, y): go through the probabilities.",
        "lj.exp().sum(1)": "That is p(x): its log is asked for, and exp(-500) is 0 in float32.",
        "0 * lj[:, 0]": "That is always 0: the posterior adds up to 1, whatever x is. Add up the joint.",
        f"-{LSE}": "The sign is turned: log p(x) is a log probability, not a loss.",
        f"{LSE} - lj.amax(1)": "The maximum that was taken away before exp has to come back after the log.",
        f"{LSE} - 2 * lj.amax(1)": "The maximum that was taken away before exp has to be added again, not subtracted.",
        f"(lj - {MAX}).exp().sum(1) + lj.amax(1)": "The log of the sum is missing: the maximum is a log, and the sum is not.",
        **{f"{LSE}{over}": BASE.format(base) for base, over in BASES.items()},
        f"{LSE} + math.log(lj.shape[1])": "log K is added: the joint is summed as it is.",
        "lj.exp().sum(1).log1p()": "log1p takes the log of 1 + p(x): log of p(x) alone.",
        "torch.logaddexp(lj[:, 0], lj[:, 1])": "Only two of the classes are added.",
        "lj.max() + (lj - lj.max()).exp().sum(1).log()": ROWWISE,
        tuple(
            f"lj[:, {k}] + (lj - lj[:, {k}][:, None]).exp().sum(1).log()" for k in (0, -1)
        ): f"Always the same entry {OVERFLOW}",
    }
)


def decisions(n=0, k=3, shift=0.0):
    """A log joint whose best classes are clear: four rows to see, or n drawn ones."""
    table = torch.tensor([[0.1, 0.3, 0.05], [0.2, 0.02, 0.1], [0.03, 0.06, 0.24], [0.01, 0.05, 0.002]]).log()
    if n:
        table = -0.7 * torch.rand(n, k).argsort(1).float() - 0.5 - 4 * torch.rand(n, 1)
    return {"log_joint": table + shift}


BY_LOGS = (
    "exp(-800) is 0 in float32, for all classes, and the first one wins. The log keeps the order: compare the logs."
)
PLACES = {
    (): "That is one index for the whole table. How many predictions do 4 rows need?",
    (3,): "There is one entry per class: which axis runs over the classes?",
    (4, 3): "That is one entry per class and example: one label per example is asked for.",
}
INDEX = "Whole numbers such as torch.int64 are asked for: a label is an index."


@exercise(
    formula(
        decisions,
        [*sizes("n k", (3, 3), (2, 5), (1, 4), (40, 3)), {"n": 5, "k": 4, "shift": 6.0}],
        "the label",
        "Which entry of the row is the largest?",
        axes((4,), TABLE, "Which axis runs over the classes?", PLACES),
        {"far": BY_LOGS, "dtype": INDEX},
        rows={"log_joint": 0},
        far=[{"n": 6, "shift": -800.0}],
    ),
    "helpers.gaussians:predict",
    "Every row now has its most probable class.",
    stretch=True,
)
def predict(lj):
    """The index of the largest entry of each row."""
    return lj.argmax(dim=1)


predict.mistakes.update(
    {
        (
            "lj.amax(1)",
            "lj.softmax(1).amax(1)",
            "lj.exp().amax(1)",
        ): "That is the largest value of each row: its place is asked for.",
        "lj.argmin(1)": "That is the least probable class: a log closer to 0 is more.",
        "lj.abs().argmax(1)": "That is the least probable class where logs are negative: abs turns their order around.",
        "lj.softmax(0).argmax(1)": "The columns are normalised before the rows are compared: that changes the order in a row. Over which axis do you normalise?",
        "lj.argmax(1) + 1": "The labels start at 1: the first class is class 0.",
        "lj.argmax(1) - 1": "The labels are one too low: the first class is class 0.",
        "lj.argsort(1)[:, -2]": "That is the second best class.",
        "(lj[:, 1] > lj[:, 0]).long()": "Only the classes 0 and 1 are compared: there are more.",
        "lj.argmax(0)[torch.arange(len(lj)) % lj.shape[1]]": "That is the best example for a class: dim=0 runs over the examples.",
        "torch.multinomial(lj.softmax(1), 1)[:, 0]": "A label is drawn, and two calls give different ones. Take the most probable one.",
        "torch.zeros(len(lj), dtype=torch.long)": "Every example gets class 0.",
    }
)


ODDS = ((0.1, 0.3), (0.4, 0.05), (0.2, 0.2), (0.01, 0.08))
BELOW = torch.tensor([[-300.0, -302.5], [-301.0, -300.5], [-310.0, -300.0]])
BEYOND = torch.tensor([[-300.0, -700.0], [-650.0, -300.0], [-20.0, -230.0]])


def odds(n=0, rows=None):
    """A log joint of two classes: four rows to work by hand, n drawn ones, or these."""
    table = torch.randn(n, 2) * 2 - 3 if n else torch.tensor(ODDS).log()
    return {"log_joint": table if rows is None else rows.clone()}


POSTERIORS = "That is a difference of posteriors, at most 1: the border is the same, and it is no LOG ratio. Look at a point far inside a class."


@exercise(
    formula(
        odds,
        sizes("n", (7,), (1,), (2,)),
        "the log odds",
        "A log ratio is a difference of logs: work one row by hand.",
        axes((4,), {"example": [4], "class": [2]}, "The odds compare the two classes of each row."),
        {
            "far": f"{NEARER} The way through probabilities rounds: exp(-300) is 0 in float32, and so is the posterior of the losing class far from the border. Simplify log(exp(a) / exp(b)) on paper first."
        },
        rows={"log_joint": 0},
        far=[{"rows": BELOW}, {"rows": BEYOND}],
    ),
    "helpers.gaussians:log_odds",
    "The border between two classes is now where it is 0.",
    stretch=True,
)
def log_odds(lj):
    """log p(y = 1 | x) - log p(y = 0 | x)."""
    return lj[:, 1] - lj[:, 0]


DIFFERENCE = "(lj[:, 1] - lj[:, 0])"
log_odds.mistakes.update(
    {
        f"-{DIFFERENCE}": "The sign is turned: positive has to mean class 1.",
        "lj[:, 1] / lj[:, 0]": "That is a ratio of logs. Odds are a ratio of probabilities: what is log(a / b)?",
        "lj[:, 0] / lj[:, 1]": "That is a ratio of logs: what is log(a / b)?",
        ("lj.softmax(1)[:, 1] - lj.softmax(1)[:, 0]", "lj.softmax(1)[:, 0] - lj.softmax(1)[:, 1]"): POSTERIORS,
        f"{DIFFERENCE}.exp()": "Those are the odds: their log is asked for.",
        "lj.exp()[:, 1] - lj.exp()[:, 0]": "That is a difference of probabilities: a log ratio is a difference of logs.",
        "lj.softmax(1)[:, 1]": "That is the posterior of class 1: the odds compare it with class 0, and then comes a log.",
        "lj.log_softmax(1)[:, 1]": "That is the log posterior of class 1: the odds compare it with class 0.",
        f"{DIFFERENCE}.abs()": "abs hides which class wins: positive means class 1, negative class 0.",
        "lj[:, 1]": "Only class 1 is there: the odds compare it with class 0.",
        "lj.sum(1)": "You add the logs, which multiplies the probabilities: odds are their ratio.",
        f"{DIFFERENCE}.log()": "The log of a difference of logs: log p is a log already.",
        "lj[:, 1].log() - lj[:, 0].log()": "A log of logs: log p is a log already, and a negative number has none.",
        "(lj[:, 1] / lj[:, 0]).log()": "A log of a ratio of logs: log p is a log already.",
        f"{DIFFERENCE} / 2": "The difference is halved.",
        f"{DIFFERENCE} / math.log(2)": BASE.format(2),
        f"{DIFFERENCE} / math.log(10)": BASE.format(10),
        f"{DIFFERENCE}.sign()": "Only the sign is left: how sure the model is, is in the size.",
        "lj.argmax(1)": "That is the predicted label: the odds also say how sure the model is.",
        "lj.sum(1) - 2 * lj.logsumexp(1)": "p(x) cancels in the ratio: it is not taken away twice.",
    }
)
