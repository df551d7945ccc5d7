"""Laws of what is read off a table log p(x, y): posterior, marginal, most probable class, odds."""

import math

import torch

from helpers.checks.laws.basics import has_shape
from helpers.checks.laws.formulas import Formula, close, follows, is_one_tensor, shown, stays
from helpers.checks.laws.old import CheckError, expect

ROWWISE = (
    "The largest entry of EACH row has to become 0 before exp, and here one number is taken from "
    "the whole table: examples that are less likely than the best one round to 0."
)
UNDERFLOW = (
    "But exp(-1000) is 0, in float64 as well. Which number can you take from a row before exp, "
    "without changing the ratios in it?"
)


def _table(rows):
    return (torch.tensor(rows).log(),)


def tables():
    """Log joints: by hand, other sizes, and as many rows as columns."""
    hand = [[0.2, 0.1, 0.1], [0.02, 0.06, 0.12], [0.3, 0.15, 0.05], [0.01, 0.03, 0.01]]
    sizes = [(3, 3), (2, 5), (5, 2), (1, 4), (7, 3)]
    return [_table(hand), *((torch.randn(n, k) * 1.5 - 2 - torch.rand(n, 1),) for n, k in sizes)]


def deep_tables(depth):
    """Log joints around -depth, with rows far from each other and one wide row."""
    rows = torch.tensor([[0.0, -1.2, 0.7], [-2.0, 0.3, -0.5], [1.0, -0.4, -3.0], [0.6, 0.0, -0.9]])
    far = torch.tensor([[-1.0], [-0.1], [-1.1], [-1.3]]) * depth
    wide = torch.tensor([[-1.0, -1.15, -1.002], [-1.0, -1.4, -1.002]]) * depth
    return [(rows - depth,), (rows + far,), (wide,)]


def _total(lj):
    return lj.logsumexp(1, keepdim=True)


def _said(args, n):
    return f"the row log_joint = {shown(args[0][n])}"


def _by_shape(words):
    """Hints that depend on (N, K): words(n, k) -> shape -> hint."""
    return lambda args, shape: words(*args[0].shape).get(shape)


# --- posterior ------------------------------------------------------------------------------------


def _naive(lj):
    return lj.exp() / lj.exp().sum(1, keepdim=True)


def _from_global_max(lj):
    p = (lj - lj.max()).exp()
    return p / p.sum(1, keepdim=True)


def _from(point):
    def posterior(lj):
        p = (lj - point(lj)).exp()
        return p / p.sum(1, keepdim=True)

    return posterior


