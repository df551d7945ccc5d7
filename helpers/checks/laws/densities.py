"""Laws of Gaussian log densities: of rows, joined with a prior, and with features that are missing.

A log density is a sum of three terms: squared distance, log var, log 2 pi. Fitting their factors to
what the answer gives shows which of them is off, however the line is written.
"""

import math

import torch

from helpers.checks.laws.formulas import Formula, shown

LOG_2PI = math.log(2 * math.pi)
MANY = 100  # features, whose densities multiply to something that float32 rounds to 0


def log_density(x, mu, var):
    """log N(x; mu, diag(var)) of each row."""
    return _features(x, mu, var).sum(-1)


def _features(x, mu, var):
    """The log density of each feature on its own."""
    return -0.5 * ((x - mu) ** 2 / var + var.log() + LOG_2PI)


def _factors_of(x, mu, var):
    """The density of each feature on its own."""
    return (-0.5 * (x - mu) ** 2 / var).exp() / (2 * math.pi * var).sqrt()


def density_cases():
    """(x, mu, var): by hand, other sizes, many features, and points far from mu."""
    worked = torch.tensor([[1.0, 2.0, 3.0], [1.0, 0.0, 3.5], [4.0, 2.0, -1.0], [0.0, 5.0, 2.0]])
    hand = worked, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.25, 4.0, 0.5])
    far = torch.tensor([[40.0, -30.0], [-25.0, 60.0]]), *_gaussian(2)
    sizes = [(6, 2), (3, 3), (1, 4), (5, 1), (7, 5)]
    return [hand, *(_rows(n, d) for n, d in sizes), _rows(2, MANY), far]


def _gaussian(*shape):
    return torch.randn(*shape), 0.3 + 2.2 * torch.rand(*shape)


def _rows(n, d):
    mu, var = _gaussian(d)
    return mu + 1.5 * torch.randn(n, d), mu, var


UNDERFLOW = (
    "You take the log of a product of densities, and with many features, or far from mu, that "
    "product rounds to 0. Take the log on paper: it turns the product into a sum, and exp cancels."
)
DENSITY_SUSPECTS = [
    (
        lambda x, mu, var: log_density(x, mu, var**2),
        "var took the place of the standard deviation: torch.distributions.Normal, for one, wants "
        "the standard deviation, and (x - mu) / var divides by too much.",
    ),
    (
        lambda x, mu, var: log_density(x, mu, var.sqrt()),
        "The standard deviation took the place of the variance: which of the two comes in?",
    ),
    (
        lambda x, mu, var: log_density(x, mu, 1 / var),
        "1 / var took the place of var.",
    ),
    (
        lambda x, mu, var: log_density(x, mu, var).exp(),
        "That is a density, and its log is asked for. With many features the density rounds to 0.",
    ),
    (lambda x, mu, var: _factors_of(x, mu, var).prod(-1).log(), UNDERFLOW),
    (lambda x, mu, var: _factors_of(x, mu, var).log().sum(-1), UNDERFLOW),
    (lambda x, mu, var: log_density(x, mu, var).exp().log(), UNDERFLOW),
    (
        lambda x, mu, var: log_density(x, mu, var) / x.shape[-1],
        "You average over the features. The log of a product over features is a sum of logs.",
    ),
    (
        lambda x, mu, var: _factors_of(x, mu, var).sum(-1).log(),
        "You add the densities of the features and then take the log. Independent features "
        "multiply.",
    ),
    (
        lambda x, mu, var: _features(x, mu, var).prod(-1),
        "You multiply the logs. Products of densities become what, after taking logs?",
    ),
    (
        lambda x, mu, var: -log_density(x, mu, var),
        "The sign is turned, so a point far from mu gets the highest value. It is a density, not "
        "a distance.",
    ),
    (
        lambda x, mu, var: log_density(x, mu, var) / math.log(2),
        "The logarithm has the base 2: the natural one is asked for.",
    ),
    (
        lambda x, mu, var: log_density(x, mu, var) / math.log(10),
        "The logarithm has the base 10: the natural one is asked for.",
    ),
    (
        lambda x, mu, var: log_density(x[..., :1], mu[..., :1], var[..., :1]),
        "Only the first feature counts.",
    ),
]


