"""Labels that are drawn, and pictures of chosen classes: further aspects of a call (`more`)."""

import functools

import torch

from helpers.checks.aspects import CLUE, Aspect
from helpers.checks.kinds.draw import FRESH, alike
from helpers.checks.kinds.labels import asked
from helpers.checks.plays import places

OTHER = {
    dtype: f"Its dtype is {dtype}: one_hot and Embedding look up int64."
    for dtype in (torch.int32, torch.int16, torch.int8, torch.uint8)
}
ROUND = "What comes after the last class, or before the first? One operation turns the numbers into a circle."
FIXED = "They come in a fixed order: draw them."
SLIPS = "In a call all labels move by the same number: one for each label would show D more kinds of slip."


def labels_of(play, n):
    """The n whole numbers that came back; none if something else did."""
    y = play.result
    whole = torch.is_tensor(y) and y.shape == (n,) and y.dtype in {torch.int64, *OTHER}
    return y.long() if whole else torch.zeros(0, dtype=torch.int64)


def told_ends(low, high, k):
    """From where to where labels run."""
    return f"the labels run from {low} to {high} with num_classes = {k}, expected 0 to {k - 1}."


# --- any label ------------------------------------------------------------------------------------


def ends(play):
    """From where to where labels run that are drawn often enough to show it."""
    n, k = play.cast["n"], play.cast["num_classes"]
    y = labels_of(play, n)
    found = (int(y.min()), int(y.max())) if len(y) >= 20 * k else (0, k - 1)
    yield Aspect("ends", found, lambda a, b: told_ends(*a, k), lambda a, b: why_ends(*a, k), mute=True)


def why_ends(low, high, k):
    """What to try where labels run from low to high."""
    if low == high:
        return "Every label is the same: draw each one on its own."
    if (low, high) == (1, k):
        return "The classes are counted from 0, so that each is also the number of its column."
    if high == k:
        return f"Class {k} does not exist: the first class is 0. Is the upper end that you draw from included, or does something round up to it?"
    if low < 0:
        return "Negative labels come from noise around 0, or from a shift."
    if (low, high) == (0, k - 2):
        return f"The last class is never drawn: class {k - 1} would never be learnt. Is the upper end that you draw from included?"
    if (low, high) == (1, k - 1):
        return "Class 0 is never drawn: classes are counted from 0."
    if high < k:
        return "Some classes are never drawn: look at both ends of the range, and at the distribution that you draw from. All classes should be as likely."
    return "num_classes comes in as an argument: look at the numbers that you draw between."


def shares(name, y, other):
    """How drawn labels lie, beside those of another call."""
    order = "in order" if float((y.diff() >= 0).float().mean()) > 0.85 else "mixed"
    yield Aspect(f"order of {name}", order, f"the {name} come {{}}", FIXED, CLUE)
    same = "the same" if torch.equal(y, other) else "new ones"
    yield Aspect("fresh", same, f"of {name} two calls give {{}}", FRESH)
    words = functools.partial(told_shares, name)
    yield Aspect("spread", y.sort().values, words, same=alike)


def told_shares(name, seen, expected):
    """How often each class comes."""
    k = int(expected.max()) + 1
    a, b = ([f"{100 * float((x == c).float().mean()):.0f}" for c in range(k)] for x in (seen, expected))
    even = max(map(int, b)) - min(map(int, b)) < 3
    wanted = f"{100 / k:.0f} % each" if even else f"{', '.join(b)} %"
    return f"of {len(seen)} {name} the classes 0 to {k - 1} get {', '.join(a)} %, expected {wanted}."


# --- any label but the true one -------------------------------------------------------------------


