"""The tables of the checks, helpers/checks/TOPIC.py, read without running them.

An exercise of a table is `@exercise(kind, stand_in, gain)` above its right answer. The stand-in,
"package.module:name", is lent to a student who has a blank there; None lends the right answer.
"""

import ast
import functools
from dataclasses import dataclass

from lesson import STUB, Refused


@dataclass
class Entry:
    """One exercise of a table."""

    stem: str  # of its lesson
    name: str
    right: ast.AST  # the right answer
    written: ast.expr  # the stand-in as it is written

    @property
    def file(self):
        """The table, from the course's root."""
        return table(self.stem)

    @property
    def place(self):
        """The stand-in, "package.module:name"; None if the right answer stands in."""
        if isinstance(self.written, ast.Constant) and (
            self.written.value is None or ":" in str(self.written.value)
        ):
            return self.written.value
        return self.refuse(
            f"the stand-in of {self.name!r} reads {ast.unparse(self.written)}. Write "
            '"package.module:name", or None to lend the right answer.'
        )

    def refuse(self, problem):
        """Raise Refused at the stand-in."""
        raise Refused(f"{self.file}:{self.written.lineno}: {problem}")


def table(stem):
    """The table of a lesson, from the course's root."""
    return f"helpers/checks/{stem[3:]}.py"


def entries(root, stem):
    """The exercises in the table of a lesson."""
    found = []
    for node in tree(root / table(stem)).body:
        for call in getattr(node, "decorator_list", []):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "exercise":
                given = call.args + [word.value for word in call.keywords if word.arg == "stand_in"]
                found.append(Entry(stem, node.name, node, given[1]))
    return found


def tree(path):
    """The syntax tree of a file."""
    return _parsed(path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=64)
def _parsed(text):
    return ast.parse(text)


def home(root, place):
    """(file, node) where "package.module:name" is defined; None where it is not."""
    module, _, name = place.partition(":")
    path = root / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in tree(path).body if path.is_file() else []:
        targets = [ast.unparse(target) for target in getattr(node, "targets", [])]
        if name in [getattr(node, "name", ""), *targets]:
            return path, node
        for alias in node.names if isinstance(node, ast.ImportFrom) else []:
            if name == (alias.asname or alias.name):
                return home(root, f"{node.module}:{alias.name}")
    return None


def refuse_mismatches(root, path, cells):
    """Refuse a lesson and a table that do not fit each other, and a stand-in that is not there."""
    checks = [cell for cell in cells if cell.course.get("role") == "check"]
    asked = {name: cell for cell in checks for name in cell.course["exercises"]}
    if not asked:
        return
    refuse_stubs(root, path.stem)
    known = {entry.name: entry for entry in entries(root, path.stem)}
    for name, cell in asked.items():
        if name not in known:
            cell.refuse(
                f"exercise {name!r} has no entry in {table(path.stem)}. Put "
                f"'@exercise(kind, stand_in, gain)' above a right answer {name!r} there."
            )
    for name, entry in known.items():
        if name not in asked:
            entry.refuse(
                f"{name!r} has an entry here, and lessons/{path.name} asks for no such exercise. "
                f"Write '### Exercise: {name} (5 min)' with its answer and its check there, or "
                "remove the entry."
            )
        refuse_absent(root, entry)


def refuse_stubs(root, stem):
    """Refuse a table in which an exercise waits for its author."""
    lines = (root / table(stem)).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if STUB.search(line):
            raise Refused(
                f"{table(stem)}:{number}: {line.strip()!r} waits for its author. Fill in the TODO."
            )


def refuse_absent(root, entry):
    """Refuse a stand-in that is nowhere defined."""
    if entry.place and not home(root, entry.place):
        module, _, name = entry.place.partition(":")
        entry.refuse(
            f"the stand-in of exercise {entry.name!r} is {entry.place!r}, and {module} defines no "
            f"{name!r}. Mend the name, define it there, or write None: a blank then gets the right "
            "answer of this table."
        )
