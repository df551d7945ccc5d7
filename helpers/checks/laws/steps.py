"""Laws of a training step of D or G: who moves, along which gradient, and what stays."""

import functools

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.latents import is_independent, is_normal
from helpers.checks.laws.losses import FITS, or_sum
from helpers.checks.laws.named_losses import (
    BOTH_LABELS,
    D_SUSPECTS,
    G_SUSPECTS,
    minimax_g,
    right_d,
    right_g,
)
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Arena, gradient, reals, rows_in, same


def in_all_plays(laws, play, arena=Arena, reals=reals):
    """The laws of a step, play(arena, real), with several batches and left gradients; a remark.

    arena: the kind of arena; reals: (n, seed) -> a batch as D is shown it.
    """
    first = arena(z_dim=5)
    remark = laws(play(first, reals(6)), reals(6))
    first.leave_gradients()
    laws(play(first, reals(4, 1)), reals(4, 1), leftover=True)
    draws_noise(lambda n: play(arena(z_dim=21), reals(n)), 100)
    return remark or also_fits(
        lambda: laws(play(arena(5, ()), reals(6)), reals(6)),
        lambda: laws(play(arena(5), reals(1)), reals(1)),
    )


def order_of(report, name):
    """The events that concern one network, in words."""
    words = {f"zero {name}": "zero_grad", f"backward {name}": "backward", f"step {name}": "step"}
    seen = [words[event] for event in report.log if event in words]
    return ", ".join(seen) or "nothing"


def stays(report, name, other):
    """The network that is not this step's own keeps its weights."""
    expect(
        not report.moved(name),
        f"the weights of {name} change in {other}'s step, expected a change of "
        f"0. Only {other}'s optimiser steps here: look for a step or an update of {name}.",
    )


def moves(report, name):
    """The weights change, by one step of the optimiser that came in."""
    order, opt = order_of(report, name), f"opt_{name}"
    steps = report.count(f"step {name}")
    if not report.moved(name):
        raise CheckError(
            f"the weights of {name} do not move. Seen for {name}: {order}; expected "
            f"zero_grad, backward, step. {_why_still(report, name, opt)}"
        )
    expect(
        steps,
        f"the weights of {name} move, and {opt} never steps. Expected one step of the optimiser "
        "that comes in: a new one made inside, or an update by hand, forgets its state each time.",
    )
    expect(
        steps == 1,
        f"{opt}.step() runs {steps} times, expected 1. Add the losses, or call backward "
        "for each, and step once at the end.",
    )


def _why_still(report, name, opt):
    log = [event for event in report.log if event.endswith(f" {name}")]
    if f"backward {name}" not in log:
        return (
            f"No gradient reaches {name}: backward() is missing, or detach, no_grad or .item() "
            f"cuts "
            "the path from the loss."
        )
    if f"step {name}" not in log:
        return f"{opt}.step() is missing, or called on another optimiser (a global name, perhaps)."
    back, step = log.index(f"backward {name}"), log.index(f"step {name}")
    if step < back:
        return "The step comes before backward(): it then has no gradient to follow."
    if f"zero {name}" in log[back:step]:
        return "The gradients are cleared between backward() and step(): nothing is left to follow."
    return "Print .grad right before the step."


def asks_g(report, name, n):
    """G makes n fakes, each from its own z."""
    expect(
        report.G_calls,
        f"G is never called, expected {n} fakes from it. "
        + (
            "D cannot learn the difference from one class."
            if name == "D"
            else "Draw z, and hand G(z) to D."
        ),
    )
    made = len(report.z())
    what = "reals in the batch" if name == "D" else "fakes asked for"
    expect(
        made % n == 0 and made <= 2 * n,
        f"{made} fakes are made for {n} {what}, expected {n}. Take "
        "the number from the arguments: the last batch of an epoch is smaller.",
    )


