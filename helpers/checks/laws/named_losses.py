"""Losses of logits that have a name: the right ones, and the mistaken ones with their diagnosis."""

import math

import torch
import torch.nn.functional as F


def bce(logits, label):
    """The mean binary cross entropy of logits against one label, worked by hand."""
    return label * F.softplus(-logits).mean() + (1 - label) * F.softplus(logits).mean()


def right_d(r, f):
    """D's loss: reals are 1, fakes are 0."""
    return bce(r, 1) + bce(f, 0)


def right_g(f):
    """G's loss, non-saturating: fakes should be called 1."""
    return bce(f, 1)


def minimax_g(f):
    """G's loss of the minimax game."""
    return -bce(f, 0)


def flipped_d(r, f):
    """D's loss in the other convention: reals are 0, fakes are 1."""
    return right_d(f, r)


def flipped_g(f):
    """G's loss in the other convention: fakes should be called 0. Here that is D's wish."""
    return bce(f, 0)


MINIMAX = (
    "This is the minimax loss, right elsewhere; here the non-saturating one is asked for. When D "
    "is "
    "sure of the fakes, the minimax loss gives G nearly no gradient: which label should G ask for?"
)
SMOOTH = (
    "This is label smoothing, with labels such as 0.9 for 1: a known trick that is right "
    "elsewhere; "
    "here the plain labels 1 and 0 are asked for."
)
TWICE = (
    "A sigmoid is applied twice: 'with_logits' (or softplus) contains one. Hand the logits over as "
    "they are."
)
SUMMED = "You add over the batch: the step then grows with the batch size. Average over the images."
SIGN = (
    "The sign is turned: this is what the network wants to raise, and the optimiser lowers the "
    "loss. "
    "A loss is always minimised here."
)
WASSERSTEIN = (
    "This is a Wasserstein (or hinge) critic's loss, the plain mean of the scores: right "
    "elsewhere. Here the loss is the binary cross entropy of the logits."
)
LEAST = (
    "This is a squared error, the least-squares GAN: right elsewhere. Here the loss is the binary "
    "cross entropy of the logits."
)
MEAN_FIRST = (
    "You average the logits and then take the loss. Average the losses: each image is judged on "
    "its own."
)
NATURAL = "The logarithm has another base. Cross entropy uses the natural one."
EXCHANGED = (
    "The arguments of the cross entropy are swapped: the logits come first, then the labels."
)
LOG_OF_LOGIT = (
    "The log of a logit is not log D, and a negative logit has none: D(x) is sigmoid(logit)."
)
BOTH_LABELS = "Two terms with both labels cancel around 0.5: G has one wish for its fakes."


def exchanged(x, label):
    """The cross entropy of a label taken for the logit, and of logits taken for its label."""
    return math.log(1 + math.exp(label)) - label * x.mean()


def log_size(x):
    """-log|x|: the gradient of -log(x), also where that is nan."""
    return -x.abs().log().mean()


