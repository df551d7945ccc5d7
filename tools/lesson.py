"""Read a lesson: its cells, each as the student and as the solution will show it.

A lesson, lessons/NN_topic.py, is jupytext's percent format. The marks `# SOLUTION`,
`# SOLUTION: student form` and `# BEGIN SOLUTION` ... `# END SOLUTION` say what a student has to
write (CONTRIBUTING.md). Every cell of an exercise says so in its metadata, as in
`course = {"role": "answer", "exercises": ["sample_z"]}`, and in its id, `answer-sample_z`: a grader
finds answers by either.
"""

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

BLANK = "____"
LONGEST_BLANK = 6
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
JUPYTEXT_OWN = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}
MARK = re.compile(r"# (BEGIN SOLUTION|END SOLUTION|SOLUTION)(?:: *(\S.*))?")
HEADING = re.compile(r"### Exercise: (\w+(?:(?:, | and )\w+)*) \(\d+ min(, stretch)?\)")
STUB = re.compile(r"\bTODO\b")
TAGS = {"nbval-ignore-output", "solution", "folded"}


class Refused(Exception):
    """A lesson that cannot be built: the text names file and line and says what to do."""


# ---------------------------------------------------------------- reading a lesson


@dataclass
class Cell:
    """One cell of a lesson: what was written, where, and what each notebook gets of it."""

    path: Path
    kind: str
    source: str
    line: int  # of the first source line in the lesson's file
    tags: list = field(default_factory=list)
    id: str = ""
    course: dict = field(default_factory=dict)
    student: str = ""
    solution: str = ""

    def refuse(self, problem, line=1):
        """Raise Refused at this cell's `line`, counted from 1."""
        raise Refused(f"lessons/{self.path.name}:{self.line + line - 1}: {problem}")

    def tree(self, text, version):
        """The syntax tree of `text`, or Refused if it is not Python."""
        try:
            return ast.parse(text)
        except SyntaxError as error:
            self.refuse(
                f"the {version} of this cell is not Python ({error.msg}: {error.text!r}). "
                "Mend the code or the student form in its mark.",
                min(error.lineno or 1, text.count("\n") + 1),
            )


def read_lesson(path):
    """The cells of lesson `path`, each with its ids, metadata and two versions."""
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
        raise Refused(f"lessons/{path.name}:1: a lesson is named NN_topic.py. Rename the file.")
    text = path.read_text(encoding="utf-8")
    cells = raw_cells(path, text.splitlines(), jupytext.reads(text, fmt=FORMAT).cells)
    for cell in cells:
        cell.student, cell.solution = two_versions(cell)
    name_cells(cells)
    name_exercises(cells)
    return cells


def raw_cells(path, lines, parsed):
    """What jupytext read, joined with the line on which each cell begins."""
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("# %%")]
    if len(starts) != len(parsed):
        raise Refused(
            f"lessons/{path.name}:1: {len(starts)} lines begin with '# %%' but {len(parsed)} cells "
            "were read. Put all text under a '# %%' line."
        )
    cells = []
    for start, cell in zip(starts, parsed, strict=True):
        while start < len(lines) and not lines[start].strip():
            start += 1
        options = {key: cell.metadata[key] for key in cell.metadata if key not in JUPYTEXT_OWN}
        cells.append(Cell(path, cell.cell_type, cell.source, start + 1, options.pop("tags", [])))
        cells[-1].id = options.pop("id", "")
        refuse_options(cells[-1], options)
        for number, line in enumerate(cell.source.splitlines(), 1):
            if STUB.search(line):
                cells[-1].refuse(
                    f"{line.strip(' #')!r} waits for its author. Fill in the TODO.", number
                )
    return cells