def draws_noise(play, n_large, seed=3):
    """z comes from N(0, 1), independent, and fresh in every call."""
    draws = []
    for shift in (0, 1):
        reseed(seed + shift)
        draws.append(play(n_large).noise())
    z = draws[0]
    expect(z.std() > 1e-6, f"z has std {z.std():.2f}, expected 1. Constants are no noise.")
    if draws[0].shape == draws[1].shape and torch.equal(*draws):
        raise CheckError(
            "two calls draw the same z, expected new noise each time. A seed or a z that is "
            "kept makes G learn a few images by heart: draw inside the step."
        )
    is_independent(z[:n_large])
    is_normal(z)


def follows(report, name, scales, right, suspects, leftover=False):
    """The weights took one SGD step on the right loss; else the candidate that fits speaks."""
    change, wanted = report.changes[name], right()
    if any(same(change, scale * wanted) for scale in scales):
        return
    if leftover and any(same(change, scale * wanted + 1) for scale in scales):
        raise CheckError(leftovers(report, name))
    asked = scales[0] * wanted
    seen = (
        f"the update of {name} is {change.norm():.3g} long, expected {asked.norm():.3g}"
        f"{or_sum(scales)} and the direction of one SGD step on its loss."
    )
    for candidate, why in suspects:
        if any(same(change, scale * candidate()) for scale in scales):
            raise CheckError(f"{seen} {why}")
    factor = float(change @ asked / (asked @ asked))
    if same(change, factor * asked):
        raise CheckError(
            f"{seen} The direction is right and the length is {factor:.3g} times the expected: "
            "look for a factor, or for a sum where a mean is asked for."
        )
    raise CheckError(
        f"{seen} The loss that is asked for: binary cross entropy of the logits, 1 real, "
        "0 fake, mean over the batch."
    )


def leftovers(report, name):
    """Words for an update that holds what an earlier backward pass has left in .grad."""
    log, opt = order_of(report, name), f"opt_{name}"
    start = (
        f"what another backward pass has left in {name}'s .grad enters the update. Seen for "
        f"{name}: "
        f"{log}; expected zero_grad before backward. "
    )
    other = "G" if name == "D" else "D"
    if "zero_grad" in log:
        return start + (
            f"Clearing after the step is too late here: the other network's step also fills "
            f"{name}'s .grad in between."
        )
    if report.count(f"zero {other}"):
        return start + f"You clear {other}'s gradients, and {opt}.step() reads {name}'s."
    return start + "backward() adds to .grad, it does not overwrite."


def keeps_modes(report, step):
    """Both networks are in train mode afterwards, and all their weights can learn."""
    for name in ("D", "G"):
        expect(
            not report.frozen[name],
            f"weights of {name} have requires_grad False after {step}'s step, "
            f"expected True. A frozen {name} never learns again: undo it at the end.",
        )
        expect(
            report.modes[name],
            f"{name} is left in eval mode after {step}'s step, expected train mode as "
            "before. Nothing here needs eval(): leave it out.",
        )


def also_fits(play_row, play_one):
    """A remark for an answer that is right with (N, 1) and stops with (N,) or with one image."""
    for play, remark in (
        (play_row, FITS),
        (
            play_one,
            "A batch of one image stops it: squeeze() drops "
            "the batch axis, and ones_like(logits) does not mind.",
        ),
    ):
        try:
            play()
        except Exception:
            return remark
    return None


def d_gradients(report, real, fakes):
    """From a loss of (real logits, fake logits) to D's gradient, at the weights before the step."""
    D = report.twin("D")

    def of(loss):
        return gradient(loss(D.plain(real).flatten(), D.plain(fakes).flatten()), D)

    return of


def g_gradients(report, z, D):
    """From a loss of the fake logits to G's gradient, at G's old weights and for this D."""
    G = report.twin("G")

    def of(loss):
        return gradient(loss(D.plain(G.gives(z)).flatten()), G)

    return of


def candidates(suspects, of):
    """The suspects as gradients, each worked out when it is needed."""
    return [(functools.partial(of, loss), why) for loss, why in suspects]


