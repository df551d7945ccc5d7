"""Laws of a step of both discriminators: each on the reals and the fakes of its own domain."""

import functools

import torch

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
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.patch_scores import FOR_D, off
from helpers.checks.laws.quartets import PAIRS, Quartet, Turn, shares
from helpers.checks.spies import rows_in


def discriminator_step_laws(answer):
    """A step of both discriminators, three times: fresh, with old gradients, with one image."""
    quartet, remark = Quartet(), None
    for count, (n, height, width, _) in enumerate(PLAYS):
        a, b = bright(n, height, width), dark(n, height, width)
        fakes = quartet.G_BA(b), quartet.G_AB(a)
        if count:
            quartet.leave_gradients()
        step = functools.partial(answer, quartet.D_A, quartet.D_B, quartet.opt_D, a, b, *fakes)
        turn = Turn(quartet, "D", step, a, b, [fake.detach().clone() for fake in fakes])
        keeps_others(turn)
        both_move(turn)
        _follows_judges(turn, leftover=count > 0)
        _spares_generators(turn)
        leaves_all_ready(turn)
        remark = remark or graph_remark(turn) or _cut_remark(fakes)
    return remark


SLOTS = ("D_A's term of the reals", "of the fakes", "D_B's of the reals", "of the fakes")
ABROAD = {
    "both": "D_A judges what belongs to domain B, and D_B the other way round: some programs name "
    "them so. Here D_A has to know A: the reals a, and the fakes that imitate them.",
    "fake": "A discriminator gets the fakes of the other domain: it would learn to tell horses "
    "from zebras. fake_b was made from a, and which domain does it imitate?",
    "real": "A discriminator gets the reals of the other domain: it would accept zebras as real "
    "horses. Which reals belong to D_A?",
}


OTHERS = [
    (
        lambda D, real, fake: off(D(fake), 1),
        "That is the generators' loss: they want their fakes called real. What does D want to say "
        "about fakes, and about reals?",
    ),
]


def _follows_judges(turn, leftover):
    """One SGD step on the least-squares losses; else the term that is wrong speaks."""
    rows = [("D_A", turn.a, turn.fakes[0]), ("D_B", turn.b, turn.fakes[1])]
    rows = [(turn.twins[name], real, fake) for name, real, fake in rows]
    columns = [
        turn.along(off(D(x), target)) for D, *pair in rows for x, target in zip(pair, (1, 0))
    ]
    weights = shares(turn.change(), columns)
    if weights and alike(weights) and near(weights[0], 1, 0.5, 0.25):
        return
    no_leftovers(turn, columns, leftover)
    wanted = sum(columns) / 2
    seen = (
        f"the update of D_A and D_B is {turn.change().norm():.3g} long, expected "
        f"{wanted.norm():.3g} (or twice that) and the direction of one step on the least-squares "
        "losses."
    )
    if weights:
        raise CheckError(f"{seen} {_why_uneven(turn, weights)}")
    one_step(turn)
    abroad = _abroad(turn)
    raise CheckError(f"{seen} {ABROAD[abroad] if abroad else _misjudged(turn, rows)}")


def _why_uneven(turn, weights):
    """Words for the right terms with the wrong weights."""
    small = 3e-5 * max(map(abs, weights))
    real, fake = weights[::2], weights[1::2]
    if max(map(abs, real)) < small:
        return "The reals have no effect: a D that says 0 to everything would be the best."
    if max(map(abs, fake)) < small:
        return (
            "The fakes have no effect: a D that says 1 to everything would be the best. If "
            "they are in your sum, is D(fake) cut off where only the fake should be?"
        )
    named = ", ".join(f"{slot} {round(value, 4):.3g}" for slot, value in zip(SLOTS, weights))
    told = f"Its terms have the weights: {named}. Expected one weight for all, 0.5 or 1."
    if min(map(abs, weights)) < small:
        return f"{told} One term has no effect: each D needs its reals and its fakes."
    if max(weights) < 0:
        return f"{told} The sign is turned: the step climbs."
    if min(weights) < 0:
        return f"{told} A term is subtracted: every distance should become small."
    if alike(weights):
        return f"{told} Look for a factor, and for a sum where a mean is asked for."
    if turn.log.count("step") > 1:
        return (
            f"{told} opt_D steps {turn.log.count('step')} times (seen: {', '.join(turn.log)}), and "
            "each step moves all that has a gradient, also what has moved already."
        )
    return f"{told} Compare the terms: where does a factor, a bracket or a second backward differ?"


def _abroad(turn):
    """Whether a D was shown the other domain: "both", "fake", "real" or None.

    A D's change is taken apart into what it would learn from each of the four batches.
    """
    batches = {"a": turn.a, "fake_a": turn.fakes[0], "b": turn.b, "fake_b": turn.fakes[1]}
    tables = []
    for name in PAIRS["D"]:
        D = turn.twins[name]
        columns = [turn.along(off(D(x), target)) for x in batches.values() for target in (1, 0)]
        tables.append(columns)
    weights = shares(turn.change(), tables[0] + tables[1])
    if weights is None:
        return None
    shown = [
        {x: max(map(abs, row[2 * k : 2 * k + 2])) for k, x in enumerate(batches)}
        for row in (weights[:8], weights[8:])
    ]
    real = max(shown[0]["b"], shown[1]["a"]) > 0.1
    fake = max(shown[0]["fake_b"], shown[1]["fake_a"]) > 0.1
    return {(True, True): "both", (False, True): "fake", (True, False): "real"}.get((real, fake))


def _misjudged(turn, rows):
    """Words for another loss of D that explains the change, in both discriminators or in one."""
    right = [turn.along(FOR_D.right(*row)) for row in rows]
    suspects = [
        ([turn.along(loss(*row)) for row in rows], why)
        for loss, why in [*OTHERS, *FOR_D.suspects, *FOR_D.cuts]
    ]
    for usual in ((1, 0.5, 0.25), None):
        for wrong, why in suspects:
            if explains(turn, wrong, usual=usual):
                return why
            first, second = wrong[:1], wrong[1:]
            one = explains(turn, first, right[1:], usual) or explains(
                turn, second, right[:1], usual
            )
            if one:
                return f"{why} One of the two discriminators is right: compare their lines."
    given = torch.cat([turn.a, turn.b, *turn.fakes]).flatten(1)
    judged = torch.cat([call["x"] for name in PAIRS["D"] for call in turn.calls[name]])
    foreign = int((~rows_in(judged, given)).sum())
    if foreign:
        return (
            f"{foreign} of the {len(judged)} images that D_A and D_B judge are none of a, b, "
            "fake_a, fake_b: hand them over as they are, without noise and scaling."
        )
    return FOR_D.otherwise


def _spares_generators(turn):
    expect(
        not turn.leaked,
        "the step leaves gradients in G_AB or G_BA, expected .grad there as it was: fake_a and "
        "fake_b still hang on the generators. Cut them off before D sees them: a tensor has the "
        "method detach for that.",
    )


def _cut_remark(fakes):
    if all(fake.requires_grad for fake in fakes):
        return None
    return "detach_ cuts the caller's fakes as well: detach leaves them as they are."
