"""What an answer is called with, one such call, and what the call left behind.

Networks and an optimiser write down what a student's code does with them. Training steps are
judged by the change of the weights under plain SGD, so that names, the form of the loss and the
order of lines do not matter.
"""

import functools
import inspect
import itertools

import torch
from torch import nn

from helpers.checks.aspects import kind_of
from helpers.checks.explain import CheckError

UNASKED = "A loss takes what a network says of the images, D(...), and not the images themselves."
UNKNOWN = "unknown origin"
LEFT = 1e6  # what another step has left in .grad: it shows in an update that reads it


class Shared(list):
    """A record that a deep copy of its network goes on writing into."""

    def __deepcopy__(self, memo):
        return self


class Spy(nn.Module):
    """A network that writes down each call of it, and each event that concerns it."""

    turns = itertools.count()  # which call came before which, over all spies
    goes_in = "Images go into {}: those of the batch, or what comes out of a generator."

    def __init__(self, body, takes, draws=False, rate=0.02, labels=0):
        """takes: the shape of one input. draws: whether its inputs are random, and go on tape.

        rate: of the optimiser that moves it: a step must not lead where another loss looks alike.
        labels: how many classes there are, if a label comes in with each input; body(x, y) then.
        """
        super().__init__()
        self.body, self.takes, self.draws, self.rate, self.labels = body, takes, draws, rate, labels
        kinds = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)
        self.moody = any(isinstance(m, kinds) for m in body.modules())  # its mode matters
        self.num_classes = labels  # as the lesson's own networks have it
        self.name, self.tape, self.calls, self.log = "the network", None, Shared(), Shared()
        self.memory = None  # of quick calls: what was made of what
        for p in list(self.parameters())[-1:]:
            p.register_post_accumulate_grad_hook(lambda p: self.log.append("backward"))

    def forward(self, *given, **named):
        """The output; what cannot be an input is refused in words."""
        x, *labels = (*given, *named.values()) or (None,)
        if self.memory is not None:
            return self._remembered(x)
        if self.labels:
            self._has_labels(x, labels)
        self._accept(x, labels)
        heard = self.tape.hear(x, *labels) if self.draws and self.tape else x
        inside = {m.training for m in self.modules() if m is not self}
        call = {
            "turn": next(self.turns),
            "given": x.detach().clone(),  # as it is now: it may be written into later
            "labels": labels[0].detach() if labels else None,
            "asks": x.requires_grad,
            "source": x.grad_fn,
            "grad": torch.is_grad_enabled(),
            "top": self.training,
            "inside": inside,
        }
        made = self.body(heard, *labels)
        several = isinstance(made, tuple)
        call["heard"], call["all"] = heard, made if several else (made,)
        call["y"] = call["all"][0]
        if call["y"].requires_grad:
            free = lambda: any(p.requires_grad for p in self.parameters())
            call["y"].register_hook(lambda grad: call.update(used=True, frozen=not free()))
        self.calls.append(call)
        return tuple(y.clone() for y in made) if several else made.clone()

    @functools.cached_property
    def _holders(self):
        return [m for m in self.body.modules() if m._parameters]

    def _remembered(self, x):
        """The output, without a record: the one of before if the same comes in again."""
        free = tuple((id(p), p.requires_grad) for m in self._holders for p in m._parameters.values())
        key = id(x), x._version, torch.is_grad_enabled(), free
        given, y, version = self.memory.get(key, (None, None, 0))
        if y is None or y._version != version:
            if len(self.memory) > 200:
                self.memory.clear()
            y = self.body(x)
            self.memory[key] = x, y, y._version
        return y

    def _accept(self, x, labels):
        wanted = f"(N, {', '.join(str(size or 'any') for size in self.takes)})"
        seen = f"the shape {tuple(x.shape)}" if torch.is_tensor(x) else f"a {type(x).__name__}"
        if not (torch.is_tensor(x) and self._fits(x)):
            raise CheckError(
                f"{self.name} gets {seen}, expected {wanted}.",
                f"One vector z for each image goes into {self.name}: look at what you draw, and at the order of n and z_dim."
                if self.draws and len(self.takes) == 1
                else self.goes_in.format(self.name),
            )
        if not x.is_floating_point():
            raise CheckError(
                f"{self.name} gets {x.dtype}, expected torch.float32.",
                "Draw real numbers: a latent vector is normal noise." if self.draws else "Real numbers go in.",
            )
        if self.labels:
            self._accept_labels(len(x), labels)

    def _has_labels(self, x, labels):
        """Two tensors come in, in the right order."""
        what, call = ("z", "G(z, y)") if self.draws else ("images", f"{self.name}(x, y)")
        y = labels[0] if labels else None
        shape = tuple(x.shape) if torch.is_tensor(x) else ()
        if y is None and len(shape) == 2 and shape[1] == torch.Size(self.takes).numel() + self.labels:
            raise CheckError(
                f"{self.name} gets one tensor {shape} of {what} and labels joined, expected {call}.",
                f"{self.name} joins the two by itself, in its forward: hand it {what} and y.",
            )
        if y is None:
            raise CheckError(
                f"{self.name} gets {what} without labels, expected {call}.",
                "Without y it cannot know which class to draw."
                if self.draws
                else "Without y it can judge whether an image looks real, and not whether it fits.",
            )
        if len(shape) == 1 and torch.is_tensor(y) and y.dim() > 1:
            raise CheckError(
                f"{self.name} gets the labels first, of shape {shape}, expected {call}.",
                f"The {what} come{'s' * self.draws} first.",
            )

    def _accept_labels(self, n, labels):
        """One whole number for each row, of a class that there is."""
        y, seen = labels[0], f"{self.name} gets labels of"
        if not torch.is_tensor(y):
            raise CheckError(
                f"{self.name} gets {kind_of(y)} as labels, expected a tensor int64 (N,).", "One label for each row."
            )
        if y.is_floating_point():
            raise CheckError(
                f"{seen} dtype {y.dtype} and shape {tuple(y.shape)}, expected int64 ({n},).",
                "A label is a whole number that names a class, and the network itself makes one-hot rows of it.",
            )
        if y.dim() == 1 and len(y) > n:
            rows = "latents" if self.draws else "images"
            raise CheckError(
                f"{self.name} gets {n} {rows} for {len(y)} labels, expected as many of both.",
                f"Every label needs a row of its own. Are the {rows} too few, or the labels too many? Count the pictures that are asked for.",
            )
        if y.shape != (n,):
            raise CheckError(
                f"{seen} shape {tuple(y.shape)}, expected int64 ({n},).",
                f"{n} rows go in, and each needs a label of its own, one whole number.",
            )
        if y.dtype != torch.int64:
            raise CheckError(f"{seen} dtype {y.dtype}, expected int64 ({n},).", "one_hot and Embedding look up int64.")
        if n and not 0 <= int(y.min()) <= int(y.max()) < self.labels:
            raise CheckError(
                f"{self.name} gets labels from {int(y.min())} to {int(y.max())}, expected 0 to {self.labels - 1}.",
                "Classes are counted from 0, and no label lies outside.",
            )

    def _fits(self, x):
        if self.draws or None in self.takes or x.dim() != 2:
            wanted = zip(self.takes, x.shape[1:])
            return x.dim() == 1 + len(self.takes) and all(size in (None, n) for size, n in wanted)
        return x.shape[1] == torch.Size(self.takes).numel()  # images in rows

    def replayed(self, x):
        """x; in a replay what the student's answer had in its place, if that is on tape."""
        return self.tape.hear(x) if self.tape and not self.tape.records else x

    def zero_grad(self, set_to_none=True):
        """nn.Module's own, recorded."""
        self.log.append("zero_grad")
        super().zero_grad(set_to_none)

    @functools.cached_property
    def _first(self):
        return [p.detach().clone() for p in [*self.parameters(), *self.buffers()]]

    def keep(self):
        """This state is the one that `reset` leads back to."""
        self._first  # noqa: B018, it is worked out here
        return self

    @torch.no_grad()
    def reset(self):
        """As new: the first weights, nothing written down."""
        for p, first in zip([*self.parameters(), *self.buffers()], self._first):
            p.copy_(first)
        self.requires_grad_(True)
        self.calls.clear(), self.log.clear()
        return self

    def kept_graph(self):
        """Whether a graph that a backward pass has used is still in memory."""
        for call in self.calls:
            if call.get("used"):
                sources = [p for p in (call["heard"], *self.parameters()) if p.requires_grad]
                try:
                    torch.autograd.grad(call["y"].sum(), sources, allow_unused=True)
                except RuntimeError as error:
                    if "inplace" not in str(error):
                        continue  # it is freed, or nothing in it can learn
                return True
        return False


