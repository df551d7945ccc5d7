"""Small networks and an optimiser that write down what a student's step does with them.

A step is judged by the change of the weights under plain SGD, so that names, loss form and order of
lines do not matter: the candidate gradient that matches the change is the diagnosis.
"""

import inspect

import torch
from torch import nn

from helpers.checks.laws.old import CheckError, expect

LR = {"D": 5e-4, "G": 0.02}  # small steps for D: its logits must not run away within a batch


class Probe(torch.autograd.Function):
    """The identity; it shows whether its graph was used, and whether it was kept."""

    @staticmethod
    def forward(ctx, x, call):
        """x itself."""
        ctx.save_for_backward(x.clone())
        ctx.call = call
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        """The gradient itself; the call is marked as used."""
        ctx.call["used"] = True
        return grad, None


class Shared(list):
    """A record that a deep copy of its network goes on writing into."""

    def __deepcopy__(self, memo):
        return self


class Spy(nn.Module):
    """A network that records each call (input, output, mode) and names each event in `log`."""

    labels = 0  # how many numbers of an input name its class

    def __init__(self, name, log, body, shape):
        """body: the layers; shape: of one output, () for (N,)."""
        super().__init__()
        self.name, self.log, self.body, self.shape = name, log, body, shape
        self.calls, self.width = Shared(), body[0].in_features - self.labels

    def plain(self, x):
        """The output without a record: for the checks' own use."""
        return self.body(x.flatten(1)).view(len(x), *self.shape)

    def paired(self, images, x):
        """What D is shown of the images that G made of x, one row each."""
        return images.flatten(1)

    def gives(self, x):
        """What D is shown of G(x), without a record."""
        return self.paired(self.plain(x), x)

    def inputs(self, n):
        """n random rows that can go in."""
        return torch.randn(n, self.width)

    def forward(self, x):
        """The output, recorded; what cannot be an input is refused in words."""
        self._accept(x)
        return self._recorded(x)

    def _recorded(self, x):
        call = {"x": x, "training": self.training, "grad": torch.is_grad_enabled(), "used": False}
        call["y"] = Probe.apply(self.plain(x), call)
        self.calls.append(call)
        self.log.append(self.name)
        return call["y"]

    def _accept(self, x):
        wanted = f"(n, z_dim) = (n, {self.width})" if self.name == "G" else "(N, 1, 28, 28)"
        seen = f"shape {tuple(x.shape)}" if torch.is_tensor(x) else f"a {type(x).__name__}"
        fits = torch.is_tensor(x) and x.dim() > 1 and x[0].numel() == self.width
        fits = fits and (self.name == "D" or x.dim() == 2)
        expect(
            fits,
            f"{self.name} gets {seen}, expected {wanted}. "
            + (
                "One vector z for each image goes into G: look at what you draw, and at the "
                "order of n and z_dim."
                if self.name == "G"
                else "D judges images: the real ones, or what comes out of G."
            ),
        )
        expect(
            x.is_floating_point(),
            f"{self.name} gets {x.dtype}, expected torch.float32. "
            "Draw real numbers: a latent vector is normal noise.",
        )

    def zero_grad(self, set_to_none=True):
        """nn.Module's own, recorded."""
        self.log.append(f"zero {self.name}")
        super().zero_grad(set_to_none)


def bare(method):
    """A method of SGD without torch's wrappers: they load the compiler, which takes a second."""
    return inspect.unwrap(getattr(torch.optim.SGD, method))


class WatchedSGD(torch.optim.SGD):
    """Plain SGD that records its steps and clearings."""

    def __init__(self, net, rate, words=("step", "zero_grad")):
        """For all weights of `net`, which has a log. words: what a step and a clearing write."""
        super().__init__(net.parameters(), lr=rate)
        self.log, self.words = net.log, words

    def add_param_group(self, param_group):
        """SGD's own, without its wrapper."""
        bare("add_param_group")(self, param_group)

    @torch.no_grad()
    def step(self, closure=None):
        """SGD's own, recorded."""
        loss = bare("step")(self, closure)
        self.log.append(self.words[0])
        return loss

    def zero_grad(self, set_to_none=True):
        """SGD's own, recorded."""
        self.log.append(self.words[1])
        bare("zero_grad")(self, set_to_none)


