"""A function, judged by a few calls: what comes back, and what becomes of what went in."""

import dis
import functools
import inspect
import itertools
import numbers
import re
import types

import numpy
import torch

from helpers.checks import guard
from helpers.checks.aspects import CLUE, REMARK, Aspect, equal, kind_of, told
from helpers.checks.glance import Glance
from helpers.checks.kinds import Kind
from helpers.checks.plays import UNASKED, UNKNOWN, Play, renewed, spies

PAIR = "a pair (values, indices)"
NO_TENSOR = {
    "None": "A function without return gives None: look at its last line.",
    "a tuple": "A comma after return makes a tuple: which of its parts is asked for?",
    "a float": "Stay with torch's own operations: .item(), float() and numpy leave them.",
    "an ndarray": "Stay with torch's own operations: .item(), float() and numpy leave them.",
    "a list of tensors": "torch.stack(list) makes one tensor of it. Which axis should be the new one?",
    "a list of numbers": "torch.tensor(list) makes one tensor of it.",
    PAIR: "max(1) and min(1) give both: .indices has the places, and amax(1) the values alone.",
}
DTYPE = {
    torch.int64: "A cast to whole numbers, or a draw of them, loses everything between.",
    torch.float64: "numpy works in float64: convert, or stay with torch.",
}
CUT = "Look for .item(), detach, no_grad or torch.tensor(...) on the path from the inputs."
IN_PLACE = "A name that ends in _, and +=, write into the caller's tensor. Work on a copy of your own."
LEFT_GRAD = (
    "backward() adds to .grad: the next one on the same tensor would leave a sum there. Work on a copy of your own."
)
LEFT_FLAG = "All that is computed from it later would build a graph. Work on a copy of your own."
GRAPH = "It holds on to memory: no_grad or detach drops it."
UNDRAWN = "Draw z, one for each image, and hand it over: what comes out are the fakes."
COUNT = "Take the number from the arguments: the last batch of an epoch is smaller."
LAYERS = (
    "To set NET.training does not reach the layers inside: NET.eval() and NET.train(mode) do, with mode True or False."
)
AFTER = {
    "in eval mode": "It would go on in eval mode from here: put the mode back that you found.",
    "in train mode at the top, in eval mode inside": LAYERS,
    "frozen": "A frozen NET never learns again: undo it at the end.",
}
FROZEN_LATE = "D is frozen too late: once it has judged, the graph for its own weights is made. Freeze first."
DURING = {
    "train mode": "In train mode dropout is random, batch norm lets the images of a batch meet, and the running statistics drift.",
    "eval mode at the top, train mode inside": LAYERS,
}
SQUEEZED = "Here the batch has one row, and squeeze() without an axis drops the axis of the batch as well: squeeze(1) names the one that is meant."
UNREAD = "Whoever calls the function brings other things than your notebook holds: use the arguments, and no names from outside in their place."
DATA = (torch.Tensor, torch.nn.Module, numpy.ndarray, numbers.Number, list, tuple, dict)


