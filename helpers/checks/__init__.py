"""What all checks share: one line for right, a short CheckError for wrong, a stand-in for blank.

A lesson writes `generator_loss = check.generator_loss(generator_loss)`. Nothing that a check does
is left behind (`guard`), no error of the student's code comes out raw (`explain`), and what an
answer is compared with stands beside its known mistakes (`exercise`).
"""

import contextlib
import functools
import importlib
import io

from helpers.checks.exercise import Exercise
from helpers.checks.explain import CheckError, blank_line, explained
from helpers.checks.guard import undisturbed

__all__ = ["SEED", "CheckError", "Topic"]

SEED = 0  # the tests shift it: no verdict may hang on one lucky draw

RIGHT, BLANK, WRONG, UNCHECKED = "right", "still blank", "wrong", "not checked yet"
ACCEPTED = {}  # stand-in -> the latest right answer, for a copy that holds no finished ones


class Topic:
    """The exercises of one lesson, in order, with the latest outcome of each."""

    def __init__(self, causes=(), earlier=()):
        """causes: (pattern, words) for an error that has a reason of its own here.

        earlier: checks of other lessons, whose exercises the right answers here may call.
        """
        self.earlier = [check.exercise for check in earlier]
        self.exercises, self.outcomes, self.stretch = {}, {}, set()
        self.stand_ins, self.lent, self.causes = {}, {}, causes

    def exercise(self, kind, stand_in, gain, stretch=False):
        """A decorator: a right answer becomes its check, answer -> answer.

        kind: what sort of thing it is (helpers/checks/kinds). stand_in: "package.module:name",
        resolved only when a blank needs it; None if the right answer itself is to stand in. gain:
        what a right answer buys, one clause that ends the line. The check has two dicts to fill,
        `mistakes` and `variants`: see Exercise.
        """

        def decorate(right):
            exercise = Exercise(kind, right, [*self.earlier, *self.exercises.values()])
            name = exercise.name
            self.exercises[name], self.outcomes[name] = exercise, UNCHECKED
            self.stand_ins[name] = stand_in or (lambda: exercise.right)
            if stretch:
                self.stretch.add(name)

            @functools.wraps(right, updated=())
            def check(answer):
                return self._verdict(exercise, gain, answer)

            check.mistakes, check.variants = exercise.mistakes, exercise.variants
            check.exercise = exercise
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
            f"{self._remaining(core)} of {len(core)} core exercises remain, and {self._remaining(self.stretch)} of {len(self.stretch)} stretch exercises (optional)."
        )

    def forget(self):
        """Every exercise is unchecked again, and no stand-in is lent."""
        self.outcomes = dict.fromkeys(self.outcomes, UNCHECKED)
        self.lent.clear()

    def _remaining(self, names):
        return sum(self.outcomes[name] != RIGHT for name in names)

    def _verdict(self, exercise, gain, answer):
        """The student's object, a stand-in or a CheckError: the three outcomes of a check."""
        name = exercise.name
        if name in self.lent and answer is self.lent[name][0]:
            return self._lend(name, *self.lent[name])  # the cell ran twice, the blank is there
        error, remark = _judged(exercise, answer)
        where = blank_line(error, name)
        if where:
            return self._lend(name, resolved(self.stand_ins[name]), where)
        self.outcomes[name] = WRONG if error else RIGHT
        if error:
            ours = isinstance(error, CheckError)
            text = error if ours else explained(error, name, self.causes)
            raise CheckError(f"{name}: {text}") from (error.__cause__ if ours else error)
        ACCEPTED[self.stand_ins[name]] = answer
        print(" ".join(filter(None, [f"{name}: right.", gain, remark])))
        return answer

    def _lend(self, name, thing, where):
        self.outcomes[name] = BLANK
        self.lent[name] = thing, where
        note = getattr(thing, "note", "")  # of what stands there in a copy without finished ones
        print(" ".join(filter(None, [f"{name}: still blank ({where}).", note])))
        return thing


def resolved(stand_in):
    """The finished object that a dotted path "package.module:name" or a function stands for."""
    if callable(stand_in):
        return stand_in()
    module, _, attribute = stand_in.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _judged(exercise, answer):
    """(None, remark) for a right answer, else (the error, None); leaves no trace."""
    with undisturbed(answer, SEED), contextlib.redirect_stdout(io.StringIO()):
        try:
            return None, exercise.judge(answer)
        except Exception as error:
            return error, None
