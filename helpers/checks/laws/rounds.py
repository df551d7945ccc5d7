"""Laws of a round of the game: one call in which D and G each take their step."""

from helpers.checks.laws.named_losses import (
    D_SUSPECTS,
    G_SUSPECTS,
    flipped_d,
    flipped_g,
    right_d,
    right_g,
)
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.steps import (
    asks_g,
    candidates,
    d_gradients,
    follows,
    g_gradients,
    keeps_modes,
    leftovers,
    moves,
)
from helpers.checks.spies import gradient, rows_in, same


def batch_laws(report, real, leftover=False):
    """D along its loss, G along the opposite label; a remark if it is wasteful."""
    n = len(real)
    asks_g(report, "D", n)
    _same_counts(report, real)
    moves(report, "D")
    moves(report, "G")
    flipped = _d_update(report, real, leftover)
    _g_update(report, real, flipped, leftover)
    keeps_modes(report, "the batch")
    if report.kept_graph() or _d_reached_g(report):
        return "A detach in D's loss would spare the backward pass through G."
    return None


def _same_counts(report, real):
    sizes = {len(call["x"]) for call in report.G_calls}
    expect(
        sizes == {len(real)},
        f"{max(sizes)} fakes are made for {len(real)} reals in the batch, expected "
        "as many. The last batch of an epoch is smaller: take the number from real.",
    )
    judged, made = report.judged(), report.fakes()
    expect(rows_in(real, judged).all(), "D does not judge all the reals, expected each of them.")
    expect(rows_in(judged, made).any(), "D judges none of G's fakes, expected them all.")


def _d_reached_g(report):
    """Whether D's backward pass also went through G."""
    first = report.log.index("step D") if "step D" in report.log else 0
    return "backward G" in report.log[:first]


def _fake_batches(report, n):
    """The z and fakes of each call of G."""
    return [
        (call["x"].detach(), call["y"].detach()) for call in report.G_calls if len(call["x"]) == n
    ]


def _d_update(report, real, leftover):
    """D's change is one step on its loss, in either convention; whether the labels are flipped."""
    n, change = len(real), report.changes["D"]
    graded = [d_gradients(report, real, fakes) for _, fakes in _fake_batches(report, n)]

    for of in graded:
        for flipped, right in ((False, right_d), (True, flipped_d)):
            if any(same(change, s * of(right)) for s in (1, 0.5)):
                return flipped
            if leftover and any(same(change, s * of(right) + 1) for s in (1, 0.5)):
                raise CheckError(leftovers(report, "D"))
    for of in graded:
        for _, other in _fake_batches(report, n):
            _polluted(report, of, other)
    of = graded[0]
    follows(report, "D", (0.5, 1), lambda: of(right_d), candidates(D_SUSPECTS[1:], of), leftover)


def _polluted(report, of, other):
    """D's change holds no part of G's loss."""
    change, D = report.changes["D"], report.twin("D")
    for wish, right in ((right_g, right_d), (flipped_g, flipped_d)):
        extra = gradient(wish(D.plain(other).flatten()), D)
        expect(
            not any(same(change, s * of(right) + extra) for s in (1, 0.5)),
            "D's update holds the "
            "gradient of G's loss as well, expected D's own loss alone: D is pulled to both "
            "answers. Two "
            "losses, two backward passes, and zero_grad before each.",
        )
    extra = gradient(right_g(D.plain(other).flatten()), D)
    expect(
        not same(change, extra),
        "D follows G's loss and not its own, expected one step on D's. "
        "Compare the order of the arguments, opt_G before opt_D, with your signature.",
    )


def _g_update(report, real, flipped, leftover):
    """G's change is one step on the opposite label, without D's loss in it."""
    change, batches = report.changes["G"], _fake_batches(report, len(real))
    graded = [
        g_gradients(report, z, D)
        for z, _ in batches
        for D in (report.twin("D", "after"), report.twin("D"))
    ]
    wish, against = (flipped_g, right_g) if flipped else (right_g, flipped_g)
    for of in graded:
        if same(change, of(wish)) or same(change, -of(against)):
            return
        if leftover and (same(change, of(wish) + 1) or same(change, 1 - of(against))):
            raise CheckError(leftovers(report, "G"))
    for of in graded:
        expect(
            not same(change, of(against)),
            "G's update makes its fakes easier to detect: it uses the same "
            "label for the fakes as D does. Expected the opposite one: G wants them called real.",
        )
    _leaks(change, graded, against, wish)
    follows(report, "G", (1,), lambda: graded[0](wish), candidates(G_SUSPECTS, graded[0]), leftover)


def _leaks(change, graded, against, wish):
    """D's loss has no part in G's update."""
    leaks = [scale * of(against) for of in graded for scale in (1, 0.5)]
    for clean in graded:
        for extra in leaks:
            for leftover in (0, 1):
                expect(
                    not same(change, clean(wish) + extra + leftover),
                    "G's update holds the gradient of D's "
                    "loss as well, expected G's own loss alone: G is pulled towards being "
                    "detected. Detach "
                    "the fakes for D, and clear G's gradients right before G's backward.",
                )