POSTERIOR_SUSPECTS = [
    (
        lambda lj: lj.exp(),
        "That is the numerator of Bayes' rule, p(x, y): divide by p(x), so that every row adds up "
        "to 1.",
    ),
    (
        lambda lj: (lj - lj.amax(1, keepdim=True)).exp(),
        "Every row is divided by its largest entry: divide by its sum.",
    ),
    (
        lambda lj: (lj - lj.amax(1, keepdim=True)).softmax(1) / len(lj),
        "The rows add up to 1 / N: p(x) belongs to one example.",
    ),
    (
        lambda lj: (
            (lj - lj.amax(1, keepdim=True)).exp() / (lj - lj.amax(1, keepdim=True)).exp().sum()
        ),
        "The whole table adds up to 1, and not each row. p(x) belongs to one example: over which "
        "axis do you add?",
    ),
    (
        lambda lj: (lj - lj.logsumexp((0, 1))).exp(),
        "The whole table adds up to 1, and not each row. p(x) belongs to one example: over which "
        "axis do you add?",
    ),
    (
        lambda lj: lj.exp() / lj.exp().sum(),
        "The whole table adds up to 1, and not each row. p(x) belongs to one example: over which "
        "axis do you add?",
    ),
    (
        lambda lj: lj.softmax(0),
        "The columns add up to 1, and not the rows: dim=0 runs over the examples.",
    ),
    (
        lambda lj: lj.exp() / lj.exp().sum(0),
        "The columns add up to 1, and not the rows: dim=0 runs over the examples.",
    ),
    (
        lambda lj: lj.log_softmax(1),
        "That is the log posterior: exp is missing at the end.",
    ),
    (
        lambda lj: lj / lj.sum(1, keepdim=True),
        "You divide the logs by their sum: go back to probabilities first, or subtract.",
    ),
    (
        lambda lj: lj / _total(lj),
        "You divide the logs. A quotient of probabilities becomes what, after taking logs?",
    ),
    (
        lambda lj: lj.softmax(1).softmax(1),
        "The rows are normalised twice: the second softmax bends the posterior.",
    ),
    (
        lambda lj: lj.exp().softmax(1),
        "exp is taken twice: softmax takes the exp itself, of logs.",
    ),
    (
        lambda lj: lj.log_softmax(1).softmax(1).sqrt(),
        "The root of the posterior came back.",
    ),
    (
        lambda lj: (-lj).softmax(1),
        "The sign is turned: the least probable class gets the most.",
    ),
    (
        lambda lj: lj.abs().softmax(1),
        "abs turns the order of negative numbers around: the least probable class gets the most.",
    ),
    (
        lambda lj: lj.sigmoid(),
        "sigmoid looks at each class alone: the posterior compares the classes of a row.",
    ),
    (
        lambda lj: (lj == lj.amax(1, keepdim=True)).float(),
        "The most probable class gets all: the posterior also says how sure that is.",
    ),
    (
        lambda lj: (lj - _total(lj).flatten().mean()).exp(),
        "One p(x) is taken for all examples: each row has its own.",
    ),
    (_from_global_max, ROWWISE),
    (
        _from(lambda lj: lj.amax(0)),
        "The maximum of each column is taken away: the ratios in a row change. Take the maximum "
        "of each row.",
    ),
    (
        _from(lambda lj: lj.amin(1, keepdim=True)),
        "The smallest entry becomes 0 before exp, and the largest can then overflow: which entry "
        "has to become 0?",
    ),
    (
        _from(lambda lj: lj.mean(1, keepdim=True)),
        "The mean of a row is taken away: the largest entry can then overflow. Which entry has "
        "to become 0?",
    ),
]


def _row_total(results, cases):
    """Words for a row that does not add up to 1, or None."""
    if not torch.is_tensor(results[0]):
        return None
    total = results[0].detach().sum(-1).flatten()[0]
    return None if abs(total - 1) < 1e-3 else f"This row adds up to {total:.3g}, expected 1."


POSTERIOR = Formula(
    right=lambda lj: lj.softmax(1),
    suspects=POSTERIOR_SUSPECTS,
    comes="the posterior, (N, K)",
    told=_said,
    hints=_by_shape(
        lambda n, k: {
            (n,): "That is one number per example: each class has its own probability.",
            (k,): "That is one number per class: each example has its own.",
            (k, n): "Rows and columns are exchanged: one row per example.",
            (n, 1): "That is one number per example: each class has its own probability.",
            (): "That is one number: p(y | x) has one for each example and class.",
        }
    ),
    advice=_row_total,
    far=(3, f"Nearer to 0 your numbers are right. {UNDERFLOW}"),
    otherwise="Bayes' rule: p(y | x) is p(x, y) divided by the sum of its row.",
)


# --- marginal -------------------------------------------------------------------------------------

