"""Least-squares losses on maps of patch scores, right and mistaken: real is 1, fake is 0."""

import torch
import torch.nn.functional as F

from helpers.checks.laws.named_losses import bce
from helpers.checks.laws.network_losses import Loss


def off(scores, target):
    """The mean squared distance of all scores from a target."""
    return (scores - target).square().mean()


def of_image(scores):
    """The mean score of each image (N,)."""
    return scores.flatten(1).mean(1)


MEAN_FIRST = (
    "You average the scores and then take the distance: a patch that looks too real would pay for "
    "a bad one. Each patch is judged on its own, and the average comes last."
)
CROSS = (
    "That is a cross entropy, the loss of the lessons before: right elsewhere. Here D's scores are "
    "compared with 1 and 0 by their squared distance, for G and for D alike."
)
SIGMOID = (
    "A sigmoid is applied first. The scores are raw here, and the distance to 1 and 0 is taken of "
    "the scores themselves: outside of 0 and 1 it goes on growing, which is what keeps the "
    "gradient alive."
)
WASSERSTEIN = (
    "That is a plain mean of scores, as a Wasserstein critic or a hinge loss has it: right "
    "elsewhere. Here each score has a target, and its squared distance counts."
)
ABSOLUTE = "You take the absolute distance from the target: least squares squares it."
ROOT = "A root is taken of the mean square: leave it squared."
SUMMED = (
    "You add over the patches or images, so the loss grows with their number. Average over both."
)
SMOOTH = (
    "This is label smoothing, with a target such as 0.9 for 1: right elsewhere. Here the plain "
    "targets are asked for."
)
SYMMETRIC = "The targets are 1 and -1: some papers choose them so. Here they are 1 and 0."
SIGN = (
    "The sign is turned: a loss is minimised, and it is lowest, 0, where every score is on target."
)
FIRST = "Only one patch of each image counts. Every patch has its own score: use them all."


def _sums(measure):
    """The measure of one target, added up in two ways: over everything, over each image."""
    return [
        lambda s: measure(s) * s.numel(),
        lambda s: measure(s) * s[0].numel(),
        lambda s: measure(s) * len(s),
    ]


# suspects of (scores of the fakes) -> loss
_G_SCORES = [
    (
        lambda s: off(s, 0),
        "The target is 0: that is what D wants to say about fakes. What does G want to hear?",
    ),
    *[(lambda s, t=t: off(s, t), SMOOTH) for t in (0.9, 0.8, 0.95, 0.7, 0.85)],
    (lambda s: off(s, -1), f"The target is -1. {SYMMETRIC}"),
    (
        lambda s: off(s, 0.5),
        "The target is 0.5, a D that cannot decide. G wants more than that: what should D say?",
    ),
    (lambda s: off(s.mean(), 1), MEAN_FIRST),
    (lambda s: off(of_image(s), 1), MEAN_FIRST),
    (lambda s: bce(s, 1), CROSS),
    (lambda s: bce(s, 0), f"{CROSS} And which of the two does G want to hear?"),
    (lambda s: -bce(s, 0), CROSS),
    (lambda s: off(s.sigmoid(), 1), SIGMOID),
    (lambda s: bce(s.sigmoid(), 1), f"{CROSS} A sigmoid is applied twice, too."),
    (lambda s: off(s.sigmoid(), 0), f"{SIGMOID} And which target does G want?"),
    (lambda s: off(s.tanh(), 1), SIGMOID),
    (
        lambda s: off(s.clamp(0, 1), 1),
        "The scores are clamped: outside of 0 and 1 D could say "
        "anything, and G would hear nothing. Use them as they are.",
    ),
    (
        lambda s: F.relu(1 - s).mean(),
        WASSERSTEIN,
    ),
    (lambda s: -s.mean(), WASSERSTEIN),
    (lambda s: s.mean(), f"{WASSERSTEIN} The sign is D's, too."),
    (
        lambda s: (s - 1).mean(),
        "The distances are not squared: a score above 1 pays for one below.",
    ),
    (
        lambda s: (1 - s).mean(),
        "The distances are not squared: a score above 1 pays for one below.",
    ),
    (
        lambda s: (s.square() - 1).mean(),
        "The score is squared, and then the target is taken off: the distance to the target is "
        "what gets squared.",
    ),
    (
        lambda s: (1 - s.square()).mean(),
        "The score is squared, and then the target is taken off: the distance to the target is "
        "what gets squared.",
    ),
    (lambda s: (s - 1).abs().mean(), ABSOLUTE),
    (lambda s: F.smooth_l1_loss(s, torch.ones_like(s)), ABSOLUTE),
    (lambda s: off(s, 1).sqrt(), ROOT),
    (lambda s: (s - 1).flatten(1).norm(dim=1).mean(), ROOT),
    *[(measure, SUMMED) for measure in _sums(lambda s: off(s, 1))],
    (lambda s: -off(s, 1), SIGN),
    (
        lambda s: -off(s, 0),
        "That is D's term with its sign turned: it only drives the scores away from 0, downwards "
        "as well. Which score should a patch get?",
    ),
    (
        lambda s: off(s, 1) + off(s, 0),
        "Two terms with both targets cancel around 0.5: G has one wish for its fakes.",
    ),
    (lambda s: off(s[:, :, 0, 0], 1), FIRST),
    (lambda s: off(s.amax((1, 2, 3)), 1), FIRST),
    (lambda s: off(s.amin((1, 2, 3)), 1), FIRST),
    (lambda s: off(s[0], 1), "Only the first image counts: use the whole batch."),
]
FOR_G = Loss(
    right=lambda D, fake: off(D(fake), 1),
    suspects=[
        *[(lambda D, fake, of=of: of(D(fake)), why) for of, why in _G_SCORES],
        (
            lambda D, fake: off(fake, 1),
            "The images themselves are compared with 1, and D is never asked: the fakes would turn "
            "white.",
        ),
        (
            lambda D, fake: off(D(fake) - D(torch.zeros_like(fake)), 1),
            "D's score of another image is taken off. Each score is judged on its own.",
        ),
    ],
    otherwise="Take one patch: how far is its score from what G wants to hear? Square that, and "
    "average over all patches and images.",
    parts="images and patches",
    other=" (or half of it)",
    learn=("fake",),
    cuts=[
        (
            lambda D, fake: off(D(fake.detach()), 1),
            "The fakes are cut off before D sees them, which belongs into D's step. Who learns "
            "from this loss, and along which path?",
        )
    ],
)


