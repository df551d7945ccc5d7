"""A law of any function: it works on what is handed in, and not on the notebook's own names."""

import dis
import inspect
import numbers
import types

import numpy
import torch
from torch import nn

from helpers.checks.laws.old import expect

DATA = (torch.Tensor, nn.Module, numpy.ndarray, numbers.Number, list, tuple, dict)


def reads_arguments(answer):
    """No argument is left aside while a tensor, a network or a number of the notebook is read."""
    answer = inspect.unwrap(answer)
    if not isinstance(answer, types.FunctionType):
        return
    code = answer.__code__
    if not any(isinstance(answer.__globals__.get(name), DATA) for name in _names(code)):
        return  # the rest takes some milliseconds
    loads = [step.argval for step in _steps(code) if step.opname.startswith("LOAD_GLOBAL")]
    foreign = [name for name in loads if isinstance(answer.__globals__.get(name), DATA)]
    idle = [name for name in code.co_varnames[: code.co_argcount] if not _reads(code, name)]
    used = " and ".join(dict.fromkeys(foreign))
    expect(
        not idle or not foreign or "____" in loads,
        f"the code never reads its argument{'s' * (len(idle) > 1)} {' and '.join(idle)}, and it "
        f"reads {used} of the notebook; expected that it works on what is handed in: whoever calls "
        "it, this check too, brings something else.",
    )


def _names(code):
    """The names of globals and attributes in a function and in those defined inside it."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return {*code.co_names, *(name for part in inner for name in _names(part))}


def _steps(code):
    """The instructions of a function and of those defined inside it."""
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _steps(inner)


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