class Function(Kind):
    """Calls with a cast of arguments; the networks among them are spies."""

    tolerance = 2e-4
    COARSE = "type", "shape", "graph", "gradient"  # a quick call shows them, beside the values
    OWN = "leftover", "training", "again", "named"  # options of a play that are not for the cast

    def __init__(
        self,
        cast,
        plays=({},),
        result="the result",
        parts=(),
        number=False,
        outcome=None,
        learns=(),
        scales=(1,),
        extremes=(),
        through=(),
        untidy="",
        optional=(),
        more=lambda play: (),
        rows=None,
        far=(),
        wide=False,
        hints=(),
        causes=(),
        lenient=(),
    ):
        """cast: (**play) -> {name: argument}, for each of the plays; the first is worked by hand.

        result: what comes back, in words. parts: their names, if several tensors come back.
        number: whether one number comes back, of Python or of torch. outcome: (play) -> what is
        compared, if it is not the result. learns: the arguments that the gradient of the result has
        to reach. scales: multiples that are right, too. extremes: plays where the result has to be
        finite. through: networks whose .grad may be filled; untidy: a remark where it is.
        optional: (play, remark), a play on which a right answer may fail. more: (play) -> further
        aspects of each call, before its results. rows: {argument: axis of the result that runs over
        its rows}, so that the first row that differs is told with what went in there; {} if its
        number tells enough. far: plays where a way that is right on paper rounds, judged by value
        after the others. wide: whether float64 for float32, or int32 for int64, is right; a remark
        on it is the hint "width". hints, causes, lenient: as in Kind.
        """
        super().__init__(hints, causes, lenient)
        self.rows, self.far, self.wide = rows, far, wide
        self.cast, self.plays, self.result, self.learns = cast, plays, result, learns
        self.parts, self.number, self.outcome = parts, number, outcome
        self.scales, self.extremes, self.through, self.untidy = scales, extremes, through, untidy
        self.optional, self.more, self._casts = optional, more, {}

    def observe(self, answer, name, tape):
        """The conduct, the form and the values of each call; then gradients, and remarks."""
        yield self.handed(answer, name)
        yield from self.reading(answer, CLUE)
        plays = []
        for k, options in enumerate(self.plays):
            plays.append(self.played(answer, tape, k, options))
            yield from self.conduct(plays[-1])
            yield from self.form(plays[-1])
            if not self.wide:
                yield from self.dtypes(plays[-1])
            yield from self.values(plays[-1])
            if self.wide:
                yield from self.dtypes(plays[-1])
        if self.far:
            yield self.far_values([self.played(answer, tape, 30 + k, o) for k, o in enumerate(self.far)])
        if self.extremes:
            ends = [self.played(answer, tape, 20 + k, o) for k, o in enumerate(self.extremes)]
            yield self.ends([play.result for play in ends])
        if self.learns:
            yield from self.gradients(plays)
        yield from self.remarks(answer, tape)

    def played(self, answer, tape, k, options):
        """One call, which always starts from the same random state."""
        own = {key: options[key] for key in self.OWN if key in options}
        rest = {key: value for key, value in options.items() if key not in self.OWN}
        cast = self.made(k, rest) if tape.records else self.reused(k, rest)
        tape.cue(k)
        return Play(self.as_called(answer), cast, tape, **own)

    def as_called(self, answer):
        """What is called in place of an answer."""
        return answer

    def glance(self, past, first):
        """One call tells, if a call stops, or it is what comes back from it that differs."""
        seen = past[first][0]
        each = "inputs" if seen.error else seen.name
        k = sum(aspect.name == each for aspect, _ in past[:first])
        k //= max(1, len(self.parts)) if seen.name == "shape" else 1
        one = seen.error and "grad" not in str(seen.error) or seen.name in self.COARSE or seen.series
        options = self.plays[k] if one and k < len(self.plays) else {"again": True}
        if self.outcome or {"again", "named", "training"} & set(options):
            return super().glance(past, first)
        rest = {key: value for key, value in options.items() if key not in self.OWN}
        quick = Glance(self.made(k, rest))

        def may_be(answer):
            if not quick.usable():
                return True
            try:
                result = quick.call(self.as_called(answer))
                return not seen.error and self.at_a_glance(past, first, quick, result)
            except Exception:
                quick.forget()
                return True

        return may_be

    def at_a_glance(self, past, first, quick, result):
        """Whether a quick call may have given what was seen."""
        seen, quick.result = past[first][0], result
        if seen.name in ("type", "shape"):
            return any(seen.agrees(other) for other in self.form(quick) if other.name == seen.name)
        found = {other.name: other for other in self.values(quick)}
        if seen.name in found:
            return seen.agrees(found[seen.name])
        mine = {aspect.name: aspect for aspect, _ in reversed(past[:first])}  # of the first call
        if not all(mine[name].agrees(other) for name, other in found.items()):
            return False
        slopes = [self.gradient(quick, name) for name in self.learns]
        return seen.name != "gradient" or self.same(seen.value[: len(slopes)], slopes)

    def made(self, k, options):
        """A cast of arguments, the same for each k."""
        guard.settle()
        guard.reseed(k)
        return self.cast(**options)

    def large(self, tape):
        """The cast of the play that shows how the numbers lie."""
        return (self.made if tape.records else self.reused)(90, self.chance)

    def reused(self, k, options):
        """The same cast without making it again: for answers that are known to leave it whole."""
        key = k, guard.family()
        if key not in self._casts:
            self._casts[key] = self.made(k, options)
            for _, spy in spies(self._casts[key]):
                spy.keep()
        return {name: renewed(thing) for name, thing in self._casts[key].items()}

    def reading(self, answer, role):
        """The arguments that are never read, by their places, and what is read in their place."""
        names = unread(answer)
        others = borrowed(answer) if names else []
        words = f"The code never reads its argument{'s' * (len(names) > 1)} {' and '.join(names)}"
        words += f", and it reads {' and '.join(others)} of the notebook." if others else "."
        advice = UNREAD if others else ""
        yield Aspect(f"reading {role}", tuple(names.values()), lambda a, b: words, advice, role)

    def conduct(self, play):
        """What the call did to its arguments."""
        yield Aspect("inputs", play.changed(), told_changed, in_place)
        yield from self.modes(play)
        yield from self.asked(play)
        yield Aspect("weights", play.moved(), "the weights of {} change", "An update by hand, or a step.")
        yield from self.aftermath(play)

    def modes(self, play):
        """In which mode the networks run for which it matters."""
        for name in [name for name, spy in play.nets.items() if spy.moody]:
            yield Aspect(
                f"mode of {name}", _during(play.nets[name]), f"{name} runs in {{}}", named(DURING, name), mute=True
            )

    def asked(self, play):
        """Which networks take part, and how many outputs are made of random inputs."""
        yield from self.more(play)
        for name, spy in play.nets.items():
            if spy.draws:
                n = sum(len(call["given"]) for call in spy.calls)
                words = functools.partial(self.told_count, play, name)
                advice = COUNT if n else UNDRAWN
                enough = lambda a, b: a in (b, 2 * b)  # twice as many may be of use
                yield Aspect(f"made by {name}", n, words, advice, same=enough)
        silent = [name for name, spy in play.nets.items() if not spy.calls]
        role = CLUE if self.told_by_numbers(play) else ""
        yield Aspect("silent", silent, told_silent, UNASKED, role)
        if play.nets:
            yield Aspect("shown", play.shown, told_shown, as_it_is, CLUE)

    def told_by_numbers(self, play):
        """Whether a network that is never called shows in gradients, which can tell more."""
        return any(name in play.nets for name in self.learns)

    def told_count(self, play, name, seen, expected):
        """How many images a network makes."""
        if not seen:
            return f"{name} is never called, expected {expected} images from it."
        return f"{name} makes {seen} images, expected {expected}."

    def aftermath(self, play):
        """In which state the networks are left."""
        for name, spy in play.nets.items():
            words = functools.partial(told_state, name)
            yield Aspect(f"{name} afterwards", _afterwards(spy), words, named(AFTER, name), mute=True)
        reached = [name for name, spy in play.nets.items() if "backward" in spy.log]
        spared = [name for name in reached if name not in self.through]
        yield Aspect(
            "gradients",
            spared,
            "backward() fills .grad of {}",
            "What has to stay out of it is cut off before: detach does that.",
        )
        if self.untidy:
            late = any(call.get("frozen") for name in reached for call in play.calls[name])
            words = FROZEN_LATE if late else self.untidy
            advice = lambda a, b: words.format(" and ".join(sorted(set(a) - set(b))))
            yield Aspect("untidy", reached, hint=advice, role=REMARK)

    def advice(self, past, first):
        """As of all kinds; and on squeeze, which takes more than one axis where there is one row."""
        seen, wanted = past[first]
        larger = any(before.name == "shape" for before, _ in past[:first])  # and it was right
        if seen.name == wanted.name == "shape" and larger and wanted.value[:1] == (1,):
            squeezed = seen.value == tuple(n for n in wanted.value if n != 1)
            return SQUEEZED if squeezed else super().advice(past, first)
        return super().advice(past, first)

    def form(self, play):
        """What kind of thing came back."""
        if self.outcome:
            return
        yield Aspect("type", self.type_of(play.result), "{} came back", no_tensor)
        if self.number:
            if play.nets:
                kept = getattr(play.result, "requires_grad", False)
                words = f"{self.result} comes back with {{}}"
                yield Aspect("history", "its graph" if kept else "no graph", words, GRAPH)
            return
        for name, x in zip(self.parts or [self.result], self.tensors_of(play)):
            words, several = f"the shape of {name} is {{}}", bool(self.parts)
            yield Aspect("shape", tuple(x.shape), words, same=_same_shape, series=several)
            if play.nets and not self.learns:
                history = "a graph" if x.requires_grad else "no graph"
                yield Aspect("history", history, f"with {name} comes {{}}", GRAPH)

    def dtypes(self, play):
        """Of which sort the numbers are that came back."""
        if self.outcome or self.number:
            return
        for name, x in zip(self.parts or [self.result], self.tensors_of(play)):
            same = _same_sort if self.wide else None
            yield Aspect("dtype", x.dtype, f"{name} has the dtype {{}}", DTYPE, same=same)
            if self.wide:
                yield Aspect("width", x.dtype, role=REMARK)

    def type_of(self, result):
        """The type of what came back, in words."""
        if self.number and (torch.is_tensor(result) and result.numel() == 1 or _real(result)):
            return "a number"
        several = isinstance(result, (tuple, list)) or torch.is_tensor(result) and result.dim() > 2
        if not self.parts or not several:
            return _sort_of(result)
        if len(result) != len(self.parts):
            return f"{kind_of(result)} of {len(result)}"
        odd = [(name, x) for name, x in zip(self.parts, result) if not torch.is_tensor(x)]
        if odd:
            return f"{_sort_of(odd[0][1])} in the place of {odd[0][0]}"
        return f"the {'pair ' * (len(result) == 2)}({', '.join(self.parts)})"

    def tensors_of(self, play):
        """What came back, as a list of tensors."""
        if self.number:
            return [torch.as_tensor(float(play.result), dtype=torch.float64)]
        return list(play.result) if self.parts else [play.result]

    def values(self, play):
        """What came back from one call, part by part: a mistake has to agree in every call."""
        if self.outcome:
            found = self.outcome(play)
            yield Aspect("values", found, f"{self.result} is {{}}", same=self.same, series=True)
            return
        for name, x in zip(self.parts or [self.result], self.tensors_of(play)):
            yield Aspect(
                f"values of {name}" if self.parts else "values",
                [x.detach()],
                lambda a, b, name=name: self.told_values(play, name, a[0], b[0]),
                same=self.same,
                series=True,
            )

    def told_values(self, play, name, a, b):
        """What went in, what came back for it and what was expected; in a row that differs."""
        row_wise = self.rows is not None and a.dim() and a.shape == b.shape
        at = _first_difference(a, b) if row_wise else ()
        given = ", ".join(_given(play, self.rows or {}, at)) if self.rows != {} else ""
        if at:
            name = name if self.rows else f"row {at[0]} of {name}"
            a, b = a[at[0]], b[at[0]]
        return f"{f'with {given}: ' if given else ''}{name} is {_pair(a, b)}{self.multiples()}."

    def multiples(self):
        """Which multiples of the expected are right as well, in words."""
        words = {2: " (or twice that)", 0.5: " (or half of it)"}
        return "".join(words.get(scale, "") for scale in self.scales)

    def far_values(self, plays):
        """What came back from the far plays."""
        results = [self.tensors_of(play)[0].detach() for play in plays]

        def words(seen, expected):
            pairs = zip(plays, seen, expected)
            play, a, b = next(p for p in pairs if not self.same([p[1]], [p[2]]))
            return self.told_values(play, self.result, a, b)

        same = lambda a, b: all(self.same([x], [y]) for x, y in zip(a, b))
        return Aspect("far", results, words, same=same)

    def same(self, a, b):
        """Whether a is b, or one of the multiples that are right as well."""
        return equal(a, b, self.scales, self.tolerance)

    def ends(self, results):
        """Whether results on extreme inputs are finite."""
        finite = all(bool(torch.isfinite(x).all()) for x in results)
        return Aspect(
            "extremes",
            "finite" if finite else "not finite",
            f"for sure answers, right or wrong, {self.result} is {{}}",
            "A sigmoid rounds to 0 or 1, and its log is infinite: use a form that takes logits.",
        )

    def gradients(self, plays):
        """Where the gradient of each result goes, and how large it is there."""
        results = [x for play in plays for x in self.tensors_of(play)]
        carried = all(x.requires_grad for x in results)
        yield Aspect("graph", "a gradient" if carried else "no gradient", f"{self.result} carries {{}}", CUT)
        names = itertools.cycle(self.learns)
        found = [self.gradient(play, name) for play in plays for name in self.learns]

        def words(seen, expected):
            for name, a, b in zip(names, seen, expected):
                if b.any() and not a.any():
                    return f"no gradient reaches {name}, expected one from {self.result}."
                if not self.same(a, b):
                    return f"the gradient of {self.result} for {name} is {_pair(a, b)}."
            return f"the gradients of {self.result} differ."

        yield Aspect("gradient", found, words, CUT, same=self.same)

    def gradient(self, play, name):
        """The gradient of a result with respect to an argument: a tensor, or a network's weights."""
        thing = play.cast[name]
        leaves = [thing] if torch.is_tensor(thing) else list(thing.parameters())
        total = sum((x * torch.linspace(1, 2, x.numel()).view_as(x)).sum() for x in self.tensors_of(play))
        grads = torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True)
        pairs = zip(grads, leaves, strict=True)
        return torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for g, p in pairs])

    def remarks(self, answer, tape):
        """What is right and could be better: an argument left aside, a call that stops it."""
        for k, (options, remark) in enumerate(self.optional):
            try:
                value = self.judged(self.played(answer, tape, 50 + k, options))
            except Exception:
                value = "stops"
            yield Aspect(remark, value, hint=remark, role=REMARK, same=self.judges_same)
        names = unread(answer)
        told_names = " and ".join(names)
        yield Aspect(
            "reading remark",
            tuple(names.values()),
            hint=f"It never reads its argument{'s' * (len(names) > 1)} {told_names}.",
            role=REMARK,
        )

    def judged(self, play):
        """What a call is judged by in the end."""
        values = self.outcome(play) if self.outcome else self.tensors_of(play)
        return [values, [_afterwards(spy) for spy in play.nets.values()]]

    def judges_same(self, a, b):
        """Whether two calls are as good in the end."""
        return self.same(a, b)


