"""A training step: who moves and along which gradient, what it reads and what it leaves behind."""

import itertools

import torch

from helpers.checks.aspects import CLUE, REMARK, Aspect, near
from helpers.checks.kinds.draw import chance
from helpers.checks.kinds.function import Function, in_place, told_changed
from helpers.checks.plays import LEFT, Play, WatchedSGD

ORDER = {
    "no backward": "No gradient reaches {0}: backward() is missing, or detach, no_grad or .item() cuts "
    "the path from the loss.",
    "no step of its optimiser": "{1}.step() is missing, or called on another optimiser: a new one "
    "made inside, or an update by hand, forgets its state each time.",
    "step before backward": "The step comes before backward(): it then has no gradient to follow.",
    "zero_grad between backward and step": "The gradients are cleared between backward() and step(): "
    "nothing is left to follow.",
    "more than one step": "Add the losses, or call backward for each, and step once at the end.",
}
CLEARING = {
    "nowhere": "backward() adds to .grad, it does not overwrite.",
    "in another network only": "The optimiser reads the .grad of its own network.",
    "only after the step": "That is too late: the other network's step fills this .grad in between.",
}
LATE = (
    "It clears .grad after the step. That works as long as no other code leaves gradients there in "
    "between; zero_grad before backward() does not rely on it."
)


class Step(Function):
    """A function that moves the weights of some networks with the optimiser that comes in.

    The update is seen as (old - new weights) / rate, for each of the plays: fresh ones, then with
    `leftover` gradients, or `again`, after a first call.
    """

    tolerance = 1e-3  # (old - new) / rate has lost some digits

    def __init__(self, cast, moves, plays, chance=None, freed=(), returns=False, **options):
        """moves: the networks that learn. chance: a large play that shows how z is drawn.

        freed: the networks whose graph nothing needs after the step. returns: whether what comes
        back is judged, too.
        """
        super().__init__(cast, plays, **options)
        self.moves, self.chance, self.freed, self.returns = moves, chance, freed, returns
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
                yield self.values(play)
        if self.chance:
            yield from chance(lambda cast: Play(answer, cast).noise(), self.large)
        late = [_clearing(play, name) == "only after the step" for name in self.moves]
        yield Aspect("late", any(late), hint=LATE, role=REMARK)
        yield from self.remarks(answer, tape)

    def conduct(self, play):
        """Who moves comes before how, and both before what is left behind."""
        yield Aspect("inputs", play.changed(), told_changed, in_place)
        others = [name for name in play.moved() if name not in self.moves]
        yield Aspect(
            "others",
            others,
            "the weights of {} change in the step",
            f"Only {' and '.join(self.moves)} should learn here: look for another optimiser, or an "
            "update by hand.",
        )
        asked = list(self.asked(play))
        yield from asked[:-1]
        for name in self.moves:
            log, moved = play.nets[name].log, name in play.moved()
            left = bool(play.update[name].abs().max() > LEFT / 10)
            yield Aspect(
                f"order for {name}",
                _order(log, moved),
                lambda a, b, name=name: f"Seen for {name}: {a.told()}; expected {b.told()}.",
                {e: hint.format(name, _optimiser(play, name)) for e, hint in ORDER.items()},
                CLUE,
            )
            yield Aspect(
                f"clearing {name}",
                _clearing(play, name) if left else "in time",
                lambda a, b, name=name: f"The .grad of {name} is cleared {a}.",
                CLEARING,
                CLUE,
            )
        yield asked[-1]
        updates = [play.update[name] for name in self.moves]
        yield Aspect("update", updates, self.told_update, self.unnamed, same=self.same, series=True)
        kept = [name for name in self.freed if play.nets[name].kept_graph()]
        yield Aspect(
            "graph",
            kept,
            "after the step the graph of {} is still in memory",
            "Nothing uses it again: leave retain_graph out.",
        )
        yield from self.aftermath(play)

    def judged(self, play):
        """The update."""
        return [play.update[name] for name in self.moves]

    def told_update(self, seen, expected):
        """How long the update is, and how long it should be."""
        for name, a, b in zip(self.moves, seen, expected):
            if not a.abs().max() > 1e-5:
                return f"the weights of {name} do not move, expected one step of its optimiser."
            if a.abs().max() > LEFT / 10:
                return (
                    f"what another step has left in .grad of {name} enters the update, expected "
                    "zero_grad before backward."
                )
        a, b = (sum(float(x.norm()) ** 2 for x in part) ** 0.5 for part in (seen, expected))
        names = " and ".join(self.moves)
        return (
            f"the update of {names} is {a:.3g} long, expected {b:.3g} and the direction of one "
            "step on the loss that is asked for."
        )

    def unnamed(self, seen, expected):
        """A factor, if the direction is right."""
        a, b = torch.cat(seen), torch.cat(expected)
        factor = float(a @ b / (b @ b))
        if a.any() and near(a, factor * b):
            return (
                f"The direction is right, and the length {factor:.3g} times the expected: look for "
                "a factor, for clipping, or for a sum where a mean is asked for."
            )
        return self.hints.get("update direction", "")

    def advice(self, past, first):
        """Of the first update that differs."""
        seen, wanted = past[first]
        return seen.advice(wanted, self.hints.get(seen.name))


class Order(str):
    """What is odd in the order of events of a network, or nothing; with the events."""

    def told(self):
        """The events in words."""
        return ", ".join(key for key, _ in itertools.groupby(self.log)) or "nothing"


def _order(log, moved):
    """What is odd in the order of events of a network that should move."""
    order = Order(_odd(log, moved))
    order.log = list(log)
    return order


def _odd(log, moved):
    steps = [k for k, event in enumerate(log) if event == "step"]
    backs = [k for k, event in enumerate(log) if event == "backward"]
    if len(steps) > 1:
        return "more than one step"
    if moved:
        return "nothing odd" if steps else "no step of its optimiser"
    if not backs:
        return "no backward"
    if not steps:
        return "no step of its optimiser"
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
    if "zero_grad" in log:
        late = "backward" in log and log.index("zero_grad") > log.index("backward")
        return "only after the step" if late else "in time"
    others = any("zero_grad" in spy.log for other, spy in play.nets.items() if other != name)
    return "in another network only" if others else "nowhere"
