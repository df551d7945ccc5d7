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

BUILT_IN = frozenset(vars(builtins)) - {"_"}  # a module's name of its own would hide them

METHOD = types.FunctionType

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
    try:
        now = fingerprint()
        changed = [name for name in _before if now.get(name) != _before[name]]
    except Exception:  # what this file itself is written with
        changed = ["Python's own functions"]
    if changed:
        raise Tampered(
            f"the answer changed {changed[0]}, which judges it. Expected: an answer leaves "
            "PyTorch, Python and the course as they are."
        )


def fingerprint():
    """dotted name -> what tells whether it is the same object with the same code."""
    found = {}
    for module in judging():
        mine = vars(module).copy()
        found[f"{module.__name__}'s names for Python's own"] = mine.keys() & BUILT_IN
        found |= exercises(module)
        for key, thing in mine.items():
            name = f"{module.__name__}.{key}"
            if name in MAY_CHANGE or key.startswith("__") or key.endswith(("cache", "_CACHE")):
                continue
            found[name] = same(thing)
            if isinstance(thing, type) and (ours(thing.__module__) or name in CLASSES):
                found |= methods(name, thing)
    return found


def exercises(module):
    """The same for the exercises of a lesson: what each accepts, and that no method is hidden."""
    known = getattr(vars(module).get("topic"), "exercises", {})
    return {
        f"{module.__name__}.{name}, the check": (
            *(id(exercise), id(exercise.kind), hidden(exercise), hidden(exercise.kind)),
            *(tuple(exercise.mistakes), tuple(exercise.variants)),
        )
        for name, exercise in dict(known).items()
    }


def hidden(thing):
    """The methods of an object in whose place it holds something of its own."""
    return {name for name in vars(thing) if isinstance(getattr(type(thing), name, None), METHOD)}


def methods(name, owner):
    """The same for a class: what it holds, and that it holds nothing new."""
    mine = vars(owner).copy()
    if issubclass(owner, torch.optim.Optimizer):
        mine.pop("step", None)  # wrapped by torch when one is first made
    names = frozenset(key for key in mine if not key.startswith("__abstract"))
    return {name: (id(owner), names)} | {f"{name}.{key}": same(mine[key]) for key in names}


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