def told_changed(seen, expected):
    """Which arguments are not as they came."""
    written = [name for name in seen if "." not in name]
    if written:
        return f"{told(written)} itself has changed, expected that what comes in stays as it is."
    name = seen[0].partition(".")[0]
    left = {f"{name}.requires_grad": f"{name} requires grad", f"{name}.grad": f"{name}.grad is filled"}
    said = " and ".join(words for end, words in left.items() if end in seen)
    return f"the caller's {said} after the call, expected that {name} stays as it was."


def in_place(seen, expected):
    """What to try where an argument is not as it came."""
    if any("." not in name for name in seen):
        return IN_PLACE
    return LEFT_GRAD if any(name.endswith(".grad") for name in seen) else LEFT_FLAG


def told_silent(seen, expected):
    """Which networks take no part."""
    one = len(seen) == 1
    return f"{told(seen)} {'is' if one else 'are'} never called, expected {'its' if one else 'their'} output."


def told_state(name, seen, expected):
    """In which state a network is left."""
    if seen == "frozen":
        return f"weights of {name} have requires_grad False afterwards, expected True."
    return f"{name} is left {seen}, expected {expected}."


def named(hints, name):
    """Hints in which NET stands for the name of a network."""
    return {key: hint.replace("NET", name) for key, hint in hints.items()}