def reals(n, seed=0):
    """n real images that no fake of the spies resembles."""
    generator = torch.Generator().manual_seed(77 + seed)
    return (torch.rand(n, 1, 28, 28, generator=generator) ** 2 * 2 - 1).clamp(-1, 1)


class Arena:
    """A small G and D with one optimiser each, and what a step did to them."""

    kind = Spy

    def __init__(self, z_dim, logit_shape=(1,)):
        """Both in train mode, without gradients."""
        self.z_dim, self.log = z_dim, Shared()
        body_g = nn.Sequential(
            nn.Linear(z_dim + self.kind.labels, 9), nn.Tanh(), nn.Linear(9, 784), nn.Tanh()
        )
        body_d = nn.Sequential(
            nn.Linear(784 + self.kind.labels, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1)
        )
        self.G = self.kind("G", self.log, body_g, (1, 28, 28))
        self.D = self.kind("D", self.log, body_d, logit_shape)
        _spread(self.G, self.D)
        self.opt_G, self.opt_D = (
            WatchedSGD(net, LR[net.name], (f"step {net.name}", f"zero {net.name}"))
            for net in (self.G, self.D)
        )
        for net in (self.G, self.D):
            for p in net.parameters():
                p.register_post_accumulate_grad_hook(self._noted(net.name))

    def _noted(self, name):
        def note(_):
            if self.log[-1:] != [f"backward {name}"]:
                self.log.append(f"backward {name}")

        return note

    def play(self, step, *args):
        """The report of one call step(*args)."""
        return Report(self, step, args)

    def leave_gradients(self):
        """Ones in every .grad, as another step leaves its own there."""
        for p in [*self.G.parameters(), *self.D.parameters()]:
            p.grad = torch.ones_like(p)


def _spread(G, D):
    """Logits around 0.4, 1.5 apart: elsewhere the gradients of different losses look alike."""
    with torch.no_grad():
        G.body[0].weight.mul_(3), G.body[2].weight.mul_(3)
        images, rows = torch.rand(32, 784) ** 2 * 2 - 1, G.inputs(32)
        logits = D.plain(torch.cat([G.paired(images, rows), G.gives(rows)]))
        scale, last = 1.5 / logits.std(), D.body[2]
        last.weight.mul_(scale)
        last.bias.copy_(0.4 + scale * (last.bias - logits.mean()))


