"""A class of networks: what its layers are, what it makes of a batch, and what can come out at all."""

import contextlib
import functools

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from helpers.checks.aspects import REMARK, Aspect, kind_of
from helpers.checks.explain import CheckError
from helpers.checks.guard import reseed
from helpers.checks.kinds import Kind
from helpers.checks.kinds.function import NO_TENSOR, named

PLAIN = "Only nn.Module collects the weights: write the base class in brackets after the name."
LIST = "An optimiser would not train those layers: nn.Sequential and nn.ModuleList register them."
SLOPE = "Its first argument is the slope for negative inputs, not a layer size. 0.2 is usual."
AGAIN = "Look for layers that are made in forward, for noise there, for F.dropout without self.training."
ALONE = "Something mixes the images: look for an operation along axis 0."
DROPPED = "dropout sits on {}, which says nothing there, whatever comes in. Dropout belongs between the layers, before the last one."
PINNED = "Batch norm, or a mean that is taken away, stands at the very end: a batch of reals and a batch of fakes then get the same mean, whatever has been learnt. It belongs between the layers."
EVEN = "Batch norm stands right before the last layer: in train mode the mean output of every batch is the same. With an activation between them it is not."
UNUSED = "Either forward never uses that layer, or a detach cuts its path."
START = "There the last activation, or the sigmoid of the loss, is flat, and little gradient passes. Large initial weights, a missing division or a steep slope are the usual reasons."
STRAIGHT = "Without activations between them, all linear layers collapse into one."
DEAD = "A ReLU or a clamp stands at the very end, and where it gives 0 it has no gradient: what is 0 may stay so for ever. Which function gets there from any number with a slope everywhere?"
FROZEN = "An optimiser would leave them as they are: every layer that is built has to learn."
HISTORY = "The output carries no gradient. Look for no_grad, detach, .data or numpy in forward."


BECAME = {
    "the result": "NET holds the result of the network now: += and names that end in _ write into the caller's tensor. Which way to add makes a new one?",
    "its activation": "The first activation writes its result into NET, and all that follows reads that: what does inplace=True do?",
    "another": "Something writes into NET: names that end in _, +=, *= and inplace=True do.",
}


