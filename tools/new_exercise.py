"""Write the stubs of a new exercise: three cells in its lesson, an entry in its table of checks.

    tools/build.py --new 03 NAME                  NAME(x) gives a result
    tools/build.py --new 03 NAME --kind step      it moves weights; or draw, network

Each stub works, and says TODO where it waits for its author. The builder refuses a TODO, so none
of them reaches a student. Only these two files are then edited: CONTRIBUTING.md has an example.
"""

import ast
import builtins
import keyword
import sys

import tables
from lesson import Refused, defined_names, imported_checks, read_lesson
from stubs import ENTRY, KINDS, TEXT


def write(root, lesson, name, kind):
    """Write both stubs, or nothing; says where they are and what is next."""
    cells = read_lesson(lesson)
    table = root / tables.table(lesson.stem)
    refuse_name(root, lesson, cells, name)
    stub = KINDS[kind]
    answer = stub.answer.replace("NAME", name)
    right = "\n".join(line for line in answer.splitlines() if not line.strip().startswith("# "))
    parts = {
        "CAST": f"{stub.cast}\n\n\n" if stub.cast else "",
        "KIND": stub.kind,
        "RIGHT": right.replace("  # SOLUTION", ""),
        "MISTAKE": stub.mistake,
        "ANSWER": answer,
        "ALIAS": imported_checks(cells)[0],
        "NAME": name,
    }
    text, entry = filled(TEXT, parts), filled(ENTRY, parts)
    lines = lesson.read_text(encoding="utf-8").splitlines(keepends=True)
    place = end_of_main_part(lines)
    where = f"before '{lines[place + 1][2:].strip()}'" if place < len(lines) else "at the end"
    lines[place:place] = text.splitlines(keepends=True)
    source = table.read_text(encoding="utf-8")
    for line in stub.needs:
        source = imported(source, line)
    lesson.write_text("".join(lines), encoding="utf-8")
    table.write_text(source.rstrip() + "\n" + entry, encoding="utf-8")
    return (
        f"lessons/{lesson.name}:{place + 1}: text, answer and check of {name}, {where}. "
        f"Move them to where the lesson needs them.\n"
        f"{tables.table(lesson.stem)}: the entry of {name}, at the end. Move it behind the "
        "exercises that its right answer calls.\n"
        "Fill in every TODO; then: tools/build.py --students, and "
        f"python -m pytest tests/test_checks.py -k {name}"
    )


def refuse_name(root, lesson, cells, name):
    """Refuse a name that no exercise of this lesson can have."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise Refused(f"{name!r} is no name for a function or class. Try letters, digits and _.")
    table = root / tables.table(lesson.stem)
    if not table.is_file():
        raise Refused(
            f"lesson {lesson.stem} has no {tables.table(lesson.stem)}. Write it with a docstring "
            "and 'topic = Topic()', as in the other tables, and import it in the lesson."
        )
    code = [ast.parse(cell.solution) for cell in cells if cell.kind == "code"]
    taken = {
        f"lessons/{lesson.name}": set().union(*map(names_in, code)),
        tables.table(lesson.stem): names_in(tables.tree(table)),
        "Python itself": set(dir(builtins)),
    }
    for where, names in taken.items():
        if {name, f"{name}_cast"} & names:
            raise Refused(f"{where} has a {name!r} already. Take another name.")


def names_in(tree):
    """Every name that a module or a cell defines or imports."""
    return defined_names(tree) | names_of_imports(tree.body)


def filled(template, parts):
    """A template with each of its words in capitals replaced."""
    for word, part in parts.items():
        template = template.replace(word, part)
    return template


def end_of_main_part(lines):
    """The index of the line before which the closing pages of a lesson begin."""
    starts = [k for k, line in enumerate(lines[:-1]) if line.startswith("# %%")]
    heads = [k for k in starts if lines[k + 1].startswith("# ## ")]
    closing = ("# ## You have\n", "# ## Quiz\n", "# ## Sources\n")
    end = next((k for k in heads if lines[k + 1] in closing), len(lines))
    before = [k for k in heads if k < end]
    return before[-1] if before and "folded" in lines[before[-1]] else end


def imported(source, line):
    """A module's source with one more import, in its place, unless it has these names."""
    body = ast.parse(source).body
    (new,) = ast.parse(line).body
    missing = {alias.name for alias in new.names} - names_of_imports(body)
    if not missing:
        return source
    lines = source.splitlines()
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    module = getattr(new, "module", None)
    same = [n for n in imports if module and getattr(n, "module", None) == module]
    if same:
        names = sorted({*map(ast.unparse, same[0].names), *missing})
        joined = f"from {module} import {', '.join(names)}"
        if len(joined) > 100:
            joined = "\n    ".join([f"from {module} import (", *[f"{n}," for n in names]]) + "\n)"
        lines[same[0].lineno - 1 : same[0].end_lineno] = [joined]
    else:
        section = [n for n in imports if rank(n)[0] == rank(new)[0] and rank(n) < rank(new)]
        later = [n for n in imports if rank(n) > rank(new)]
        if section or not later:
            at, lines_to_add = (section or imports)[-1].end_lineno, [line]
        else:
            blank = [""] if rank(later[0])[0] > rank(new)[0] else []
            at, lines_to_add = later[0].lineno - 1, [line, *blank]
        lines[at:at] = lines_to_add
    return "\n".join(lines) + "\n"


def names_of_imports(body):
    """The names that a module imports at its top, without `as`."""
    kinds = ast.Import | ast.ImportFrom
    return {alias.name for node in body if isinstance(node, kinds) for alias in node.names}


def rank(node):
    """Where isort puts an import: Python's own, then packages, then the course's."""
    module = getattr(node, "module", None) or node.names[0].name
    top = module.partition(".")[0]
    section = 2 if top == "helpers" else 0 if top in sys.stdlib_module_names else 1
    return section, isinstance(node, ast.ImportFrom), module
