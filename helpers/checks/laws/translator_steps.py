"""Laws of a step of both generators: adversarial + lambda_cyc * cycle, and no other term."""

import functools
import itertools

import torch
import torch.nn.functional as F

from helpers.checks.laws.cycle_steps import (
    PLAYS,
    alike,
    both_move,
    explains,
    graph_remark,
    keeps_others,
    leaves_all_ready,
    near,
    no_leftovers,
    one_step,
)
from helpers.checks.laws.domains import bright, dark
from helpers.checks.laws.judges import ADVERSARIAL, pleased
from helpers.checks.laws.old import CheckError
from helpers.checks.laws.quartets import PAIRS, Quartet, Turn, shares
from helpers.checks.laws.tours import CYCLE, IDENTITY, compared, tour
from helpers.checks.spies import rows_in

LATE = (
    "D is frozen too late: once it has judged, the graph for its own weights is made. Freeze first."
)


def generator_step_laws(answer):
    """A step of both generators, three times: fresh, with old gradients, with one image."""
    quartet, remarks = Quartet(), {}
    for count, (n, height, width, weight) in enumerate(PLAYS):
        a, b = bright(n, height, width), dark(n, height, width)
        nets = [getattr(quartet, name) for pair in PAIRS.values() for name in pair]
        if count:
            quartet.leave_gradients()
        step = functools.partial(answer, *nets, quartet.opt_G, a, b, weight)
        turn = Turn(quartet, "G", step, a, b)
        keeps_others(turn)
        both_move(turn)
        _follows_both(turn, weight, leftover=count > 0)
        leaves_all_ready(turn)
        remarks |= dict.fromkeys(filter(None, (graph_remark(turn), _freezing_remark(turn))))
    return " ".join(remarks) or None


def _freezing_remark(turn):
    """A remark where the backward pass also works for the weights of a discriminator."""
    free = turn.unfrozen("D")
    if any(turn.quartet.frozen.get(name) for name in free):
        return LATE
    if not free or not turn.leaked:
        return None
    names = " and ".join(free)
    return f"Not frozen: {names}. So backward fills .grad there, too, work that nobody uses here."


def _tours(G_AB, G_BA, a, b):
    """The two terms of the cycle loss."""
    home = compared(F.l1_loss, tour)
    return home(G_AB, G_BA, a, b), home(G_BA, G_AB, b, a)


def _follows_both(turn, weight, leftover):
    """One SGD step on adversarial + lambda_cyc * cycle; else the term that is wrong speaks."""
    nets = [turn.twins[name] for pair in PAIRS.values() for name in pair]
    G_AB, G_BA, D_A, D_B = nets
    a, b = turn.a, turn.b
    judged = [turn.along(pleased(D_B, G_AB(a))), turn.along(pleased(D_A, G_BA(b)))]
    home = [turn.along(term) for term in _tours(G_AB, G_BA, a, b)]
    weights = shares(turn.change(), judged + home)
    if weights and _both_right(weights, weight):
        return
    no_leftovers(turn, judged + home, leftover)
    one_step(turn)
    wanted = sum(judged) + weight * sum(home)
    seen = (
        f"the update of G_AB and G_BA is {turn.change().norm():.3g} long, expected "
        f"{wanted.norm():.3g} and the direction of one step on adversarial + lambda_cyc * cycle "
        f"loss, with lambda_cyc = {weight:g}."
    )
    why = (
        _weighed(turn, weights, weight) if weights else _mistaken(turn, nets, judged, home, weight)
    )
    raise CheckError(f"{seen} {why}")


def _both_right(weights, weight):
    judged, home = weights[:2], weights[2:]
    right = alike(judged) and alike(home)
    return right and near(judged[0], 1, 0.5) and near(home[0], weight, weight / 2)


def _weighed(turn, weights, weight):
    """Words for the right terms with the wrong weights."""
    small = 3e-5 * max(map(abs, weights))
    gone = [abs(value) < small for value in weights]
    if all(gone[:2]):
        return _why_unheard(turn)
    if any(gone[:2]):
        fake, D = ("G_AB(a)", "D_B") if gone[0] else ("G_BA(b)", "D_A")
        return f"What {D} says about {fake} has no effect: is it in your sum, without detach?"
    if all(gone[2:]):
        return _why_lost(turn)
    if any(gone[2:]):
        start = "A over B" if gone[2] else "B over A"
        return f"The tour from {start} has no effect: both domains have one. Count your terms."
    judged, home = weights[:2], weights[2:]
    told = (
        f"The adversarial terms of G_AB and G_BA have the weights {judged[0]:.3g} and "
        f"{judged[1]:.3g} in it, and the tours from A and from B {home[0]:.3g} and {home[1]:.3g}; "
        f"asked for is 1, 1, {weight:g}, {weight:g}."
    )
    return f"{told} {_why_weights(judged, home, weight, turn.a)}"


