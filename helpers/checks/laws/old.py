"""The checks as they were, until the last lesson has moved."""

import contextlib
import functools
import io

from helpers import checks
from helpers.checks import ACCEPTED, BLANK, RIGHT, UNCHECKED, WRONG, CheckError, resolved
from helpers.checks.explain import blank_line, explained
from helpers.checks.guard import undisturbed


def expect(condition, message):
    """Nothing if the condition holds, else a CheckError with this message."""
    if not condition:
        raise CheckError(message)


class Topic:
    """The checks of one lesson, in order, with the latest outcome of each."""

    def __init__(self, causes=()):
        """No exercise yet; the decorator `exercise` adds them.

        causes: pairs of a pattern and the words for an error that has a reason of its own here.
        """
        self.outcomes, self.stretch, self.lent, self.stand_ins = {}, set(), {}, {}
        self.causes = causes

    def exercise(self, stand_in, gain, stretch=False):
        """A decorator: laws(answer) -> remark or None becomes a check(answer) -> object.

        stand_in: "package.module:name" or a function without arguments, resolved only when a
        blank needs it. gain: what a right answer buys, one clause that ends the line.
        """

        def decorate(laws):
            name = laws.__name__
            self.outcomes[name], self.stand_ins[name] = UNCHECKED, stand_in
            if stretch:
                self.stretch.add(name)

            @functools.wraps(laws)
            def check(answer):
                return self._verdict(name, laws, answer, gain)

            return check

        return decorate

    def progress(self):
        """Prints one line an exercise and how many remain."""
        width = max(map(len, self.outcomes)) + 2
        print(f"{'exercise':<{width}}outcome")
        for name, outcome in self.outcomes.items():
            print(f"{name:<{width}}{outcome}{' (stretch)' if name in self.stretch else ''}")
        core = [name for name in self.outcomes if name not in self.stretch]
        print(
            f"{self._remaining(core)} of {len(core)} core exercises remain, and "
            f"{self._remaining(self.stretch)} of {len(self.stretch)} stretch exercises (optional)."
        )

    def forget(self):
        """Every exercise is unchecked again, and no stand-in is lent."""
        self.outcomes = dict.fromkeys(self.outcomes, UNCHECKED)
        self.lent.clear()

    def _remaining(self, names):
        return sum(self.outcomes[name] != RIGHT for name in names)

    def _verdict(self, name, laws, answer, gain):
        """The student's object, a stand-in or a CheckError: the three outcomes of a check."""
        if name in self.lent and answer is self.lent[name][0]:
            return self._lend(
                name, *self.lent[name]
            )  # the check cell ran twice, the blank is still there
        error, remark = _judged(name, laws, answer)
        where = blank_line(error, name)
        if where:
            return self._lend(name, resolved(self.stand_ins[name]), where)
        self.outcomes[name] = WRONG if error else RIGHT
        if error:
            raise _short(name, error, self.causes) from _original(error)
        ACCEPTED[self.stand_ins[name]] = answer
        print(" ".join(filter(None, [f"{name}: right.", gain, remark])))
        return answer

    def _lend(self, name, thing, where):
        self.outcomes[name] = BLANK
        self.lent[name] = thing, where
        note = getattr(thing, "note", "")  # of what stands there in a copy without finished ones
        print(" ".join(filter(None, [f"{name}: still blank ({where}).", note])))
        return thing


def _judged(name, laws, answer):
    """(None, remark) if every law holds, else (the first error, None); leaves no trace."""
    with undisturbed(answer, checks.SEED), contextlib.redirect_stdout(io.StringIO()):
        try:
            expect(
                answer is not None,
                f"None came, expected {name}. Run the cell that defines it, "
                "and look whether another line gives the name a new value.",
            )
            return None, laws(answer)
        except Exception as error:
            return error, None


def _short(name, error, causes):
    text = str(error) if isinstance(error, CheckError) else explained(error, name, causes)
    return CheckError(f"{name}: {text}")


def _original(error):
    """The student's own error behind a CheckError, or None if the answer ran and was wrong."""
    return error.__cause__ if isinstance(error, CheckError) else error