def refuse_options(cell, options):
    """Refuse tags and options that no one would act on."""
    for name in [tag for tag in cell.tags if tag not in TAGS] + list(options):
        cell.refuse(f"unknown tag or option {name!r}. Known: {', '.join(sorted(TAGS))}, id.", 0)
    if cell.kind != "markdown" and {"solution", "folded"} & set(cell.tags):
        cell.refuse("tags solution and folded are for markdown cells. Drop the tag.", 0)
    if "folded" in cell.tags and not cell.source.startswith("#"):
        cell.refuse("a folded cell must begin with a heading. Add one or drop the tag.", 0)


# ---------------------------------------------------------------- marks: one cell, two versions


def two_versions(cell):
    """What the student sees and what the solution shows of `cell`."""
    if cell.kind != "code":
        return cell.source, cell.source
    tree = cell.tree(cell.source, "source")
    marks = find_marks(cell)
    student, solution = [], []  # edits: first line, last line, new lines
    for line, (mark, form, column) in marks.items():
        text = cell.source.splitlines()[line - 1]
        if mark == "SOLUTION":
            refuse_outside(cell, tree, [line])
            student.append(blanked_statement(cell, tree, line, form))
            solution.append((line, line, [text[:column].rstrip()]))
        else:
            solution.append((line, line, []))
    student += [blanked_block(cell, tree, *block) for block in find_blocks(cell, marks)]
    versions = edited(cell.source, student), edited(cell.source, solution)
    cell.tree(versions[0], "student's version")
    cell.tree(versions[1], "solution's version")
    return versions


def find_marks(cell):
    """The marks of a cell: line -> (mark, student form or None, column)."""
    marks = {}
    for token in tokenize.generate_tokens(io.StringIO(cell.source).readline):
        if token.type != tokenize.COMMENT or "SOLUTION" not in token.string:
            continue
        line, column = token.start
        found = MARK.fullmatch(token.string.rstrip())
        if not found or (found[2] and found[1] != "SOLUTION"):
            cell.refuse(
                f"unknown mark {token.string!r}. Write '# SOLUTION', '# SOLUTION: student form', "
                "'# BEGIN SOLUTION' or '# END SOLUTION'.",
                line,
            )
        marks[line] = found[1], found[2], column
    return marks


def find_blocks(cell, marks):
    """The (BEGIN line, END line) pairs of a cell."""
    blocks, begin = [], None
    for line, (mark, _, _) in marks.items():
        if mark == "END SOLUTION" and begin:
            blocks.append((begin, line))
            begin = None
        elif mark == "END SOLUTION":
            cell.refuse("END SOLUTION without BEGIN SOLUTION. Add the BEGIN line.", line)
        elif begin:
            cell.refuse("a mark inside BEGIN SOLUTION ... END SOLUTION. Drop one.", line)
        elif mark == "BEGIN SOLUTION":
            begin = line
    if begin:
        cell.refuse("BEGIN SOLUTION without END SOLUTION. Add the END line.", begin)
    return blocks


def blanked_block(cell, tree, begin, end):
    """The student's edit for the lines between BEGIN and END."""
    lines = cell.source.splitlines()
    code = [n for n in range(begin + 1, end) if lines[n - 1].strip(" ")[:1] not in ("", "#")]
    if not code:
        cell.refuse("no code between BEGIN and END SOLUTION. Drop the marks.", begin)
    refuse_outside(cell, tree, code)
    if len(code) > LONGEST_BLANK:
        where = f"lessons/{cell.path.name}:{cell.line + begin - 1}"
        print(f"{where}: a blank of {len(code)} lines; aim at {LONGEST_BLANK}.", file=sys.stderr)
    indent = re.match(" *", lines[code[0] - 1])[0]
    count = "1 line" if len(code) == 1 else f"{len(code)} lines"
    return begin, end, [f"{indent}{BLANK}  # your code: about {count}"]


