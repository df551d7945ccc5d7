"""Laws of a loss that takes networks and images: its value, and where its gradient goes.

The values come first from networks of two weights, worked by hand; a mistaken loss that gives the
same numbers in all cases is the diagnosis. The same holds for the gradients: a path that is cut in
the same place gives the same ones.
"""

import math
from typing import NamedTuple

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, is_tensor
from helpers.checks.laws.losses import same_number
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import cloned, same


class Loss(NamedTuple):
    """What an exercise asks for, and how its mistakes are told."""

    right: object  # of the arguments
    suspects: list  # (mistaken loss, why), the most specific first
    otherwise: str  # where no suspect fits
    parts: str  # what it averages over
    cuts: list = []  # (loss of the right value with a path cut, why)
    scales: tuple = (1, 0.5)  # multiples that are right as well; the first is the one asked for
    other: str = ""  # words for the second
    learn: tuple = ()  # the arguments that need its gradient
    spared: tuple = ()  # those that must not get any


def network_loss_laws(answer, loss, cases):
    """One number, the right one, with a gradient to all that learn and to nothing that is spared.

    cases: (words, {name: network, batch or number}), in the order of the answer's arguments.
    """
    calls = [called(answer, args, loss) for _, args in cases]
    scale = has_value([value.item() for value, _ in calls], loss, cases)
    for (value, leaves), (_, args) in zip(calls, cases):
        teaches(value, leaves, args, loss, scale)


# --- one call -------------------------------------------------------------------------------------


def called(answer, args, loss):
    """The loss of copies of the arguments, and the tensors behind those that learn or are spared.

    {name: tensors}: the weights of a network; what a batch was made of, for a batch with a history.
    """
    given, leaves = {}, {}
    for name, value in args.items():
        given[name] = value
        if isinstance(value, nn.Module):
            given[name] = cloned(value).train()
            leaves[name] = list(given[name].parameters())
        elif torch.is_tensor(value):
            leaf = value.clone()
            given[name] = leaf.clone()
            if name in loss.learn + loss.spared:
                leaves[name] = [leaf.requires_grad_()]
                given[name] = leaf * 1
    value = _one_number(answer(*given.values()), loss.parts)
    for name, thing in given.items():
        if isinstance(thing, nn.Module):
            _network_stays(name, thing, args[name])
        elif torch.is_tensor(thing):
            _batch_stays(name, thing, args[name], name in leaves)
    return value, leaves


def _one_number(value, parts):
    is_tensor(value, "one loss")
    expect(
        value.numel() == 1,
        f"the loss has the shape {tuple(value.shape)}, expected one number. Average over all that "
        f"is there: {parts}.",
    )
    return value.reshape(())


def _network_stays(name, net, before):
    """A loss measures: weights, gradients and modes are none of its business."""
    weights = list(net.parameters())
    expect(
        all(map(torch.equal, weights, before.parameters())),
        f"the weights of {name} have changed after the call, expected them as they were: a loss "
        "only measures, and an optimiser steps later.",
    )
    expect(
        all(p.grad is None for p in weights),
        f"{name} has collected gradients during the call, expected none yet: backward() belongs "
        "into the training step. Here the loss itself is asked for.",
    )
    expect(
        all(p.requires_grad for p in weights),
        f"the weights of {name} have requires_grad False after the call, expected True as before: "
        f"a frozen {name} never learns again. Whoever freezes also thaws.",
    )
    expect(
        net.training,
        f"{name} is in eval mode after the call, expected train mode as before. Nothing here needs "
        "eval(): leave it out.",
    )


def _batch_stays(name, batch, before, has_history):
    expect(
        torch.equal(batch, before),
        f"{name} has changed during the call, expected it as it was. A name that ends in _, and "
        "+= or -=, write into the caller's images.",
    )
    expect(
        batch.requires_grad or not has_history,
        f"{name} has lost its history after the call, expected that the caller's images keep it: "
        "G's own step may need it later. A name that ends in _ changes the caller's tensor; the "
        "form without it gives a new one.",
    )


# --- value ----------------------------------------------------------------------------------------


