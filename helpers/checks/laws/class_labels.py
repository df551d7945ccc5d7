"""Laws of drawn labels: any of the classes, each as often, or any but the true one."""

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import diagnosis, has_shape
from helpers.checks.laws.formulas import is_one_tensor, stays
from helpers.checks.laws.old import CheckError, expect

N = 3000
OTHER_DTYPE = "Its dtype is {}: one_hot and Embedding look up int64."
HALVES = (
    "The first and the last class come half as often as the others: rounding gives each of the two "
    "only half of an interval. Which rounding gives every class an interval of the same length?"
)


def random_label_laws(answer):
    """Whole numbers 0 to K - 1, each as likely, new in every call; a remark on the dtype."""
    sizes = (7, 10), (25, 4), (1, 3), (N, 7), (6, 6)
    for n, k in sizes:
        _labels_come(answer(n, k), n, k)
    for n, k in sizes[3:] + sizes[:3]:
        _are_classes(answer(n, k), k)
    y = answer(N, 7)
    _is_fresh(answer)
    for k in (7, 3):
        reseed(41 + k)
        _is_uniform(answer(N, k).long(), k)
    return None if y.dtype == torch.int64 else OTHER_DTYPE.format(y.dtype)


def _labels_come(y, n, k):
    is_one_tensor(y, f"{n} labels of shape ({n},)")
    hints = {
        (n, 1): "One axis is left over: labels stand in one row.",
        (n, k): "That is one row per label: a label is one whole number, and the networks make "
        "one-hot rows of it.",
        (): "That is one label for all: draw n of them.",
        (1,): "That is one label for all: draw n of them.",
        (k,): "That is one label per class: n of them are asked for, whatever num_classes is.",
        (min(n, k),): "There are at most as many labels as classes: a class may come again.",
    }
    has_shape(y, (n,), hints.get(tuple(y.shape), "n labels in one row."))
    whole = not (y.is_floating_point() or y.is_complex() or y.dtype == torch.bool)
    expect(
        whole,
        f"the labels have the dtype {y.dtype}, the first is {y[0].item():.3g}; expected whole "
        "numbers, torch.int64: a class is looked up by its number, and there is no class 3.7.",
    )


def _are_classes(y, k):
    """No label lies outside 0 to K - 1."""
    low, high = y.min().item(), y.max().item()
    expect(
        low >= 0 and high < k,
        f"the labels run from {low} to {high} with num_classes = {k}, expected 0 to {k - 1}. "
        f"{_why_outside(y, low, high, k)}",
    )


def _why_outside(y, low, high, k):
    if low == high and len(y) > 5:
        return "Every label is the same: draw each one on its own."
    if high == k and low == 1:
        return "The classes are counted from 0, so that each is also the number of its column."
    if high == k:
        return (
            f"Class {k} does not exist: the first class is 0. Is the upper end that you draw from "
            "included, or does something round up to it?"
        )
    if low < 0:
        return "Negative labels come from noise around 0, or from a shift."
    return "num_classes comes in as an argument: look at the numbers that you draw between."


def _is_fresh(answer):
    """Each call draws anew, and no seed is set."""
    reseed(43)
    first, second = answer(60, 9), answer(60, 9)
    ahead = torch.rand(4)
    reseed(44)
    other = answer(60, 9)
    if len(first.unique()) > 1 and (torch.equal(first, second) or torch.equal(first, other)):
        why = (
            "They come in a fixed order: draw them."
            if _in_order(first)
            else "Draw inside the function, without a seed and without keeping the result."
        )
        raise CheckError(f"two calls give the same labels, expected new ones each time. {why}")
    reseed(45)
    answer(60, 9), answer(60, 9)
    expect(
        not torch.equal(ahead, torch.rand(4)),
        "after the call torch.rand gives the same numbers from whatever seed it started, expected "
        "that the global seed stays alone: seed once, at the top of the notebook.",
    )


def _in_order(y):
    return bool((y.diff() >= 0).float().mean() > 0.85)