# a mistaken distance of a feature, and what it means
DISTANCES = [
    (lambda x, mu, var: (x - mu) ** 2 / var, None),
    (lambda x, mu, var: (x - mu) ** 2, "var does not scale the squared distance: divide by it."),
    (
        lambda x, mu, var: (x - mu) ** 2 / var**2,
        "The squared distance is divided by var squared: either (x - mu) / std is squared, or the "
        "square is divided by var.",
    ),
    (
        lambda x, mu, var: (x - mu) ** 2 / var.sqrt(),
        "The squared distance is divided by the standard deviation: the variance belongs there.",
    ),
    (
        lambda x, mu, var: (x - mu) ** 2 * var,
        "The squared distance is multiplied by var: in a wide Gaussian, is a point 2 away nearer "
        "or farther, measured in its width?",
    ),
    (lambda x, mu, var: (x - mu).abs() / var, "The distance is not squared."),
    (lambda x, mu, var: (x - mu).abs() / var.sqrt(), "The distance is not squared."),
    (
        lambda x, mu, var: (x - mu) / var,
        "The distance is not squared: above and below mu then differ.",
    ),
    (lambda x, mu, var: (x - mu) / var.sqrt(), "The distance is not squared."),
    (lambda x, mu, var: x**2 / var, "mu takes no part: the distance is measured from 0."),
    (lambda x, mu, var: (x + mu) ** 2 / var, "x + mu is no distance: look at the sign."),
    (
        lambda x, mu, var: x**2 / var - mu**2 / var,
        "(x - mu) squared is not x squared - mu squared.",
    ),
    (lambda x, mu, var: (x - mu) ** 4 / var, "The distance is squared twice."),
]
# log var may enter as log std by mistake of a factor, or as var itself
SPREADS = [
    (lambda var: var.log(), None),
    (lambda var: var, "log var is asked for, and var itself was added."),
    (lambda var: var.sqrt(), "A log is missing: the standard deviation itself was added."),
    (lambda var: 1 / var, "A log is missing: the normalising factor itself was added."),
    (lambda var: var.rsqrt(), "A log is missing: the normalising factor itself was added."),
]


def terms_advice(rows):
    """Words for the term that is off, or None; rows: (value, x, mu, var) with values (N,)."""
    rows = [row for row in rows if row[1].shape[-1] < MANY]  # its size would drown the others
    values = torch.cat([row[0] for row in rows]).double()
    if not torch.isfinite(values).all():
        return None
    rest = torch.cat([torch.tensor([[float(row[1].shape[-1]), 1.0]] * len(row[1])) for row in rows])
    spreads = [(_column(rows, lambda x, mu, var, s=s: s(var)), why) for s, why in SPREADS]
    for distance, far in DISTANCES:
        column = _column(rows, distance)
        for spread, wide in spreads:
            factors = _fitted(torch.cat([column, spread, rest], 1).double(), values)
            if factors is not None:
                return far or wide or _factor_words(*factors)
    return None


def _column(rows, term):
    """A term of each feature, added over the features of each row."""
    terms = [term(x, mu, var).expand_as(x).sum(-1) for _, x, mu, var in rows]
    return torch.cat(terms)[:, None]


def _fitted(table, values):
    """The factors of squared distance, log var, d and 1 that explain the values, or None."""
    scale = table.abs().amax(0).clamp(min=1e-6)
    factors = torch.linalg.lstsq(table / scale, values[:, None]).solution[:, 0] / scale
    misses = (table @ factors - values).abs() > 1e-3 + 1e-5 * values.abs()
    return None if misses.any() else factors.tolist()


def _near(a, b):
    return abs(a - b) < 0.02


