"""Laws of both steps of a CycleGAN: who moves, and what stays as it was."""

import torch

from helpers.checks.laws.classifier_steps import why_still
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.quartets import PAIRS, shares

PLAYS = (4, 6, 10, 10.0), (3, 8, 6, 3.0), (1, 6, 8, 5.0)  # images, height, width, lambda_cyc
GRAPH = "The loss comes back with its graph: .item() gives the number alone."


def _pair(turn):
    return " and ".join(PAIRS[turn.name])


def keeps_others(turn):
    """The batches and the other pair stay."""
    expect(
        not turn.touched,
        "a or b has changed during the step, expected both as they were: names that end in _ and "
        "+= write in place.",
    )
    moved = turn.changes[turn.other].abs().max()
    own, others = _pair(turn), " or ".join(PAIRS[turn.other])
    expect(
        moved < 1e-6,
        f"the weights of {others} change by up to {moved:.2g} in the step of {own}, expected 0. "
        f"Only opt_{turn.name} steps here: look for another optimiser, or an update by hand.",
    )


def both_move(turn):
    """Both networks of the pair move, by the optimiser that came in."""
    opt, order = f"opt_{turn.name}", ", ".join(turn.log) or "nothing"
    still = turn.still()
    if len(still) == 2:
        raise CheckError(
            f"the weights of {_pair(turn)} do not move. Seen: {order}; expected zero_grad, "
            f"backward, step. {why_still(turn.log)}"
        )
    silent = turn.silent(turn.name)
    expect(
        not silent,
        f"{' and '.join(silent)} is never called, expected that {_pair(turn)} both take part: "
        "there are two directions, and one step serves both.",
    )
    expect(
        not still,
        f"the weights of {' and '.join(still)} do not move and those of the other network do, "
        "expected both: no gradient reaches it. Look for detach and no_grad on its path, and for "
        "a term of the loss that is missing.",
    )
    expect(
        "step" in turn.log,
        f"the weights move, and {opt} never steps. Expected one step of the optimiser that comes "
        "in: a new one made inside, or an update by hand, forgets its state each time.",
    )


def no_leftovers(turn, columns, leftover):
    """Nothing that another step has left in .grad is in the update."""
    if not leftover:
        return
    weights = shares(turn.change(), [*columns, torch.ones_like(turn.change())])
    if weights is None or abs(weights[-1]) < 0.5:
        return
    order = ", ".join(turn.log)
    why = "backward() adds to .grad, it does not overwrite."
    if "zero_grad" in turn.log:
        why = (
            "Clearing after the step is too late: the other pair's step fills these .grad, too, "
            "in between."
        )
    elif "zero_grad" in turn.quartet.logs[turn.other]:
        why = f"You clear {' and '.join(PAIRS[turn.other])}, and opt_{turn.name} reads the others."
    raise CheckError(
        f"what an earlier backward pass has left in .grad of {_pair(turn)} enters the update. "
        f"Seen: {order}; expected zero_grad before backward. {why}"
    )


def one_step(turn):
    """Asked once the update is known to be wrong: two steps with the right sum are fine."""
    steps = turn.log.count("step")
    expect(
        steps == 1,
        f"opt_{turn.name}.step() runs {steps} times (seen: {', '.join(turn.log)}), expected 1: a "
        "step moves all that has a gradient, and what follows meets other weights. Add the losses "
        "of both directions, then step once.",
    )


def leaves_all_ready(turn):
    """All four can learn afterwards, in train mode."""
    for name, member in turn.quartet.members().items():
        frozen = [p for p in member.parameters() if not p.requires_grad]
        expect(
            not frozen,
            f"{len(frozen)} of {len(list(member.parameters()))} weights of {name} have "
            "requires_grad False after the step, expected 0: it stays frozen, and its own next "
            "step cannot teach it. What is switched off for a while has to be switched on again.",
        )
        expect(
            member.training,
            f"{name} is in eval mode after the step, expected train mode as before. Nothing here "
            "needs eval(): leave it out.",
        )


def graph_remark(turn):
    """A remark where the loss comes back with its history."""
    return GRAPH if getattr(turn.result, "requires_grad", False) else None


def alike(weights):
    """Whether all weights are one and the same."""
    return max(weights) - min(weights) < 0.02 * max(map(abs, weights))


def near(value, *wanted):
    """Whether a weight is one of those wanted."""
    return any(abs(value - other) < 0.02 * abs(other) for other in wanted)


def explains(turn, mistaken, right=(), usual=None):
    """Whether the change consists of the mistaken terms and some of the right ones.

    usual: the weights that the first mistaken term may have; None for any. Asked first, they keep
    apart two terms whose gradients happen to be parallel.
    """
    if any(column.norm() < 1e-6 for column in mistaken):
        return False
    weights = shares(turn.change(), [*mistaken, *right])
    if weights is None or min(weights[: len(mistaken)]) < 0.01:
        return False
    return usual is None or near(weights[0], *usual)
