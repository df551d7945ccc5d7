"""Laws of what is counted and averaged from labelled data: class priors, means and variances."""

import itertools

import torch
import torch.nn.functional as F

from helpers.checks.laws.basics import diagnosis, has_shape, kind_of
from helpers.checks.laws.formulas import Formula, close, is_one_tensor, shown, stays
from helpers.checks.laws.old import CheckError, expect


def counts(y, num_classes):
    """How often each class occurs, as real numbers."""
    return F.one_hot(y, num_classes).sum(0).float()


def label_cases():
    """Labels worked by hand, with an absent class in the middle and at the end, and drawn ones."""
    worked = torch.tensor([3, 0, 1, 0, 3, 0, 0, 1, 3, 0])
    drawn = torch.cat([torch.tensor([5, 2, 2, 4, 0, 1, 3]), torch.randint(0, 6, (16,))])
    small = [(torch.tensor([1]), 2), (torch.tensor([0, 0, 2, 0]), 3), (torch.full((7,), 2), 4)]
    return [(worked, 5), (drawn, 6), (worked, 4), *small]


def inverse_weights(y, num_classes):
    """Weights that balance the classes, adding up to 1."""
    weights = 1 / counts(y, num_classes).clamp(min=1)
    return weights / weights.sum()


PRIOR_SUSPECTS = [
    (
        lambda y, k: torch.full((k,), 1 / k),
        "Every class gets the same share: y takes no part. Count how often each class occurs.",
    ),
    (
        counts,
        "Those are counts: what do the entries of a probability vector add up to?",
    ),
    (
        lambda y, k: counts(y, k) / k,
        "You divide by the number of classes. Each count is out of how many examples?",
    ),
    (
        lambda y, k: counts(y, k) // len(y),
        "// rounds down to a whole number, and a share is below 1.",
    ),
    (
        lambda y, k: (counts(y, k) / len(y)).round(),
        "The shares are rounded to whole numbers: stay with real ones.",
    ),
    (
        lambda y, k: counts(y, k) / (len(y) - 1),
        "You divide by N - 1, as for a variance. A share is out of all N examples.",
    ),
    (
        lambda y, k: counts(y, k) / counts(y, k).max(),
        "You divide by the largest count: the shares have to add up to 1.",
    ),
    (
        lambda y, k: (counts(y, k) + 1) / (len(y) + k),
        "You add one to every count (Laplace smoothing): right elsewhere; here the plain shares "
        "are asked for, and a class that never occurs has share 0.",
    ),
    (
        lambda y, k: counts(y, k).softmax(0),
        "softmax takes exp of the counts: the frequent class gets nearly all. Divide instead.",
    ),
    (
        lambda y, k: (counts(y, k) / len(y)).softmax(0),
        "The shares add up to 1 already: softmax bends them.",
    ),
    (
        lambda y, k: (counts(y, k) / len(y)).log(),
        "Those are log priors: the log is taken later, in log_joint.",
    ),
    (lambda y, k: 100 * counts(y, k) / len(y), "Those are percentages: shares add up to 1."),
    (inverse_weights, "Rare classes get most: those are weights that balance the classes."),
    (
        lambda y, k: len(y) / counts(y, k),
        "The fraction stands upside down: rare classes get a large number.",
    ),
    (
        lambda y, k: counts(y, k) / (counts(y, k) > 0).sum(),
        "You divide by the number of classes that occur. Each count is out of how many examples?",
    ),
    (
        lambda y, k: (counts(y, k) > 0) / (counts(y, k) > 0).sum(),
        "Every class that occurs gets the same share. Count how often each one does.",
    ),
    (
        lambda y, k: torch.zeros(k),
        "All are 0: a division rounds down, or a comparison never holds. A tensor of one label "
        "is no number: look at what == and the counting get.",
    ),
]


def _prior_hint(args, shape):
    y, k = args
    hints = {
        (len(y.unique()),): "Only the classes that occur in y have an entry. A class that is "
        "absent has one as well, with the share 0.",
        (int(y.max()) + 1,): "The entries end at the largest label in y. num_classes says how "
        "many there are: the last classes may be absent.",
        (len(y),): "That is one number per example: which axis runs over the classes?",
        (len(y), k): "That is one row per example: average over the examples.",
        (k, len(y)): "That is one column per example: average over the examples.",
        (1, k): "One axis is left over: (K,) is asked for.",
        (k, 1): "One axis is left over: (K,) is asked for.",
        (): "That is one number: each class has a prior of its own.",
    }
    return hints.get(shape, "One entry per class, num_classes of them.")


PRIORS = Formula(
    right=lambda y, k: counts(y, k) / len(y),
    suspects=PRIOR_SUSPECTS,
    comes="the priors, (K,)",
    told=lambda args, _: f"y = {shown(args[0], 'g', 10)} with num_classes = {args[1]}",
    hints=_prior_hint,
    advice=lambda results, cases: _not_one(results[0]),
    otherwise="Count by hand how often each class occurs, out of how many examples.",
    rows=False,
)