def d_step_laws(report, real, leftover=False):
    """One discriminator step: who moves, what D saw, and along which gradient."""
    n = len(real)
    stays(report, "G", "D")
    asks_g(report, "D", n)
    fakes = shown_fakes(report, real)
    moves(report, "D")
    of = d_gradients(report, real, fakes)
    follows(report, "D", (0.5, 1), lambda: of(right_d), candidates(D_SUSPECTS, of), leftover)
    expect(
        not report.count("backward G"),
        "D's loss sends a gradient into G: G's .grad is not empty after "
        "D's step, expected nothing there. Cut the fakes off before D sees "
        "them: a tensor has the method detach for that.",
    )
    expect(
        not report.kept_graph(),
        "the graph of D's outputs is still in memory after the step, expected "
        "it to be freed. Nothing uses it again: leave retain_graph out.",
    )
    keeps_modes(report, "D")


def shown_fakes(report, real):
    """The fakes that D judged; D sees all reals, as many fakes, and nothing else."""
    n = len(real)
    expect(
        report.D_calls,
        "D is never called, expected its logits for the reals and for the fakes: a loss takes what "
        "D says of the images, D(...), and not the images themselves.",
    )
    judged, made = report.judged(), report.fakes()
    is_real, is_fake = rows_in(judged, real), rows_in(judged, made)
    odd = int((~is_real & ~is_fake).sum())
    expect(
        not odd,
        f"{odd} of the {len(judged)} images that D judges are neither the reals nor G's fakes, "
        "expected 0. Hand both over as they are: scaling or noise on top is another recipe.",
    )
    expect(
        is_fake.any(),
        f"G makes {len(made)} fakes, and D judges 0 of them, expected {n}. D cannot learn "
        "the difference from one class.",
    )
    expect(
        is_real.any(),
        f"D judges 0 of the {n} reals, expected all. Without them, 'always fake' is its "
        "best answer.",
    )
    missing = int((~rows_in(real, judged)).sum())
    expect(not missing, f"D judges {n - missing} of the {n} reals, expected all.")
    shown = made[rows_in(made, judged)]
    expect(len(shown) == n, f"D judges {len(shown)} fakes and {n} reals, expected as many of both.")
    return shown


def g_step_laws(report, real, leftover=False):
    """One generator step: who moves and along which gradient; a remark for the minimax loss."""
    n = len(real)  # G sees no reals, and makes as many fakes
    stays(report, "D", "G")
    asks_g(report, "G", n)
    expect(
        report.D_calls,
        "D is never called, expected its opinion of the fakes: G has no other teacher.",
    )
    z = _last_z(report, n)
    moves(report, "G")
    of = g_gradients(report, z, report.twin("D"))
    _not_d_loss(report, n)
    minimax = _is_minimax(report, of)
    right = minimax_g if minimax else right_g
    follows(report, "G", (1,), lambda: of(right), candidates(G_SUSPECTS, of), leftover)
    keeps_modes(report, "G")
    return "This is the minimax loss: G learns slowly while D is sure." if minimax else None


def _not_d_loss(report, n):
    """G's update does not follow D's loss with fakes in both places, from one z or from two."""
    change, first, last = report.changes["G"], report.z()[:n], report.z()[-n:]
    for pair in ((first, last), (last, first)):
        of = g_gradients(report, torch.cat(pair), report.twin("D"))
        wrong = of(lambda f: right_d(*f.chunk(2)))
        if any(same(change, scale * wrong) for scale in (0.5, 1)):
            wanted = g_gradients(report, last, report.twin("D"))(right_g)
            raise CheckError(
                "the loss is not the generator loss of D(G(z)): it is D's loss, with fakes in both "
                f"places. {BOTH_LABELS} The update of G is {change.norm():.3g} long, expected "
                f"{wanted.norm():.3g}."
            )


def _is_minimax(report, of):
    wanted = of(minimax_g)
    return any(same(report.changes["G"], wanted + extra) for extra in (0, 1))


def _last_z(report, n):
    """The z whose fakes D judged last."""
    judged = report.D_calls[-1]["x"].detach().flatten(1)
    for call in reversed(report.G_calls):
        if rows_in(judged, report.shown(call)).any():
            expect(len(call["x"]) == n, f"{len(call['x'])} fakes are made, expected {n}.")
            return call["x"].detach()
    raise CheckError(
        "D judges images that did not come out of G in this call, expected G's fakes. Hand "
        "over G(z) as it is."
    )
