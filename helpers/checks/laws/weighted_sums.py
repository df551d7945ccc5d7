"""Laws of the generators' whole loss: adversarial + lambda_cyc * cycle + lambda_id * identity.

It is linear in both lambdas. So a lambda at 0 shows what it multiplies, and each part is judged by
itself, by the suspects of its own exercise.
"""

import itertools
from typing import NamedTuple

from helpers.checks.laws.basics import diagnosis
from helpers.checks.laws.judges import ADVERSARIAL
from helpers.checks.laws.losses import same_number
from helpers.checks.laws.network_losses import (
    Loss,
    called,
    factor,
    gradients,
    gradients_of,
    reaches,
    scale_of,
    suspicion,
)
from helpers.checks.laws.old import CheckError
from helpers.checks.laws.tours import CYCLE, IDENTITY

LAMBDAS = 10.0, 4.0
SETTINGS = [(0.0, 0.0), (LAMBDAS[0], 0.0), (0.0, LAMBDAS[1]), LAMBDAS]
NETS = ("G_AB", "G_BA")


def _without_judges(loss):
    """A loss of both generators, as a part of the whole."""

    def widened(formula):
        return lambda G_AB, G_BA, D_A, D_B, a, b: formula(G_AB, G_BA, a, b)

    return loss._replace(
        right=widened(loss.right),
        suspects=[(widened(formula), why) for formula, why in loss.suspects],
        cuts=[(widened(formula), why) for formula, why in loss.cuts],
        parts=ADVERSARIAL.parts,
    )


class Part(NamedTuple):
    """One part of the sum: what it is, and how its number was found."""

    loss: Loss
    weight: float
    adds: str


PARTS = [
    Part(ADVERSARIAL, 1.0, "the loss with both lambdas 0 (the adversarial part)"),
    Part(_without_judges(CYCLE), LAMBDAS[0], "the part that lambda_cyc = 10 adds"),
    Part(_without_judges(IDENTITY), LAMBDAS[1], "the part that lambda_id = 4 adds"),
]


# --- what the lambdas do: suspects of (adversarial, cycle, identity, lambda_cyc, lambda_id) -------

FIXED = "Neither lambda changes the loss: the weights come in as arguments, and the caller chooses."
IGNORED = "One of the lambdas has no effect: its term has to grow with it."
MIXED = "One lambda multiplies more than its own term: where do the brackets end?"
CONVENTION = (
    "The identity term is multiplied by both lambdas: some programs mean lambda_id as a share of "
    "lambda_cyc. Here each lambda multiplies its own term alone."
)
MINUS = (
    "A term is subtracted: a bad reconstruction would then lower the loss. All three are to become "
    "small, so all three are added."
)
SUMS = [
    (
        lambda adv, cyc, idt, lc, li: adv + li * cyc + lc * idt,
        "The two lambdas are exchanged: lambda_cyc belongs to the cycle, lambda_id to the "
        "identity. Look at the order of the arguments, too.",
    ),
    (
        lambda adv, cyc, idt, lc, li: lc * adv + cyc + li * idt,
        "lambda_cyc multiplies the adversarial part: it tells how much the way home weighs beside "
        "it.",
    ),
    (
        lambda adv, cyc, idt, lc, li: li * adv + lc * cyc + idt,
        "lambda_id multiplies the adversarial part: it tells how much the identity weighs beside "
        "it.",
    ),
    (lambda adv, cyc, idt, lc, li: adv + lc * cyc + lc * li * idt, CONVENTION),
    (lambda adv, cyc, idt, lc, li: adv + lc * (cyc + li * idt), CONVENTION),
    (
        lambda adv, cyc, idt, lc, li: adv + lc * cyc,
        "The identity term is missing: lambda_id changes nothing.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + li * idt,
        "The cycle term is missing: lambda_cyc changes nothing, and nothing leads home.",
    ),
    (
        lambda adv, cyc, idt, lc, li: lc * cyc + li * idt,
        "The adversarial part is missing: with both lambdas 0 the loss is 0, and doing nothing "
        "would be the best translation.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv,
        "Only the adversarial part is there: neither lambda changes anything.",
    ),
    (
        lambda adv, cyc, idt, lc, li: lc * cyc,
        "Only the cycle is there, and two generators that do nothing pass it.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + cyc + idt,
        "The three terms are there, and neither lambda has an effect.",
    ),
    (lambda adv, cyc, idt, lc, li: adv + cyc + li * idt, IGNORED),
    (lambda adv, cyc, idt, lc, li: adv + lc * cyc + idt, IGNORED),
    (lambda adv, cyc, idt, lc, li: lc * (adv + cyc) + li * idt, MIXED),
    (lambda adv, cyc, idt, lc, li: lc * (adv + cyc + li * idt), MIXED),
    (lambda adv, cyc, idt, lc, li: (adv + lc * cyc) * li + idt, MIXED),
    (lambda adv, cyc, idt, lc, li: adv + lc * (cyc + idt), MIXED),
    (lambda adv, cyc, idt, lc, li: adv + li * (cyc + idt), MIXED),
    (lambda adv, cyc, idt, lc, li: adv + lc * cyc + li * (cyc + idt), MIXED),
    (lambda adv, cyc, idt, lc, li: adv + lc * (cyc + idt) + li * idt, MIXED),
    (lambda adv, cyc, idt, lc, li: adv + (lc + li) * (cyc + idt), MIXED),
    (lambda adv, cyc, idt, lc, li: lc * li * (adv + cyc + idt), MIXED),
    (lambda adv, cyc, idt, lc, li: adv * (lc * cyc + li * idt), MIXED),
    (lambda adv, cyc, idt, lc, li: adv * lc * cyc * li * idt, MIXED),
    (lambda adv, cyc, idt, lc, li: adv - lc * cyc + li * idt, MINUS),
    (lambda adv, cyc, idt, lc, li: adv + lc * cyc - li * idt, MINUS),
    (lambda adv, cyc, idt, lc, li: adv - lc * cyc - li * idt, MINUS),
    (lambda adv, cyc, idt, lc, li: -adv + lc * cyc + li * idt, MINUS),
    (
        lambda adv, cyc, idt, lc, li: -(adv + lc * cyc + li * idt),
        "The sign of the whole is turned: a loss is minimised, and all three parts should shrink.",
    ),
    (
        lambda adv, cyc, idt, lc, li: (1 - lc - li) * adv + lc * cyc + li * idt,
        "The weights are made to add up to 1: here the adversarial part has the weight 1, and the "
        "lambdas may be as large as they like.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + (1 + lc) * cyc + (1 + li) * idt,
        "Each term is counted once without its lambda, too.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + lc**2 * cyc + li**2 * idt,
        "The lambdas act twice: each is squared. Does one of your terms hold its lambda already?",
    ),
    (
        lambda adv, cyc, idt, lc, li: (adv + lc * cyc + li * idt) / 3,
        "The three terms are averaged: here they are added, so that the weights are those given.",
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + lc * cyc + lc * idt,
        MIXED,
    ),
    (
        lambda adv, cyc, idt, lc, li: adv + li * cyc + li * idt,
        MIXED,
    ),
]