def blanked_statement(cell, tree, line, form):
    """The student's edit for the statement that ends on `line`; `form` stands for its value."""
    text = cell.source.splitlines()[line - 1]
    statement = statement_ending(tree, line)
    if statement is None and not form:
        cell.refuse(
            "'# SOLUTION' needs an assignment, a return or a call that ends on this line. Move it "
            "there, say what a student sees with '# SOLUTION: student form', or use BEGIN/END.",
            line,
        )
    if statement is None:
        return line, line, [re.match(" *", text)[0] + form]
    first = cell.source.splitlines()[statement.lineno - 1]
    before = first.encode()[: statement.col_offset].decode()
    head = head_of(ast.get_source_segment(cell.source, statement), statement)
    form = form or BLANK
    if head.strip() and form.startswith(head.strip()):
        form = form[len(head.strip()) :].lstrip()
    return statement.lineno, line, [before + head + form]


def statement_ending(tree, line):
    """The simple statement whose last line is `line`, or None."""
    kinds = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds) and node.end_lineno == line]
    return found[-1] if found else None


def head_of(text, statement):
    """The part of a statement that a student keeps: 'x = ', 'return ', or nothing."""
    if isinstance(statement, ast.Return):
        return "return "
    if isinstance(statement, ast.Expr):
        return ""
    wanted, depth = len(getattr(statement, "targets", [None])), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += (token.string in "([{") - (token.string in ")]}") if token.string else 0
        wanted -= token.type == tokenize.OP and depth == 0 and token.string.endswith("=")
        if wanted == 0:
            line, column = token.end
            return "\n".join([*text.splitlines()[: line - 1], token.line[:column]]) + " "
    raise AssertionError(f"no '=' in {text!r}")


def refuse_outside(cell, tree, lines):
    """Refuse marks on lines that run as soon as the cell does."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    for line in lines:
        if not any(node.body[0].lineno <= line <= node.end_lineno for node in functions):
            cell.refuse(
                "a mark outside a function: the unfilled notebook would stop here. "
                "Put the blank into a function or a method.",
                line,
            )


def edited(source, edits):
    """`source` with each (first, last, new lines) put in place."""
    lines = source.splitlines()
    for first, last, new in sorted(edits, reverse=True):
        lines[first - 1 : last] = new
    return "\n".join(lines)


# ---------------------------------------------------------------- exercises: names, numbers, ids


def name_cells(cells):
    """Give each cell an id: the lesson's stem with the id it asked for, or its position."""
    for position, cell in enumerate(cells, 1):
        cell.id = f"{cell.path.stem}-{cell.id or f'{position:03}'}"


def name_exercises(cells):
    """Find every exercise's text, answer and check; number it; refuse what does not match."""
    alias, checks = imported_checks(cells)
    texts = by_name(cells, heading_names, "exercise")
    found = by_name(cells, lambda cell: checked_names(cell, alias, checks), "check")
    for name, cell in found.items():
        if name not in texts:
            cell.refuse(
                f"check of {name!r} without an exercise. Add '### Exercise: {name} (5 min)'."
            )
    for name, cell in texts.items():
        if name not in found:
            cell.refuse(
                f"exercise {name!r} without a check. Add a cell '{name} = check.{name}({name})'."
            )
    answers = {name: find_answer(cells, name, texts[name], found[name]) for name in texts}
    label(texts, "exercise")
    label(found, "check")
    label(answers, "answer")
    number_exercises({id(cell): cell for cell in texts.values()}.values())
    refuse_stray_blanks(cells)
    refuse_bad_ids(cells)


def by_name(cells, names_of, what):
    """name -> cell, for the names that `names_of` finds in each cell."""
    found = {}
    for cell in cells:
        for name in names_of(cell):
            if name in found:
                cell.refuse(
                    f"duplicate {what} {name!r}, first on line {found[name].line}. Rename it."
                )
            found[name] = cell
    return found


def heading_names(cell):
    """The names in an exercise's heading; none for another cell."""
    if cell.kind != "markdown" or not cell.source.startswith("### Exercise"):
        return []
    match = HEADING.fullmatch(cell.source.splitlines()[0].rstrip())
    if not match:
        cell.refuse(
            "an exercise begins '### Exercise: name (10 min)' or '### Exercise: name (10 min, "
            "stretch)'. Mend this heading; the builder adds the number."
        )
    return re.split(", | and ", match[1])