def has_value(seen, loss, cases):
    """The scale at which the losses of all cases are right; else the suspect that fits speaks."""
    wanted = [loss.right(*args.values()).item() for _, args in cases]
    scale = scale_of(seen, wanted, loss.scales)
    if scale:
        return scale
    k = first_off(seen, wanted, loss.scales)
    raise CheckError(
        f"{cases[k][0]} the loss is {seen[k]:.4g}, expected {loss.scales[0] * wanted[k]:.4g}"
        f"{loss.other}. {_why_off(seen, wanted, loss, cases)}"
    )


def scale_of(seen, wanted, scales):
    """The first scale by which all wanted numbers are the seen ones, or None."""
    for scale in scales:
        if all(same_number(a, scale * b) for a, b in zip(seen, wanted)):
            return scale
    return None


def first_off(seen, wanted, scales):
    """The first place at which no scale fits, or 0."""
    fits = [bool(scale_of([a], [b], scales)) for a, b in zip(seen, wanted)]
    return fits.index(False) if False in fits else 0


def _why_off(seen, wanted, loss, cases):
    if not all(map(math.isfinite, seen)):
        return "nan and inf come from a log, a root or a division: nothing here needs any."
    why = suspicion(seen, loss, [args for _, args in cases])
    return why or factor(seen, wanted, loss.scales[0]) or loss.otherwise


def suspicion(seen, loss, cases):
    """The words of the first suspect that gives these numbers at one of the scales, or None."""

    def fits(suspect):
        numbers = (suspect(*args.values()) for args in cases)
        pairs = [(a, float(b)) for a, b in zip(seen, numbers)]
        return bool(scale_of(*zip(*pairs), loss.scales))

    return diagnosis(loss.suspects, fits, None)


def factor(seen, wanted, scale):
    """Words if all numbers are off by one factor, or None."""
    ratio = seen[0] / (scale * wanted[0])
    if not scale_of(seen, wanted, (ratio * scale,)) or abs(ratio) < 1e-3:
        return None
    return (
        f"It is {ratio:.3g} times that in every case, so the terms are right and there is a factor "
        "too many."
    )


# --- gradient -------------------------------------------------------------------------------------


def gradients(value, leaves):
    """{name: gradient in one vector}, zeros where none arrives."""
    flat = [leaf for tensors in leaves.values() for leaf in tensors]
    grads = [None] * len(flat)
    if value.requires_grad:
        grads = torch.autograd.grad(value, flat, allow_unused=True)
    filled = iter([torch.zeros_like(p) if g is None else g for p, g in zip(flat, grads)])
    return {
        name: torch.cat([next(filled).flatten() for _ in tensors])
        for name, tensors in leaves.items()
    }


def gradients_of(formula, args, loss):
    """The gradients of a formula of ours."""
    value, leaves = called(formula, args, loss)
    return gradients(value, leaves)


def teaches(value, leaves, args, loss, scale):
    """The gradient arrives where something learns, and nowhere else."""
    expect(
        value.requires_grad,
        "the loss carries no gradient at all, expected a path back to "
        f"{' and '.join(loss.learn)}. Look for .item(), no_grad, torch.tensor(...), or a detach "
        "around the whole.",
    )
    seen = gradients(value, leaves)
    reaches(seen, gradients_of(loss.right, args, loss), args, loss, scale)
    for name in loss.spared:
        size = float(seen[name].norm())
        expect(
            size == 0,
            f"a gradient of length {size:.3g} reaches {name}, expected none: it would go on into "
            f"the generator that made it, and teach it D's wish. Cut {name} off before D sees it.",
        )


def reaches(seen, wanted, args, loss, scale, what="the loss"):
    """The gradients are the right ones; else the cut that gives the same ones speaks."""
    off = [name for name in loss.learn if not same(seen[name], scale * wanted[name])]
    if not off:
        return
    name, asked = off[0], scale * wanted[off[0]]

    def fits(cut):
        grads = gradients_of(cut, args, loss)
        return all(same(seen[name], scale * grads[name]) for name in loss.learn)

    where = name if torch.is_tensor(args[name]) else f"the weights of {name}"
    otherwise = "The value is right, and a part of its path is cut: look for detach and no_grad."
    if float(seen[name].norm()) == 0:
        otherwise = f"The value is right, and its path is cut before {name}: who should learn here?"
    raise CheckError(
        f"{what} sends a gradient of length {seen[name].norm():.3g} to {where}, expected "
        f"{asked.norm():.3g}. {diagnosis(loss.cuts, fits, otherwise)}"
    )