MARGINAL_SUSPECTS = [
    (
        lambda lj: lj.amax(1),
        "That is the best class alone. Is p(x) the largest p(x, y) or the total?",
    ),
    (
        lambda lj: _total(lj)[:, 0] - math.log(lj.shape[1]),
        "That is an average over the classes. The class weights p(y) are in the joint already: "
        "should you weight again?",
    ),
    (
        lambda lj: lj.sum(1),
        "You add the logs: that multiplies the probabilities. p(x) is the sum of the p(x, y).",
    ),
    (
        lambda lj: lj.mean(1),
        "You average the logs. p(x) is the sum of the p(x, y): go through the probabilities.",
    ),
    (
        lambda lj: lj.exp().sum(1),
        "That is p(x): its log is asked for, and exp(-500) is 0 in float32.",
    ),
    (
        lambda lj: lj.softmax(1).sum(1).log(),
        "That is always 0: the posterior adds up to 1, whatever x is. Add up the joint.",
    ),
    (
        lambda lj: -_total(lj)[:, 0],
        "The sign is turned: log p(x) is a log probability, not a loss.",
    ),
    (
        lambda lj: (lj - lj.amax(1, keepdim=True)).exp().sum(1).log(),
        "The maximum that was taken away before exp has to come back after the log.",
    ),
    (
        lambda lj: (lj - lj.amax(1, keepdim=True)).exp().sum(1).log() - lj.amax(1),
        "The maximum that was taken away before exp has to be added again, not subtracted.",
    ),
    (
        lambda lj: lj.amax(1) + (lj - lj.amax(1, keepdim=True)).exp().sum(1),
        "The log of the sum is missing: the maximum is a log, and the sum is not.",
    ),
    (
        lambda lj: _total(lj)[:, 0] / math.log(2),
        "The logarithm has the base 2: the natural one is asked for.",
    ),
    (
        lambda lj: _total(lj)[:, 0] / math.log(10),
        "The logarithm has the base 10: the natural one is asked for.",
    ),
    (
        lambda lj: _total(lj)[:, 0] + math.log(lj.shape[1]),
        "log K is added: the joint is summed as it is.",
    ),
    (lambda lj: lj.exp().sum(1).log1p(), "log1p takes the log of 1 + p(x): log of p(x) alone."),
    (lambda lj: lj.logaddexp(lj.roll(1, 1))[:, 1], "Only two of the classes are added."),
    (
        lambda lj: lj.max() + (lj - lj.max()).exp().sum(1).log(),
        ROWWISE,
    ),
]


MARGINAL = Formula(
    right=lambda lj: lj.logsumexp(1),
    suspects=MARGINAL_SUSPECTS,
    comes="log p(x), (N,)",
    told=_said,
    hints=_by_shape(
        lambda n, k: {
            (k,): f"{n} examples went in and {k} numbers came out: which axis did you remove?",
            (): "That is one number: each example has its own p(x).",
            (n, 1): "One axis is left over, from keepdim perhaps: (N,) is asked for.",
            (1, k): f"{n} examples went in: which axis did you remove?",
            (n, k): "The classes are still there: p(x) is the sum over them.",
        }
    ),
    far=(
        3,
        "Nearer to 0 your numbers are right. In float32 exp(-500) is 0, and a log of 0, or of "
        "something small that was added to it, is not log p(x): is there a way to take the "
        "largest entry of a row out of the sum?",
    ),
    otherwise="p(x) is the sum of the p(x, y) over y. Work one row by hand, through exp and log.",
)


def in_deeper_tables(answer):
    """A remark for a marginal that is right at -500 and not at -3000: float64 only postpones."""
    for (lj,) in deep_tables(3000):
        if not close(answer(lj.clone()).detach(), lj.logsumexp(1)):
            return (
                "At -3000, where pictures get to, it stops being right: take out the row's maximum."
            )
    return None


# --- the most probable class ----------------------------------------------------------------------


def decisions():
    """Log joints whose best class is clear, by hand and drawn, near 0, above it and far below."""
    hand = [[0.1, 0.3, 0.05], [0.2, 0.02, 0.1], [0.03, 0.06, 0.24], [0.01, 0.05, 0.002]]
    drawn = [_clear(n, k) for n, k in ((3, 3), (2, 5), (1, 4), (40, 3), (5, 2))]
    return [_table(hand), *drawn, (_clear(5, 4)[0] + 6,), (_clear(6, 3)[0] - 800,)]


def _clear(n, k):
    """(N, K) entries, in each row half a step apart, in their own order."""
    ranks = torch.rand(n, k).argsort(1).float()
    return (-0.7 * ranks - 0.5 - 4 * torch.rand(n, 1),)


def predicts(answer):
    """The index of the largest entry of each row, as a whole number."""
    cases = decisions()
    for (lj,) in cases:
        labels = _labels(answer, lj)
        wanted = lj.argmax(1)
        if not close(labels, wanted):
            row = int((labels != wanted).nonzero()[0])
            raise CheckError(
                f"the row log_joint = {shown(lj[row])} gives {labels[row].item()}, expected "
                f"{wanted[row].item()}. {_why_not_best(answer, cases)}"
            )
    return None


