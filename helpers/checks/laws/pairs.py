"""Laws of pairs (x, y) drawn from a model: labels from the prior, then x from the class's Gaussian.

The thresholds lie six standard errors from what a right answer gives: none fails by bad luck.
"""

import torch

from helpers.checks.explain import explained
from helpers.checks.guard import reseed
from helpers.checks.laws.basics import diagnosis, has_shape, kind_of, listed
from helpers.checks.laws.formulas import is_one_tensor, stays
from helpers.checks.laws.old import CheckError, expect

N = 2000
PRIOR = torch.tensor([0.5, 0.2, 0.3])
MU = torch.tensor([[2.0, -3.0], [-1.5, 4.0], [5.0, 1.0]])
VAR = torch.tensor([[0.25, 4.0], [2.25, 0.36], [6.25, 0.16]])
STD = VAR.sqrt()
MODEL = PRIOR, MU, VAR
LABELS_FIRST = "The labels come first, each drawn from the prior, and then x from their class."
IN_ORDER = "x comes first, then y."


# shares of the labels that a mistake gives, and what it means
SHARES = [
    (
        torch.full((3,), 1 / 3),
        "All classes are equally frequent: the prior takes no part in the labels.",
    ),
    (
        torch.tensor([1.0, 0.0, 0.0]),
        "Every label is 0: the most probable class is not the only one.",
    ),
    (torch.tensor([0.0, 1.0, 0.0]), "Every label is the same: draw each one."),
    (torch.tensor([0.0, 0.0, 1.0]), "Every label is the same: draw each one."),
    (
        PRIOR.softmax(0),
        "The prior went in as logits: it holds probabilities, and their logs would be logits.",
    ),
    (PRIOR.flip(0), "The order of the classes is turned around."),
    (PRIOR.roll(1), "Class k gets the share of its neighbour."),
    (PRIOR.roll(-1), "Class k gets the share of its neighbour."),
    (
        (PRIOR**2 / (PRIOR**2).sum()),
        "The prior takes part twice.",
    ),
    ((1 / PRIOR / (1 / PRIOR).sum()), "Rare classes are drawn most."),
]
# means of the classes that a mistake gives
MEANS = [
    (
        PRIOR @ MU.expand(1, 3, 2),
        "All classes have the same mean: y and x are drawn apart, or all classes are mixed. "
        "Draw y first, then x from the class that y names.",
    ),
    (MU.mean(0).expand(3, 2), "All classes share one mean: take the one that y names."),
    (torch.zeros(3, 2), "The mean takes no part: the clouds lie around 0."),
    (-MU, "The sign of the mean is turned."),
    (2 * MU, "The mean is added twice."),
    (MU * VAR.sqrt(), "The mean is scaled too: only the noise is."),
    (MU * VAR, "The mean is scaled too: only the noise is."),
    (MU + VAR.sqrt(), "The noise does not have the mean 0."),
    (MU.flip(0), "The classes stand in the wrong order."),
    (MU.roll(1, 0), "The means belong to a neighbouring class: is y shifted?"),
    (MU.roll(-1, 0), "The means belong to a neighbouring class: is y shifted?"),
    (MU[:1].expand(3, 2), "All points come from one class: take the one that y names."),
    (MU[1:2].expand(3, 2), "All points come from one class: take the one that y names."),
    (MU[2:].expand(3, 2), "All points come from one class: take the one that y names."),
]
# standard deviations that a mistake gives; the first that fits speaks
SPREADS = [
    (VAR, "var itself scales the noise: x = mu + sigma * eps. Is var sigma?"),
    (torch.ones(3, 2), "The noise is not scaled: each class has its own spread."),
    (VAR**0.25, "The root is taken twice."),
    (VAR**2, "The variance is squared: its root is asked for."),
    (1 / STD, "You divide by the standard deviation: which class is wider, then?"),
    (1 / VAR, "You divide by the variance."),
    (VAR.exp().sqrt(), "var is read as a log variance: its root is asked for."),
    (VAR.exp(), "var is read as a log: its root is asked for."),
    (0.5 * VAR, "Half of var is not its root."),
    (STD.mean(0).expand(3, 2), "All classes have one spread: take the one that y names."),
    (VAR.mean(0).sqrt().expand(3, 2), "All classes have one spread: take the one y names."),
    ((PRIOR @ VAR).sqrt().expand(3, 2), "All classes have one spread: take the one y names."),
    (STD[:1].expand(3, 2), "All classes have one spread: take the one that y names."),
    (STD.mean(1, True).expand(3, 2), "All features have one spread: each has its own."),
    (STD.roll(1, 0), "The spread belongs to a neighbouring class."),
    (STD.roll(-1, 0), "The spread belongs to a neighbouring class."),
    (STD.flip(1), "The spreads of the features are exchanged."),
    (2 * STD, "The noise is doubled."),
    (0.5 * STD, "The noise is halved."),
    (
        STD * 3**-0.5,
        "Uniform noise from -1 to 1 is narrower than N(0, 1), and it has no tails.",
    ),
]