def _is_uniform(y, k):
    """Every class gets its share, up to six standard errors."""
    share = torch.bincount(y, minlength=k) / len(y)
    even = torch.full((k,), 1 / k)
    near = 6 * (1 / k * (1 - 1 / k) / len(y)) ** 0.5
    if (share - even).abs().max() < near:
        return
    percent = [f"{100 * value:.0f}" for value in share.tolist()]
    seen = (
        f"of {len(y)} labels the classes 0 to {k - 1} get {', '.join(percent)} %, expected "
        f"{100 / k:.0f} % each."
    )
    without = torch.full((k - 1,), 1 / (k - 1))
    halved = torch.full((k,), 1 / (k - 1))
    halved[0] = halved[-1] = 0.5 / (k - 1)
    suspects = [
        (
            share.max() > 0.999,
            "Every label is the same: draw each one on its own.",
        ),
        (
            share[-1] == 0 and (share[:-1] - without).abs().max() < near,
            f"The last class is never drawn: class {k - 1} would never be learnt. Is the upper end "
            "that you draw from included?",
        ),
        (
            share[0] == 0 and (share[1:] - without).abs().max() < near,
            "Class 0 is never drawn: classes are counted from 0.",
        ),
        ((share - halved).abs().max() < near, HALVES),
        (
            ((share == 0) | (share > 0.9 / (k - 1))).all(),
            "Some classes are never drawn: look at both ends of the range.",
        ),
    ]
    why = diagnosis(
        [(fits, why) for fits, why in suspects],
        bool,
        "All classes should be as likely: look at the distribution that you draw from.",
    )
    raise CheckError(f"{seen} {why}")


# --- any label but the true one -------------------------------------------------------------------


def wrong_label_laws(answer):
    """Another class for every label; a remark where some class is never taken."""
    y = _mixed(10)
    wrong = _differ(answer, y, 10)
    small = torch.tensor([3, 0, 1, 3, 2, 0, 4]), torch.tensor([0, 1, 1, 0, 1, 0])
    _differ(answer, _mixed(3), 3)
    _differ(answer, torch.full((400,), 4), 5)
    for labels, k in zip((*small, torch.tensor([2])), (5, 2, 3)):
        _differ(answer, labels, k)
    return _one_sided((wrong.long() - y) % 10) or (
        None if wrong.dtype == torch.int64 else OTHER_DTYPE.format(wrong.dtype)
    )


def _mixed(k):
    """600 labels, each class as often, in no order."""
    return torch.arange(600)[torch.randperm(600)] % k


def _differ(answer, y, k):
    """What comes for y: as many labels, in range, none of them y's."""
    given = y.clone()
    wrong = answer(given, k)
    stays((given,), (y,))
    is_one_tensor(wrong, f"one label for each of y, shape {tuple(y.shape)}")
    hints = {
        (len(y), k): "That is one row per label: which wrong class is taken?",
        (): "That is one label for all: each label of y needs one.",
        (1,): "That is one label for all: each label of y needs one.",
        (k - 1,): "Those are the other classes: one of them for each label.",
    }
    has_shape(wrong, y.shape, hints.get(tuple(wrong.shape), "One label for each label of y."))
    whole = not (wrong.is_floating_point() or wrong.is_complex() or wrong.dtype == torch.bool)
    expect(
        whole,
        f"the labels have the dtype {wrong.dtype}, expected whole numbers, torch.int64, as y: "
        "they name classes.",
    )
    low, high = wrong.min().item(), wrong.max().item()
    expect(
        low >= 0 and high < k,
        f"the labels run from {low} to {high} with num_classes = {k}, expected 0 to {k - 1}. "
        "What comes after the last class, or before the first? One operation turns the numbers "
        "into a circle.",
    )
    same = wrong == y
    if same.any():
        raise CheckError(_kept(same, y, wrong, k))
    return wrong


def _kept(same, y, wrong, k):
    """Words for labels that are still the true ones."""
    classes = y[same].unique().tolist()
    seen = (
        f"{int(same.sum())} of {len(y)} labels are still the true ones with num_classes = {k} "
        f"(of class {', '.join(map(str, classes))}), expected 0."
    )
    always = [c for c in classes if same[y == c].all() and (y == c).sum() > 1]
    if same.all():
        return f"{seen} Nothing has changed: every label is the true one."
    if len(wrong.unique()) == 1 and len(y.unique()) > 1:
        return f"{seen} Class {wrong[0]} is given to all: for its own images it is right."
    if always and len(always) < k:
        return (
            f"{seen} Class {always[0]} always stays what it is: work your formula by hand for "
            f"y = {always[0]}."
        )
    if torch.equal(wrong.sort().values, y.sort().values) and len(y.unique()) > 1:
        return (
            f"{seen} The labels of the batch are handed around: two images of one class may "
            "exchange theirs, and some stay in place."
        )
    return (
        f"{seen} A draw hits the true label now and then: which shifts, or which draws, can leave "
        "a label as it is?"
    )


def _one_sided(shifts):
    """A remark if not every other class can come."""
    found = shifts.unique().tolist()
    if len(found) == 1:
        return (
            "In a call all labels move by the same number: one for each label would show D more "
            "kinds of slip."
        )
    if len(found) < 9:
        return "Some other classes are never taken."
    return None