class Network(Kind):
    """A class that is built with some sizes, and whose networks are run on batches."""

    thing = "class"

    def __init__(
        self,
        sizes,
        inputs,
        what,
        outputs=(),
        use=None,
        free=(),
        straight="",
        vague=False,
        form=None,
        asks=(),
        more=None,
        optional=(),
        hints=(),
        causes=(),
    ):
        """sizes: two lists of arguments. inputs: (n, *sizes) -> a batch, or a tuple of them.

        what: names of the inputs, for words. outputs: names of the outputs, if there are several.
        use: (net, *inputs) -> its outputs, if that is not net(*inputs). free: outputs of which no
        range is asked. straight: a remark on a network without a bend, where that is no mistake.
        vague: whether (N,) is as good as (N, 1). form: (shape) -> what of it is asked for. asks: the "widths", "slope" and "dropout" of linear
        layers that the text asks for: a remark where others work as well. more: (net, inputs) -> further aspects of a fresh
        network. optional: (function of a network and its inputs, remark): what a right answer may
        fail. hints, causes: as in Kind.
        """
        super().__init__(hints, causes)
        self.sizes, self.inputs, self.vague = sizes, lambda *n: _row(inputs(*n)), vague
        self.what, self.outputs, self.form = _row(what), outputs or ("the output",), form
        self.use, self.free, self.straight = use, free, straight
        self.asks, self.more, self.optional = dict(asks), more, optional

    def observe(self, answer, name, tape):
        """From the outside in: the class, its layers, its outputs, its behaviour."""
        yield self.handed(answer, name)
        plain = (
            "a plain class"
            if isinstance(answer, type) and not (issubclass(answer, nn.Module))
            else "a subclass of nn.Module"
        )
        yield Aspect("class", plain, f"{name} is {{}}", PLAIN)
        for sizes in self.sizes:
            tape.cue(0)
            net, x = answer(*sizes), self.inputs(7, *sizes)
            call = f"{name}({', '.join(map(str, sizes))})"
            kind = "a network" if isinstance(net, nn.Module) else kind_of(net)
            yield Aspect("network", kind, f"{call} gives {{}}", "Look for a missing return.")
            lists = "{} of layers, which parameters() does not find"
            yield Aspect("lists", _lists(net), lists, LIST)
            frozen = [key for key, p in net.named_parameters() if not p.requires_grad][:3]
            yield Aspect("frozen", frozen, "the weights {} have requires_grad False", FROZEN)
            found = any(True for _ in net.parameters())
            yield Aspect(
                "weights",
                "some weights" if found else "no weights",
                "parameters() finds {}",
                "Make the layers in __init__, as attributes of self.",
            )
            net = self.used(net)
            for mode, batch in ((True, x), (False, tuple(part[:1] for part in x))):
                before = [part.clone() for part in batch]
                y = _run(net.train(mode), batch, sizes)
                yield from self.shaped(y, mode, len(batch[0]))
                for what in zip(self.what, before, batch):
                    yield self.kept(*what, _row(y))
        tape.cue(1)
        net, x = self.used(answer(*self.sizes[0])), self.inputs(7, *self.sizes[0])
        yield Aspect("slope", _slope(net), "one LeakyReLU has the slope {}", SLOPE)
        yield from self.alone(net.eval(), x)
        reach = [_range(net, x, k) for k in range(len(self.outputs))]
        for name, part in zip(self.outputs, reach):
            if name not in self.free:
                told = _told_range(name)
                yield Aspect(f"range of {name}", part, told, "What stands at the very end?")
        fresh = self.used(answer(*self.sizes[0]))
        yield from self.learning(fresh, x, [_bounded(part) for part in reach])
        if self.asks:
            yield self.as_asked(fresh, x)
        tape.cue(2)
        if self.more:
            yield from self.more(answer(*self.sizes[0]), x)
        for test, remark in self.optional:
            tape.cue(3)
            passes = test(answer(*self.sizes[0]), *x)
            yield Aspect(remark, passes, hint=remark, role=REMARK)

    def as_asked(self, net, x):
        """Which layers are others than the text asks for."""
        odd = others(net, x, self.asks)
        missing = [words for key, words in asked(self.asks) if key in odd]
        advice = f"The text asks for {' and '.join(missing)}."
        return Aspect("asked", missing, hint=advice, role=REMARK, same=lambda a, b: not a)

    def used(self, net):
        """A network as it is used: called, or otherwise."""
        return Used(net, self.use) if self.use else net

    def found(self, answer):
        """What sort of thing came in; a function that makes networks is as good as a class."""
        if isinstance(answer, nn.Module):
            return "a finished network"
        return "a class" if callable(answer) else kind_of(answer)

    def shaped(self, y, mode, n):
        """The kind and shape of the outputs."""
        yield Aspect("type", self.kind_of(y), "{} came back from forward", NO_TENSOR)
        what = " and ".join(self.what)
        for name, part in zip(self.outputs, _row(y)):
            if len(self.outputs) > 1:
                yield Aspect(f"type of {name}", kind_of(part), f"{name} is {{}}", NO_TENSOR)
            shape = tuple(part.shape)
            flat = shape[:1] if self.vague and shape[1:] == (1,) else shape
            flat = self.form(flat) if self.form else flat
            train = "train" if mode else "eval"
            words = f"in {train} mode, for {n} of {what}, {name} has the shape {{}}"
            single = self.vague and n == 1
            yield Aspect("shape", flat, words, same=functools.partial(_fits, single))

    @staticmethod
    def kept(name, before, after, outputs):
        """What has become of an input."""
        became = "as it was"
        if not torch.equal(before, after):
            acts = [f(before) for f in (nn.functional.relu, lambda x: nn.functional.leaky_relu(x, 0.2))]
            known = {"the result": outputs, "its activation": acts}
            became = next((k for k, v in known.items() if any(map(_alike(after), v))), "another")
        words = f"after the call {name} has changed, expected it as before: others still need it."
        return Aspect(f"{name} afterwards", became, lambda a, b: words, named(BECAME, name))

    def kind_of(self, y):
        """What came back, in words: the names of several outputs, or what it is instead."""
        if len(self.outputs) == 1:
            return kind_of(y)
        if isinstance(y, (tuple, list)):
            right = len(y) == len(self.outputs)
            names = f"the {'pair ' * (len(y) == 2)}({', '.join(self.outputs)})"
            return names if right else f"a {type(y).__name__} of {len(y)}"
        return f"one tensor of shape {tuple(y.shape)}" if torch.is_tensor(y) else kind_of(y)

    @torch.no_grad()
    def alone(self, net, x):
        """In eval mode an input gets its own output, the same in every call and every batch."""
        y, again = _told_twice(net, x)
        constant = _constant(net, x, y)
        for k, name in enumerate(self.what):
            ignored = [] if constant else self.ignoring(net, x, k)
            words = f"two different {name} give {{}} output"
            for output in self.outputs:
                if len(self.outputs) > 1:
                    words = f"two different {name} give {{}} {output.removeprefix('the ')}"
                yield Aspect(
                    f"ignored {name} in {output}",
                    "the same" if output in ignored else "another",
                    words,
                    f"Follow {name} through your forward: where does something replace it?",
                )
        same = torch.allclose(y, again, atol=1e-5, rtol=1e-4)
        what = " and ".join(self.what)
        yield Aspect(
            "again",
            "the same" if same else "another",
            f"two calls in eval mode with the same {what} give {{}} output",
            AGAIN,
        )
        single = torch.cat([_all(net(*(part[k : k + 1] for part in x))) for k in range(len(x[0]))])
        mixed = not torch.allclose(y, single, atol=1e-4, rtol=1e-3)
        yield Aspect(
            "alone", "another" if mixed else "the same", "an input gets {} output alone than in a batch", ALONE
        )

    def ignoring(self, net, x, k):
        """The outputs that input k changes neither at the start nor with large random weights."""
        other = [_other(part) if j == k else part for j, part in enumerate(x)]
        left = self._still(net, x, other)
        if left:
            with _wild(net):
                left = [name for name in self._still(net, x, other) if name in left]
        return left

    def _still(self, net, x, other):
        pairs = []
        for inputs in (x, other):
            reseed(5)
            pairs.append(_row(net(*inputs)))
        return [name for name, y, z in zip(self.outputs, *pairs) if torch.allclose(y, z, atol=1e-7, rtol=1e-5)]

    def learning(self, net, x, bounded):
        """What a fresh network in train mode does, and whether all of it can learn."""
        big = tuple(torch.cat([part] * 16) for part in x)
        with torch.no_grad():
            many, calm = _row(net.train()(*big)), _row(net.eval()(*x))
        zeros = any((y == 0).any() for y in many) and not any((y == 0).any() for y in calm)
        share = max(float((y == 0).float().mean()) for y in many)
        what = " and ".join(self.outputs)
        words = f"in train mode {share:.0%} of {what} is exactly 0, expected none: "
        words += DROPPED.format(what)
        yield Aspect("zeros", "some" if zeros else "none", lambda a, b: words)
        for name, y, still, limited in zip(self.outputs, many, calm, bounded):
            share = float((y.abs() > (0.99 if limited else 40)).float().mean())
            most = 0.3 if limited else 0.1
            ends = "saturated at its ends" if limited else "beyond 40"
            words = f"at the start {share:.0%} of {name} is {ends}, expected at most {most:.0%} so far."
            yield Aspect(f"start of {name}", share, lambda a, b, words=words: words, START, same=_below(most))
            if limited and name not in self.free:
                dead = float((still == 0).float().mean())
                words = f"at the start {dead:.0%} of {name} is exactly 0, expected none."
                yield Aspect(f"dead {name}", dead, lambda a, b, words=words: words, DEAD, same=_below(0.2))
            if not limited and len(self.outputs) == 1:
                yield from pinned(name, net, big)
        with torch.no_grad():
            bend = _bend(net.eval(), x, bounded[0])
        words = f"it is a straight line in its input: f(a + b) - f(0) and the sum of its parts differ by {bend:.2g}, expected more than 0.001 of their size."
        role, advice = (REMARK, self.straight) if self.straight else ("", STRAIGHT)
        yield Aspect("bend", bend, lambda a, b: words, advice, role, same=_below(1e-3), mute=True)
        net.train().zero_grad()
        reseed(6)
        y = _all(net(*x))
        yield Aspect("history", "a graph" if y.requires_grad else "no graph", "the output carries {}", HISTORY)
        (y * torch.linspace(1, 2, y.numel()).view_as(y)).sum().backward()
        idle = [key for key, p in net.named_parameters() if p.grad is None][:3]
        told_idle = f"the weights {' and '.join(idle)} get no gradient, expected that all weights learn."
        yield Aspect("idle", idle, lambda a, b: told_idle, UNUSED, mute=True)