def bare(method):
    """A method of SGD without torch's wrappers: they load the compiler, which takes a second."""
    return inspect.unwrap(getattr(torch.optim.SGD, method))


class WatchedSGD(torch.optim.SGD):
    """Plain SGD for some spies, which writes its steps and clearings into their logs."""

    def __init__(self, *nets):
        super().__init__([{"params": list(net.parameters()), "lr": net.rate} for net in nets], lr=1)
        self.nets = nets

    def add_param_group(self, param_group):
        """SGD's own, without its wrapper."""
        bare("add_param_group")(self, param_group)

    @torch.no_grad()
    def step(self, closure=None):
        """SGD's own, recorded."""
        loss = bare("step")(self, closure)
        self._write("step")
        return loss

    def zero_grad(self, set_to_none=True):
        """SGD's own, recorded."""
        self._write("zero_grad")
        bare("zero_grad")(self, set_to_none)

    def _write(self, event):
        for net in self.nets:
            net.log.append(event)


class Recorder:
    """A function that writes down what it is called with, and gives what `reply` gives."""

    def __init__(self, reply=lambda *args: None):
        self.reply, self.calls = reply, Shared()

    def __call__(self, *args, **named):
        order = list(inspect.signature(self.reply).parameters)
        late = sorted(named, key=lambda name: order.index(name) if name in order else len(order))
        self.calls.append((*args, *(named[name] for name in late)))
        return self.reply(*args, **named)

    def reset(self):
        """As new."""
        self.calls.clear()
        return self