def _why_unheard(turn):
    """Why no adversarial gradient arrives."""
    silent, deaf = turn.silent("D"), turn.deaf("D")
    if len(silent) == 2:
        return "D_A and D_B are never called: who tells the generators what looks real?"
    if deaf:
        return (
            f"What {' and '.join(deaf)} say is computed inside no_grad, so it does not reach the "
            "generators. D's weights should stay, and the gradient has to pass through D: opt_G "
            "alone decides whose weights move."
        )
    judged = torch.cat([call["x"] for name in PAIRS["D"] for call in turn.calls[name]])
    if rows_in(judged, torch.cat([turn.a, turn.b]).flatten(1)).all():
        return (
            "D_A and D_B judge only the images of a and b, and no generator can change those. What "
            "do the generators want to have judged?"
        )
    return (
        "The adversarial terms have no effect: the fakes are cut off (detach, .data, .item()) "
        "before or behind D. That belongs into D's step; here the gradient has to travel through "
        "D into the generators."
    )


def _why_lost(turn):
    """Why nothing of the cycle arrives."""
    if all(len(turn.calls[name]) == 1 for name in PAIRS["G"]):
        return (
            "The cycle has no effect: each generator runs once, so no image is led home. A tour "
            "needs both, one after the other."
        )
    return (
        "The cycle has no effect, and the generators do run more than once: the loss of the tours "
        "is not in your sum, or no_grad, detach or .item() cuts it off."
    )


def _why_weights(judged, home, weight, images):
    values = judged + home
    if max(values) < 0:
        return "All signs are turned: the step climbs. Optimisers go down by themselves."
    if min(values) < 0:
        return "One of the signs is turned: all terms should become small, so all are added."
    even = alike(judged) and alike(home)
    ratio = home[0] / judged[0]
    if even and near(home[0], 1, 0.5) and near(judged[0], 1, 0.5):
        return "lambda_cyc does not enter."
    if even and near(ratio, 1 / weight, 0.5 / weight, 2 / weight):
        return "lambda_cyc multiplies the adversarial terms: how much is the cycle to count?"
    if even and near(ratio, 1, 0.5, 2):
        return "lambda_cyc multiplies everything: where do the brackets end?"
    if even and near(ratio, weight**2, weight**2 / 2):
        return "lambda_cyc enters twice: look for a term that holds it already."
    if alike(judged) and not alike(home):
        return "The two tours count differently: does lambda_cyc multiply both? Look at brackets."
    if not alike(judged):
        return "The two directions count differently: compare their terms."
    if near(ratio, weight, weight / 2, weight * 2):
        return "The direction is right: look for a factor, for clipping, or for a second backward."
    if even and near(home[0] / weight, images.numel(), images[0].numel(), images.numel() / 2):
        return "The tours count pixel by pixel: a sum stands where a mean is asked for."
    if even and near(judged[0], 1, 0.5):
        return "Which number weighs the cycle? lambda_cyc comes in as an argument."
    return "Look for a factor, and for a sum where a mean is asked for, or the other way round."


def _mistaken(turn, nets, judged, home, weight):
    """Words for a mistaken term that explains the change together with the right ones."""
    a, b = turn.a, turn.b
    identity = turn.along(IDENTITY.right(*nets[:2], a, b))
    if min(shares(turn.change(), [*judged, *home, identity]) or [0]) > 0.01:
        return (
            "An identity term is in it as well, which this step leaves out: adversarial and cycle "
            "loss only."
        )

    @functools.cache
    def unheard(k):
        return turn.along(heard[k][0](*nets, a, b))

    @functools.cache
    def lost(k):
        return turn.along(led[k][0](*nets[:2], a, b))

    heard = [*ADVERSARIAL.suspects, *ADVERSARIAL.cuts]
    led = [*CYCLE.cuts, *CYCLE.suspects]
    for usual in ((1, 0.5), (weight, weight / 2)), (None, None):
        for k, (_, why) in enumerate(heard):
            if explains(turn, [unheard(k)], home, usual[0]):
                return why
        for k, (_, why) in enumerate(led):
            if explains(turn, [lost(k)], judged, usual[1]):
                return why
    for i, j in itertools.product(range(len(heard)), range(len(led))):
        if explains(turn, [unheard(i), lost(j)]):
            return f"{heard[i][1]} And in the cycle: {led[j][1]}"
    return (
        "Follow a: G_AB translates it, D_B judges that, G_BA leads it home, where it should be a "
        "again; then b."
    )