class Used(nn.Module):
    """A network in another use than a call of it, with the names that its author gave."""

    def __init__(self, net, use):
        super().__init__()
        self.net, self.use = net, use

    def forward(self, *x):
        """Its outputs."""
        return self.use(self.net, *x)

    def named_parameters(self, *args, **kwargs):
        """Those of the network."""
        return self.net.named_parameters(*args, **kwargs)


def _fits(single, a, b):
    """Whether two shapes are the same; of a single number, whatever its axes."""
    return a == b or single and torch.Size(a).numel() == 1


def _below(limit):
    """Whether two values lie on the same side of a limit."""
    return lambda a, b: (a < limit) == (b < limit)


def _alike(x):
    """Whether a tensor is x."""
    return lambda y: y.shape == x.shape and torch.allclose(x, y.detach(), atol=1e-5)


def _row(parts):
    """What goes in, or comes out, as a tuple."""
    return tuple(parts) if isinstance(parts, (tuple, list)) else (parts,)


def _all(outputs):
    """All outputs side by side, one row for each input."""
    return torch.cat([y.reshape(len(y) if y.dim() else 1, -1) for y in _row(outputs)], 1)


def _other(x):
    """Other inputs of the same kind."""
    return x.flip(0) * 0.7 if x.is_floating_point() else x.roll(1, 0)