def imported_checks(cells):
    """The lesson's name for its checks module and the names in it, both read without running it."""
    for cell in cells:
        for node in ast.parse(cell.solution).body if cell.kind == "code" else []:
            if isinstance(node, ast.ImportFrom) and node.module == "helpers.checks":
                module, alias = node.names[0].name, node.names[0].asname or node.names[0].name
                path = cell.path.parent.parent / "helpers" / "checks" / f"{module}.py"
                if not path.is_file():
                    cell.refuse(
                        f"no helpers/checks/{module}.py. Write it or mend the import.", node.lineno
                    )
                return alias, defined_names(ast.parse(path.read_text(encoding="utf-8")))
    return "check", set()


def defined_names(tree):
    """Every name that a module defines or imports at its top."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            targets = [name for target in node.targets for name in ast.walk(target)]
            names |= {name.id for name in targets if isinstance(name, ast.Name)}
    return names


def checked_names(cell, alias, checks):
    """The names that a cell checks with lines `name = check.name(name)`."""
    if cell.kind != "code":
        return []
    tree, names = ast.parse(cell.solution), []
    for node in ast.walk(tree):
        used = isinstance(node, ast.Attribute) and ast.unparse(node.value) == alias
        if used and node.attr not in checks:
            cell.refuse(
                f"the lesson's checks have no {node.attr!r}. Add it to helpers/checks or mend the "
                "name.",
                node.lineno,
            )
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(f"{alias}."):
            name = ast.unparse(node.targets[0])
            if ast.unparse(node) != f"{name} = {alias}.{name}({name})":
                cell.refuse(
                    f"a check reads '{name} = {alias}.{name}({name})'. Mend it.", node.lineno
                )
            names.append(name)
    return names


def find_answer(cells, name, text, check):
    """The code cell between an exercise's text and its check that defines `name`."""
    places = {id(cell): place for place, cell in enumerate(cells)}
    for cell in cells[places[id(text)] : places[id(check)]]:
        if cell.kind == "code" and name in defined_names(ast.parse(cell.solution)):
            if cell.student == cell.solution:
                cell.refuse(f"exercise {name!r} has no blank. Mark its solution.")
            return cell
    text.refuse(f"no cell between this exercise and its check defines {name!r}. Add or move it.")


def label(named, role):
    """Write role, names and id into the cells of `named`."""
    for name, cell in named.items():
        if cell.course.get("role", role) != role:
            cell.refuse(f"{cell.course['role']} and {role} of {name!r} in one cell. Split it.")
        if not cell.course:
            cell.id = f"{role}-{name}"
        cell.course["role"] = role
        cell.course.setdefault("exercises", []).append(name)


def number_exercises(texts):
    """Turn '### Exercise: name' into '### Exercise 3.2: name'."""
    for position, cell in enumerate(texts, 1):
        number = f"{lesson_number(cell.path.stem)}.{position}"
        cell.student = cell.solution = cell.source.replace(
            "### Exercise:", f"### Exercise {number}:", 1
        )


def refuse_stray_blanks(cells):
    """Refuse a blank that no exercise asks for."""
    for cell in cells:
        if cell.student != cell.solution and cell.course.get("role") != "answer":
            cell.refuse("a blank in a cell that defines no exercise's name. Add the exercise.")


def refuse_bad_ids(cells):
    """Refuse ids that the notebook format does not allow, and duplicates."""
    seen = set()
    for cell in cells:
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell.id) or cell.id in seen:
            cell.refuse(f"cell id {cell.id!r} is a duplicate, too long or has odd characters.", 0)
        seen.add(cell.id)


def lesson_number(stem):
    """3 for '03_vanilla_gan'."""
    return int(stem[:2])
