"""A training step: who moves and along which gradient, what it reads and what it leaves behind."""

import functools
import itertools

import torch

from helpers.checks.aspects import CLUE, DONE, REMARK, Aspect, equal, near
from helpers.checks.kinds.draw import chance
from helpers.checks.kinds.function import Function, in_place, told_changed
from helpers.checks.plays import LEFT, Play, WatchedSGD

ORDER = {
    "no backward": "No gradient reaches {0}: backward() is missing, or detach, no_grad or .item() cuts the path from the loss.",
    "step before backward": "The step comes before backward(): it then has no gradient to follow.",
    "zero_grad between backward and step": "The gradients are cleared between backward() and step(): nothing is left to follow.",
}
CLEARING = {
    "nowhere": "backward() adds to .grad, it does not overwrite.",
    "only after the step": "Clearing after the step is too late here: the other network's step also fills the .grad of {0} in between.",
}
ELSEWHERE = "You clear {2}'s gradients, and {1}.step() reads those of {0}."
MISSING = "{1}.step() is missing, or called on another optimiser (a global name, perhaps)."
STRANGER = "A new optimiser made inside, or an update by hand, forgets its state each time."
OFTEN = "Add the losses, or call backward for each, and step once at the end."
RETAINED = "After the step a graph is still in memory, and nothing uses it again: retain_graph=True keeps it."
LATE = "It clears .grad after the step. That works as long as no other code leaves gradients there in between; zero_grad before backward() does not rely on it."
GRAPH_BACK = "The loss comes back with its graph: .item() gives the number alone."


