"""Build each lesson's two notebooks, and the README's table of them, from lessons/NN_topic.py.

    tools/build.py              rebuild what is stale; run a solution only if its code changed
    tools/build.py 03           rebuild lesson 3 and run its solution again
    tools/build.py --force      run every solution again
    tools/build.py --students   everything but the executed solutions: quick
    tools/build.py --check      change nothing; name what is stale, exit 1 if anything is
    tools/build.py --new 03 NAME       stubs of a new exercise: tools/new_exercise.py
    tools/build.py --release FOLDER    the zip for students: tools/release.py
    tools/build.py --nbgrader FOLDER   the lessons as nbgrader's course: tools/nbgrader_export.py

How a lesson is read, its marks and its exercises: tools/lesson.py.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tomllib
from pathlib import Path

import nbclient
import nbformat
import nbgrader_export
import new_exercise
import release
import tables
from lesson import Refused, lesson_number, read_lesson

ROOT = Path(__file__).resolve().parent.parent
FOLDED = {"jp-MarkdownHeadingCollapsed": True, "heading_collapsed": True}
HIDDEN = {"jupyter": {"source_hidden": True}}
NOT_FOR_COLAB = {"torch", "torchvision", "jupyterlab", "nbval"}
TABLE = re.compile(r"(?<=<!-- lessons -->\n).*?(?=<!-- /lessons -->)", re.DOTALL)


# ---------------------------------------------------------------- notebooks


FIRST_CELL = """\
# makes the course's helpers importable; on Colab it fetches the course first
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

try:
    import google.colab  # noqa: F401
except ImportError:
    places = [Path.cwd(), *Path.cwd().parents]
else:
    places = [Path("course").resolve()]
    if not places[0].exists():
        url = os.environ.get("COURSE_REPOSITORY", "{url}")
        subprocess.run(["git", "clone", "-q", "--depth", "1", url, "course"], check=True)
    packages = {packages}
    if missing := [name for name in packages if not find_spec(name)]:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *missing], check=True)
sys.path[:0] = [str(p) for p in places if (p / "helpers" / "__init__.py").is_file()][:1]
"""

TOP_CELL = """\
[![Open in Colab](../figures/colab-badge.svg)]({colab})

{what}

*Maintainers: built from `lessons/{stem}.py` by `make build`. Edit that file, not this one.*"""

WHAT = {
    "notebooks": "Lesson {number}, your notebook: fill in each `____`, run its cell, and read what "
    "the check below it says.",
    "solutions": "Lesson {number}, the solution, complete and executed. "
    "The notebook with the blanks: [notebooks/{stem}.ipynb](../notebooks/{stem}.ipynb).",
}


def project(root):
    """The `[project]` table of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def opening_cells(root, stem, folder):
    """The two cells on top of every notebook: what this is, and the way to `helpers`."""
    url = project(root)["urls"]["Repository"].removesuffix(".git").rstrip("/")
    names = [re.match(r"[\w.-]+", line)[0].lower() for line in project(root)["dependencies"]]
    packages = tuple(name for name in names if name not in NOT_FOR_COLAB)
    on_colab = url.replace("https://github.com", "https://colab.research.google.com/github")
    top = TOP_CELL.format(
        colab=f"{on_colab}/blob/main/{folder}/{stem}.ipynb",
        what=WHAT[folder].format(number=lesson_number(stem), stem=stem),
        stem=stem,
    )
    first = FIRST_CELL.format(url=url, packages=json.dumps(packages)).strip()
    return [
        nbformat.v4.new_markdown_cell(top, id="top-cell"),
        nbformat.v4.new_code_cell(first, id="first-cell", metadata=HIDDEN),
    ]


def notebook(root, path, cells, folder):
    """The unexecuted notebook of a lesson for `folder`, "notebooks" or "solutions"."""
    book = nbformat.v4.new_notebook(cells=opening_cells(root, path.stem, folder))
    for cell in cells:
        if folder == "solutions" or "solution" not in cell.tags:
            book.cells.append(notebook_cell(cell, folder))
    book.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "course": {"lesson": path.stem},
        }
    )
    book.nbformat_minor = 5
    nbformat.validate(book)
    return book


def notebook_cell(cell, folder):
    """One cell of the notebook for `folder`."""
    make = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
    made = make(cell.student if folder == "notebooks" else cell.solution, id=cell.id)
    if tags := [tag for tag in cell.tags if tag != "folded"]:
        made.metadata["tags"] = tags
    if "folded" in cell.tags:
        made.metadata.update(FOLDED)
    if cell.course:
        made.metadata["course"] = cell.course
    return made


def as_text(book):
    """A notebook as the text of its file: the same notebook, the same bytes."""
    return nbformat.writes(book, version=nbformat.NO_CONVERT) + "\n"


