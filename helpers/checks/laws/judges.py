"""The adversarial part of both generators' loss, right and mistaken: who judges which fake."""

from helpers.checks.laws.named_losses import bce
from helpers.checks.laws.network_losses import Loss
from helpers.checks.laws.patch_scores import CROSS, MEAN_FIRST, SIGMOID, SIGN, of_image, off


def each_judge(judge):
    """A part from judge(D, fake) in both directions, each fake before the D of its own domain."""
    return lambda G_AB, G_BA, D_A, D_B, a, b: judge(D_B, G_AB(a)) + judge(D_A, G_BA(b))


def pleased(D, fake):
    """G's loss of one direction."""
    return off(D(fake), 1)


WRONG_DOMAIN = (
    "Each fake is shown to the discriminator of the domain from which it came: D_A would be asked "
    "whether zebras are real horses. Which of the two has seen real zebras?"
)
ONE_SIDE = (
    "One generator alone hears a discriminator. There are two translations, and each has its judge."
)
ADVERSARIAL = Loss(
    right=each_judge(pleased),
    suspects=[
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_A, G_AB(a)) + pleased(D_B, G_BA(b)),
            WRONG_DOMAIN,
        ),
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_AB(a)) + pleased(D_B, G_BA(b)),
            f"Both fakes go to D_B, and D_A is never asked. {WRONG_DOMAIN}",
        ),
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_A, G_AB(a)) + pleased(D_A, G_BA(b)),
            f"Both fakes go to D_A, and D_B is never asked. {WRONG_DOMAIN}",
        ),
        (lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_AB(a)), ONE_SIDE),
        (lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_A, G_BA(b)), ONE_SIDE),
        (lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_AB(a)) * 2, ONE_SIDE),
        (lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_A, G_BA(b)) * 2, ONE_SIDE),
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_AB(a)) - pleased(D_A, G_BA(b)),
            "The two adversarial terms are subtracted: both generators want a small one.",
        ),
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_BA(b)) + pleased(D_A, G_AB(a)),
            WRONG_DOMAIN,
        ),
        *[
            (
                shown,
                "Real images are judged here, and no generator can change the answer. What does a "
                "generator want judged?",
            )
            for shown in (
                lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_A, a) + pleased(D_B, b),
                lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, a) + pleased(D_A, b),
            )
        ],
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: pleased(D_B, G_AB(b)) + pleased(D_A, G_BA(a)),
            "The discriminators judge images that never changed their domain, G_AB(b) and G_BA(a). "
            "A fake of B is made from an image of A.",
        ),
        (
            lambda G_AB, G_BA, D_A, D_B, a, b: (
                pleased(D_A, G_BA(G_AB(a))) + pleased(D_B, G_AB(G_BA(b)))
            ),
            "The discriminators judge the images that came home from a tour. They judge "
            "translations, halfway.",
        ),
        (
            each_judge(lambda D, fake: off(D(fake), 0)),
            "The target of the fakes is 0: that is what a D wants to say. What does a generator "
            "want to hear?",
        ),
        *[
            (
                lambda G_AB, G_BA, D_A, D_B, a, b, k=k: (
                    each_judge(pleased)(G_AB, G_BA, D_A, D_B, a, b)
                    + k * (off(D_A(a), 1) + off(D_B(b), 1))
                ),
                "D's scores of the real images take part, too: no generator can change those.",
            )
            for k in (1, 0.5)
        ],
        *[
            (
                lambda G_AB, G_BA, D_A, D_B, a, b, k=k: sum(
                    k * (off(D(real), 1) + off(D(fake), 0))
                    for D, real, fake in ((D_A, a, G_BA(b)), (D_B, b, G_AB(a)))
                ),
                "That is the discriminators' loss. The generators want the fakes called real.",
            )
            for k in (1, 0.5)
        ],
        (each_judge(lambda D, fake: bce(D(fake), 1)), CROSS),
        (each_judge(lambda D, fake: off(D(fake).sigmoid(), 1)), SIGMOID),
        (each_judge(lambda D, fake: off(D(fake).mean(), 1)), MEAN_FIRST),
        (each_judge(lambda D, fake: off(of_image(D(fake)), 1)), MEAN_FIRST),
        (
            each_judge(lambda D, fake: -D(fake).mean()),
            "That is the plain mean of the scores, a Wasserstein critic's: right elsewhere. Here "
            "the squared distance of each score from 1 counts.",
        ),
        (each_judge(lambda D, fake: -off(D(fake), 1)), SIGN),
        (
            each_judge(lambda D, fake: off(D(fake), 1) * D(fake).numel()),
            "The scores of all patches are added up: the loss grows with the image. Average.",
        ),
    ],
    otherwise="Two terms: each fake goes to the discriminator of the domain that it imitates, and "
    "wants the score 1 in every patch.",
    parts="patches, colours and pixels",
    learn=("G_AB", "G_BA"),
    cuts=[
        (
            each_judge(lambda D, fake: off(D(fake.detach()), 1)),
            "The fakes are cut off before the discriminators see them, which belongs into D's "
            "step. Here the generators learn from what D says.",
        ),
        *[
            (
                cut,
                "One of the fakes is cut off before its discriminator sees it: that generator "
                "learns nothing from it.",
            )
            for cut in (
                lambda G_AB, G_BA, D_A, D_B, a, b: (
                    pleased(D_B, G_AB(a).detach()) + pleased(D_A, G_BA(b))
                ),
                lambda G_AB, G_BA, D_A, D_B, a, b: (
                    pleased(D_B, G_AB(a)) + pleased(D_A, G_BA(b).detach())
                ),
            )
        ],
    ],
)