class Step(Function):
    """A function that moves the weights of some networks with the optimiser that comes in.

    The update is seen as (old - new weights) / rate, for each of the plays: fresh ones, then with
    `leftover` gradients, or `again`, after a first call.
    """

    tolerance = 1e-3  # (old - new) / rate has lost some digits

    def __init__(self, cast, moves, plays, chance=None, freed=(), once=None, returns=False, together=False, **options):
        """moves: the networks that learn. chance: a large play that shows how z is drawn.

        freed: the networks whose graph has to be gone after the step; where another one is kept, a
        remark says so. once: {network: remark} where one backward pass through it is enough.
        returns: whether what comes back is judged, too. scales: may be {network: multiples}.
        together: whether one loss moves them all, so that only all updates show what is in it.
        """
        super().__init__(cast, plays, **options)
        self.moves, self.chance, self.freed, self.returns = moves, chance, freed, returns
        self.once, self.together = once or {}, together
        self.through = [*moves, *self.through]

    def observe(self, answer, name, tape):
        """Each play with its update; then the noise, if some is drawn."""
        yield self.handed(answer, name)
        yield from self.reading(answer, CLUE)
        for k, options in enumerate(self.plays):
            play = self.played(answer, tape, k, options)
            yield from self.conduct(play)
            if self.returns:
                yield from self.form(play)
                yield from self.dtypes(play)
                yield from self.values(play)
        yield DONE
        late = [_clearing(play, name) == "only after the step" for name in self.moves]
        yield Aspect("late", any(late), hint=LATE, role=REMARK)
        kept = any(play.nets[name].kept_graph() for name in play.nets if name not in self.freed)
        yield Aspect("retained", kept, hint=RETAINED, role=REMARK)
        graph = bool(getattr(play.result, "requires_grad", False))
        yield Aspect("graph back", graph, hint=GRAPH_BACK, role=REMARK)
        for name, remark in self.once.items():
            yield Aspect(remark, play.nets[name].log.count("backward"), hint=remark, role=REMARK)
        if self.chance:
            cast = functools.partial(self.large, tape)
            n = self.chance.get("n")
            yield from chance(lambda cast: Play(answer, cast).noise(n), cast)
        yield from self.remarks(answer, tape)

    def conduct(self, play):
        """Who moves comes before how, and both before what is left behind."""
        yield Aspect("inputs", play.changed(), told_changed, in_place)
        others = [name for name in play.moved() if name not in self.moves]
        yield Aspect(
            "others",
            others,
            f"the weights of {{}} change in {self.whose('step')}",
            f"Only {self.whose('optimiser')} steps here: look for another step, or an update by hand.",
            mute=self.together,
        )
        asked = list(self.asked(play))
        yield from asked[:-1]
        yield from self.modes(play)
        for name in self.moves:
            yield from self.events(play, name)
        yield asked[-1]
        yield from self.updates(play)
        kept = [name for name in self.freed if play.nets[name].kept_graph()]
        yield Aspect(
            "graph",
            kept,
            "after the step the graph of {} is still in memory",
            "Nothing uses it again: leave retain_graph out.",
        )
        yield from self.aftermath(play)

    def events(self, play, name):
        """The order of what concerns a network, where it is cleared, how often it steps."""
        log, moved, opt = play.nets[name].log, name in play.moved(), _optimiser(play, name)
        yield Aspect(
            f"order for {name}",
            _order(log, moved),
            lambda a, b: f"Seen for {name}: {a.told()}; expected {b.told()}.",
            {event: hint.format(name, opt) for event, hint in ORDER.items()},
            CLUE,
        )
        cleared = _clearing(play, name) if self.left(play, name) else "in time"
        yield Aspect(
            f"clearing {name}",
            cleared,
            lambda a, b: f"Seen for {name}: {_order(log, moved).told()}; expected zero_grad before backward.",
            CLEARING.get(cleared, ELSEWHERE).format(name, opt, cleared),
            CLUE,
        )
        steps = log.count("step")
        yield Aspect(
            f"steps of {name}",
            steps,
            lambda a, b: told_steps(name, opt, a, b, moved),
            OFTEN if steps else STRANGER if moved else MISSING.format(name, opt),
            mute=self.together and not steps,
            own=True,
        )

    def told_by_numbers(self, play):
        """Whether a network that is never called shows in the updates, which can tell more."""
        return self.together and any(play.nets[name].calls for name in self.moves)

    def updates(self, play):
        """How the weights change: network by network, or of all of them together."""
        each = [self.update(play, name) for name in self.moves]
        if not self.together:
            yield from each
            return

        def told_first(asks, seen, expected):
            triples = list(zip(each, seen, expected))
            odd = [t for t in triples if not t[0].same(*t[1:])] or [t for t in triples if not equal(*t[1:])]
            part, a, b = (odd or triples)[0]
            return getattr(part, asks)(a, b)

        yield Aspect(
            "update",
            [part.value for part in each],
            functools.partial(told_first, "words"),
            functools.partial(told_first, "hint"),
            same=self.same,  # one multiple for all
            series=True,
            mute=any(not 1e-5 < x.value.abs().max() < LEFT / 10 for x in each),  # the order tells
        )

    def at_a_glance(self, past, first, quick, result):
        """Whether the gradient of one backward pass is what was seen: in the last weights of a network."""
        seen, wanted = past[first]
        if quick.steps != 1 or not quick.starts or not seen.name.startswith("update"):
            return True
        names = [name for name in self.moves if seen.name in ("update", f"update of {name}")]
        pairs = zip(names, _parts(seen.value), _parts(wanted.value), strict=True)
        name, update = next((name, a) for name, a, b in pairs if not equal(a, b))
        last = list(quick.nets[name].parameters())[-1:]
        loss = functools.reduce(torch.add, quick.starts)
        (grad,) = torch.autograd.grad(loss, last, retain_graph=True, allow_unused=True, materialize_grads=True)
        a, b = update[-last[0].numel() :], grad.flatten()
        scales = self.scales[name] if isinstance(self.scales, dict) else self.scales
        return any(float((a - k * b).norm()) <= 0.01 * float(a.norm()) + 1e-6 for k in scales)

    def update(self, play, name):
        """How the weights of a network change."""
        scales = self.scales.get(name, (1,)) if isinstance(self.scales, dict) else self.scales
        odd = _odd(play.nets[name].log, name in play.moved()) != "nothing odd"
        return Aspect(
            f"update of {name}",
            play.update[name],
            lambda a, b: told_update(name, a, b),
            self.unnamed,
            same=functools.partial(equal, scales=scales, tolerance=self.tolerance),
            series=True,
            own=odd or self.left(play, name),  # the order of events tells
        )

    def left(self, play, name):
        """Whether what was left in .grad has entered an update."""
        return bool(play.update[name].abs().max() > LEFT / 10)

    def told_count(self, play, name, seen, expected):
        """How many fakes are made, and for what."""
        if not seen:
            return f"{name} is never called, expected {expected} fakes from it."
        reals = any(x.dim() > 1 for x in play.tensors.values())
        what = "reals in the batch" if reals else "fakes asked for"
        return f"{seen} fakes are made for {expected} {what}, expected {expected}."

    def whose(self, thing):
        """ "D's step", or "the step" of several."""
        return f"{self.moves[0]}'s {thing}" if len(self.moves) == 1 else f"the {thing}"

    def judged(self, play):
        """The updates."""
        return [self.update(play, name) for name in self.moves]

    def judges_same(self, a, b):
        """Whether all updates are right ones."""
        pairs = zip(a, b) if isinstance(a, list) and isinstance(b, list) else [(a, b)]
        return all(x.agrees(y) if isinstance(x, Aspect) else x == y for x, y in pairs)

    def unnamed(self, seen, expected):
        """A factor, if the direction is right."""
        factor = float(seen @ expected / (expected @ expected))
        if seen.any() and near(seen, factor * expected):
            return f"The direction is right, and the length {factor:.3g} times the expected: look for a factor, for clipping, or for a sum where a mean is asked for."
        return self.hints.get("update direction", "")

    def advice(self, past, first):
        """Of the first update that differs."""
        seen, wanted = past[first]
        return seen.advice(wanted, self.hints.get(seen.name))