def renewed(thing):
    """A part of a cast as it was before any call."""
    if torch.is_tensor(thing):
        return thing.detach().clone().requires_grad_(thing.requires_grad)
    if isinstance(thing, (list, tuple)):
        return type(thing)(map(renewed, thing))
    return thing.reset() if hasattr(thing, "reset") else thing


class Play:
    """One call of an answer with a cast {name: argument}, and what it left behind."""

    def __init__(self, answer, cast, tape=None, leftover=False, training=True, again=False, named=()):
        """leftover: whether other steps have filled every .grad, or the names of the networks where.

        training: the mode of all spies. again: whether a first call has gone before; what it has
        left in .grad is marked. named: the arguments that are handed over by their names.
        """
        self.cast, self.named = cast, named
        self.nets = {name: spy.train(training) for name, spy in spies(cast)}
        self.tensors = {name: x for name, x in cast.items() if torch.is_tensor(x)}
        self.before = {name: x.detach().clone() for name, x in self.tensors.items()}
        self.flags = {name: x.requires_grad for name, x in self.tensors.items()}
        for name, spy in self.nets.items():
            spy.name, spy.tape = name, tape
            filled = leftover is True or leftover and name in leftover
            for p in spy.parameters():
                p.grad = torch.full_like(p, LEFT) if filled else None
        if again:
            self._call_before(answer, tape)
        weights = {name: flat(spy) for name, spy in self.nets.items()}
        self.training, self.result = training, self._called(answer)
        self.update = {n: (weights[n] - flat(spy)) / spy.rate for n, spy in self.nets.items()}
        self.calls = {name: list(spy.calls) for name, spy in self.nets.items()}

    def _call_before(self, answer, tape):
        """A first call, of which only what it has left in .grad stays: it is marked."""
        weights = {p: p.detach().clone() for spy in self.nets.values() for p in spy.parameters()}
        self._called(answer)
        if tape:
            tape.cue(tape.play + 100)
        for spy in self.nets.values():
            spy.calls.clear(), spy.log.clear()
        for p, value in weights.items():
            p.data.copy_(value)
            if p.grad is not None and p.grad.any():
                p.grad = torch.full_like(p, LEFT)

    def _called(self, answer):
        """What comes back; a loss without any logits cannot teach, and is told so."""
        try:
            named = {name: self.cast[name] for name in self.named}
            return answer(*(x for name, x in self.cast.items() if name not in named), **named)
        except RuntimeError as error:
            silent = [name for name, spy in self.nets.items() if not spy.calls]
            if not silent or "does not require grad" not in str(error):
                raise
            raise CheckError(
                f"{' and '.join(silent)} {'is' if len(silent) == 1 else 'are'} never called, expected {'its' if len(silent) == 1 else 'their'} output in the loss.",
                UNASKED,
            ) from error

    def changed(self):
        """The tensors of the cast that were written into: "x"; or "x.requires_grad", "x.grad"."""
        found = []
        for name, x in self.tensors.items():
            if self.flags[name] > x.requires_grad or not torch.equal(x.detach(), self.before[name]):
                found.append(name)
            if x.requires_grad > self.flags[name]:
                found.append(f"{name}.requires_grad")
            if x.is_leaf and x.grad is not None:
                found.append(f"{name}.grad")
        return found

    def moved(self):
        """The networks whose weights have changed."""
        return [name for name, change in self.update.items() if (change.abs() > 1e-5).any()]

    def shown(self):
        """How many different rows of which origin each network was given: {D: {G(z): 6, real: 6}}.

        The origin of a row is the tensor of the cast, or the call of a network, that it comes from.
        """
        pools = [(name, x.flatten(1).float()) for name, x in self.before.items() if x.dim() > 1]
        seen = {name: {} for name in self.nets}
        for name, call in self._calls():
            rows = call["given"].flatten(1).float()
            usual = "z" if self.nets[name].draws else UNKNOWN
            origins = [usual] * len(rows)
            for origin, pool in reversed(pools):
                if pool.shape[1] == rows.shape[1]:
                    for k in (places(rows, pool) >= 0).nonzero().flatten().tolist():
                        origins[k] = origin
            for k, origin in enumerate(origins):
                seen[name].setdefault(origin, set()).add(rows[k].numpy().tobytes())
            outputs = call["y"].detach().flatten(1)
            for origin in set(origins):
                own = torch.tensor([o == origin for o in origins])
                if len(outputs) == len(own):
                    pools.append((f"{name}({origin})", outputs[own]))
        return {name: {o: len(rows) for o, rows in found.items()} for name, found in seen.items()}

    def _calls(self):
        """(network, call), in the order in which one's output can be the other's input."""
        calls = [(name, call) for name, made in self.calls.items() for call in made]
        return sorted(calls, key=lambda pair: pair[1]["turn"])

    def noise(self, n=None):
        """All that came into the networks that draw, one below the other; n rows again: only once."""
        found = []
        for name, spy in self.nets.items():
            for call in self.calls[name] if spy.draws else ():
                z = call["given"]
                if not (len(z) == n and any(torch.equal(z, other) for other in found)):
                    found.append(z)
        return torch.cat(found)


def spies(cast):
    """(name, spy) of all spies in a cast; those of a list are called by its name and their place."""
    for name, thing in cast.items():
        for k, part in enumerate(thing if isinstance(thing, (list, tuple)) else [thing]):
            if isinstance(part, Spy):
                yield (name if part is thing else f"{name}[{k}]"), part


def flat(net):
    """All weights in one vector."""
    return torch.cat([torch.zeros(0), *(p.detach().flatten() for p in net.parameters())])


def places(rows, pool):
    """Where each row stands in the pool, to float accuracy, or -1: seen in four directions."""
    if not len(pool):
        return torch.full((len(rows),), -1)
    steps = torch.arange(rows.shape[1])
    directions = torch.stack([torch.cos(k * (steps + 0.5) ** 1.5) for k in (1.0, 1.7, 2.3, 3.1)], 1)
    exact = "donot_use_mm_for_euclid_dist"
    gap, at = torch.cdist(rows @ directions, pool @ directions, compute_mode=exact).min(dim=1)
    return at.where(gap < 1e-3, -1)