def _labels(answer, lj):
    given = lj.clone()
    labels = answer(given)
    is_pair = isinstance(labels, tuple) and hasattr(labels, "indices")
    expect(
        not is_pair,
        "a pair (values, indices) came back, expected the labels alone: max with dim gives both.",
    )
    is_one_tensor(labels, "one label per example, (N,)")
    stays([given], [lj])
    n, k = lj.shape
    hints = {
        (): f"That is one index for the whole table. How many predictions do {n} rows need?",
        (k,): "There is one entry per class: which axis runs over the classes?",
        (n, k): "That is one entry per class and example: one label per example is asked for.",
        (n, 1): "One axis is left over, from keepdim perhaps: (N,) is asked for.",
    }
    has_shape(labels, (n,), hints.get(tuple(labels.shape), "One label per example."))
    _are_labels(labels, lj)
    return labels


def _are_labels(labels, lj):
    values = close(labels, lj.amax(1)) or close(labels, lj.softmax(1).amax(1))
    expect(
        not values,
        f"the labels are {shown(labels)}, expected whole numbers from 0 to {lj.shape[1] - 1}. "
        "That is the largest value of each row: its place is asked for.",
    )
    whole = not (labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool)
    expect(
        whole,
        f"the labels have the dtype {labels.dtype}, expected whole numbers such as torch.int64: "
        "a label is an index.",
    )


BEST_SUSPECTS = [
    (
        lambda lj: lj.abs().argmax(1),
        "That is the least probable class where logs are negative: abs turns their order around.",
    ),
    (lambda lj: lj.argmin(1), "That is the least probable class: a log closer to 0 is more."),
    (
        lambda lj: lj.softmax(0).argmax(1),
        "The columns are normalised before the rows are compared: that changes the order in a "
        "row. Over which axis do you normalise?",
    ),
    (lambda lj: lj.argmax(1) + 1, "The labels start at 1: the first class is class 0."),
    (lambda lj: lj.argmax(1) - 1, "The labels are one too low: the first class is class 0."),
    (
        lambda lj: lj.exp().argmax(1),
        "exp(-800) is 0 in float32, for all classes, and the first one wins. The log keeps the "
        "order: compare the logs.",
    ),
    (
        lambda lj: lj.argsort(1)[:, -2],
        "That is the second best class.",
    ),
    (
        lambda lj: (lj[:, 1] > lj[:, 0]).long(),
        "Only the classes 0 and 1 are compared: there are more.",
    ),
    (
        lambda lj: lj.argmax(0)[torch.arange(len(lj)) % lj.shape[1]],
        "That is the best example for a class: dim=0 runs over the examples.",
    ),
    (
        lambda lj: lj.argmax(0) if lj.shape[0] == lj.shape[1] else lj.argmax(1),
        "That is the best example for each class: dim=0 runs over the examples.",
    ),
    (lambda lj: torch.zeros(len(lj)), "Every example gets class 0."),
]


def _why_not_best(answer, cases):
    (lj,) = cases[4]
    draws = [answer(lj.clone()) for _ in range(3)]
    if any(not torch.equal(draws[0], draw) for draw in draws[1:]):
        return "Two calls give different labels: a label is drawn. Take the most probable one."
    results = [answer(lj.clone()) for (lj,) in cases]
    for suspect, why in BEST_SUSPECTS:
        if all(close(seen, suspect(lj).to(seen.dtype)) for seen, (lj,) in zip(results, cases)):
            return why
    return "Which entry of the row is the largest?"


# --- log odds of two classes ----------------------------------------------------------------------


def odds_cases():
    """Log joints of two classes: by hand, drawn, around -300, and far from the border."""
    hand = _table([[0.1, 0.3], [0.4, 0.05], [0.2, 0.2], [0.01, 0.08]])
    drawn = [(torch.randn(n, 2) * 2 - 3,) for n in (7, 1, 2)]
    deep = torch.tensor([[-300.0, -302.5], [-301.0, -300.5], [-310.0, -300.0]])
    far = torch.tensor([[-300.0, -700.0], [-650.0, -300.0], [-20.0, -230.0]])
    return [hand, *drawn, (deep,), (far,)]


