"""A function of chance: it is judged by the distribution of what it draws, and by its manners."""

import functools

import torch

from helpers.checks.aspects import CLUE, DONE, REMARK, Aspect
from helpers.checks.guard import reseed
from helpers.checks.kinds.function import Function
from helpers.checks.plays import Play

UNDRAWN = "Constants are no noise: each image starts from its own random vector."
SPARE = "no_grad would also spare building the graph that detach drops."
FRESH = "Draw inside the function, without a seed and without keeping the result."
SEEDED = "That also repeats the batches and the dropout of the whole training. Seed once, at the top of the notebook, and keep a fixed z for comparable pictures."
ROWS = "Each row is drawn on its own: draw all n of them, repeat and expand copy one."
COLUMNS = "Each entry of a row is drawn on its own."


class Draw(Function):
    """A function whose result is random, or that gives random inputs to a network."""

    def __init__(self, cast, plays, chance, drawn=lambda play: play.result, lies=None, **options):
        """chance: the play that shows the distribution; drawn: (play) -> what is random in it.

        drawn gives a tensor with one draw a row, or {name: tensor} for several that are compared
        one by one. lies: (name, draw, draw of another call) -> aspects, in place of `lie`.
        """
        super().__init__(cast, plays, **options)
        self.chance, self.drawn, self.lies = chance, drawn, lies or lie

    def observe(self, answer, name, tape):
        """The usual, without the values where they are what is random; then the chance."""
        yield self.handed(answer, name)
        yield from self.reading(answer, CLUE)
        for k, options in enumerate(self.plays):
            play = self.played(answer, tape, k, options)
            yield from self.conduct(play)
            yield from self.form(play)
            yield from self.dtypes(play)
            if play.nets:
                yield from self.values(play)
        yield DONE
        if play.nets and not self.learns:
            asked = any(call["y"].requires_grad for spy in play.nets.values() for call in spy.calls)
            spared = not getattr(play.result, "requires_grad", False)
            yield Aspect("no_grad", asked and spared, hint=SPARE, role=REMARK)
        cast = functools.partial(self.large, tape)
        yield from chance(lambda cast: self.drawn(Play(answer, cast)), cast, self.lies)
        yield from self.remarks(answer, tape)


def chance(draw, cast, lies=None):
    """Whether each call draws anew and leaves the global seed alone; how the numbers lie."""
    draws, after = [], []
    for seed in (101, 102):
        made = cast()
        reseed(seed)
        found = draw(made)
        draws.append(found if isinstance(found, dict) else {"z": found})
        after.append(torch.rand(4))
    sets = "sets" if torch.equal(*after) else "leaves alone"
    same = [name for name, z in draws[0].items() if torch.equal(z, draws[1][name])]
    yield Aspect("seed", sets, lambda a, b: told_seed(same), SEEDED, own=True)
    for name, z in draws[0].items():
        yield from (lies or lie)(name, z.detach().double(), draws[1][name].detach().double())


def lie(name, z, other):
    """How the rows of one draw lie, beside those of another call."""
    spread = "vary" if z.std() > 1e-6 else "are the same"
    told = f"All numbers of {name} {{}}"
    yield Aspect(f"constant {name}", spread, told, UNDRAWN, CLUE)
    same = "the same" if torch.equal(z, other) else "new"
    yield Aspect("fresh", same, f"two calls draw {{}} {name}", FRESH)
    yield from differ("rows", name, z, ROWS)
    if z.dim() > 1:
        yield from differ("columns", name, z.T, COLUMNS)
        lengths = z.norm(dim=1)
        vary = "lengths that vary" if lengths.std() > 0.01 * lengths.mean() else "the same length"
        advice = "Leave the draw as it is, without normalising."
        yield Aspect("lengths", vary, f"the rows of {name} have {{}}", advice, own=True)
    told = functools.partial(told_spread, name)
    yield Aspect("spread", z.flatten().sort().values, told, unlike, same=alike)


def differ(what, name, rows, advice):
    """How many of the rows, or columns, are no copy of another one."""
    found = len(torch.unique(rows, dim=0))
    found = "all" if found == len(rows) else f"{found} of {len(rows)}"
    yield Aspect(what, found, f"only {{}} {what} of {name} differ", advice)


def told_seed(same):
    """That the global seed is set, and what follows."""
    seen = (
        f"two calls draw the same {' and '.join(same)}, since the function sets the global seed"
        if same
        else "after the call torch.rand gives the same numbers, whatever the seed was before it"
    )
    return f"{seen}, expected that the global seed stays alone."


def alike(a, b, tolerance=0.03):
    """Whether two samples may come from one distribution (Kolmogorov and Smirnov; moments)."""
    spread, within = float(b.std()), max(0.05, 7 / min(len(a), len(b)) ** 0.5)
    if spread > 1e-9:
        near = abs(float(a.mean() - b.mean())) < within * spread
        if not (near and abs(float(a.std()) / spread - 1) < within):
            return False  # the rest costs more
        tails = [fourth(x) for x in (a, b)]
        if not (tails[1] > 5 or abs(tails[0] - tails[1]) < 7 * within):
            return False
    at = torch.cat([a, b])
    shares = [torch.searchsorted(x, at, right=True) / len(x) for x in (a, b)]
    return float((shares[0] - shares[1]).abs().max()) < tolerance


def fourth(x):
    """The fourth moment of a sample in units of its std: 3 for a normal one."""
    return float(((x - x.mean()) ** 4).mean() / x.var() ** 2)


def told_spread(name, seen, expected):
    """Moments and ends of two sorted samples."""
    told = [
        f"mean {round(float(x.mean()), 2) + 0.0:.2f} and std {x.std():.2f}, from {x[0]:.1f} to {x[-1]:.1f}"
        for x in (seen, expected)
    ]
    return f"{name} has {told[0]}, expected {told[1]}."


def unlike(seen, expected):
    """Advice for a distribution that no known mistake draws from."""
    if not torch.isfinite(seen).all():
        return "Draw it: torch.empty alone shows what the memory held."
    a, b = ((x - x.mean()) / x.std() for x in (seen, expected))
    if alike(a, b):
        moved = abs(float(seen.mean() - expected.mean())) > 0.1 * float(expected.std())
        return f"Something {'shifts' if moved else 'scales or clips'} what is drawn."
    tails = [fourth(x) for x in (seen, expected)]
    if abs(tails[0] - tails[1]) < 0.5:
        return "Something clips or bends what is drawn, or it is drawn from another distribution."
    return f"The fourth moment is {tails[0]:.1f}, expected {tails[1]:.1f}: the tails are not those that are expected. Look at the distribution that you draw from."