def _constant(net, x, y):
    """Whether the output is 0 or 1 by construction, whatever the weights, as a softmax of one is."""
    first = float(y.flatten()[0])
    if first not in (0, 1) or not bool((y == first).all()):
        return False
    with _wild(net):
        return bool((_all(net(*x)) == first).all())


def _told_twice(net, x):
    reseed(5)
    y = _all(net(*x))
    net(*map(_other, x))
    return y, _all(net(*x))


def _run(net, x, sizes):
    """net(x); a mismatch of z and the first layer is told as a constant in place of a size."""
    try:
        return net(*x)
    except RuntimeError as error:
        first = next((m for m in net.modules() if isinstance(m, nn.Linear)), None)
        width = x[0].shape[-1]
        if sizes and first is not None and x[0].dim() == 2 and len(x) == 1 and (first.in_features != width):
            raise CheckError(
                f"the input has {width} numbers, and the first linear layer expects {first.in_features}.",
                "Expected a layer as wide as the argument of __init__, not a constant.",
            ) from error
        raise


def _lists(net):
    """The attributes that hold layers in a plain list or dict."""
    found = []
    for key, value in [item for module in net.modules() for item in vars(module).items()]:
        items = value.values() if isinstance(value, dict) else value
        plain = not key.startswith("_") and isinstance(value, (list, tuple, dict))
        if plain and any(isinstance(item, nn.Module) for item in items):
            found.append(f"self.{key} is a Python {type(value).__name__}")
    return found


def _slope(net):
    slopes = [m.negative_slope for m in net.modules() if isinstance(m, nn.LeakyReLU)]
    steepest = max(slopes, key=abs, default=0)
    return "below 1" if abs(steepest) < 1 else f"{steepest:g}"


class Reach(frozenset):
    """Which marks the outputs pass, whatever the weights; `ends` are their extremes, to be told.

    "dark": whether they come near 0 or below it, for those that end at 1.
    """


MARKS = (-1.001, -0.55, -1e-9, 1e-9, 0.55, 1.001)


def _bounded(reach):
    return not reach & {-1.001, 1.001}


@contextlib.contextmanager
def _wild(net):
    """A block in which the weights may take any values; afterwards they are as before."""
    before = [p.detach().clone() for p in net.parameters()]
    _randomise(net, 0)
    yield
    with torch.no_grad():
        for p, value in zip(net.parameters(), before):
            p.copy_(value)


@torch.no_grad()
def _randomise(net, seed):
    reseed(seed)
    for p in net.parameters():
        p.normal_(0, 2)