# each suspect: a loss of (r, f) and what it means; the first that fits the student's numbers speaks
D_SUSPECTS = [
    (
        lambda r, f: bce(r, 0) + bce(f, 1),
        "The labels are the other way round (real 0, fake 1): right "
        "elsewhere, some courses write it so. Here real is 1 and fake is 0, and G's loss relies "
        "on it. "
        "Look at the labels, and at the order of the arguments.",
    ),
    (
        lambda r, f: bce(r, 1) + bce(f, 1),
        "Both terms ask for the label 1. What should D say about a fake, "
        "and who would like it to say 'real'?",
    ),
    (
        lambda r, f: bce(r, 0) + bce(f, 0),
        "Both terms ask for the label 0. What should D say about a real image?",
    ),
    (
        lambda r, f: bce(r, 1),
        "Only the reals count. A D that calls everything real would get the best "
        "loss: the fakes are missing (or a zero_grad stands between two backward calls, or a "
        "detach on D's answer D(fake), which cuts D off as well: it belongs on the fakes).",
    ),
    (
        lambda r, f: bce(f, 0),
        "Only the fakes count. A D that calls everything fake would get the best "
        "loss: the reals are missing (or a zero_grad stands between two backward calls, or a "
        "detach on D's answer D(real)).",
    ),
    (lambda r, f: bce(torch.sigmoid(r), 1) + bce(torch.sigmoid(f), 0), TWICE),
    (lambda r, f: bce(r, 1) * len(r) + bce(f, 0) * len(f), SUMMED),
    (
        lambda r, f: (bce(r, 0) + bce(r, 1) + bce(f, 0) + bce(f, 1)) / 2,
        "Every logit meets every label: "
        "the labels have another shape than the logits and broadcast to a table. Make them with "
        "ones_like(logits) and zeros_like(logits).",
    ),
    *[
        (lambda r, f, up=up, down=down: bce(r, up) + bce(f, down), SMOOTH)
        for up in (0.9, 0.8, 0.95, 0.7, 0.85)
        for down in (0, 1 - up, 0.1)
        if (up, down) != (1, 0)
    ],
    (
        lambda r, f: bce(r, 1) - bce(f, 0),
        "One of the two terms has the wrong sign: with logs the fakes' "
        "term is log(1 - D), and both terms carry the same minus.",
    ),
    (
        lambda r, f: bce(f, 0) - bce(r, 1),
        "The reals' term has the wrong sign: D would learn to call them fake.",
    ),
    (lambda r, f: -right_d(r, f), SIGN),
    (
        lambda r, f: right_d(r, f) / 2,
        "It is halved twice: take half of each term, or half of their sum.",
    ),
    (lambda r, f: log_size(r) + log_size(1 - f), LOG_OF_LOGIT),
    (lambda r, f: exchanged(r, 1) + exchanged(f, 0), EXCHANGED),
    (lambda r, f: exchanged(r, 1) + bce(f, 0), EXCHANGED),
    (lambda r, f: bce(r, 1) + exchanged(f, 0), EXCHANGED),
    (lambda r, f: f.mean() - r.mean(), WASSERSTEIN),
    (lambda r, f: r.mean() - f.mean(), WASSERSTEIN),
    (lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), WASSERSTEIN),
    (lambda r, f: ((r - 1) ** 2).mean() + (f**2).mean(), LEAST),
    (lambda r, f: ((r.sigmoid() - 1) ** 2).mean() + (f.sigmoid() ** 2).mean(), LEAST),
    (
        lambda r, f: f.sigmoid().mean() - r.sigmoid().mean(),
        "You average the probabilities themselves. Cross "
        "entropy takes their logarithm: it punishes a sure mistake far more than an unsure one.",
    ),
    (lambda r, f: bce(r.mean(), 1) + bce(f.mean(), 0), MEAN_FIRST),
    (
        lambda r, f: bce((r + f) / 2, 1) + bce((r + f) / 2, 0),
        "You average D's answers on reals and fakes and "
        "then take the loss. Average the losses, not the answers.",
    ),
    (
        lambda r, f: bce(r - f, 1),
        "You judge the difference of real and fake scores, a relativistic loss: "
        "right elsewhere. Here each image is judged on its own.",
    ),
    (lambda r, f: right_d(r, f) / math.log(2), NATURAL),
    (lambda r, f: right_d(r, f) / math.log(10), NATURAL),
]
G_SUSPECTS = [
    (
        lambda f: bce(f, 0),
        "The label of the fakes is 0: that is D's wish, and the other way round (real = "
        "0) it is right elsewhere. Here real is 1, and G wants its fakes called real: look at "
        "the label.",
    ),
    (lambda f: -bce(f, 1), SIGN),
    (lambda f: bce(torch.sigmoid(f), 1), TWICE),
    (lambda f: bce(torch.sigmoid(f), 0), TWICE + " The label is D's, too."),
    (lambda f: bce(f, 1) * len(f), SUMMED),
    *[(lambda f, up=up: bce(f, up), SMOOTH) for up in (0.9, 0.8, 0.95, 0.7, 0.85)],
    (lambda f: -f.mean(), WASSERSTEIN),
    (lambda f: f.mean(), WASSERSTEIN + " The sign is D's, too."),
    (lambda f: ((f - 1) ** 2).mean(), LEAST),
    (lambda f: ((f - 1) ** 2).mean() / 2, LEAST),
    (lambda f: ((f.sigmoid() - 1) ** 2).mean(), LEAST),
    (
        lambda f: -f.sigmoid().mean(),
        "You raise the probability itself, without its logarithm: its slope "
        "vanishes when D is sure (D(G(z)) near 0). Which function of it is steep there?",
    ),
    (
        lambda f: 1 - f.sigmoid().mean(),
        "You lower 1 - D(G(z)) without a logarithm: its slope vanishes when "
        "D is sure. Which function of D(G(z)) is steep near 0?",
    ),
    (
        lambda f: -right_d(f, f),
        "This is D's loss with a minus, and the fakes stand in for the reals. Which "
        "term of D's loss depends on G?",
    ),
    (lambda f: right_d(f, f), BOTH_LABELS),
    (lambda f: right_d(f, f) / 2, BOTH_LABELS),
    (lambda f: log_size(f), LOG_OF_LOGIT),
    (lambda f: exchanged(f, 1), EXCHANGED),
    (lambda f: bce(f.mean(), 1), MEAN_FIRST),
    (lambda f: bce(f, 1) / math.log(2), NATURAL),
]