def weighted_sum_laws(answer, cases):
    """Three parts, each right and under its own lambda, each teaching both generators."""
    whole = ADVERSARIAL
    calls = [[_called(answer, args, lambdas, whole) for lambdas in SETTINGS] for _, args in cases]
    totals = [[value.item() for value, _ in row] for row in calls]
    scales = _has_parts(totals, cases)
    for row, (_, args) in zip(calls, cases):
        for part, scale, seen in zip(PARTS, scales, _split([gradients(*call) for call in row])):
            loss = part.loss
            wanted = gradients_of(loss.right, args, loss)
            reaches(seen, wanted, args, loss, scale * part.weight, part.adds)


def _called(answer, args, lambdas, loss):
    given = {**args, "lambda_cyc": lambdas[0], "lambda_id": lambdas[1]}
    return called(answer, given, loss)


def _split(four):
    """The parts of numbers or gradients seen at the four settings."""
    if isinstance(four[0], dict):
        columns = {name: _split([grads[name] for grads in four]) for name in four[0]}
        return [{name: columns[name][k] for name in NETS} for k in range(3)]
    none, cycle, identity, _ = four
    return none, cycle - none, identity - none


def _has_parts(totals, cases):
    """The scale of each part if all are right; else the lambda or the part that is wrong speaks."""
    parts = list(zip(*map(_split, totals)))  # three rows, a column each case
    wanted = [[part.loss.right(*args.values()).item() for _, args in cases] for part in PARTS]
    scales = [
        scale_of([x / part.weight for x in seen], asked, part.loss.scales)
        for part, seen, asked in zip(PARTS, parts, wanted)
    ]
    together = [[sum(column) for column in zip(*parts)], [row[3] for row in totals]]
    if all(scales) and all(map(same_number, *together)):
        return scales
    _lambdas_are_right(totals, wanted, cases)
    for part, seen, asked, scale in zip(PARTS, parts, wanted, scales):
        if not scale:
            _tell(part, [x / part.weight for x in seen], asked, cases)
    raise CheckError(
        f"{cases[0][0]} the loss with both lambdas is {together[1][0]:.4g}, and its parts, found "
        f"with a lambda at 0, add up to {together[0][0]:.4g}; expected the same. {MIXED}"
    )


def _lambdas_are_right(totals, wanted, cases):
    """No suspect of the whole sum gives what is seen at all settings, in all cases."""
    choices = list(itertools.product(*(part.loss.scales for part in PARTS)))

    def fits(formula):
        return any(
            all(
                same_number(seen, formula(*(s * x for s, x in zip(scales, column)), *lambdas))
                for row, column in zip(totals, zip(*wanted))
                for seen, lambdas in zip(row, SETTINGS)
            )
            for scales in choices
        )

    still = all(same_number(row[0], total) for row in totals for total in row)
    why = diagnosis(SUMS, fits, FIXED if still else None)
    if why:
        adv, cyc, idt = (column[0] for column in wanted)
        asked = adv + LAMBDAS[0] * cyc + LAMBDAS[1] * idt
        raise CheckError(
            f"{why} {_opened(cases[0][0])} the loss with lambda_cyc = 10 and lambda_id = 4 is "
            f"{totals[0][3]:.4g}, expected {asked:.4g}."
        )


def _tell(part, seen, asked, cases):
    """Whose mistake a part is, then what is seen of it and what is expected."""
    k = next(
        (k for k in range(len(seen)) if not scale_of([seen[k]], [asked[k]], part.loss.scales)), 0
    )
    values = (
        f"is {part.weight * seen[k]:.4g}, expected {part.weight * asked[k]:.4g}{part.loss.other}."
    )
    why = suspicion(seen, part.loss, [args for _, args in cases])
    if why:
        raise CheckError(f"{part.adds}: {why} {_opened(cases[k][0])} it {values}")
    why = factor(seen, asked, 1) or part.loss.otherwise
    raise CheckError(f"{cases[k][0]} {part.adds} {values} {why}")


def _opened(words):
    """The words as the start of a sentence."""
    return words[:1].upper() + words[1:]