class Report:
    """What one call of a step did: events, calls of G and D, and the change of the weights."""

    def __init__(self, arena, step, args):
        """Calls step(*args) and reads everything off afterwards."""
        G, D = self.nets = arena.G, arena.D
        self._twins = {}
        arena.log.clear(), G.calls.clear(), D.calls.clear()
        self.weights = {"before": self._weights()}
        self.result = self._ran(step, args)
        self.weights["after"] = self._weights()
        self.log, self.G_calls, self.D_calls = list(arena.log), list(G.calls), list(D.calls)
        self.changes = {
            name: (flat(self.weights["before"][name]) - flat(after)) / LR[name]
            for name, after in self.weights["after"].items()
        }
        self.modes = {net.name: net.training for net in (G, D)}
        self.frozen = {
            net.name: not all(p.requires_grad for p in net.parameters()) for net in (G, D)
        }

    def _ran(self, step, args):
        """What the step gives back; a loss without D's logits cannot teach, and is told so."""
        try:
            return step(*args)
        except RuntimeError as error:
            if self.nets[1].calls or "does not require grad" not in str(error):
                raise
            raise CheckError(
                "D is never called, expected its logits. A loss takes what D says of the images, "
                "D(...), and not the images themselves."
            ) from error

    def _weights(self):
        return {net.name: [p.detach().clone() for p in net.parameters()] for net in self.nets}

    def twin(self, name, when="before"):
        """An unwatched network with the weights of "G" or "D" before or after the step.

        Made once: whoever asks it for gradients leaves it as it is.
        """
        if (name, when) not in self._twins:
            self._twins[name, when] = self._copied(name, when)
        return self._twins[name, when]

    def _copied(self, name, when):
        net = next(net for net in self.nets if net.name == name)
        body = cloned(net.body).requires_grad_(True)
        with torch.no_grad():
            for p, value in zip(body.parameters(), self.weights[when][name], strict=True):
                p.copy_(value)
        return type(net)(name, [], body, net.shape)

    def moved(self, name):
        """Whether the weights of "G" or "D" changed."""
        return bool(self.changes[name].abs().max() > 1e-5)

    def count(self, event):
        """How often an event of the log happened."""
        return self.log.count(event)

    def kept_graph(self):
        """Whether a graph that a backward pass used is still there: retain_graph=True."""
        return any(call["used"] and _saved(call["y"]) for call in self.D_calls)

    def z(self):
        """Every z that went into G, one below the other, with its label if G takes one."""
        return torch.cat([call["x"].detach() for call in self.G_calls])

    def noise(self):
        """Every z that went into G, without labels."""
        return self.z()[:, : self.nets[0].width]

    def fakes(self):
        """Every image that came out of G, as D is shown it."""
        return torch.cat([self.shown(call) for call in self.G_calls])

    def shown(self, call):
        """The images of one call of G, as D is shown them."""
        return self.nets[0].paired(call["y"], call["x"]).detach()

    def judged(self):
        """Every image that went into D, flat."""
        return torch.cat([call["x"].detach().flatten(1) for call in self.D_calls])


def _saved(output):
    """Whether the Probe behind an output still holds its tensor."""
    node = output.grad_fn
    while node is not None and "Probe" not in node.name():
        node = node.next_functions[0][0] if node.next_functions else None
    try:
        return node is not None and len(node.saved_tensors) > 0
    except RuntimeError:
        return False


def cloned(module):
    """A copy with weights and buffers of its own, as deepcopy makes it, in a tenth of the time."""
    twin = object.__new__(type(module))
    own = vars(module)
    vars(twin).update({k: v.copy() if isinstance(v, dict) else v for k, v in own.items()})
    for key, p in own["_parameters"].items():
        fresh = None if p is None else nn.Parameter(p.detach().clone(), p.requires_grad)
        twin._parameters[key] = fresh
    for key, buffer in own["_buffers"].items():
        twin._buffers[key] = None if buffer is None else buffer.clone()
    for key, child in own["_modules"].items():
        twin._modules[key] = None if child is None else cloned(child)
    return twin


def flat(weights):
    """All weights in one vector."""
    return torch.cat([p.flatten() for p in weights])


def gradient(loss, net):
    """The gradient of a loss with respect to all weights, in one vector."""
    grads = torch.autograd.grad(loss, list(net.parameters()), allow_unused=True)
    pairs = zip(grads, net.parameters(), strict=True)
    return torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for g, p in pairs])


def same(a, b, tolerance=2e-3):
    """Whether two vectors agree, relative to the longer one."""
    size = max(float(a.norm()), float(b.norm()))
    return bool(torch.isfinite(a).all()) and float((a - b).norm()) <= tolerance * size + 1e-7


def rows_in(rows, pool):
    """For each row whether it stands in the pool, to float accuracy."""
    if not len(pool):
        return torch.zeros(len(rows), dtype=torch.bool)
    exact = "donot_use_mm_for_euclid_dist"
    return (torch.cdist(rows.flatten(1), pool.flatten(1), compute_mode=exact) < 1e-3).any(dim=1)