def _range(net, x, k):
    """What only the construction bounds: the reach of output k under large random weights."""
    ends, sums = [], []
    x = [torch.cat([part, part.flip(0) * 0.5]) if part.is_floating_point() else part.repeat(2)
         for part in x]  # fmt: skip
    with _wild(net), torch.no_grad():
        for seed in range(8):
            _randomise(net, seed)
            y = _row(net(*x))[k]
            ends += [float(y.min()), float(y.max())]
            sums.append(y.reshape(len(y), -1).sum(1))
            if seed > 1 and min(ends) < -1.001 and max(ends) > 1.001:
                break
    low, high = min(ends), max(ends)
    passed = [mark for mark in MARKS if (low < mark if mark < 0 else high > mark)]
    one = ["each sums to 1"] if (torch.cat(sums) - 1).abs().max() < 1e-3 else []
    reach = Reach([*passed, *one, *(["dark"] if low < 0.25 or high > 1.001 else [])])
    reach.ends = low, high
    return reach


def _told_range(name):
    def words(seen, expected):
        low, high = seen.ends
        wanted = (
            "any number, of either sign"
            if 1.001 in expected
            else f"{'-1' if -0.55 in expected else '0'} to 1, the range of the data"
        )
        return f"with random weights {name} lies between {low:.2f} and {high:.2f}, expected {wanted}."

    return words


class Trace(TorchFunctionMode):
    """Writes down the operations of torch that run: name, arguments, options."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        self.steps.append((name, args, kwargs or {}))
        return func(*args, **(kwargs or {}))


@torch.no_grad()
def traced(net, x):
    """The operations of one forward pass, whether they are modules or functions."""
    with Trace() as trace:
        net(*x)
    return trace.steps


def asked(asks):
    """What a text asks for, in words, by its name."""
    words = {
        "widths": "the widths {}",
        "slope": "LeakyReLU({}) after each layer but the last",
        "dropout": "Dropout({}) after each layer but the last",
    }
    for key, value in asks.items():
        numbers = value if isinstance(value, tuple) else (value,)
        yield key, words[key].format(", ".join(map(str, numbers)))


def others(net, x, asks):
    """Which of "widths", "slope" and "dropout" are others than asked for."""
    steps = traced(net, x)
    between = sum(name == "linear" for name, _, _ in steps) - 1
    found = {
        "widths": tuple(args[1].shape[0] for name, args, _ in steps if name == "linear"),
        "slope": _options(steps, "leaky_relu", "negative_slope"),
        "dropout": _options(steps, "dropout", "p"),
    }
    return [
        key for key, value in asks.items() if found[key] != (value if isinstance(value, tuple) else [value] * between)
    ]


def _options(steps, name, option):
    return [round(options[option], 6) for step, _, options in steps if step == name]


def pinned(name, net, x):
    """Whether the last operation takes the mean of each batch away; before the last layer: a remark."""
    even = _pinned(net, x)
    shaping = ("view", "reshape", "flatten", "squeeze", "unsqueeze", "size", "dim", "__get__")
    steps = [(step, args) for step, args, _ in traced(net, x) if step not in shaping]
    step, args = steps[-1] if steps else ("", ())
    last = step == "linear" and args[1].shape[1] > 1
    seen = "the same for every batch" if even and not last else "its own for each batch"
    yield Aspect(f"pinned {name}", seen, f"in train mode the mean of {name} is {{}}", PINNED)
    yield Aspect(f"even {name}", even, hint=EVEN, role=REMARK)


@torch.no_grad()
def _pinned(net, x):
    """Whether the mean over a batch is the same for every batch in train mode, whatever comes in."""
    means, spread = [], []
    for other in (x, tuple(part.abs() * 0.8 if part.is_floating_point() else part for part in x)):
        reseed(7)
        y = _all(net.train()(*other))
        means.append(y.mean()), spread.append(y.std())
    vary = float(spread[0]) > 1e-4
    same = float((means[0] - means[1]).abs()) < 1e-4 * float(spread[0])
    return vary and same


def _bend(net, x, bounded):
    """How far f(a + b) - f(0) is from the sum of its parts; a last tanh is undone first."""
    first, *rest = x
    run = lambda z: _row(net(z, *(part[: len(z)] for part in rest)))[0]
    values = (lambda z: torch.atanh(run(z).clamp(-0.99999, 0.99999))) if bounded else run
    other = first.flip(0) * 0.6
    together, one, two, none = map(values, (first + other, first, other, torch.zeros_like(first)))
    return float((together - one - two + none).norm() / ((one - none).norm() + (two - none).norm() + 1e-12))
