"""What all laws share: the right kind of thing came in and came back, words for what is seen."""

import torch

from helpers.checks.laws.old import expect


def is_function(answer, name):
    """The answer can be called, and is neither a class nor a network."""
    expect(
        callable(answer),
        f"{kind_of(answer)} came, expected the function {name}. Hand over its name, "
        "without brackets and arguments.",
    )
    expect(
        not isinstance(answer, type),
        f"the class {getattr(answer, '__name__', '')} came, "
        f"expected the function {name}. Compare the names on both sides of the check.",
    )


def is_tensor(result, expected):
    """A tensor came back, not None, a number or an array."""
    expect(
        result is not None,
        f"None came back, expected {expected}. "
        "A function without return gives None: look at its last line.",
    )
    expect(
        not (isinstance(result, tuple) and hasattr(result, "indices")),
        f"{kind_of(result)} came back, a pair of values and indices, expected {expected} as one "
        "tensor. max(1) and min(1) give both: .values takes the numbers out, and amax(1) and "
        "amin(1) give the values alone.",
    )
    expect(
        not isinstance(result, tuple),
        f"{kind_of(result)} came back, expected {expected} as one tensor. A comma after return "
        "makes a tuple: which of its parts is asked for?",
    )
    expect(
        torch.is_tensor(result),
        f"{kind_of(result)} came back, expected {expected} as a tensor. "
        "Stay with torch's own operations: .item(), float() and numpy leave them.",
    )


def has_shape(result, shape, hint):
    """The result has exactly this shape."""
    expect(
        tuple(result.shape) == tuple(shape),
        f"the shape is {tuple(result.shape)}, expected {tuple(shape)}. {hint}",
    )


def kind_of(thing):
    """A thing by its type, with the article: "a list"."""
    kind = type(thing).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' or kind == 'ndarray' else 'a'} {kind}"


def listed(tensor, form="g"):
    """The values of a tensor in brackets, each written in this form."""
    return "[" + ", ".join(f"{value:{form}}" for value in tensor.flatten().tolist()) + "]"


def is_number(thing):
    """Whether it can be read as one number; a text cannot."""
    return hasattr(thing, "__float__") and not isinstance(thing, str)


def diagnosis(suspects, fits, otherwise):
    """The words beside the first suspect that fits, or else the words for all others."""
    return next((why for suspect, why in suspects if fits(suspect)), otherwise)