def _not_one(result):
    """Words for priors that do not add up to 1, or None."""
    total = result.double().sum() if torch.is_tensor(result) else 1
    return None if abs(total - 1) < 1e-3 else f"They add up to {total:.3g}, expected 1."


# --- mean and variance of each class --------------------------------------------------------------


def cloud_cases():
    """Labelled points: one case by hand, and drawn ones with unequal classes in mixed order."""
    x = torch.tensor([[1, 4], [7, 2], [3, 0], [8, 2.5], [2, 8], [8.5, 1], [0.5, 3], [6, 1.5]])
    worked = (x, torch.tensor([2, 0, 1, 0, 1, 0, 2, 1]), 3)
    return [worked, _clouds(3, 2, (4, 7, 5)), _clouds(2, 5, (9, 3)), _clouds(4, 1, (3, 4, 5, 6))]


def _clouds(k, d, sizes):
    centres = 3 * torch.randn(k, d) + torch.arange(k)[:, None] * 2
    y = torch.repeat_interleave(torch.arange(k), torch.tensor(sizes))[torch.randperm(sum(sizes))]
    return centres[y] + (0.4 + torch.rand(k, d) * 1.6)[y] * torch.randn(len(y), d), y, k


def by_class(statistic):
    """From a statistic of (rows, all rows) to one row per class."""
    return lambda x, y, k: torch.stack([statistic(x[y == j], x) for j in range(k)])


def biased(rows, _=None):
    """Variance of each feature, divided by the number of rows."""
    return ((rows - rows.mean(0)) ** 2).mean(0)


def unbiased(rows, _=None):
    """Variance of each feature, divided by one less."""
    return ((rows - rows.mean(0)) ** 2).sum(0) / (len(rows) - 1)


def about_overall_mean(rows, x):
    """Variance of the class about the mean of all data."""
    return ((rows - x.mean(0)) ** 2).mean(0)


MEAN = by_class(lambda rows, _: rows.mean(0))
VARIANCES = by_class(biased), by_class(unbiased)


def _pooled(x, y, k):
    """One variance within the classes, the same for each of them."""
    return ((x - MEAN(x, y, k)[y]) ** 2).mean(0).expand(k, -1)


MU_SUSPECTS = [
    (
        by_class(lambda rows, x: x.mean(0)),
        "All rows of mu are equal, the mean of all data. Whose average should row k be?",
    ),
    (by_class(lambda rows, _: rows.sum(0)), "That is a sum: how many examples has class k?"),
    (
        by_class(lambda rows, x: rows.sum(0) / len(x)),
        "The sum over class k is divided by the size of the whole data. How many examples has "
        "class k?",
    ),
    (
        lambda x, y, k: by_class(lambda rows, _: rows.sum(0))(x, y, k) / k,
        "The sum over class k is divided by the number of classes. How many examples has class k?",
    ),
    (
        by_class(lambda rows, _: rows.median(0).values),
        "That is the median: the mean of a Gaussian is estimated by the average.",
    ),
    (
        by_class(lambda rows, _: rows.mean().expand(rows.shape[1])),
        "All features of a class share one number. A centre is a point: average over the "
        "examples only.",
    ),
    (by_class(lambda rows, _: rows[0]), "That is one example of the class, not their average."),
    (VARIANCES[0], "The two results are swapped: mu comes first, then var."),
    (VARIANCES[1], "The two results are swapped: mu comes first, then var."),
]

ABOUT_OVERALL = (
    "The spread of class k is measured around the mean of all data, so the distance between the "
    "classes is in it. Around which point should it be measured?"
)
SHARED = (
    "All classes have the same variance here. With one for all, the border between two classes is "
    "a straight line: give each class its own."
)
VAR_SUSPECTS = [
    (by_class(lambda rows, _: biased(rows).sqrt()), "That is the standard deviation: square it."),
    (by_class(lambda rows, _: unbiased(rows).sqrt()), "That is the standard deviation: square it."),
    (by_class(about_overall_mean), ABOUT_OVERALL),
    (
        by_class(lambda rows, x: ((rows - x.mean(0)) ** 2).sum(0) / (len(rows) - 1)),
        ABOUT_OVERALL,
    ),
    (_pooled, SHARED),
    (by_class(lambda rows, x: biased(x)), SHARED + " Around its own mean, too."),
    (by_class(lambda rows, x: unbiased(x)), SHARED + " Around its own mean, too."),
    (
        lambda x, y, k: VARIANCES[0](x, y, k).mean(0).expand(k, -1),
        SHARED,
    ),
    (
        lambda x, y, k: VARIANCES[1](x, y, k).mean(0).expand(k, -1),
        SHARED,
    ),
    (
        by_class(lambda rows, _: (rows**2).mean(0)),
        "That is the mean of x squared: the mean itself is not taken away.",
    ),
    (
        by_class(lambda rows, _: biased(rows) * len(rows)),
        "The squares are added up and not averaged: how many examples has class k?",
    ),
    (
        by_class(lambda rows, x: biased(rows) * len(rows) / len(x)),
        "You divide by the size of the whole data. How many examples has class k?",
    ),
    (
        by_class(lambda rows, _: (rows - rows.mean(0)).abs().mean(0)),
        "That is the mean distance from the centre: a variance averages its square.",
    ),
    (
        by_class(lambda rows, _: biased(rows).mean().expand(rows.shape[1])),
        "All features of a class share one variance: each has its own scale.",
    ),
    (
        by_class(lambda rows, _: unbiased(rows).mean().expand(rows.shape[1])),
        "All features of a class share one variance: each has its own scale.",
    ),
    (
        by_class(lambda rows, _: rows.var().expand(rows.shape[1])),
        "All features of a class share one variance: each has its own scale.",
    ),
    (by_class(lambda rows, _: 1 / biased(rows)), "That is 1 / variance, the precision."),
    (by_class(lambda rows, _: biased(rows).log()), "That is log variance: the log comes later."),
    (by_class(lambda rows, _: biased(rows) ** 2), "The variance is squared once more."),
    (
        by_class(lambda rows, _: unbiased(rows) / len(rows)),
        "That is the variance of the mean. The spread of the examples does not shrink with more "
        "of them.",
    ),
    (
        by_class(lambda rows, _: torch.ones(rows.shape[1])),
        "All variances are 1: measure them.",
    ),
]