def others(play):
    """Whether what comes for y are classes, and which of them are still the true ones."""
    y, k = play.before["y"], play.cast["num_classes"]
    w = labels_of(play, len(y))
    low, high = (int(w.min()), int(w.max())) if len(w) else (0, 0)
    found = min(low, 0), max(high, k - 1)
    yield Aspect("ends", found, lambda a, b: told_ends(low, high, k), ROUND, mute=True)
    yield Aspect(
        "kept",
        (w == y).nonzero().flatten().tolist() if len(w) else [],
        lambda a, b: (
            f"{len(a)} of {len(y)} labels are still the true ones with num_classes = {k} (of class {', '.join(map(str, y[a].unique().tolist()))}), expected 0."
        ),
        lambda a, b: why_kept(y, w, k),
        mute=True,
    )


def why_kept(y, w, k):
    """How labels can be the true ones still."""
    same = w == y
    always = [c for c in range(k) if same[y == c].all() and (y == c).sum() > 1]
    several = len(y.unique()) > 1
    if same.all():
        return "Nothing has changed: every label is the true one."
    if len(w.unique()) == 1 and several:
        return f"Class {w[0]} is given to all: for its own images it is right."
    if always and len(always) < k:
        return f"Class {always[0]} always stays what it is: work your formula by hand for y = {always[0]}."
    if torch.equal(w.sort().values, y.sort().values) and several:
        return "The labels of the batch are handed around: two images of one class may exchange theirs, and some stay in place."
    return "A draw hits the true label now and then: which shifts, or which draws, can leave a label as it is?"


def one_sided(seen, expected):
    """A remark on shifts, if not every other class comes, and as often."""
    found = len(seen.unique())
    if found == 1:
        return SLIPS
    if found < len(expected.unique()):
        return "Some other classes are never taken."
    return "Some other classes come more often than others."


# --- pictures of chosen classes -------------------------------------------------------------------


def judged_classes(play):
    """Whether G's pictures reach the classifier as they are, and how many of each class."""
    k, n = play.cast["num_classes"], play.cast["n"]
    images, shown = (
        torch.cat([torch.zeros(0, 784), *(call[key].detach().flatten(1) for call in calls)])
        for key, calls in (("y", play.calls["G"]), ("given", play.calls["classifier"]))
    )
    at = places(shown, images)
    yield Aspect(
        "strangers",
        int((at < 0).sum()),
        lambda a, b: (
            f"{a} of the {len(at)} images that the classifier gets are not G's, expected G's images as they come."
        ),
        "No scaling, no rounding, no noise on top.",
        mute=True,
    )
    yield Aspect(
        "classes",
        torch.bincount(asked(play)[at[at >= 0]], minlength=k).tolist(),
        lambda a, b: (
            f"with num_classes = {k} and n = {n} the classifier gets {a} pictures of the classes 0 to {len(a) - 1}, expected {n} of each."
        ),
        lambda a, b: why_counts(a, k, n),
        same=lambda a, b: a == b or not sum(a) or not sum(b),  # none at all is told by itself
        mute=True,
    )


def why_counts(counts, k, n):
    """What to try where the classifier does not get n pictures of each class."""
    if sum(count > 0 for count in counts) == 1:
        return "All are of one class: which labels does G need?"
    if len(counts) == k and sum(counts) == n:
        return "They share n among them: n pictures of every class, so that each share is as sure."
    if all(counts) and len(set(counts)) > 1:
        return "The labels are drawn: ask for each class in turn."
    if not all(counts[:k]):
        return "A class is left out: look at both ends of the range."
    return "Take both numbers from the arguments."


def one_digit(play):
    """The labels that G is asked for."""
    labels, digit = asked(play).tolist(), play.cast["digit"]
    yield Aspect(
        "labels",
        labels,
        lambda a, b: f"digit {digit} is asked for, and G gets the labels {a[:6]}; expected {digit} for every picture.",
        lambda a, b: why_digit(a, digit),
        same=lambda a, b: not a or not b or set(a) == set(b),
        mute=True,
    )


