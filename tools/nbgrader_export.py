"""The lessons as a course for nbgrader.

    tools/build.py --nbgrader FOLDER

    FOLDER/nbgrader_config.py                    settings; one that is there is kept
    FOLDER/source/LESSON/LESSON.ipynb            answers with solutions, checks with hidden tests
    FOLDER/jupyter/kernels/python3/kernel.json   the Python that grades: the one that runs this

A core exercise is worth 1 point, a stretch exercise 0. A check passes for a blank, too (it lends
the finished one), so its hidden test asks for the outcome. What `nbgrader generate_assignment`
makes of an answer is the cell that stands in notebooks/.
"""

import ast
import copy
import json
import shutil
import sys
from pathlib import Path

import lesson
import nbformat

HIDDEN_TEST = """\
### BEGIN HIDDEN TESTS
assert {alias}.topic.outcomes["{name}"] == "right", "{name}: " + {alias}.topic.outcomes["{name}"]
### END HIDDEN TESTS"""


def write(folder, books):
    """Write the course of `books`, pairs of a student's notebook and its lesson's cells."""
    for book, cells in books:
        stem = book.metadata.course.lesson
        path = folder / "source" / stem / f"{stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment(book, cells), path)
    if not (folder / "nbgrader_config.py").exists():
        shutil.copy(Path(__file__).with_name("nbgrader_config.py"), folder)
    kernel = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True, exist_ok=True)
    kernel.write_text(json.dumps(kernelspec(), indent=1) + "\n", encoding="utf-8")


def kernelspec():
    """The kernel that grades: this Python, with the course's helpers, and short trainings."""
    root = Path(__file__).resolve().parent.parent
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "env": {"COURSE_QUICK": "1", "PYTHONPATH": str(root)},
    }


def assignment(book, cells):
    """The student's notebook `book` as nbgrader's source version."""
    book, by_id = copy.deepcopy(book), {cell.id: cell for cell in cells}
    stretch = {
        name
        for cell in cells
        if cell.source.splitlines()[0].endswith("stretch)")
        for name in cell.course.get("exercises", [])
    }
    made = []
    for cell in book.cells:
        role = cell.metadata.get("course", {}).get("role")
        if role == "check":
            made += checks(cell, stretch)
            continue
        if role == "answer":
            cell.source = with_solution(by_id[cell.id])
            mark(cell, solution=True)
        elif cell.id == "first-cell" or "from helpers.checks import" in cell.source:
            mark(cell)
        elif cell.id == "top-cell":
            cell.source = cell.source.split("\n\n")[1]  # the badge would open another notebook
        made.append(cell)
    book.cells = made
    return book


def mark(cell, points=None, solution=False):
    """Write nbgrader's metadata: an answer, a check with `points`, or read-only."""
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": cell.id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points


def checks(cell, stretch):
    """One locked cell for each check in `cell`, with its hidden test."""
    made = []
    for node in ast.parse(cell.source).body:
        name, alias = ast.unparse(node.targets[0]), ast.unparse(node.value.func.value)
        test = HIDDEN_TEST.format(name=name, alias=alias)
        source = f"{ast.get_source_segment(cell.source, node)}\n{test}"
        check = nbformat.v4.new_code_cell(source, id=f"check-{name}", metadata=cell.metadata)
        check.metadata = copy.deepcopy(cell.metadata)
        mark(check, points=0 if name in stretch else 1)
        made.append(check)
    return made


# ---------------------------------------------------------------- answers


def with_solution(cell):
    """An answer's source with nbgrader's marks; a line after "#: " is the blank's form."""
    tree, marks = ast.parse(cell.source), lesson.find_marks(cell)
    lines = cell.source.splitlines()
    edits = [lesson.blanked_block(cell, tree, *block) for block in lesson.find_blocks(cell, marks)]
    for line, (kind, form, column) in marks.items():
        if kind == "SOLUTION":
            edits.append(lesson.blanked_statement(cell, tree, line, form))
            lines[line - 1] = lines[line - 1][:column].rstrip()
    return lesson.edited("\n".join(lines), [region(lines, marks, *edit) for edit in edits])


def region(lines, marks, first, last, form):
    """The edit that puts nbgrader's marks around the lines `first` to `last`."""
    ends = {line for line, mark in marks.items() if mark[0] != "SOLUTION"}
    inside = [lines[n - 1] for n in range(first, last + 1) if n not in ends]
    blanks = "\n".join(form).splitlines()
    indent = " " * (len(blanks[0]) - len(blanks[0].lstrip()))
    begin, end = f"{indent}### BEGIN SOLUTION", f"{indent}### END SOLUTION"
    return first, last, [begin, *(f"#: {line}" for line in blanks), *inside, end]