def fits_clouds(answer, cases):
    """mu and var of each class, from the data of that class alone; a remark for n - 1."""
    remark = None
    for x, y, k in cases:
        mu, var = estimates_of(answer, x, y, k)
        _has_table("mu", mu, x, y, k)
        _is_row_by_row("mu", mu, [MEAN(x, y, k)], (x, y, k), MU_SUSPECTS)
        _has_table("var", var, x, y, k)
        wanted = [variance(x, y, k) for variance in VARIANCES]
        _is_row_by_row("var", var, wanted, (x, y, k), VAR_SUSPECTS)
        if not close(var, wanted[0], atol=2e-3):
            remark = "Your var divides by n - 1: maximum likelihood divides by n."
    return remark


def estimates_of(answer, x, y, k):
    """The pair (mu, var) that comes back."""
    given = (x.clone(), y.clone(), k)
    result = answer(*given)
    stays(given, (x, y, k))
    expect(
        result is not None,
        "None came back, expected the pair (mu, var). Look for a missing return.",
    )
    is_pair = isinstance(result, (tuple, list)) or torch.is_tensor(result) and result.dim() > 2
    is_pair = is_pair and len(result) == 2
    expect(is_pair, f"{_counted(result)} came back, expected the pair (mu, var).")
    for name, tensor in zip(("mu", "var"), result):
        is_one_tensor(tensor, f"{name} of shape {(k, x.shape[1])}")
    return [tensor.detach() for tensor in result]


def _counted(result):
    size = f" of {len(result)}" if isinstance(result, (tuple, list)) else ""
    return kind_of(result) + size


def _has_table(name, seen, x, y, k):
    d, shape = x.shape[1], tuple(seen.shape)
    hints = {
        (k,): "That is one number per class. A class centre is a point: how many coordinates "
        "does it have?",
        (d,): "That is one row for all classes: each class has its own.",
        (d, k): "Classes and features are exchanged: one row per class.",
        (k, d, d): "That is a full covariance: its diagonal is asked for, one variance a feature.",
        (k, 1, d): "One axis is left over: keepdim keeps it.",
        (k, 1): "That is one number per class. Average over the examples, not over the features.",
        (len(x), d): "That is one row per example: one row per class is asked for.",
        (): "That is one number: average over the examples only, class by class.",
    }
    has_shape(
        seen,
        (k, d),
        f"This is {name}. "
        + hints.get(
            shape, "After averaging, which axis should be gone: the examples or the features?"
        ),
    )


def _is_row_by_row(name, seen, wanted, args, suspects):
    """The table is one of the wanted ones; else the suspect that fits speaks."""
    if any(close(seen, table, atol=2e-3) for table in wanted):
        return
    row = next(n for n in range(args[2]) if not close(seen[n], wanted[0][n], atol=2e-3))
    also = f" (or {shown(wanted[1][row])}, with n - 1)" if len(wanted) > 1 else ""
    said = (
        f"row {row} of {name} is {shown(seen[row])}, expected {shown(wanted[0][row])}{also}, from "
        f"the {int((args[1] == row).sum())} examples of class {row}."
    )
    table = [(suspect(*args), why) for suspect, why in suspects]
    otherwise = _permuted(seen, wanted) or (
        "nan or inf: a class got no example, or a division by 0."
        if not torch.isfinite(seen).all()
        else "Select the rows of one class first, and work that class by hand."
    )
    raise CheckError(f"{said} {diagnosis(table, lambda t: close(seen, t, atol=2e-3), otherwise)}")


def _permuted(seen, wanted):
    orders = itertools.permutations(range(len(seen)))
    if any(close(seen[list(order)], table) for order in orders for table in wanted):
        return "The rows are right and stand in another order: row k belongs to label k."
    return None
