"""The four networks of a CycleGAN as spies under plain SGD, and what a step did with them.

The change of the weights is taken apart into the gradients of the terms of a loss: the weight of
each term, and the mistaken term that explains the change, are the diagnosis.
"""

import torch
from torch import nn

from helpers.checks.laws.domains import random_discriminator, random_generator
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Shared, WatchedSGD, cloned, flat, gradient

RATE = 0.05
PAIRS = {"G": ("G_AB", "G_BA"), "D": ("D_A", "D_B")}


class Member(nn.Module):
    """One of the four, which writes down how it is called."""

    def __init__(self, name, body, log):
        """body: images to images, or images to a map of scores."""
        super().__init__()
        self.name, self.body, self.log, self.calls = name, body, log, Shared()

    def forward(self, x):
        """What the body makes of x; anything but a batch of images is refused in words."""
        seen = f"the shape {tuple(x.shape)}" if torch.is_tensor(x) else f"a {type(x).__name__}"
        expect(
            torch.is_tensor(x) and x.dim() == 4 and x.shape[1] == 3,
            f"{self.name} gets {seen}, expected images (N, 3, H, W): the batch of a domain, or "
            "what a generator makes of it.",
        )
        self.calls.append(
            {
                "grad": torch.is_grad_enabled(),
                "learns": any(p.requires_grad for p in self.body.parameters()),
                "x": x.detach().clone(),
            }
        )
        return self.body(x)

    def zero_grad(self, set_to_none=True):
        """nn.Module's own, recorded."""
        self.log.append("zero_grad")
        super().zero_grad(set_to_none)


class Pair(nn.ModuleList):
    """Two networks that one optimiser moves."""

    def __init__(self, members, log):
        """log: where the optimiser writes."""
        super().__init__(members)
        self.log = log


class Quartet:
    """G_AB, G_BA, D_A and D_B in train mode, and an optimiser for each pair."""

    def __init__(self):
        """New networks."""
        self.logs = {"G": Shared(), "D": Shared()}
        self.frozen = {}  # by name, whether it was frozen during the last backward pass
        for name, make in zip("GD", (random_generator, random_discriminator)):
            for member in PAIRS[name]:
                setattr(self, member, Member(member, make(), self.logs[name]))
            pair = Pair([getattr(self, member) for member in PAIRS[name]], self.logs[name])
            setattr(self, name, pair)
            setattr(self, f"opt_{name}", WatchedSGD(pair, RATE))
            for p in pair.parameters():
                p.register_post_accumulate_grad_hook(self._noted(self.logs[name]))

    def _noted(self, log):
        def note(_):
            self.frozen = {
                key: not any(p.requires_grad for p in member.parameters())
                for key, member in self.members().items()
            }
            if log[-1:] != ["backward"]:
                log.append("backward")

        return note

    def members(self):
        """All four, by name."""
        return {name: getattr(self, name) for pair in PAIRS.values() for name in pair}

    def leave_gradients(self):
        """Ones in every .grad, as another step leaves its own there."""
        for pair in (self.G, self.D):
            for p in pair.parameters():
                p.grad = torch.ones_like(p)


class Turn:
    """One call of a step for the pair `name`, "G" or "D", and all that it changed."""

    def __init__(self, quartet, name, step, a, b, fakes=()):
        """Calls step() and reads everything off afterwards."""
        self.quartet, self.name, self.a, self.b, self.fakes = quartet, name, a, b, fakes
        self.other = "D" if name == "G" else "G"
        members = quartet.members()
        self.twins = {key: cloned(member.body) for key, member in members.items()}
        for member in members.values():
            member.calls.clear()
        for log in quartet.logs.values():
            log.clear()
        quartet.frozen.clear()
        before = {key: _values(quartet, key) for key in "GD"}
        grads, batches = _gradients(quartet, self.other), [a.clone(), b.clone()]
        self.result = self._ran(step)
        self.changes = {key: (before[key] - _values(quartet, key)) / RATE for key in "GD"}
        self.leaked = not torch.equal(_gradients(quartet, self.other), grads)
        self.touched = not (torch.equal(a, batches[0]) and torch.equal(b, batches[1]))
        self.log = list(quartet.logs[name])
        self.calls = {key: list(member.calls) for key, member in members.items()}

    def _ran(self, step):
        try:
            return step()
        except RuntimeError as error:
            if "does not require grad" not in str(error) or self._has_called("D"):
                raise
            raise CheckError(
                "D_A and D_B are never called, expected their scores: a loss takes what D says of "
                "the images, D(...), and not the images themselves."
            ) from error

    def _has_called(self, name):
        return any(getattr(self.quartet, member).calls for member in PAIRS[name])

    def silent(self, name):
        """The members of a pair that were never called."""
        return [member for member in PAIRS[name] if not self.calls[member]]

    def deaf(self, name):
        """The members of a pair that were called, and only without gradients."""
        return [
            member
            for member in PAIRS[name]
            if self.calls[member] and not any(call["grad"] for call in self.calls[member])
        ]

    def unfrozen(self, name):
        """The members of a pair that were free to learn in all calls that made a graph."""
        graphs = {key: [call for call in self.calls[key] if call["grad"]] for key in PAIRS[name]}
        return [k for k, calls in graphs.items() if calls and all(c["learns"] for c in calls)]

    def change(self):
        """How far the weights of this step's own pair moved, in one vector, divided by the rate."""
        return self.changes[self.name]

    def still(self):
        """The members of the pair whose weights did not move."""
        own = getattr(self.quartet, self.name)
        parts = self.change().split([len(flat(member.parameters())) for member in own])
        return [member for member, part in zip(PAIRS[self.name], parts) if part.abs().max() < 1e-6]

    def along(self, term):
        """The gradient of a term, a scalar, at the weights before the step."""
        learners = nn.ModuleList([self.twins[member] for member in PAIRS[self.name]])
        if not torch.is_tensor(term) or not term.requires_grad:
            return torch.zeros_like(self.change())
        return gradient(term, learners)


def _values(quartet, name):
    return flat([p.detach().clone() for p in getattr(quartet, name).parameters()])


def _gradients(quartet, name):
    own = getattr(quartet, name).parameters()
    return flat([torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in own])


def shares(change, columns):
    """How much of each column is in the change; None if something else is in it too."""
    table = torch.stack(columns, dim=1).double()
    sizes = table.norm(dim=0).clamp_min(1e-9)
    weights = torch.linalg.lstsq(table / sizes, change.double()[:, None]).solution[:, 0]
    rest = change.double() - (table / sizes) @ weights
    if not rest.norm() <= 2e-3 * change.norm():
        return None
    return (weights / sizes).tolist()
