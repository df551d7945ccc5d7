"""Known answers to the exercises, one module a lesson, and the words in which they are written.

A module is named as the lesson's checks. RIGHT[name] maps an id to a source, WRONG[name] is a list
of Wrong, REMARKS maps (name, id) of a right answer to words that it hears. A mistake that the table
of a check knows is not repeated here: the table is its own test.
A source defines `name`; it finds torch, nn, F, math, copy, random, itertools and np imported.
"""

from typing import NamedTuple


class Wrong(NamedTuple):
    """One wrong answer: its id, the belief behind it, a pattern of its message, its source.

    Only the message meant for this misconception contains the pattern `says`; two answers share it
    where they share the misconception.
    """

    id: str
    belief: str
    says: str
    source: str


def edit(source, *changes):
    """The source with each (old, new) replaced; an old text that is not there is a slip in this file."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def function(name, arguments, body, before=""):
    """The source of a function with this body, one statement a line."""
    lines = "\n".join("    " + line for line in body.strip("\n").split("\n"))
    return f"{before}def {name}({arguments}):\n{lines}\n"


def one(name, arguments):
    """Makes a source from one expression."""
    return lambda expression: function(name, arguments, f"return {expression}")
