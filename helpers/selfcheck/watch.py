"""Has an answer changed what judges it? Compares PyTorch, Python and the course with a snapshot.

This finds slips and plain tricks, not someone who studies this file: an answer and its check
share one process.
"""

import builtins
import importlib
import sys
import types

import torch

FOREIGN = (  # what checks build on
    *("torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.autograd"),
    *("torch.optim", "torch.distributions", "torch.testing", "torch.random", "torch.linalg"),
    *("builtins", "math", "random", "copy", "inspect", "re", "contextlib", "io", "functools"),
    *("itertools", "importlib", "warnings", "types", "numpy", "numpy.random", "json"),
)
CLASSES = ("torch.Tensor", "torch.nn.Module", "torch.optim.Optimizer", "torch.nn.Parameter")
MAY_CHANGE = {  # by right
    *("builtins._", "builtins.input", "builtins.get_ipython"),  # IPython's
    *("warnings.filters", "warnings._filters_version", "warnings.showwarning"),
    "helpers.checks.SEED",
    "torch.manual_seed",  # torch._dynamo wraps it when an optimiser first needs that module
}

_before = {}


class Tampered(Exception):
    """An answer changed something that judges it; the text names it."""


def start(topic):
    """Take the snapshot, with the checks of a lesson imported."""
    importlib.import_module(f"helpers.checks.{topic}")
    _before.clear()
    _before.update(fingerprint())


def verify():
    """Nothing, or Tampered if something of the snapshot is another object now."""
    now = fingerprint()
    for name, things in _before.items():
        if now.get(name) != things:
            raise Tampered(
                f"the answer changed {name}, which judges it. Expected: an answer leaves PyTorch, "
                "Python and the course as they are."
            )


def fingerprint():
    """dotted name -> what tells whether it is the same object with the same code."""
    found = {}
    for module in judging():
        for key, thing in list(vars(module).items()):
            name = f"{module.__name__}.{key}"
            if name in MAY_CHANGE or key.startswith("__") or key.endswith(("cache", "_CACHE")):
                continue
            found[name] = same(thing)
            if isinstance(thing, type) and (ours(thing.__module__) or name in CLASSES):
                found |= {f"{name}.{k}": same(v) for k, v in list(vars(thing).items())}
                if issubclass(thing, torch.optim.Optimizer):
                    found.pop(f"{name}.step", None)  # wrapped by torch when one is first made
    return found


def judging():
    """The modules that are watched, as far as they are imported."""
    modules = [builtins if name == "builtins" else sys.modules.get(name) for name in FOREIGN]
    return [m for m in modules if m] + [
        module
        for name, module in list(sys.modules.items())
        if ours(name) and isinstance(module, types.ModuleType)
    ]


def ours(name):
    """Does a module of this name belong to the course?"""
    return name == "helpers" or name.startswith("helpers.")


def same(thing):
    """The identity of an object and, for functions, of its code, defaults and closure."""
    if isinstance(thing, types.FunctionType):
        closure = tuple(id(cell) for cell in thing.__closure__ or ())
        return id(thing), id(thing.__code__), id(thing.__defaults__), closure
    return id(thing)
