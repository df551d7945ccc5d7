"""A short notebook that asks each check for its verdict: answer, check, answer, check.

Nothing else of a submission is in it. The lesson's own cells are there only where an answer needs
a name of theirs.
"""

import builtins
import json
import re
from typing import NamedTuple

import nbformat

from helpers.selfcheck.answers import Lesson, Submission

SANITIZE = "regex: (?m)^(\\w+: right\\.).*$\nreplace: \\1\n"  # remarks differ from answer to answer
START = "from helpers.selfcheck import watch\n\nwatch.start({topic!r})"
JUDGED = (
    "from helpers.selfcheck import judge\n\n{name} = judge.judged({topic!r}, {name!r}, globals())"
)
LENT = "from helpers.selfcheck import judge\n\n{name} = judge.stand_in({topic!r}, {name!r})"


class Sheet(NamedTuple):
    """What is to run, and what is known without running."""

    book: str  # the notebook's JSON
    asked: list  # the exercises whose checks it runs
    broken: dict  # exercise -> why its cell is no Python


class Writer:
    """Collects the sheet's cells; each statement and each cell of the lesson comes once."""

    def __init__(self, lesson, submission, whole_cells):
        self.lesson, self.submission, self.whole_cells = lesson, submission, whole_cells
        self.cells, self.given, self.taken = [], set(), set()

    def add(self, source, role, exercise="", expected=""):
        """One code cell; its output is compared only if one is expected."""
        tags = [] if expected else ["nbval-ignore-output"]
        course = {"role": role, "exercise": exercise}
        outputs = [nbformat.v4.new_output("stream", text=expected)] if expected else []
        number = len(self.cells) + 1
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}", outputs=outputs)
        cell.execution_count = number
        cell.metadata.update(tags=tags, course=course)
        self.cells.append(cell)

    def answer(self, name):
        """The cells of one answer, after what it needs."""
        for cell, statements in by_cell(self.collected(name)):
            self.add(laid_out(statements), "answer", name)

    def collected(self, name):
        """The statements that answer `name` and the student's that they need, in order."""
        queue = list(self.submission.answer(name))
        homes, found, looked_up = {s.cell for s in queue}, set(), set()
        while queue:
            statement = queue.pop()
            if statement in found or statement in self.taken:
                continue
            found.add(statement)
            for need in statement.needs - looked_up:
                looked_up.add(need)
                queue += self.sources(need, name, homes)
        if self.whole_cells:
            homes = {s.cell for s in found}
            found |= {s for s in self.submission.statements if s.cell in homes} - self.taken
        self.taken |= found
        order = {statement: place for place, statement in enumerate(self.submission.statements)}
        return sorted(found, key=order.get)

    def sources(self, need, exercise, homes):
        """The student's statements that give `need` its value; the lesson's are put in place."""
        if need in self.lesson.exercises:
            return []
        about = self.submission.about
        own = [s for s in about.get(need, []) if s.definition or self.whole_cells]
        end = self.submission.checks.get(exercise, len(self.submission.cells))
        own = [s for s in own if s.cell <= end] or own  # a later value is for a later exercise
        near = [s for s in own if s.cell in homes]
        if not near and self.give(need, self.lesson.check_place(exercise)):
            return []
        return near or own or ([] if hasattr(builtins, need) else about.get("*", []))

    def give(self, need, before):
        """Put in the lesson's cell that binds `need` last before a position; was there one?"""
        about = [s for s in self.lesson.statements if need in s.binds and s.cell < before]
        if not about:
            return False
        last = about[-1]
        key = last if last.imports else last.cell
        if key not in self.given:
            self.given.add(key)
            source = last.text if last.imports else self.lesson.cells[last.cell].source
            for deeper in {last} if last.imports else self.in_cell(last.cell):
                for name in sorted(deeper.needs - set(self.lesson.exercises)):
                    self.give(name, last.cell)
            self.add(source, "lesson")
        return True

    def in_cell(self, place):
        """The lesson's statements of one cell."""
        return [s for s in self.lesson.statements if s.cell == place]


def sheet(lesson: Lesson, submission: Submission, without=(), whole_cells=False, lines=None):
    """The Sheet of a submission; the exercises in `without` get a stand-in and no verdict.

    whole_cells: take every statement of a cell that an answer needs, calls and loops too.
    lines: exercise -> what its check prints in the solution; by default that it is right.
    """
    writer, asked, broken = Writer(lesson, submission, whole_cells), [], {}
    writer.add(START.format(topic=lesson.topic), "start")
    for name in lesson.exercises:
        words = {"name": name, "topic": lesson.topic}
        if name not in without and submission.answer(name):
            asked.append(name)
            writer.answer(name)
            expected = (lines or {}).get(name, f"{name}: right.\n")
            writer.add(JUDGED.format(**words), "check", name, expected)
            continue
        if problem := submission.problem(name):
            broken[name] = problem
        writer.add(LENT.format(**words), "lent", name)
    book = nbformat.v4.new_notebook(cells=writer.cells)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return Sheet(json.dumps(book), asked, broken)


def by_cell(statements):
    """(cell, its statements), in order."""
    cells = {}
    for statement in statements:
        cells.setdefault(statement.cell, []).append(statement)
    return cells.items()


def laid_out(statements):
    """The statements of one cell on the lines where the student wrote them."""
    lines = [""] * max(statement.last for statement in statements)
    for statement in statements:
        first, *rest = statement.text.split("\n")
        place = statement.first - 1
        lines[place] = f"{lines[place]}; {first}".removeprefix("; ")
        lines[place + 1 : place + 1 + len(rest)] = rest
    return "\n".join(lines)


def right_lines(solution):
    """exercise -> the line that its check prints in an executed solution (its JSON as a dict)."""
    found = {}
    for cell in solution["cells"]:
        for output in cell.get("outputs", []):
            for line in "".join(output.get("text", "")).splitlines(keepends=True):
                if match := re.match(r"(\w+): right\.", line):
                    found[match[1]] = line
    return found