# of the factors of squared distance q, log var v, d and 1, right at -1/2, -1/2, -log(2 pi) / 2, 0:
# what holds where a term is off, and the words for it; the first that holds speaks
OFF = [
    (
        lambda q, v, d, one: _near(v, 0),
        "The term with log var is missing: a wide class then gets too much everywhere. It differs "
        "from class to class, so it does not cancel.",
    ),
    (lambda q, v, d, one: _near(q, 0), "The squared distance is missing."),
    (
        lambda q, v, d, one: _near(d, 0) and _near(one, -LOG_2PI / 2),
        "The constant is there once: each of the d features brings its own.",
    ),
    (
        lambda q, v, d, one: _near(d, 0) and _near(one, 0),
        "The term with 2 pi is missing: without it exp of your function does not integrate to 1, "
        "and log p(x) is off.",
    ),
    (
        lambda q, v, d, one: q > 0,
        "The squared distance has the wrong sign: should a point far from mu be more or less "
        "likely than mu itself?",
    ),
    (
        lambda q, v, d, one: v > 0,
        "log var has the wrong sign: a wide Gaussian is lower at its top.",
    ),
    (
        lambda q, v, d, one: d > 0,
        "The constant has the wrong sign: dividing by a number lowers the log.",
    ),
    (lambda q, v, d, one: _near(q, -1), "The squared distance is not halved."),
    (
        lambda q, v, d, one: _near(v, -1),
        "log var enters whole: the density is divided by the standard deviation, the root of var.",
    ),
    (
        lambda q, v, d, one: _near(d, -LOG_2PI),
        "The constant is not halved: 2 pi stands under the root as well.",
    ),
    (
        lambda q, v, d, one: not _near(q, -0.5),
        "The squared distance has another factor than in the formula.",
    ),
    (
        lambda q, v, d, one: not _near(v, -0.5),
        "log var has another factor than in the formula.",
    ),
    (
        lambda q, v, d, one: _near(d, -math.log(math.pi) / 2),
        "The 2 in 2 pi is missing.",
    ),
    (
        lambda q, v, d, one: True,
        "The constant is another: the density is divided by the root of 2 pi var.",
    ),
]


def _factor_words(q, v, d, one):
    """Which of the terms has the wrong factor, or all of them the same."""
    times = -2 * q
    if not _near(times, 1) and _near(v, -times / 2) and _near(d, -times * LOG_2PI / 2):
        return (
            f"The log density as a whole is {times:.3g} times the expected: look at the factor "
            "before the bracket."
        )
    return next(words for holds, words in OFF if holds(q, v, d, one))


def _density_hint(args, shape):
    n, d = args[0].shape
    hints = {
        (n, d): "That is one number per feature: add the logs of a row's features.",
        (d,): "That is one number per feature: which axis runs over the features?",
        (): "That is one number for all rows: add over the features only.",
        (n, 1): "One axis is left over, from keepdim perhaps: (N,) is asked for.",
        (1, n): "One axis is left over: (N,) is asked for.",
        (n, n): "That is one number per pair of rows: each row meets only itself.",
        (n, d, d): "A product has made pairs of features: each feature meets only itself.",
    }
    return hints.get(shape, "One log density per row.")


DENSITY = Formula(
    right=log_density,
    suspects=DENSITY_SUSPECTS,
    comes="one log density per row, (N,)",
    told=lambda args, n: (
        f"the row x = {shown(args[0][n])} with mu = {shown(args[1])} and var = {shown(args[2])}"
    ),
    hints=_density_hint,
    advice=lambda results, cases: terms_advice(_density_rows(results, cases)),
    otherwise="Work one feature by hand, at x = mu: which terms remain there?",
    far=(2, UNDERFLOW),
)


def _density_rows(results, cases):
    return [
        (result.detach(), *args)
        for result, args in zip(results, cases)
        if torch.is_tensor(result) and result.shape == args[0].shape[:1]
    ]


# --- joined with the prior ------------------------------------------------------------------------


def joint_of(density):
    """From a log density of (x, mu, var) to a log joint of (x, prior, mu, var)."""

    def joint(x, prior, mu, var):
        return density(x[:, None], mu, var) + prior.log()

    return joint


log_joint = joint_of(log_density)


def likelihood(x, mu, var):
    """log p(x | k), (N, K)."""
    return log_density(x[:, None], mu, var)


def joint_cases():
    """(x, prior, mu, var): by hand, other sizes, many features, and points far away."""
    x = torch.tensor([[1.0, 2.0], [0.0, 0.0], [4.0, 1.0], [-1.0, 3.0]])
    mu = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 1.5]])
    var = torch.tensor([[0.25, 4.0], [0.5, 2.0], [1.5, 0.2]])
    hand = x, torch.tensor([0.5, 0.2, 0.3]), mu, var
    sizes = [(6, 2, 3), (3, 3, 2), (1, 4, 3), (7, 3, 5), (5, 2, 1), (2, 3, MANY)]
    drawn = [_model(n, k, d) for n, k, d in sizes]
    return [hand, *drawn, (40 * torch.randn(3, 2).sign(), *_model(3, 2, 2)[1:])]


