"""What is compared after a tour between two domains: cycle and identity, right and mistaken.

Each loss has two terms, one a direction. A term takes (G, back, x, y): G leads out of the domain of
x into that of y, and back leads home. The other direction is the same term of (back, G, y, x), so
that a mistake may stand in both terms or in one.
"""

import torch.nn.functional as F

from helpers.checks.laws.network_losses import Loss
from helpers.checks.spies import cloned

UNPAIRED = (
    "a and b are unpaired: image 3 of a shows something else than image 3 of b, and their average "
    "would be the best answer."
)
SIGNED = "The differences keep their signs: too bright in one pixel pays for too dark in another."
OUTPUTS = (
    "Two outputs of one generator are compared: the image that went in is what should come out."
)
HALF = "One of the two directions is missing, or one of them counts twice."


def nothing(G, back, x, y):
    """A term that is not there."""
    return x.new_zeros(())


def both(term, other=None):
    """The loss of (G_AB, G_BA, a, b) with this term in both directions, or another one for b."""
    other = other or term
    return lambda G_AB, G_BA, a, b: term(G_AB, G_BA, a, b) + other(G_BA, G_AB, b, a)


def anywhere(right, term, why):
    """Suspects: the mistaken term in both directions, in one, in the other."""
    one = f"{why} One of your two terms is right: compare them."
    return [(both(term), why), (both(term, right), one), (both(right, term), one)]


def compared(measure, pair):
    """The term that measures how far the two images of a pair are apart."""
    return lambda *tour: measure(*pair(*tour))


def measures():
    """(measure, why): other distances than the mean absolute one."""
    outlier = "one wrong pixel then weighs more than many faint ones"
    squared = f"You square the differences: {outlier}, and images get blurred. Here it is L1."
    return [
        (F.mse_loss, squared),
        (lambda p, q: F.mse_loss(p, q).sqrt(), squared),
        (
            F.smooth_l1_loss,
            "smooth_l1 and huber square the small differences: here it is plain L1.",
        ),
        (
            lambda p, q: (p - q).mean(),
            SIGNED,
        ),
        (
            lambda p, q: (q - p).mean(),
            SIGNED,
        ),
        (
            lambda p, q: (p - q).mean().abs(),
            "You average first and take the absolute value afterwards: too bright in one pixel "
            "pays for too dark in another.",
        ),
        (
            lambda p, q: (p - q).abs().sum(),
            "You add over all pixels of all images: the loss then grows with both. Average.",
        ),
        (
            lambda p, q: (p - q).abs().sum() / len(p),
            "You add over the pixels of an image: the loss then grows with its size. Average over "
            "the pixels, too.",
        ),
        (
            lambda p, q: -F.l1_loss(p, q),
            "The sign is turned: a loss is minimised, so the worse the reconstruction, the larger "
            "it has to be.",
        ),
        (
            lambda p, q: (p - q).abs().amax(),
            "You take the largest difference alone: every pixel counts, so average.",
        ),
        (
            lambda p, q: (p - q).abs().median(),
            "You take the median of the differences: every pixel counts, so average.",
        ),
    ]


def suspects(pair, pairs, missing):
    """Every suspect of a loss whose right term compares the images of `pair`."""
    right = compared(F.l1_loss, pair)
    return [
        (
            lambda G_AB, G_BA, a, b: right(G_AB, G_BA, a, b) * right(G_BA, G_AB, b, a),
            "The two terms are multiplied: one that is 0 would hide the other. Add them.",
        ),
        *[
            (loss, missing)
            for term in (right, lambda *images: 2 * right(*images))
            for loss in (both(term, nothing), both(nothing, term))
        ],
        *[s for other, why in pairs for s in anywhere(right, compared(F.l1_loss, other), why)],
        *[s for measure, why in measures() for s in anywhere(right, compared(measure, pair), why)],
        *[
            (both(compared(measure, other)), f"{why} And look at which images are compared.")
            for other, why in pairs
            for measure, _ in measures()[:1]
        ],
    ]


def cut(pair, pieces):
    """Cuts: the right value, and a path that ends somewhere, in both terms or in one."""
    right = compared(F.l1_loss, pair)
    return [s for other, why in pieces for s in anywhere(right, compared(F.l1_loss, other), why)]


def frozen(G):
    """The network, with weights that collect no gradient."""
    return cloned(G).requires_grad_(False)


# --- cycle: (G, back, x, y) -> the two images that are compared -----------------------------------


def tour(G, back, x, y):
    """Out and home again, beside where it started."""
    return back(G(x)), x