def digest(book):
    """A digest over everything in a notebook but the digest itself."""
    book = nbformat.from_dict(json.loads(json.dumps(book)))
    book.metadata["course"].pop("digest", None)
    return hashlib.sha256(as_text(book).encode()).hexdigest()


def execute(book, folder):
    """Run `book` with `folder` as the working directory; store outputs without what drifts."""
    # full length, and the number of threads with which `make test` compares
    environment = {key: os.environ[key] for key in os.environ if key != "COURSE_QUICK"}
    environment.setdefault("OMP_NUM_THREADS", "1")
    client = nbclient.NotebookClient(
        book,
        timeout=1800,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    metadata = json.loads(json.dumps(book.metadata))
    client.execute(env=environment)
    book.metadata = nbformat.from_dict(metadata)  # without widget state and versions
    for cell in code_cells(book):
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            view = output.get("data", {}).get("application/vnd.jupyter.widget-view+json")
            if view:
                view["model_id"] = "0" * 32


def joined(outputs):
    """The outputs of a cell, with neighbours of one stream as one: their number is chance.

    nbclient's coalesce_streams would also move what is printed after a figure in front of it.
    """
    joint = []
    for output in outputs:
        last = joint[-1] if joint else {}
        if output.output_type == "stream" and output.name == last.get("name"):
            last["text"] += output.text
        else:
            joint.append(output)
    return joint


def code_cells(book):
    """The code cells of a notebook."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def borrow_outputs(book, old):
    """Take the outputs of `old`, whose code cells are the same."""
    for cell, before in zip(code_cells(book), code_cells(old), strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count


def load(path):
    """The notebook in `path`, or None where there is none that can be read."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError, AttributeError):
        return None


# ---------------------------------------------------------------- what is stale


def sealed(book):
    """Is this notebook executed, free of errors, and as the builder left it?"""
    if book is None or book.metadata.get("course", {}).get("digest") != digest(book):
        return False
    outputs = [output for cell in code_cells(book) for output in cell.outputs]
    return all(cell.execution_count for cell in code_cells(book)) and not any(
        output.output_type == "error" for output in outputs
    )


def unexecuted(book):
    """What of a notebook comes from the lesson: cells and metadata without results."""
    book = nbformat.from_dict(json.loads(json.dumps(book)))
    book.metadata["course"].pop("digest", None)
    for cell in code_cells(book):
        cell.outputs, cell.execution_count = [], None
    return as_text(book)


def same_code(book, old):
    """Would running `book` do what running `old` did?"""
    return [cell.source for cell in code_cells(book)] == [cell.source for cell in code_cells(old)]


def read_or_none(path):
    """The text of `path`, or None where there is none that can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def stale_student(root, path, cells):
    """Is notebooks/STEM.ipynb other than a rebuild?"""
    wanted = as_text(notebook(root, path, cells, "notebooks"))
    return read_or_none(root / "notebooks" / f"{path.stem}.ipynb") != wanted


def stale_solution(root, path, cells):
    """Is solutions/STEM.ipynb other than a rebuild, unexecuted, or edited by hand?"""
    file = root / "solutions" / f"{path.stem}.ipynb"
    old = load(file)
    if not sealed(old) or read_or_none(file) != as_text(old):
        return True
    return unexecuted(old) != unexecuted(notebook(root, path, cells, "solutions"))


def strays(root):
    """Notebooks that no lesson builds."""
    lessons = {path.stem for path in lesson_paths(root)}
    found = [*root.glob("notebooks/*.ipynb"), *root.glob("solutions/*.ipynb")]
    return [path for path in sorted(found) if path.stem not in lessons]


def lesson_paths(root):
    """The lessons, in order."""
    return sorted(root.glob("lessons/*.py"))


def read_lessons(root):
    """path -> cells of every lesson; Refused where one does not fit its table of checks."""
    lessons = {path: read_lesson(path) for path in lesson_paths(root)}
    for path, cells in lessons.items():
        tables.refuse_mismatches(root, path, cells)
    return lessons


# ---------------------------------------------------------------- the README's table


def readme_row(path, cells):
    """One row of the README's table."""
    stem, (title, goal) = path.stem, title_and_goal(cells[0])
    texts = [cell for cell in cells if cell.course.get("role") == "exercise"]
    minutes = sum(int(re.search(r"\((\d+) min", cell.source)[1]) for cell in texts)
    return (
        f"| {lesson_number(stem)} | [{title}](notebooks/{stem}.ipynb) | {goal} | "
        f"{len(texts)}, about {minutes} min | [solution](solutions/{stem}.ipynb) |\n"
    )


def title_and_goal(cell):
    """The lesson's title, and the first sentence under it."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", cell.source)]
    if cell.kind != "markdown" or not cell.source.startswith("# ") or len(paragraphs) < 2:
        cell.refuse("a lesson begins with a '# Title' and a sentence under it. Add them.")
    return paragraphs[0][2:], re.split(r"(?<=[.]) ", paragraphs[1])[0].replace("|", r"\|")


def readme(root, lessons):
    """The README with a fresh table; None where its markers are missing."""
    text = read_or_none(root / "README.md") or ""
    rows = "".join(readme_row(path, cells) for path, cells in lessons.items())
    head = "| | Lesson | Goal | Exercises | |\n| --- | --- | --- | --- | --- |\n"
    return TABLE.sub(lambda _: head + rows, text) if TABLE.search(text) else None


# ---------------------------------------------------------------- the commands


def check(root):
    """Name everything that is stale; the exit status."""
    lessons = read_lessons(root)
    stale = [path.relative_to(root) for path in strays(root)]
    for path, cells in lessons.items():
        if stale_student(root, path, cells):
            stale.append(f"notebooks/{path.stem}.ipynb")
        if stale_solution(root, path, cells):
            stale.append(f"solutions/{path.stem}.ipynb")
    table = readme(root, lessons)
    if table is None or table != read_or_none(root / "README.md"):
        stale.append("README.md (the table of lessons)")
    for name in stale:
        print(f"stale: {name}. Run 'make build'; edit lessons/, never what is built.")
    return 1 if stale else 0


def build(root, chosen, force, students):
    """Rebuild what is stale."""
    lessons = read_lessons(root)
    for path in strays(root):
        print(f"{path.relative_to(root)} has no lesson: remove it")
    for path, cells in lessons.items():
        if stale_student(root, path, cells):
            save(root, path.stem, "notebooks", notebook(root, path, cells, "notebooks"))
        again = force or path in chosen
        if not students and (again or stale_solution(root, path, cells)):
            build_solution(root, path, cells, again)
    if (table := readme(root, lessons)) and table != read_or_none(root / "README.md"):
        (root / "README.md").write_text(table, encoding="utf-8")
        print("README.md")


def build_solution(root, path, cells, again):
    """Write solutions/STEM.ipynb; run it if its code changed or `again`."""
    book = notebook(root, path, cells, "solutions")
    old = load(root / "solutions" / f"{path.stem}.ipynb")
    (root / "solutions").mkdir(exist_ok=True)
    if not again and sealed(old) and same_code(book, old):
        borrow_outputs(book, old)
    else:
        print(f"running lesson {path.stem} ...", flush=True)
        execute(book, root / "solutions")
    book.metadata["course"]["digest"] = digest(book)
    save(root, path.stem, "solutions", book)


def save(root, stem, folder, book):
    """Write a notebook and say so."""
    path = root / folder / f"{stem}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(as_text(book), encoding="utf-8")
    print(path.relative_to(root))


def export(root, folder):
    """Write the lessons as nbgrader's course; the exit status."""
    lessons = read_lessons(root)
    books = [(notebook(root, path, cells, "notebooks"), cells) for path, cells in lessons.items()]
    nbgrader_export.write(folder, books)
    print(f"{folder}: {len(books)} lessons")
    return 0


def publish(root, folder, without_finished):
    """Write the zip for students unless something is stale; the exit status."""
    if check(root):
        return 1
    print(release.write(root, folder, without_finished))
    return 0


def choose(root, names):
    """The lessons that the command line names, by number or by stem."""
    found = {}
    for name in names:
        fits = [path for path in lesson_paths(root) if name in (path.stem, path.stem[:2])]
        if not fits:
            raise Refused(f"no lesson {name!r} in lessons/")
        found |= dict.fromkeys(fits)
    return list(found)


def main(arguments=None, root=ROOT):
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="lessons whose solutions run again, as in 03")
    parser.add_argument("--check", action="store_true", help="name what is stale, change nothing")
    parser.add_argument("--force", action="store_true", help="run every solution again")
    parser.add_argument("--students", action="store_true", help="do not run solutions")
    parser.add_argument("--new", nargs=2, metavar=("LESSON", "NAME"), help="stubs of an exercise")
    parser.add_argument("--kind", choices=new_exercise.KINDS, default="function", help="for --new")
    parser.add_argument("--release", type=Path, metavar="FOLDER", help="write the students' zip")
    parser.add_argument("--without-finished", action="store_true", help="for --release")
    parser.add_argument("--nbgrader", type=Path, metavar="FOLDER", help="write nbgrader's course")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return check(root)
        if options.new:
            (path,), name = choose(root, options.new[:1]), options.new[1]
            print(new_exercise.write(root, path, name, options.kind))
            return 0
        if options.release:
            return publish(root, options.release, options.without_finished)
        if options.nbgrader:
            return export(root, options.nbgrader)
        build(root, choose(root, options.lessons), options.force, options.students)
    except (Refused, release.Unfit, nbclient.exceptions.CellExecutionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