def _model(n, k, d):
    mu, var = _gaussian(k, d)
    prior = torch.rand(k) + 0.1 * torch.arange(1, k + 1)
    return torch.randn(n, d) * 2, prior / prior.sum(), mu, var


MULTIPLIED = (
    "The log likelihood is multiplied by the prior: a negative number times a small prior gets "
    "larger. Products of probabilities become what, after taking logs?"
)
IN_PROBABILITIES = (
    "That is the probability p(x, y): its log is asked for, and the probability rounds to 0 with "
    "many features."
)
NORMALISED = (
    "The rows are normalised already: that is the log posterior log p(y | x). Here p(x) is not "
    "yet divided out."
)
SAME_VAR = "Every class is measured with the same var: take that of class k."
JOINT_SUSPECTS = [
    (
        lambda x, prior, mu, var: likelihood(x, mu, var),
        "The prior takes no part: that is log p(x | y) alone. A rare class needs more evidence.",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior,
        "The prior is added as it is. In a sum of logs every term is a log.",
    ),
    (lambda x, prior, mu, var: likelihood(x, mu, var) * prior, MULTIPLIED),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) * prior.log(),
        "The two logs are multiplied. Products of probabilities become what, after taking logs?",
    ),
    (lambda x, prior, mu, var: log_joint(x, prior, mu, var).exp(), IN_PROBABILITIES),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var).exp() + prior,
        "You add probabilities: p(x | y) and p(y) multiply, and their logs add.",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) - prior.log(),
        "The log prior has the wrong sign: a smaller prior then gives a larger value.",
    ),
    (
        lambda x, prior, mu, var: (likelihood(x, mu, var) * prior).log(),
        "The log of a log: log p(x | y) is a log already, and only the prior needs one.",
    ),
    (
        lambda x, prior, mu, var: (likelihood(x, mu, var).exp() * prior).log(),
        UNDERFLOW,
    ),
    (lambda x, prior, mu, var: log_joint(x, prior, mu, var).log_softmax(1), NORMALISED),
    (
        lambda x, prior, mu, var: log_joint(x, prior, mu, var).softmax(1),
        "That is the posterior p(y | x): normalising comes later, and logs are asked for here.",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior.log_softmax(0),
        "log_softmax bends the prior, which adds up to 1 already: its log is enough.",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + x.shape[1] * prior.log(),
        "The log prior is counted once per feature: add it after the sum over the features.",
    ),
    (
        lambda x, prior, mu, var: log_joint(x, prior, mu, var) / x.shape[1],
        "You average over the features. The log of a product over features is a sum of logs, and "
        "the prior stands outside of it.",
    ),
    *(
        (
            lambda x, prior, mu, var, b=base: likelihood(x, mu, var) + prior.log() / math.log(b),
            f"The logarithm of the prior has the base {base}: the natural one is asked for.",
        )
        for base in (2, 10)
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior.log().mean(),
        "All classes get the same log prior: column k needs the log of prior[k].",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior.log().sum(),
        "All classes get the same log prior: column k needs the log of prior[k].",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior[0].log(),
        "All classes get the same log prior: column k needs the log of prior[k].",
    ),
    (
        lambda x, prior, mu, var: likelihood(x, mu, var) + prior.log().flip(0),
        "The priors stand in the wrong order: column k needs the log of prior[k].",
    ),
    (lambda x, prior, mu, var: log_joint(x, prior, mu, var[:1].expand_as(var)), SAME_VAR),
    (lambda x, prior, mu, var: log_joint(x, prior, mu, var[-1:].expand_as(var)), SAME_VAR),
    (lambda x, prior, mu, var: log_joint(x, prior, mu, var.mean(0).expand_as(var)), SAME_VAR),
    *((joint_of(density), why) for density, why in DENSITY_SUSPECTS),
]


def _joint_hint(args, shape):
    (n, d), k = args[0].shape, len(args[-3])
    hints = {
        (k, n): "Examples and classes are exchanged: torch.stack puts the new axis first unless "
        "told otherwise.",
        (n,): "That is one number per example: each class has its own joint.",
        (k,): "That is one number per class: each example has its own.",
        (n, k, d): "That is one number per feature: add the logs of the features.",
        (k, d): "The examples are missing: each of the N rows has its own joint.",
        (n, k, 1): "One axis is left over, from keepdim perhaps: (N, K) is asked for.",
        (n * k,): "The numbers are in one long row: (N, K) is asked for.",
        (): "That is one number: one for each example and class is asked for.",
    }
    columns = "One row per example, one column per class."
    if len(shape) == 2 and shape[0] == n and shape[1] != k:
        columns = _too_few(shape[1], k)
    return hints.get(shape, columns)