def draws_pairs(answer):
    """Every law of sample_from_model, the kind of object first."""
    for model in (MODEL, _other_model()):
        for n in (7, 1, 2):
            pairs_of(answer, n, model)
    is_fresh(answer)
    reseed(11)
    x, y = pairs_of(answer, N, MODEL)
    labels_follow(answer, y)
    noise = (x - MU[y]) / VAR[y].sqrt()
    is_own_noise(x, y, noise)
    is_centred(x, y)
    is_spread(x, y)
    has_tails(noise)


def _other_model():
    """Five features and two classes."""
    return torch.tensor([0.3, 0.7]), torch.randn(2, 5), 0.5 + torch.rand(2, 5)


def pairs_of(answer, n, model):
    """The pair (x, y) that comes back, with the right shapes and kinds."""
    given = [tensor.clone() for tensor in model]
    try:
        result = answer(n, *given)
    except (RuntimeError, ValueError) as error:
        whole = _never_picked(answer, n, model)
        if whole:
            raise CheckError(explained(error, "", [("", whole)])) from error
        raise
    stays(given, model)
    expect(result is not None, "None came back, expected the pair (x, y). Is there a return?")
    is_pair = isinstance(result, (tuple, list)) and len(result) == 2
    expect(is_pair, f"{kind_of(result)} came back, expected the pair (x, y).")
    x, y = result
    for name, tensor in (("x", x), ("y", y)):
        is_one_tensor(tensor, f"{name}, the {'points' if name == 'x' else 'labels'},")
    _have_shapes(x, y, n, model)
    return x.detach(), y.long()


def _never_picked(answer, n, model):
    """Words if it is mu or var as a whole that stops the answer: one row of it would do."""
    prior, mu, var = model
    only = torch.zeros_like(prior)
    only[0] = 1
    tries = (
        ("var has", ", as in mu[y]", (mu, var[:1])),
        ("mu has", ", as in var[y]", (mu[:1], var)),
        ("mu and var have", "", (mu[:1], var[:1])),
    )
    for have, example, cut in tries:
        try:
            answer(n, only, *(tensor.clone() for tensor in cut))
        except Exception:
            continue
        return (
            f"{have} one row per class, the noise one per example: pick the rows with y{example}."
        )
    return None


def _have_shapes(x, y, n, model):
    k, d = model[1].shape
    swapped = x.dim() == 1 and y.dim() == 2
    expect(not swapped, f"the two results are swapped, expected (x, y): {IN_ORDER}")
    has_shape(y, (n,), _y_hint(tuple(y.shape), n, k))
    has_shape(x, (n, d), _x_hint(tuple(x.shape), n, k, d))
    real = x.is_floating_point()
    expect(real, f"x has the dtype {x.dtype}, expected real numbers such as torch.float32.")
    whole = not (y.is_floating_point() or y.is_complex() or y.dtype == torch.bool)
    expect(whole, f"y has the dtype {y.dtype}, expected whole numbers: labels are indices.")
    inside = (y.min() >= 0) and (y.max() < k)
    expect(
        inside,
        f"the labels run from {y.min()} to {y.max()}, expected 0 to {k - 1}. Class k is row k of "
        "mu.",
    )


def _y_hint(shape, n, k):
    hints = {
        (n, 1): "This is y, and one axis is left over: one label per example.",
        (n, k): "This is y: one label per example is asked for, not one entry per class.",
        (): "This is y: one label for each of the n examples, each drawn on its own.",
        (1,): "This is y: one label for each of the n examples, each drawn on its own.",
        (k,): "This is y: one label per example, not per class.",
    }
    return hints.get(shape, "This is y: one label per example.")


def _x_hint(shape, n, k, d):
    hints = {
        (n, k, d): "This is x, with a point from every class: take the one that y names.",
        (k, d): "This is x, with one row per class: one row per example.",
        (n,): "This is x: each example has d features.",
        (d,): "This is x: one row for each of the n examples.",
        (n, 1, d): "This is x, and one axis is left over: (n, d) is asked for.",
        (d, n): "This is x: one ROW per example.",
    }
    return hints.get(shape, "This is x: one row per example, one column per feature.")


# --- labels ---------------------------------------------------------------------------------------


def labels_follow(answer, y):
    """The labels have the frequencies of the prior, and each is drawn."""
    seen = torch.bincount(y, minlength=3) / len(y)
    if (seen - PRIOR).abs().max() > 0.07:
        shares = f"{listed(seen, '.2f')}, expected {listed(PRIOR, '.2f')}"
        why = _nearest(seen, SHARES, 0.07) or LABELS_FIRST
        raise CheckError(f"the labels of {N} pairs have the shares {shares}. {why}")
    ones = torch.cat([pairs_of(answer, 1, MODEL)[1] for _ in range(100)])
    expect(
        len(ones.unique()) == 3,
        f"100 calls for one pair give only the labels {sorted(set(ones.tolist()))}, expected all "
        "of [0, 1, 2]. Rounding n * prior fixes the labels: each one is drawn from the prior.",
    )


def _nearest(seen, suspects, reach):
    """The words beside the table that is nearest to what is seen, within reach, or None."""
    distances = [(float((seen - table).abs().max()), why) for table, why in suspects]
    distance, why = min(distances, key=lambda pair: pair[0])
    return why if distance < reach else None