WRONG_TOURS = [
    (
        lambda G, back, x, y: (back(back(y)), x),
        "The fakes are mixed up: the one that goes home is made from the other batch, and stands "
        "in this domain already. Which fake was made from the image that it is compared with?",
    ),
    (
        lambda G, back, x, y: (back(G(y)), x),
        "The tour starts with an image of the other batch. The same image starts, and is compared "
        "at the end.",
    ),
    (
        lambda G, back, x, y: (back(G(x)), y),
        "After the tour an image is compared with one of the other domain. Where did it start? "
        f"{UNPAIRED}",
    ),
    (
        lambda G, back, x, y: (back(G(x)), G(x)),
        "The end of the tour is compared with its half: that asks the way back to change nothing. "
        "Which image did the tour start from?",
    ),
    (
        lambda G, back, x, y: (G(back(x)), x),
        "The generators stand in the wrong order: an image of A goes into G_BA first, which has "
        "only ever to do with images of B. Read the line from the inside out.",
    ),
    (
        lambda G, back, x, y: (G(G(x)), x),
        "The same generator runs twice, and never leads home. Write the domain after each call: A, "
        "then ?, then ?.",
    ),
    (
        lambda G, back, x, y: (back(back(x)), x),
        "The same generator runs twice, and never leads home. Write the domain after each call: A, "
        "then ?, then ?.",
    ),
    (
        lambda G, back, x, y: (G(x), x),
        "There is no way back: the translated image itself is compared with its source, so the "
        "best translation would change nothing.",
    ),
    (
        lambda G, back, x, y: (back(x), x),
        "That is the identity loss: an image goes into the generator of its own domain, and only "
        "one generator runs. A tour needs both.",
    ),
    (
        lambda G, back, x, y: (G(x), y),
        "There is no way back, and a translated image is compared with the other batch. "
        f"{UNPAIRED}",
    ),
    (
        lambda G, back, x, y: (back(G(x)), back(y)),
        "The end of the tour is compared with a translated image of the other domain, not with the "
        "image from which it started.",
    ),
    (
        lambda G, back, x, y: (back(G(back(G(x)))), x),
        "The tour runs twice round: once there and back is enough.",
    ),
]
_home = compared(F.l1_loss, tour)
CYCLE = Loss(
    right=both(_home),
    suspects=[
        (
            both(_home, lambda G, back, x, y: -_home(G, back, x, y)),
            "The two terms are subtracted: "
            "a bad tour in one direction would pay for one in the other. Add them.",
        ),
        *suspects(
            tour,
            WRONG_TOURS,
            f"{HALF} There are two closed tours, from A over B and from B over A.",
        ),
    ],
    otherwise="Follow one image by hand: to the other domain, home again, and then the mean "
    "absolute difference to where it started; the same from the other domain.",
    parts="images, colours and pixels",
    other=" (or half of it, the mean of both directions)",
    learn=("G_AB", "G_BA"),
    cuts=cut(
        tour,
        [
            (
                lambda G, back, x, y: (back(G(x).detach()), x),
                "The path is cut between the two generators. Who has to hear that the way home "
                "went wrong: the second one alone, or also the one that dropped the details?",
            ),
            (
                lambda G, back, x, y: (frozen(back)(G(x)), x),
                "The second generator of a tour is frozen. Here both learn from both tours.",
            ),
            (
                lambda G, back, x, y: (back(G(x)).detach(), x),
                "A whole tour is cut off: what it finds at home teaches nobody.",
            ),
        ],
    ),
)


# --- identity -------------------------------------------------------------------------------------


def at_home(G, back, x, y):
    """An image that is in the target domain of G already, and what G makes of it."""
    return G(y), y


WRONG_HOMES = [
    (
        lambda G, back, x, y: (G(x), x),
        "Each generator gets the images it translates, and is asked to leave them as they are: "
        "that works against the translation. For which images is 'change nothing' right?",
    ),
    (
        lambda G, back, x, y: (G(x), y),
        f"A translated image is compared with the other batch. {UNPAIRED} For which images is "
        "'change nothing' right?",
    ),
    (
        lambda G, back, x, y: (G(y), x),
        f"The right image goes in, and it is compared with the other batch. {UNPAIRED}",
    ),
    (
        lambda G, back, x, y: (G(back(y)), y),
        "That is the cycle loss: two generators take part in one term. Here an image goes "
        "through one.",
    ),
    (
        lambda G, back, x, y: (back(G(y)), y),
        "Two generators take part in one term, as in the cycle loss. Here an image goes through "
        "one.",
    ),
    (
        lambda G, back, x, y: (G(y), G(x)),
        OUTPUTS,
    ),
    (
        lambda G, back, x, y: (G(G(y)), G(y)),
        OUTPUTS,
    ),
    (
        lambda G, back, x, y: (x, y),
        f"a and b themselves are compared, and no generator takes part. {UNPAIRED}",
    ),
]
_same = compared(F.l1_loss, at_home)
ONE_G = "Both terms run the same generator: which one is never asked?"
IDENTITY = Loss(
    right=both(_same),
    suspects=[
        (lambda G_AB, G_BA, a, b: F.l1_loss(G_AB(b), b) + F.l1_loss(G_AB(a), a), ONE_G),
        (lambda G_AB, G_BA, a, b: F.l1_loss(G_BA(b), b) + F.l1_loss(G_BA(a), a), ONE_G),
        (
            both(_same, lambda *t: -_same(*t)),
            "The two terms are subtracted: a change in one "
            "direction would pay for one in the other. Add them.",
        ),
        *suspects(
            at_home,
            WRONG_HOMES,
            f"{HALF} Each generator has a domain in which it should change nothing.",
        ),
    ],
    otherwise="Take one generator: into which domain does it lead? An image from there goes in, "
    "and the mean absolute change is counted; then the other generator.",
    parts="images, colours and pixels",
    other=" (or half of it, the mean of both directions)",
    learn=("G_AB", "G_BA"),
    cuts=cut(
        at_home,
        [
            (
                lambda G, back, x, y: (G(y).detach(), y),
                "What one of the generators gives is cut off, so it never hears what it changes.",
            )
        ],
    ),
)