def _too_few(columns, k):
    return f"The loop makes {columns} columns, the prior has {k} entries: one for each class."


def _joint_causes(args):
    """Words for tables of another shape that meet the log prior; the first case has N != K."""
    n, k = len(args[0]), len(args[-3])
    counts = [c for c in range(2, 6) if c not in (n, k)]
    return [
        (
            _sizes(n, k, 1),
            f"The {k} classes stand along the first axis and the {n} examples along the last, "
            "where the log prior needs the classes: torch.stack puts the new axis first unless "
            "dim says otherwise.",
        ),
        *((_sizes(c, k, 1), _too_few(c, k)) for c in counts),
    ]


def _sizes(a, b, dim):
    """The pattern of the error where sizes a and b meet at an axis, in either order."""
    return "|".join(rf"a \({s}\) .* b \({t}\) .* dimension {dim}$" for s, t in ((a, b), (b, a)))


JOINT = Formula(
    right=log_joint,
    suspects=JOINT_SUSPECTS,
    comes="the log joint, (N, K)",
    told=lambda args, place: (
        f"the row x = {shown(args[0][place[0]])} with prior = {shown(args[1])}, mu[{place[1]}] = "
        f"{shown(args[2][place[1]])} and var[{place[1]}] = {shown(args[3][place[1]])}"
    ),
    classes=True,
    causes=_joint_causes,
    hints=_joint_hint,
    advice=lambda results, cases: _joint_advice(results, cases),
    otherwise="Work one class by hand: the sum over its features, then the log prior.",
    far=(2, UNDERFLOW),
)


def _joint_advice(results, cases):
    """Which term of the density is off, once the log prior is taken away; or exchanged axes."""
    rows = []
    for result, (x, prior, mu, var) in zip(results, cases):
        if not torch.is_tensor(result) or result.shape != (len(x), len(prior)):
            return None
        rest = result.detach() - prior.log()
        rows += [(rest[:, k], x, mu[k], var[k]) for k in range(len(prior))]
    return terms_advice(rows)


# --- with missing features ------------------------------------------------------------------------


def missing_cases():
    """(x, seen, prior, mu, var), rubbish in the unseen places; by hand first."""
    x, _, mu, var = joint_cases()[0]
    prior, mu, var = (
        torch.tensor([0.6, 0.4]),
        mu[:2],
        var[:2],
    )  # K = 2, d = 3: sizes tell them apart
    x, mu, var = (torch.cat([t, t.flip(0)[:, :1]], 1) for t in (x, mu, var))
    hand = x, torch.tensor([True, False, True]), prior, mu, var
    masks = [[1, 0, 1, 1, 0], [0, 1, 0, 0, 1], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]]
    drawn = [_masked(6 - 2 * k % 5, 3, mask) for k, mask in enumerate(masks)]
    far, *rest = _masked(4, 2, [1, 0, 1])
    many = _masked(3, 2, [1] * MANY + [0])
    return [hand, *drawn, _masked(3, 3, [1, 0, 1]), many, (40 * far.sign(), *rest)]


def _masked(n, k, mask):
    seen = torch.tensor(mask).bool()
    x, *model = _model(n, k, len(mask))
    return torch.where(seen, x, torch.tensor(7.0) + torch.randn(n, 1)), seen, *model


def keep(x, seen, prior, mu, var):
    """log joint of the seen features: the others are dropped."""
    return log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])


def _filled(x, seen, value):
    return torch.where(seen, x, value)


def _at_own_mean(x, seen, prior, mu, var):
    """Each class's own mean in the unseen places."""
    diff = torch.where(seen, x[:, None] - mu, 0.0)
    return log_density(diff, torch.zeros_like(mu), var) + prior.log()