def no_tensor(seen, expected):
    """What to try where something else than a tensor came back."""
    return NO_TENSOR.get(seen.split(" in the place of ")[0], "")


def as_it_is(seen, expected):
    """Advice where a network is shown something that nobody handed over, or too little."""
    odd = any(UNKNOWN in rows for rows in seen.values())
    return (
        "Hand the images over as they are: scaling or noise on top is another recipe."
        if odd
        else "Look at what you hand over to each network."
    )


def _real(x):
    return isinstance(x, (int, float)) or hasattr(x, "__float__") and not torch.is_tensor(x)


def _same_shape(a, b):
    one = torch.Size(a).numel() == torch.Size(b).numel() == 1
    return a == b or one and len(b) == 0


def _same_sort(a, b):
    """Whether both hold real numbers, or both whole ones."""
    odd = {torch.bool, torch.complex64, torch.complex128}
    return a.is_floating_point == b.is_floating_point and (a in odd) == (b in odd)


def _sort_of(thing):
    """A thing by its type, a list by what is in it."""
    if hasattr(thing, "indices") and hasattr(thing, "values") and not torch.is_tensor(thing):
        return PAIR
    if type(thing) is list and thing:
        sorts = {"tensors": torch.is_tensor, "numbers": lambda x: isinstance(x, (int, float))}
        for sort, holds in sorts.items():
            if all(map(holds, thing)):
                return f"a list of {sort}"
    return kind_of(thing)


