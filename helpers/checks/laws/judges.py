"""The adversarial part of both generators' loss, right and mistaken: who judges which fake."""

from helpers.checks.laws.named_losses import bce
from helpers.checks.laws.network_losses import Loss
from helpers.checks.laws.patch_scores import CROSS, MEAN_FIRST, SIGMOID, SIGN, of_image, off


def each_judge(judge, other=None):
    """A part from judge(D, fake) in both directions, each fake before the D of its own domain.

    other: another one for the fakes of A.
    """
    other = other or judge
    return lambda G_AB, G_BA, D_A, D_B, a, b: judge(D_B, G_AB(a)) + other(D_A, G_BA(b))


def anywhere(judge, why):
    """The mistaken judge in both directions, in one, in the other."""
    one = f"{why} One of your two terms is right: compare them."
    pairs = ((judge, pleased), (pleased, judge))
    return [(each_judge(judge), why), *((each_judge(*pair), one) for pair in pairs)]


def pleased(D, fake):
    """G's loss of one direction."""
    return off(D(fake), 1)


def shown(pairs):
    """A part in which each D of a list of (D, images), made of all networks and batches, judges."""
    return lambda *game: sum(pleased(D, images) for D, images in pairs(*game))


WRONG_DOMAIN = (
    "Each fake is shown to the discriminator of the domain from which it came: D_A would be asked "
    "whether zebras are real horses. Which of the two has seen real zebras?"
)
ONE_SIDE = (
    "One generator alone hears a discriminator. There are two translations, and each has its judge."
)
REALS = (
    "Real images are judged here, and no generator can change the answer. What does a generator "
    "want judged?"
)
# which images come before which judge
PLACES = [
    (lambda G_AB, G_BA, D_A, D_B, a, b: [(D_A, G_AB(a)), (D_B, G_BA(b))], WRONG_DOMAIN),
    (
        lambda G_AB, G_BA, D_A, D_B, a, b: [(D_B, G_AB(a)), (D_B, G_BA(b))],
        "Both fakes go to D_B, and D_A is never asked. Which of the two has seen real horses?",
    ),
    (
        lambda G_AB, G_BA, D_A, D_B, a, b: [(D_A, G_AB(a)), (D_A, G_BA(b))],
        "Both fakes go to D_A, and D_B is never asked. Which of the two has seen real zebras?",
    ),
    *[(lambda G_AB, G_BA, D_A, D_B, a, b, n=n: n * [(D_B, G_AB(a))], ONE_SIDE) for n in (1, 2)],
    *[(lambda G_AB, G_BA, D_A, D_B, a, b, n=n: n * [(D_A, G_BA(b))], ONE_SIDE) for n in (1, 2)],
    (lambda G_AB, G_BA, D_A, D_B, a, b: [(D_A, a), (D_B, b)], REALS),
    (lambda G_AB, G_BA, D_A, D_B, a, b: [(D_B, a), (D_A, b)], REALS),
    (
        lambda G_AB, G_BA, D_A, D_B, a, b: [(D_B, G_AB(b)), (D_A, G_BA(a))],
        "The discriminators judge images that never changed their domain, G_AB(b) and G_BA(a). A "
        "fake of B is made from an image of A.",
    ),
    (
        lambda G_AB, G_BA, D_A, D_B, a, b: [(D_A, G_BA(G_AB(a))), (D_B, G_AB(G_BA(b)))],
        "The discriminators judge the images that came home from a tour. They judge translations, "
        "halfway.",
    ),
    (
        lambda G_AB, G_BA, D_A, D_B, a, b: [(D_B, G_AB(a)), (D_A, G_BA(b)), (D_A, a), (D_B, b)],
        "D's scores of the real images take part, too: no generator can change those.",
    ),
]
# what a judge's score is made into
SCORES = [
    (
        lambda D, fake: off(D(fake), 0),
        "The target of the fakes is 0: that is what a D wants to say. What does a generator want "
        "to hear?",
    ),
    (lambda D, fake: bce(D(fake), 1), CROSS),
    (lambda D, fake: off(D(fake).sigmoid(), 1), SIGMOID),
    (lambda D, fake: off(D(fake).mean(), 1), MEAN_FIRST),
    (lambda D, fake: off(of_image(D(fake)), 1), MEAN_FIRST),
    (
        lambda D, fake: -D(fake).mean(),
        "That is the plain mean of the scores, a Wasserstein critic's: right elsewhere. Here the "
        "squared distance of each score from 1 counts.",
    ),
    (lambda D, fake: -off(D(fake), 1), SIGN),
    (
        lambda D, fake: off(D(fake), 1) * D(fake).numel(),
        "The scores of all patches are added up: the loss grows with the image. Average.",
    ),
]


def _loss_of_judges(G_AB, G_BA, D_A, D_B, a, b):
    """What the discriminators lower."""
    pairs = (D_A, a, G_BA(b)), (D_B, b, G_AB(a))
    return sum(off(D(real), 1) + off(D(fake), 0) for D, real, fake in pairs)


ADVERSARIAL = Loss(
    right=each_judge(pleased),
    suspects=[
        *[(shown(pairs), why) for pairs, why in PLACES],
        (
            _loss_of_judges,
            "That is the discriminators' loss. The generators want the fakes called real.",
        ),
        *[suspect for judge, why in SCORES for suspect in anywhere(judge, why)],
    ],
    otherwise="Two terms: each fake goes to the discriminator of the domain that it imitates, and "
    "wants the score 1 in every patch.",
    parts="images, patches, colours and pixels",
    scales=(1, 0.5, 0.25),
    other=" (or half of it)",
    learn=("G_AB", "G_BA"),
    cuts=anywhere(
        lambda D, fake: pleased(D, fake.detach()),
        "A fake is cut off before a discriminator sees it, which belongs into D's step. Here the "
        "generators learn from what D says.",
    ),
)