# suspects of (scores of the reals, scores of the fakes) -> loss
_D_SCORES = [
    (
        lambda r, f: off(r, 0) + off(f, 1),
        "The targets are the other way round (real 0, fake 1). Here real is 1 and fake is 0, and "
        "G's loss relies on it. Look at the targets, and at the order of the arguments.",
    ),
    (
        lambda r, f: off(r, 1) + off(f, 1),
        "Both terms have the target 1. What should D say about a fake, and who would like to hear "
        "'real'?",
    ),
    (
        lambda r, f: off(r, 0) + off(f, 0),
        "Both terms have the target 0. What should D say about a real image?",
    ),
    (
        lambda r, f: off(r, 1),
        "Only the reals count: a D that says 1 to everything would be the best. What is missing?",
    ),
    (
        lambda r, f: off(f, 0),
        "Only the fakes count: a D that says 0 to everything would be the best. What is missing?",
    ),
    *[
        (lambda r, f, up=up, down=down: off(r, up) + off(f, down), SMOOTH)
        for up in (0.9, 0.8, 0.95, 0.7, 0.85, 1)
        for down in (0, 1 - up, 0.1)
        if (up, down) != (1, 0)
    ],
    (lambda r, f: off(r, 1) + off(f, -1), SYMMETRIC),
    (lambda r, f: off(r.mean(), 1) + off(f.mean(), 0), MEAN_FIRST),
    (lambda r, f: off(of_image(r), 1) + off(of_image(f), 0), MEAN_FIRST),
    (lambda r, f: off(r, 1) + off(f.mean(), 0), MEAN_FIRST),
    (lambda r, f: off(r.mean(), 1) + off(f, 0), MEAN_FIRST),
    (lambda r, f: bce(r, 1) + bce(f, 0), CROSS),
    (lambda r, f: bce(r, 0) + bce(f, 1), f"{CROSS} The targets are exchanged, too."),
    (lambda r, f: bce(r, 1) + off(f, 0), f"One of the two terms is another loss. {CROSS}"),
    (lambda r, f: off(r, 1) + bce(f, 0), f"One of the two terms is another loss. {CROSS}"),
    (lambda r, f: off(r.sigmoid(), 1) + off(f.sigmoid(), 0), SIGMOID),
    (
        lambda r, f: bce(r.sigmoid(), 1) + bce(f.sigmoid(), 0),
        f"{CROSS} A sigmoid comes twice, too.",
    ),
    (lambda r, f: f.mean() - r.mean(), WASSERSTEIN),
    (lambda r, f: r.mean() - f.mean(), WASSERSTEIN),
    (lambda r, f: (r.mean() - f.mean()).abs(), WASSERSTEIN),
    (lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), WASSERSTEIN),
    (
        lambda r, f: off(r, 1) - off(f, 0),
        "The fakes' term is subtracted: D would be paid for scores far from 0. Both terms are "
        "distances from a target, and both should be small.",
    ),
    (
        lambda r, f: off(f, 0) - off(r, 1),
        "The reals' term is subtracted: D would be paid for scores far from 1. Both terms are "
        "distances from a target, and both should be small.",
    ),
    (lambda r, f: -off(r, 1) - off(f, 0), SIGN),
    (lambda r, f: (r - 1).abs().mean() + f.abs().mean(), ABSOLUTE),
    (lambda r, f: (r - 1).abs().mean() + off(f, 0), f"In the reals' term: {ABSOLUTE}"),
    (lambda r, f: off(r, 1) + f.abs().mean(), f"In the fakes' term: {ABSOLUTE}"),
    (lambda r, f: (r - 1).square().sum() + off(f, 0), f"In the reals' term: {SUMMED}"),
    (lambda r, f: off(r, 1) + f.square().sum(), f"In the fakes' term: {SUMMED}"),
    (lambda r, f: off(r, 1).sqrt() + off(f, 0).sqrt(), ROOT),
    (lambda r, f: (off(r, 1) + off(f, 0)).sqrt(), ROOT),
    (lambda r, f: (off(r, 1) / 2 + off(f, 0) / 2).sqrt(), ROOT),
    *[
        (lambda r, f, add=add: add(torch.stack([r - 1, f], 1)), SUMMED)
        for add in (
            lambda s: s.square().sum(),
            lambda s: s.square().sum() / len(s),
            lambda s: s.square().sum() / s[0, 0].numel(),
        )
    ],
    (
        lambda r, f: off(r, 1) / 2 + off(f, 0),
        "Only one of the two terms is halved: halve both or none.",
    ),
    (
        lambda r, f: off(r, 1) + off(f, 0) / 2,
        "Only one of the two terms is halved: halve both or none. Where do the brackets end?",
    ),
    (
        lambda r, f: (off(r, 1) + off(f, 0)) / 4,
        "It is halved twice: take half of each term, or half of their sum.",
    ),
    (
        lambda r, f: off(r - f, 1),
        "The difference of two scores is judged, a relativistic loss: right elsewhere. Here every "
        "image is judged on its own.",
    ),
    (
        lambda r, f: off(r, f),
        "The scores of reals and fakes are compared with each other: D would say the same to both. "
        "What should it say to each?",
    ),
    (
        lambda r, f: off(r, 1) + off(r, 0),
        "The reals are judged with both targets, and the fakes never: look at which scores go into "
        "which term.",
    ),
    (
        lambda r, f: off(f, 1) + off(f, 0),
        "The fakes are judged with both targets, and the reals never: look at which scores go into "
        "which term.",
    ),
    (
        lambda r, f: (r - 1).mean() + f.mean(),
        "The distances are not squared: scores above and below the target cancel.",
    ),
    (
        lambda r, f: (1 - r).mean() + f.mean(),
        "The distances are not squared: scores above and below the target cancel.",
    ),
    (
        lambda r, f: off(r[:, :, 0, 0], 1) + off(f[:, :, 0, 0], 0),
        FIRST,
    ),
    (
        lambda r, f: (r.square() - 1).mean() + f.square().mean(),
        "The reals' score is squared, and then the target is taken off: the distance to the target "
        "is what gets squared.",
    ),
    (lambda r, f: off(r, 1) * off(f, 0), "The two terms are multiplied: add them."),
]
FOR_D = Loss(
    right=lambda D, real, fake: off(D(real), 1) + off(D(fake.detach()), 0),
    suspects=[(lambda D, real, fake, of=of: of(D(real), D(fake)), why) for of, why in _D_SCORES],
    otherwise="Take one patch of a real image and one of a fake: how far is each score from its "
    "target? Square, average over patches and images, and add the two.",
    parts="images and patches",
    scales=(0.5, 1),
    other=" (or twice that, the plain sum)",
    learn=("D",),
    spared=("fake",),
    cuts=[
        (
            lambda D, real, fake: off(D(real).detach(), 1) + off(D(fake.detach()), 0),
            "What D says about the reals is cut off from D: it learns from the fakes alone. Which "
            "images belong to a generator, and need a cut?",
        ),
        (
            lambda D, real, fake: off(D(real), 1) + off(D(fake).detach(), 0),
            "What D says about the fakes is cut off from D, so it learns from the reals alone. The "
            "cut belongs in front of D, onto the fakes, so that D itself still learns.",
        ),
    ],
)