def _first_difference(a, b):
    """The place of the first number that is off."""
    a, b = a.double(), b.double()
    off = ~torch.isclose(a, b, rtol=1e-3, atol=1e-4, equal_nan=True)
    places = (off if off.any() else (a - b).abs() == (a - b).abs().max()).nonzero()
    return tuple(places[0].tolist()) if len(places) else ()


def _given(play, rows, at):
    """The numbers and small tensors that went in, in words; of some the row for this place."""
    for name, x in play.cast.items():
        if name in rows and rows[name] < len(at):
            k = at[rows[name]]
            yield f"{name}[{k}] = {told(play.before[name][k])}"
        elif torch.is_tensor(x):
            x = play.before[name]
            yield f"{name} = {told(x)}" if x.numel() <= 6 else f"{name} of shape {tuple(x.shape)}"
        elif isinstance(x, (int, float, str)):
            yield f"{name} = {told(x)}"


def _pair(a, b):
    """Seen and expected, whole or in the entry that differs most."""
    if a.shape != b.shape or a.numel() <= 6:
        return f"{told(a)}, expected {told(b)}"
    gap = (a.double() - b.double()).abs().nan_to_num(1e9, 1e9)
    at = tuple(map(int, numpy.unravel_index(int(gap.argmax()), a.shape)))  # torch's loads sympy
    place = ", ".join(map(str, at))
    return f"{told(a[at])} in entry [{place}], expected {told(b[at])}"