# --- noise ----------------------------------------------------------------------------------------


def is_own_noise(x, y, noise):
    """Each example and each feature has its own noise."""
    expect(
        torch.isfinite(x).all(),
        "x holds nan or inf, expected finite numbers: a root of something negative, perhaps.",
    )
    if _stds(x, y).max() < 1e-6:
        why = "The noise is drawn once for all: (n, d) numbers are needed."
        why = "Draw two of one class: should they be equal?" if torch.equal(x, MU[y]) else why
        raise CheckError(
            f"all samples of a class are the same point, expected a cloud around its mean. {why}"
        )
    for j in range(2):
        distinct = len(x[:, j].unique())
        expect(
            distinct > 0.5 * N,
            f"feature {j} of {N} points takes {distinct} values, expected a new one in each "
            "point. Draw noise for every example and feature: (n, d) numbers.",
        )
    together = torch.corrcoef(noise.T)[0, 1]
    expect(
        abs(together) < 0.15 or _off_centre(x, y),
        f"the two features of a class are correlated by {together:.2f}, expected 0: the points "
        "lie on a line. Each feature has its own noise: (n, d) numbers, not (n, 1).",
    )


def is_fresh(answer):
    """Every call draws new labels and new points, from whatever seed it starts."""
    reseed(12)
    first, second = pairs_of(answer, 60, MODEL), pairs_of(answer, 60, MODEL)
    reseed(13)
    other = pairs_of(answer, 60, MODEL)
    points, labels = zip(first, second, other)
    repeats = any(torch.equal(points[0], again) for again in points[1:])
    drawn = points[0].var() > 0 and not torch.equal(points[0], MU[labels[0]])
    expect(
        not (repeats and drawn),
        "two calls give the same points, expected new ones each time. Draw inside the function, "
        "without a seed: seed once, at the top of the notebook.",
    )
    fixed = all(torch.equal(labels[0], again) for again in labels[1:])
    in_order = torch.equal(labels[0], labels[0].sort().values)  # these may well come twice
    expect(
        not fixed or in_order,
        "two calls give the same labels, expected new ones each time. A seed inside the function "
        "fixes them: each label is drawn from the prior.",
    )


def _means(x, y):
    return torch.stack([x[y == k].mean(0) for k in range(3)])


def _stds(x, y):
    return torch.stack([x[y == k].std(0) for k in range(3)])


def _off_centre(x, y):
    """Whether a mean is off by more than its noise, from the spread that was drawn."""
    return bool(_errors_off(x, y).max() > 6.5)


def _errors_off(x, y):
    """How many standard errors each mean is off."""
    error = _stds(x, y) / torch.bincount(y, minlength=3)[:, None].sqrt()
    return (_means(x, y) - MU).abs() / (error + 1e-9)


def is_centred(x, y):
    """x of class k lies around mu[k]."""
    if not _off_centre(x, y):
        return
    means = _means(x, y)
    k = int(_errors_off(x, y).amax(1).argmax())
    said = (
        f"x of class {k} has the mean {listed(means[k], '.2f')}, expected {listed(MU[k], '.2f')}."
    )
    raise CheckError(f"{said} {_why_off(x, y, means)}")


def _why_off(x, y, means):
    noise = (x - MU[y]) / VAR[y].sqrt()
    scaled = (x - MU[y]) / VAR[y]
    plain = x - MU[y]
    if any(e.min() >= -1e-4 and e.max() < 1.001 for e in (noise, scaled, plain)):
        return "All noise is positive and below 1: compare the names rand and randn."
    return _nearest(means, MEANS, 0.6) or (
        "Something shifts or folds the noise, or x and y no longer belong together: noise has the "
        "mean 0, and row n of x belongs to y[n]."
    )


def is_spread(x, y):
    """x of class k has the standard deviation sqrt(var[k])."""
    stds = _stds(x, y)
    ratio = stds / STD
    if (ratio - 1).abs().max() < 0.25:
        return
    k = int((ratio - 1).abs().amax(1).argmax())
    said = (
        f"x of class {k} has the standard deviation {listed(stds[k], '.2f')}, expected "
        f"{listed(STD[k], '.2f')}, from var = {listed(VAR[k])}."
    )
    why = diagnosis(
        SPREADS,
        lambda table: ((stds / table).log().abs() < 0.2).all(),
        "Noise from N(0, 1), times the standard deviation of the class, gives it.",
    )
    raise CheckError(f"{said} {why}")


def has_tails(noise):
    """The noise is normal: its fourth moment is 3, and its third 0."""
    e = (noise - noise.mean(0)) / noise.std(0)
    fourth, third = (e**4).mean(), (e**3).mean()
    seen = (
        f"the noise has the third and fourth moment {third:.2f} and {fourth:.2f}, expected 0 and 3"
    )
    expect(fourth > 2.4, f"{seen}. That looks uniform, or clipped: where are its tails?")
    expect(
        fourth < 3.9 and abs(third) < 0.5,
        f"{seen}. Those are not the tails of N(0, 1): look at the distribution that you draw from.",
    )