def why_digit(labels, digit):
    """What to try where G is asked for other labels."""
    if len(set(labels)) > 1:
        return "Print the labels that you hand to G: which digit was asked for?"
    if abs(labels[0] - digit) == 1:
        return "Classes are counted from 0, so digit and label are the same number."
    return "The digit comes in as an argument."


def why_pictures(seen, expected):
    """What to try for the shape of pictures."""
    n = expected[0]
    if len(seen) > 4:
        return (
            "torch.cat joins pictures along the axis that they have; stack makes one more."
            if 1 in seen[:2]
            else "Rows and columns share one axis, row after row."
        )
    hints = {
        (n, 28, 28): "The channel axis is missing: leave the axes as G gives them.",
        (n, 784): "The pixels stand in a row: leave the axes as G gives them.",
        (1, 1, 28, 28): "That is a single picture.",
        (1, 28, 28): "That is a single picture.",
    }
    return hints.get(seen, "One axis for all pictures, then the axes of an image.")


def rows_and_columns(play):
    """The labels of the pictures of a grid, row by row, and which of them share a z."""
    at, columns = _traced(play), play.cast["per_class"]
    labels = _rows(asked(play), at, columns)
    yield Aspect("labels", labels, told_row, why_row, same=_equal_if_known)
    z = torch.cat([torch.zeros(0, play.cast["z_dim"]), *(c["given"] for c in play.calls["G"])])
    gaps = torch.cdist(z, z, compute_mode="donot_use_mm_for_euclid_dist")
    first = (gaps < 1e-6).int().argmax(1) if len(z) else None
    order = {}
    ids = [[order.setdefault(k, len(order)) for k in row] for row in _rows(first, at, columns)]
    yield Aspect("columns", ids, told_columns, why_columns, same=_equal_if_known, mute=True)


def _rows(values, at, columns):
    """The values of the outputs of G from which the pictures come, row by row, if that is known."""
    return [] if at is None else values[at].view(-1, columns).tolist()


def _equal_if_known(a, b):
    return not a or not b or a == b


def _traced(play):
    """From which outputs of G the pictures come, in order; None if one of them is not G's."""
    n, made = play.cast["num_classes"] * play.cast["per_class"], play.calls["G"]
    if not made or not torch.is_tensor(play.result) or play.result.shape != (n, 1, 28, 28):
        return None
    images = torch.cat([call["y"].detach() for call in made]).flatten(1)
    pictures = play.result.detach().flatten(1)
    if images.shape == pictures.shape and torch.equal(images, pictures):
        return torch.arange(n)  # also where two of them are the same
    at = places(pictures, images)
    return at if (at >= 0).all() else None


def told_row(seen, expected):
    """The first row with wrong labels."""
    row = next(k for k in range(len(seen)) if seen[k] != expected[k])
    size = f"{len(seen)} classes, {len(seen[0])} columns"
    return f"row {row} of the grid ({size}) has the labels {seen[row]}, expected {expected[row]}."


def why_row(seen, expected):
    """What to try for the labels of a grid."""
    if len({label for row in seen for label in row}) == 1:
        return "All pictures are of one class."
    return "Write down the labels of two rows by hand: which label does each picture need?"


def told_columns(seen, expected):
    """How many z a row or a column has."""
    where = f"in a grid of {len(seen)} rows and {len(seen[0])} columns"
    if all(row == seen[0] for row in seen):
        return f"{where} row 0 has {len(set(seen[0]))} different z, expected {len(seen[0])}."
    down = len({row[0] for row in seen})
    return f"{where} column 0 has {down} different z, expected 1: its pictures should differ by the label alone."


def why_columns(seen, expected):
    """What to try for the z of a grid."""
    if all(row == seen[0] for row in seen):
        return "A row shows one picture again and again. How many z does one row of the grid need?"
    if len({k for row in seen for k in row}) < len(seen) * len(seen[0]):
        return "Some z come again, in other places: which call repeats each vector, and which the whole block?"
    return "New noise in every row hides what the label changes: what should stay equal down a column?"
