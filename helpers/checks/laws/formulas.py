"""Laws of a function of tensors that follows a formula: shape, values, and whose mistake it is.

The values come first from an example worked by hand and then from drawn ones; a mistaken formula
that gives the same numbers in all of them is the diagnosis.
"""

import re
from typing import NamedTuple

import torch

from helpers.checks.explain import explained
from helpers.checks.laws.basics import has_shape, is_number, is_tensor, listed
from helpers.checks.laws.old import CheckError, expect


class Formula(NamedTuple):
    """What an exercise asks for, and how its mistakes are told."""

    right: object  # of the arguments
    suspects: list  # (mistaken formula, why), the most specific first
    comes: str  # what should come back, in words
    told: object  # (arguments, row or (row, column)) -> words for what went in
    hints: object = None  # (arguments, shape) -> words for that wrong shape, or None
    advice: object = None  # (results, cases) -> words where no suspect fits, or None
    otherwise: str = "Work one row by hand."
    far: tuple = ()  # (how many of the last cases are extreme, words if only those are wrong)
    rows: bool = True  # the result is read row by row; False: as one row
    classes: bool = False  # told gets the column that differs, too
    causes: object = None  # arguments -> [(pattern of an error, words)], where it has its own


def follows(answer, formula, cases):
    """The answer gives what the formula gives, in each case (a tuple of arguments)."""
    for args in cases:
        wanted = formula.right(*args)
        seen = given_back(answer, args, formula)
        hint = formula.hints and formula.hints(args, tuple(seen.shape))
        has_shape(seen, wanted.shape, hint or "Print the shape after each step.")
        if not close(seen, wanted):
            said = _compared(formula, args, seen, wanted)
            raise CheckError(f"{said} {_diagnosis(answer, formula, cases)}")


def given_back(answer, args, formula):
    """The tensor that comes back for copies of the arguments, which stay as they are."""
    given = [thing.clone() if torch.is_tensor(thing) else thing for thing in args]
    try:
        result = answer(*given)
    except Exception as error:
        _tells(error, formula.causes(args) if formula.causes else [])
        raise
    is_one_tensor(result, formula.comes)
    stays(given, args)
    return result.detach()


def _tells(error, causes):
    """A CheckError with the words of the first cause that fits the error, if one does."""
    seen = f"{type(error).__name__}: {error}"
    if any(re.search(pattern, seen, re.IGNORECASE | re.DOTALL) for pattern, _ in causes):
        raise CheckError(explained(error, "", causes)) from error


def is_one_tensor(result, expected):
    """A tensor came back, and not a list of what belongs into one."""
    parts = result if type(result) is list else []
    tensors = bool(parts) and all(torch.is_tensor(part) for part in parts)
    which = " Which axis should be the new one?" if tensors and parts[0].dim() else ""
    expect(
        not tensors,
        f"a list of {len(parts)} results came back, expected {expected} as a tensor: "
        f"torch.stack(list) makes one tensor of it.{which}",
    )
    expect(
        not parts or not all(map(is_number, parts)),
        f"a list of {len(parts)} numbers came back, expected {expected} as a tensor: "
        "torch.tensor(list) makes one tensor of it.",
    )
    is_tensor(result, expected)


def stays(given, args):
    """The arguments hold the same values after the call."""
    changed = any(torch.is_tensor(a) and not torch.equal(a, b) for a, b in zip(given, args))
    expect(
        not changed,
        "an argument has changed during the call, expected it as it was. A name that ends in _ "
        "and +=, *= write into the caller's tensor: give back a new one.",
    )


def close(seen, wanted, rtol=1e-3, atol=1e-4):
    """Whether two tensors have one shape and the same numbers, nan and inf in the same places."""
    if seen.shape != wanted.shape or seen.is_complex():
        return False
    return torch.allclose(seen.double(), wanted.double(), rtol, atol, equal_nan=True)


def shown(tensor, form=".4g", most=6):
    """The first values of a tensor in brackets; a single number without them."""
    if tensor.dim() == 0:
        return f"{tensor.item():{form}}"
    if tensor.numel() <= most:
        return listed(tensor, form)
    return listed(tensor.flatten()[:most], form)[:-1] + ", ...]"


def _compared(formula, args, seen, wanted):
    """What went in, what came and what was expected, in the first row that differs."""
    if not formula.rows:
        return f"{formula.told(args, 0)} gives {shown(seen)}, expected {shown(wanted)}."
    row = next(n for n in range(len(wanted)) if not close(seen[n], wanted[n]))
    place = row
    if formula.classes:
        place = row, next(k for k, w in enumerate(wanted[row]) if not close(seen[row][k], w))
    return f"{formula.told(args, place)} gives {shown(seen[row])}, expected {shown(wanted[row])}."


def _diagnosis(answer, formula, cases):
    """The words of the first suspect that agrees in all cases, or else the advice."""
    results = [_tried(answer, args) for args in cases]
    near = len(cases) - (formula.far[0] if formula.far else 0)
    why = _suspicion(formula, results, cases)
    if not why and formula.far and _agrees(formula.right, results[:near], cases):
        why = formula.far[1]
    why = why or _suspicion(formula, results[:near], cases)  # mistaken, and rounded far away
    why = why or formula.advice and formula.advice(results, cases)
    return why or formula.otherwise


def _suspicion(formula, results, cases):
    """The words of the first suspect that gives these results, or None."""
    return next((why for f, why in formula.suspects if _agrees(f, results, cases)), None)


def _tried(answer, args):
    """The result, or None where the answer stops."""
    try:
        return answer(*(thing.clone() if torch.is_tensor(thing) else thing for thing in args))
    except Exception:
        return None


def _agrees(formula, results, cases):
    """Whether a formula gives these results of the first cases."""
    return all(
        torch.is_tensor(result) and close(result.detach(), formula(*args))
        for result, args in zip(results, cases)
    )