def told_steps(name, opt, seen, expected, moved):
    """How often the optimiser steps."""
    if seen:
        return f"{opt}.step() runs {seen} times, expected {expected}."
    still = "move" if moved else "do not move"
    return f"the weights of {name} {still}, and {opt} never steps, expected one step of it."


def told_update(name, seen, expected):
    """How long the update is, and how long it should be."""
    if not seen.abs().max() > 1e-5:
        return f"the weights of {name} do not move, expected one step of its optimiser."
    if seen.abs().max() > LEFT / 10:
        return f"what another backward pass has left in {name}'s .grad enters the update, expected the gradient of this step alone."
    return f"the update of {name} is {float(seen.norm()):.3g} long, expected {float(expected.norm()):.3g} and the direction of one step on its loss."


class Order(str):
    """What is odd in the order of events of a network, or nothing; with the events."""

    def told(self):
        """The events in words."""
        return ", ".join(key for key, _ in itertools.groupby(self.log)) or "nothing"


def _parts(update):
    return update if isinstance(update, list) else [update]


def _order(log, moved):
    """What is odd in the order of events of a network that should move."""
    order = Order(_odd(log, moved))
    order.log = list(log)
    return order


def _odd(log, moved):
    steps = [k for k, event in enumerate(log) if event == "step"]
    backs = [k for k, event in enumerate(log) if event == "backward"]
    if moved:
        return "nothing odd"
    if not backs:
        return "no backward"
    if not steps:
        return "nothing odd"  # the count of steps tells
    if steps[0] < backs[0]:
        return "step before backward"
    between = "zero_grad" in log[backs[0] : steps[0]]
    return "zero_grad between backward and step" if between else "nothing odd"


def _optimiser(play, name):
    """What the optimiser of a network is called."""
    for key, thing in play.cast.items():
        if isinstance(thing, WatchedSGD) and play.nets[name] in thing.nets:
            return key
    return f"opt_{name}"


def _clearing(play, name):
    """Where a network's gradients are cleared."""
    log = play.nets[name].log
    step = log.index("step") if "step" in log else len(log)
    backs = [k for k, event in enumerate(log[:step]) if event == "backward"]
    if "zero_grad" in log[: backs[-1] if backs else step]:
        return "in time"
    if "zero_grad" in log:
        return "only after the step"
    others = [other for other, spy in play.nets.items() if "zero_grad" in spy.log]
    return others[0] if others else "nowhere"
