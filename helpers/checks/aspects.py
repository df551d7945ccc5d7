"""An observation is a row of aspects. Here: what an aspect is, when two agree, how one is told."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

CLUE = "clue"  # right answers may differ in it; it tells mistakes apart, and names a cause
REMARK = "remark"  # an answer that differs in it is right, and could be better


@dataclass
class Aspect:
    """One thing that is seen of an answer.

    words: the sentence around the value, or a function (seen, expected) -> sentence.
    hint: what to try where no known mistake fits; or {seen: hint}, or (seen, expected) -> hint.
    role: empty for what all right answers agree in; else CLUE or REMARK.
    series: one of several of this name: where the first of them differs, all are compared.
    mute: whether the hint says all, and no known mistake is looked for. own: whether mistakes of
    exercises that the answer calls cannot show here.
    """

    name: str
    found: object  # the value, or a function that works it out when it is needed
    words: str | Callable = "{}"
    hint: str | dict | Callable = ""
    role: str = ""
    same: Callable = None
    series: bool = False
    mute: bool = False
    own: bool = False
    error: Exception | None = None

    @functools.cached_property
    def value(self):
        """What was found."""
        return self.found() if callable(self.found) else self.found

    def agrees(self, other):
        """Whether the other answer is the same in this."""
        return self.name == other.name and (self.same or equal)(self.value, other.value)

    def sentence(self, expected):
        """What is seen, and what was expected."""
        if callable(self.words) and expected.name == self.name:
            return self.words(self.value, expected.value)
        words = "{}" if callable(self.words) else self.words
        wanted = f", expected {told(expected.value)}" if expected.name == self.name else ""
        return f"{words.format(told(self.value))}{wanted}."

    def advice(self, expected, hint=None):
        """What to try, for a difference that has no name; hint: an exercise's own, in its place."""
        hint = self.hint if hint is None else hint
        if isinstance(hint, dict):
            return hint.get(self.value, "")
        if callable(hint):
            return hint(self.value, expected.value) if expected.name == self.name else ""
        return hint


DONE = Aspect("all plays", None, role=CLUE)  # behind it no series goes on


def equal(a, b, scales=(1,), tolerance=1e-3):
    """Whether a is b, or one of these multiples of it, to float accuracy."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and _flat(a) is None:
        return len(a) == len(b) and all(equal(x, y, scales, tolerance) for x, y in zip(a, b))
    x, y = _flat(a), _flat(b)
    if x is None or y is None:
        return type(a) is type(b) and a == b
    return len(x) == len(y) and any(near(x, scale * y, tolerance) for scale in scales)


def near(a, b, tolerance=1e-3):
    """Whether two vectors agree, relative to the longer one; nan and inf agree with themselves."""
    if a.isfinite().all() and b.isfinite().all():
        size = max(float(a.norm()), float(b.norm()))
        return float((a - b).norm()) <= tolerance * size + 1e-6
    finite = a.isfinite() & b.isfinite()
    odd = torch.stack([torch.nan_to_num(x[~finite], 1e9, 2e9, 3e9) for x in (a, b)])
    return bool((odd[0] == odd[1]).all()) and near(a[finite], b[finite], tolerance)


def _flat(value):
    """All numbers of a tensor, or of a list of tensors, in one vector; None for anything else."""
    if torch.is_tensor(value):
        return value.detach().double().flatten()
    if isinstance(value, (list, tuple)) and value:
        parts = [_flat(part) for part in value]
        return None if any(part is None for part in parts) else torch.cat(parts)
    return None


def finite(value):
    """Whether all numbers of a tensor, or of a list of tensors, are finite."""
    numbers = _flat(value)
    return numbers is None or bool(numbers.isfinite().all())


def kind_of(thing):
    """A thing by its type, with the article: "a list"; None is None."""
    if thing is None:
        return "None"
    kind = "tensor" if torch.is_tensor(thing) else type(thing).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' or kind == 'ndarray' else 'a'} {kind}"


def told(value, limit=6):
    """A value in words: [0.5, 1], (7, 1, 28, 28), a name."""
    if torch.is_tensor(value):
        if value.dim() == 2 and min(value.shape) > 1 and value.numel() <= limit:
            return f"[{', '.join(map(told, value))}]"
        form = "" if value.dtype == torch.bool else ".3g"
        numbers = [f"{x:{form}}" for x in value.flatten()[:limit].tolist()]
        more = ", ..." if value.numel() > limit else ""
        return numbers[0] if value.dim() == 0 and numbers else f"[{', '.join(numbers)}{more}]"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, frozenset)):
        return " and ".join(map(told, value if isinstance(value, list) else sorted(value))) or "none"
    if isinstance(value, tuple):
        return f"({', '.join(map(told, value))}{',' * (len(value) == 1)})"
    return str(value)


def difference(seen, expected):
    """The relation of two results that differ, in words, where a simple one explains it."""
    a, b = _flat(seen), _flat(expected)
    if a is None or b is None or len(a) != len(b):
        return ""
    if a.isnan().any() and not b.isnan().any():
        return "nan comes from a log or a root of a negative number, or from 0 / 0."
    if not (torch.isfinite(a).all() and torch.isfinite(b).all()):
        return "Something overflows: look for exp of a large number, or log of 0."
    factor = float(a @ b / (b @ b)) if b.any() else math.nan
    if near(a, -b):
        return "It is the expected result with the sign turned."
    if a.any() and near(a, factor * b) and abs(factor - 1) > 0.01:
        many = " in every case" if len(a) > 1 else ""
        return (
            f"It is {factor:.3g} times the expected{many}: look for a factor, or for a sum where a mean is asked for."
        )
    if len(a) > 1 and near(a - (a - b).mean(), b):
        return f"It is off by {float((a - b).mean()):.3g} everywhere: something is added."
    if len(a) > 1 and near(a, a[:1].expand_as(a)):
        return "It is the same number everywhere: does the input take part?"
    return ""