NO_VARIANCE = "A variance set to 0 is no missing feature: leave the column out."
MISSING_SUSPECTS = [
    (lambda x, seen, prior, mu, var: log_joint(x, prior, mu, var * seen), NO_VARIANCE),
    (
        lambda x, seen, prior, mu, var: log_joint(x, prior, mu, var),
        "seen takes no part: what stands in an unseen place decides the class. Change that "
        "placeholder: should the answer change?",
    ),
    (
        lambda x, seen, prior, mu, var: keep(x, ~seen, prior, mu, var),
        "The unseen features are used and the seen ones dropped: True means seen.",
    ),
    (
        _at_own_mean,
        "At its mean a density is not 1: the terms with log var and 2 pi of the unseen features "
        "are still there, and the narrower class is favoured. What is the integral of a density?",
    ),
    (
        lambda x, seen, prior, mu, var: log_joint(_filled(x, seen, 0.0), prior, mu, var),
        "The unseen features count as 0: that is a guess, and it favours the class near 0. An "
        "unseen feature contributes its integral.",
    ),
    (
        lambda x, seen, prior, mu, var: log_joint(_filled(x, seen, mu.mean(0)), prior, mu, var),
        "The unseen features are filled with an average: that is a guess. An unseen feature "
        "contributes its integral.",
    ),
    (
        lambda x, seen, prior, mu, var: log_joint(_filled(x, seen, prior @ mu), prior, mu, var),
        "The unseen features are filled with an average: that is a guess. An unseen feature "
        "contributes its integral.",
    ),
    (
        lambda x, seen, prior, mu, var: log_joint(_filled(x, seen, x.mean(0)), prior, mu, var),
        "The unseen features are filled with an average: that is a guess. An unseen feature "
        "contributes its integral.",
    ),
    (
        lambda x, seen, prior, mu, var: keep(x, seen, prior, mu, var) - (~seen).sum() * LOG_2PI / 2,
        "The constant with 2 pi is still counted for the unseen features.",
    ),
    (
        lambda x, seen, prior, mu, var: (
            keep(x, seen, prior, mu, var) - 0.5 * var[:, ~seen].log().sum(1)
        ),
        "log var is still counted for the unseen features: the narrower class is favoured.",
    ),
    (
        lambda x, seen, prior, mu, var: (
            likelihood(x[:, seen], mu[:, seen], var[:, seen]) * len(seen) / seen.sum() + prior.log()
        ),
        "The seen features are scaled up to make good for the unseen ones: what is not seen is "
        "no evidence.",
    ),
    *(
        (lambda x, seen, *model, wrong=wrong: wrong(x[:, seen], *_kept(seen, *model)), why)
        for wrong, why in JOINT_SUSPECTS
    ),
]


def _kept(seen, prior, mu, var):
    return prior, mu[:, seen], var[:, seen]


def _missing_hint(args, shape):
    """As for the log joint, with the features counted as they come back: all, or the seen ones."""
    x, seen, *model = args
    return _joint_hint(args if shape[-1:] == x.shape[1:] else (x[:, seen], *model), shape)


def _missing_causes(args):
    """Words for a mask on the wrong axis, for what is not cut, and for a variance of 0."""
    d, left = len(args[1]), int(args[1].sum())
    uncut = f"x has {left} features left and mu or var still {d}: cut them, too."
    return [
        (
            r"shape of the mask \[\d+\] at index 0",
            "seen has one entry per feature, not per row: it belongs on the axis of the features.",
        ),
        (rf"a \({left}\) .* b \({d}\)|{left}\]\) vs torch.Size\(\[[\d, ]*{d}\]", uncut),
        (
            rf"a \({d}\) .* b \({left}\)|{d}\]\) vs torch.Size\(\[[\d, ]*{left}\]",
            f"{left} features are left in one place and {d} in another: cut x, mu and var alike.",
        ),
        (r"parameter scale .* satisfy the constraint", NO_VARIANCE),
        *_joint_causes(args),
    ]


MISSING = Formula(
    right=keep,
    suspects=MISSING_SUSPECTS,
    comes="the log joint of the seen features, (N, K)",
    told=lambda args, n: (
        f"the row x = {shown(args[0][n])} with seen = "
        f"{args[1].tolist() if len(args[1]) < 6 else 'a mask'} and prior = {shown(args[2])}"
    ),
    hints=_missing_hint,
    causes=_missing_causes,
    advice=lambda results, cases: _joint_advice(
        results, [(x[:, seen], *_kept(seen, *model)) for x, seen, *model in cases]
    ),
    otherwise="Work one class by hand with a single seen feature.",
    far=(2, UNDERFLOW),
)
