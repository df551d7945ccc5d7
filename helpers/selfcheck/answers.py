"""The statements of a notebook that answer each exercise, and those that the answers need.

Names decide, not places: a cell may be split, moved or copied, and may have lost its id.
"""

import ast
import re
import symtable
from typing import NamedTuple

from helpers.selfcheck.notebooks import NotANotebook, same_text

BLANK = "____"
DEFINITIONS = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
    *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try, ast.With),
)
NO_PYTHON = re.compile(r"^([ \t]*)([%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


class Statement(NamedTuple):
    """One top-level statement: where it stands, what it binds, changes and needs."""

    cell: int  # the position of its cell in the notebook
    first: int  # lines in the cell, counted from 1, decorators included
    last: int
    text: str
    binds: frozenset  # names that have a new value after it
    changes: frozenset  # names of objects whose attributes it sets
    needs: frozenset  # global names that it or a function in it reads
    definition: bool  # may run in a sheet: no bare call, no loop
    imports: bool
    blank: bool  # holds a blank that is still open
    fresh: frozenset  # names whose new value does not come from their old one


class Lesson:
    """A lesson as its unfilled notebook gives it."""

    def __init__(self, notebook):
        """Read the exercises, in order, and every statement of the other cells.

        Cells that someone added to a notebook of ours are left out.
        """
        self.stem = notebook.stem
        self.cells = [c for c in notebook.cells if c.course or c.id.startswith(f"{self.stem}-")]
        self.exercises = [
            name for cell in self.cells if role(cell) == "check" for name in exercises(cell)
        ]
        self.ids = {cell.id for cell in self.cells}
        code = "\n".join(cell.source for cell in self.cells if cell.kind == "code")
        found = re.search(r"from helpers\.checks import (\w+) as check", code)
        if not found:
            raise NotANotebook("the line that imports the checks was expected; it is gone.")
        self.topic = found[1]
        self.texts = {
            same_text(cell.source)
            for cell in self.cells
            if cell.kind == "code" and role(cell) != "answer"
        }
        self.statements = [
            statement
            for place, cell in enumerate(self.cells)
            if cell.kind == "code" and role(cell) not in ("answer", "check")
            for statement in statements(place, cell.source)[0]
        ]

    def check_place(self, name):
        """The position of the cell that checks exercise `name`."""
        return next(
            place
            for place, cell in enumerate(self.cells)
            if role(cell) == "check" and name in exercises(cell)
        )


class Submission:
    """The statements of a notebook that are not the lesson's own, in order."""

    def __init__(self, lesson, cells):
        """Parse every code cell; what is no Python is kept as text."""
        self.cells, self.statements, self.broken = cells, [], []
        for place, cell in enumerate(cells):
            if cell.kind == "code" and same_text(cell.source) not in lesson.texts:
                found, problem = statements(place, cell.source)
                self.statements += found
                if problem:
                    self.broken.append((cell, problem))
        self.statements = [s for s in self.statements if not is_check(s, lesson.exercises)]
        self.checks = check_places(lesson.exercises, cells)
        self.about = {}  # name -> the statements that bind it or change its object
        for statement in self.statements:
            for name in statement.binds | statement.changes:
                self.about.setdefault(name, []).append(statement)

    def answer(self, name):
        """The statements that define `name`: from its last fresh binding to its last change."""
        about = [s for s in self.about.get(name, []) if s.definition]
        before = [s for s in about if s.cell <= self.checks.get(name, len(self.cells))]
        if not any(name in s.fresh and not s.blank for s in before):
            before = about
        starts = [place for place, s in enumerate(before) if name in s.fresh]
        written = [place for place in starts if not before[place].blank]
        if not starts:
            return []
        start = (written or starts)[-1]
        return [before[start], *(s for s in before[start + 1 :] if not s.blank)]

    def problem(self, name):
        """Why a cell that seems to define `name` is no Python; "" where there is none."""
        wanted = rf"(?m)^[ \t]*((async[ \t]+)?def|class)[ \t]+{name}\b|^[ \t]*{name}[ \t]*="
        for cell, problem in self.broken:
            if cell.id == f"answer-{name}" or re.search(wanted, cell.source):
                return problem
        return ""


def role(cell):
    """ "answer", "check", "exercise" or ""."""
    return cell.course.get("role", "")


def exercises(cell):
    """The names of the exercises that a cell belongs to."""
    return cell.course.get("exercises", [])


def statements(place, source):
    """(the top-level statements of a cell's source, why it is no Python or "")."""
    try:
        source, tree = parsed(source)
        lines = [line.encode() for line in source.split("\n")]  # columns count bytes
        return [statement(place, lines, node) for node in tree.body], ""
    except ERRORS as error:
        line = f"line {error.lineno}: " if getattr(error, "lineno", None) else ""
        return [], f"{line}{getattr(error, 'msg', None) or type(error).__name__}"


def parsed(source):
    """(source, tree); lines for IPython or the shell are taken out where Python alone fails."""
    try:
        return source, ast.parse(source)
    except SyntaxError as error:
        plain = re.sub(r"^\s*%%.*", "", source)
        plain = NO_PYTHON.sub(r"\1pass", plain)
        try:
            return plain, ast.parse(plain)
        except SyntaxError:
            raise error from None


def statement(place, lines, node):
    """The Statement of a top-level node of a cell with these lines."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    text = text_of(lines[first - 1 : node.end_lineno], node)
    binds, changes = bound(node), changed(node)
    return Statement(
        cell=place,
        first=first,
        last=node.end_lineno,
        text=text,
        binds=binds,
        changes=changes,
        needs=needed(text),
        definition=isinstance(node, DEFINITIONS) or bool(changes),
        imports=isinstance(node, ast.Import | ast.ImportFrom),
        blank=BLANK in {n.id for n in ast.walk(node) if isinstance(n, ast.Name)},
        fresh=binds - at_once(node),
    )


def text_of(lines, node):
    """The source of a node on these lines, without its neighbours behind a semicolon."""
    lines[-1] = lines[-1][: node.end_col_offset]
    if not hasattr(node, "decorator_list"):
        lines[0] = lines[0][node.col_offset :]
    return b"\n".join(lines).decode()


def bound(node):
    """The names that a top-level statement gives a value, not looking into functions."""
    names, queue = set(), [node]
    while queue:
        part = queue.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in part.names}
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif isinstance(part, ast.comprehension):  # its target is its own
            queue += [part.iter, *part.ifs]
        elif not isinstance(part, ast.Lambda):
            queue += ast.iter_child_nodes(part)
    return frozenset(names)


def changed(node):
    """The names of objects that get an attribute: G.forward = f, setattr(G, ...)."""
    targets = [*getattr(node, "targets", []), getattr(node, "target", None)]
    found = {t.value.id for t in targets if isinstance(t, ast.Attribute) and named(t.value)}
    call = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and named(call.func) and call.func.id == "setattr" and call.args:
        found |= {call.args[0].id} if named(call.args[0]) else set()
    return frozenset(found)


def named(node):
    """Is this expression a plain name?"""
    return isinstance(node, ast.Name)


def at_once(node):
    """The names that a statement reads when it runs, not looking into bodies of functions."""
    names, queue = set(), [node]
    while queue:
        part = queue.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            queue += [*getattr(part, "decorator_list", []), part.args]
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            names.add(part.id)
        else:
            queue += ast.iter_child_nodes(part)
    return names


def needed(text):
    """The global names that a statement reads, in functions too."""
    names, tables = set(), [symtable.symtable(text, "<answer>", "exec")]
    while tables:
        table = tables.pop()
        top = table.get_type() == "module"
        names |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
        tables += table.get_children()
    return frozenset(names - {BLANK})


def is_check(statement, names):
    """Is this the line `name = check.name(name)` of one of the exercises?"""
    return any(
        re.fullmatch(rf"{name}\s*=\s*\w+\.{name}\(\s*{name}\s*\)", statement.text)
        for name in statement.binds.intersection(names)
    )


def check_places(names, cells):
    """exercise -> the position of the first cell that checks it."""
    places = {}
    for name in names:
        line = re.compile(rf"^[ \t]*{name} *= *\w+\.{name}\( *{name} *\)", re.MULTILINE)
        for place, cell in enumerate(cells):
            if cell.kind == "code" and line.search(cell.source):
                places.setdefault(name, place)
    return places


def recognised(lessons, notebook):
    """The lesson of `lessons` (Lesson by stem) that a notebook belongs to, or NotANotebook.

    Its metadata say so, or most ids of cells; where an editor lost both, most exercises defined.
    """
    if notebook.stem in lessons:
        return lessons[notebook.stem]
    code = "\n".join(cell.source for cell in notebook.cells if cell.kind == "code")
    defined = set(re.findall(r"(?m)^[ \t]*(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", code))
    defined = {name for pair in defined for name in pair}
    ids = {cell.id for cell in notebook.cells if cell.id.startswith(("answer-", "check-"))}

    def score(lesson):
        topic = f"from helpers.checks import {lesson.topic}" in code
        return len(ids & lesson.ids) + len(defined & set(lesson.exercises)) + 5 * topic

    best = max(lessons.values(), key=score, default=None)
    if best is None or score(best) < 3:
        raise NotANotebook("a lesson of this course was expected; no exercise is in here.")
    return best
