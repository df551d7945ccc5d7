"""A function of chance: it is judged by the distribution of what it draws, and by its manners."""

import torch

from helpers.checks.aspects import CLUE, REMARK, Aspect
from helpers.checks.guard import reseed
from helpers.checks.kinds.function import Function
from helpers.checks.plays import Play

UNDRAWN = "Constants are no noise: each image starts from its own random vector."
SPARE = "no_grad would also spare building the graph that detach drops."
FRESH = "Draw inside the function, without a seed and without keeping the result."
SEEDED = (
    "That also repeats the batches and the dropout of the whole training. Seed once, at the top of "
    "the notebook, and keep a fixed z for comparable pictures."
)
ALIKE = "Each image starts from its own vector, and each of its numbers is drawn on its own."


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
        if play.nets and not self.learns:
            asked = any(call["grad"] for spy in play.nets.values() for call in spy.calls)
            yield Aspect("no_grad", asked, hint=SPARE, role=REMARK)
        yield from chance(lambda cast: self.drawn(Play(answer, cast)), self.large, self.lies)
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
    yield Aspect("seed", sets, "the function {} the global seed", SEEDED)
    for name, z in draws[0].items():
        yield from (lies or lie)(name, z.detach().double(), draws[1][name].detach().double())


def lie(name, z, other):
    """How the rows of one draw lie, beside those of another call."""
    spread = "vary" if z.std() > 1e-6 else "are all the same"
    yield Aspect(f"constant {name}", spread, f"the numbers of {name} {{}}", UNDRAWN, CLUE)
    same = "the same" if torch.equal(z, other) else "other"
    yield Aspect("fresh", same, "a second call draws {} numbers", FRESH)
    rows = len(torch.unique(z, dim=0))
    yield Aspect("rows", f"{rows} of {len(z)}", f"only {{}} rows of {name} differ", ALIKE)
    if z.dim() > 1:
        columns = len(torch.unique(z, dim=1).T)
        words = f"only {{}} columns of {name} differ"
        yield Aspect("columns", f"{columns} of {z.shape[1]}", words, ALIKE)
        lengths = z.norm(dim=1)
        vary = "lengths that vary" if lengths.std() > 0.01 * lengths.mean() else "the same length"
        yield Aspect("lengths", vary, f"the rows of {name} have {{}}", "Leave the draw as it is.")
    words = lambda a, b: told_spread(name, a, b)
    yield Aspect("spread", z.flatten().sort().values, words, unlike, same=alike)


def alike(a, b, tolerance=0.03):
    """Whether two samples may come from one distribution (Kolmogorov and Smirnov)."""
    at = torch.cat([a, b])
    shares = [torch.searchsorted(x, at, right=True) / len(x) for x in (a, b)]
    return float((shares[0] - shares[1]).abs().max()) < tolerance


def told_spread(name, seen, expected):
    """Moments and ends of two sorted samples."""
    told = [
        f"mean {x.mean():.2f} and std {x.std():.2f}, from {x[0]:.1f} to {x[-1]:.1f}"
        for x in (seen, expected)
    ]
    return f"{name} has {told[0]}, expected {told[1]}."


def unlike(seen, expected):
    """Advice for a distribution that no known mistake draws from."""
    if not torch.isfinite(seen).all():
        return "Draw it: torch.empty alone shows what the memory held."
    a, b = ((x - x.mean()) / x.std() for x in (seen, expected))
    if alike(a, b):
        what = "shifts" if abs(float(seen.mean() - expected.mean())) > 0.1 else "scales"
        return f"Something {what} the noise: in training and sampling alike, G expects it as it is."
    return "The tails are not those that are expected: look at the distribution that you draw from."