def _during(spy):
    modes = {(call["top"], *sorted(call["inside"])) for call in spy.calls}
    tops, insides = {mode[0] for mode in modes}, {inner for mode in modes for inner in mode[1:]}
    if not modes or tops | insides != {True} and tops | insides == {False}:
        return "eval mode"
    return "train mode" if True in tops else "eval mode at the top, train mode inside"


def _afterwards(spy):
    if not all(p.requires_grad for p in spy.parameters()):
        return "frozen"
    inside = {m.training for m in spy.modules() if m is not spy}
    if inside == {spy.training}:
        return f"in {'train' if spy.training else 'eval'} mode"
    modes = ["train" if mode else "eval" for mode in (spy.training, not spy.training)]
    return f"in {modes[0]} mode at the top, in {modes[1]} mode inside"


def told_shown(seen, expected):
    """What each network was shown, and should be."""
    parts = []
    for name in seen:
        if seen[name] != expected.get(name):
            told_rows = [
                " and ".join(f"{n} of {o}" for o, n in rows.items()) or "nothing"
                for rows in (seen[name], expected[name])
            ]
            parts.append(f"{name} is shown {told_rows[0]}, expected {told_rows[1]}.")
    return " ".join(parts)


def unread(answer):
    """{name: place} of the arguments of a function that its code never reads."""
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    return _unread(code) if isinstance(code, types.CodeType) else {}


@functools.lru_cache(256)  # a table's answers share their code
def _unread(code):
    if "____" in code.co_names:
        return {}
    names = code.co_varnames[: code.co_argcount]
    return {name: k for k, name in enumerate(names) if not _reads(code, name)}


def _reads(code, name):
    """Whether a local name is read before it gets a new value; a closure may read it any time."""
    if name in code.co_cellvars:
        return True
    for step in dis.get_instructions(code):
        if "_FAST" not in step.opname:
            continue  # an attribute or a text of the same name
        if name == step.argval or isinstance(step.argval, tuple) and name in step.argval:
            return step.opname.startswith("LOAD")
    return False


def borrowed(answer):
    """The names of data of the notebook that a function reads: tensors, networks, numbers."""
    answer = inspect.unwrap(answer)
    space = getattr(answer, "__globals__", {})
    return [name for name in answer.__code__.co_names if isinstance(space.get(name), DATA)]