POSTERIORS = (
    "That is a difference of posteriors, at most 1: the border is the same, and it is no LOG "
    "ratio. Look at a point far inside a class."
)
ODDS_FAR = (
    "The way through probabilities rounds: exp(-300) is 0 in float32, and so is the posterior of "
    "the losing class far from the border. Simplify log(exp(a) / exp(b)) on paper first."
)
ODDS_SUSPECTS = [
    (
        lambda lj: lj[:, 0] - lj[:, 1],
        "The sign is turned: positive has to mean class 1.",
    ),
    (
        lambda lj: lj[:, 1] / lj[:, 0],
        "That is a ratio of logs. Odds are a ratio of probabilities: what is log(a / b)?",
    ),
    (lambda lj: lj[:, 0] / lj[:, 1], "That is a ratio of logs: what is log(a / b)?"),
    (lambda lj: lj.softmax(1)[:, 1] - lj.softmax(1)[:, 0], POSTERIORS),
    (lambda lj: lj.softmax(1)[:, 0] - lj.softmax(1)[:, 1], POSTERIORS),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]).exp(),
        "Those are the odds: their log is asked for.",
    ),
    (
        lambda lj: lj[:, 1].exp() / lj[:, 0].exp(),
        "Those are the odds: their log is asked for.",
    ),
    (
        lambda lj: lj.softmax(1)[:, 1] / lj.softmax(1)[:, 0],
        "Those are the odds: their log is asked for.",
    ),
    (
        lambda lj: lj.exp()[:, 1] - lj.exp()[:, 0],
        "That is a difference of probabilities: a log ratio is a difference of logs.",
    ),
    (
        lambda lj: lj.softmax(1)[:, 1],
        "That is the posterior of class 1: the odds compare it with class 0, and then comes a log.",
    ),
    (
        lambda lj: lj.log_softmax(1)[:, 1],
        "That is the log posterior of class 1: the odds compare it with class 0.",
    ),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]).abs(),
        "abs hides which class wins: positive means class 1, negative class 0.",
    ),
    (lambda lj: lj[:, 1], "Only class 1 is there: the odds compare it with class 0."),
    (
        lambda lj: lj[:, 1] + lj[:, 0],
        "You add the logs, which multiplies the probabilities: odds are their ratio.",
    ),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]).log(),
        "The log of a difference of logs: log p is a log already.",
    ),
    (
        lambda lj: lj[:, 1].log() - lj[:, 0].log(),
        "A log of logs: log p is a log already, and a negative number has none.",
    ),
    (
        lambda lj: (lj[:, 1] / lj[:, 0]).log(),
        "A log of a ratio of logs: log p is a log already.",
    ),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]) / 2,
        "The difference is halved.",
    ),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]) / math.log(2),
        "The logarithm has the base 2: the natural one is asked for.",
    ),
    (
        lambda lj: (lj[:, 1] - lj[:, 0]).sign(),
        "Only the sign is left: how sure the model is, is in the size.",
    ),
    (
        lambda lj: lj.argmax(1),
        "That is the predicted label: the odds also say how sure the model is.",
    ),
    (
        lambda lj: lj[:, 1] - lj.logsumexp(1) * 2 + lj[:, 0],
        "p(x) cancels in the ratio: it is not taken away twice.",
    ),
]


ODDS = Formula(
    right=lambda lj: lj[:, 1] - lj[:, 0],
    suspects=ODDS_SUSPECTS,
    comes="the log odds, (N,)",
    told=_said,
    hints=_by_shape(
        lambda n, k: {
            (k,): "That compares two examples: which axis runs over the classes?",
            (n, 1): "One axis is left over: (N,) is asked for.",
            (n, k): "That is one number per class: the odds compare the two.",
            (): "That is one number: each example has its own.",
        }
    ),
    far=(2, f"Nearer to 0 your numbers are right. {ODDS_FAR}"),
    otherwise="A log ratio is a difference of logs: work one row by hand.",
)


def normalises(answer):
    """Posteriors of tables near 0 and around -1000."""
    follows(answer, POSTERIOR, [*tables(), *deep_tables(1000)])


def sums_up(answer):
    """Marginals of tables near 0 and around -500; a remark where float64 alone carries it."""
    follows(answer, MARGINAL, [*tables(), *deep_tables(500)])
    return in_deeper_tables(answer)


def compares(answer):
    """Log odds near the border and far from it."""
    follows(answer, ODDS, odds_cases())
