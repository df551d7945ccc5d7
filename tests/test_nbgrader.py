"""The export for nbgrader: valid, complete, and graded right by nbgrader itself.

nbgrader lives in an environment of its own, made by .ci/run: COURSE_NBGRADER names its folder.
"""

import ast
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import build
import nbformat
import nbgrader_export
import pytest

ROOT = Path(build.__file__).resolve().parent.parent
LESSON = "01_generative_vs_discriminative"  # the quickest of all
LESSONS = sorted(path.stem for path in ROOT.glob("lessons/*.py"))
NBGRADER = os.environ.get("COURSE_NBGRADER")
needs_nbgrader = pytest.mark.skipif(
    NBGRADER is None, reason="COURSE_NBGRADER names no environment with nbgrader; .ci/run makes one"
)
GENERATE_ALL = """
import sys
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader
config = PyFileConfigLoader("nbgrader_config.py", ".").load_config()
for name in sys.argv[1:]:
    done = NbGraderAPI(config=config).generate_assignment(name)
    assert done["success"], done["error"] or done["log"]
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """nbgrader's course, as the command writes it."""
    folder = tmp_path_factory.mktemp("nbgrader")
    assert build.main(["--nbgrader", str(folder)]) == 0
    return folder


def cells(path):
    """id -> cell of a notebook."""
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def source_of(course, stem):
    """id -> cell of a lesson's source version."""
    return cells(course / "source" / stem / f"{stem}.ipynb")


def solved(source):
    """An answer of the source version without nbgrader's marks."""
    marks = ("### ", "#: ")
    return "\n".join(line for line in source.splitlines() if not line.strip().startswith(marks))


def nbgrader(course, *words):
    """Run one nbgrader command in the course's folder; what it said."""
    # no activated environment, and not the kernel that would be found there
    names = ("VIRTUAL_ENV", "JUPYTER_PATH", "PYTHONPATH", "COURSE_QUICK")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    done = subprocess.run(
        [Path(NBGRADER) / "bin" / words[0], *words[1:]],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# ---------------------------------------------------------------- the source version


@pytest.mark.parametrize("stem", LESSONS)
def test_answers_are_the_solutions(course, stem):
    written, solutions = source_of(course, stem), cells(ROOT / "solutions" / f"{stem}.ipynb")
    answers = {id for id in solutions if id.startswith("answer-")}
    for id in answers:
        ast.parse(written[id].source)
        assert solved(written[id].source) == solutions[id].source
        assert written[id].metadata.nbgrader.solution and not written[id].metadata.nbgrader.locked
    assert answers == {id for id, c in written.items() if "BEGIN SOLUTION" in c.source}


@pytest.mark.parametrize("stem", LESSONS)
def test_each_exercise_has_a_locked_check_worth_a_point(course, stem):
    written = source_of(course, stem)
    heads = {
        name: cell.source.splitlines()[0]
        for cell in written.values()
        if cell.metadata.get("course", {}).get("role") == "exercise"
        for name in cell.metadata.course.exercises
    }
    graded = {id: c.metadata.nbgrader for id, c in written.items() if "HIDDEN" in c.source}
    assert set(graded) == {f"check-{name}" for name in heads}
    for name, head in heads.items():
        grading = graded[f"check-{name}"]
        assert grading.locked and grading.grade and not grading.solution
        assert grading.points == (0 if "stretch" in head else 1)


@pytest.mark.parametrize("stem", LESSONS)
def test_metadata_are_complete(course, stem):
    written = source_of(course, stem)
    marked = {id: c.metadata.nbgrader for id, c in written.items() if "nbgrader" in c.metadata}
    for id, grading in marked.items():
        assert grading.schema_version == 3 and grading.grade_id == id
        assert ("points" in grading) == grading.grade
    locked = [id for id, grading in marked.items() if grading.locked and not grading.grade]
    assert locked == ["first-cell", f"{stem}-002"]  # imports; all else is the student's to change
    assert "colab" not in written["top-cell"].source


def test_kernel_is_the_python_of_the_course(course):
    path = course / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel = json.loads(path.read_text(encoding="utf-8"))
    assert kernel["argv"][0] == sys.executable
    assert kernel["env"] == {"COURSE_QUICK": "1", "PYTHONPATH": str(ROOT)}


def test_settings_that_someone_edited_are_kept(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("edited")
    nbgrader_export.write(tmp_path, [])
    assert (tmp_path / "nbgrader_config.py").read_text() == "edited"


# ---------------------------------------------------------------- nbgrader itself


@pytest.fixture(scope="module")
def released(course):
    """The course after `nbgrader generate_assignment` of every lesson."""
    nbgrader(course, "nbgrader", "generate_assignment", LESSON)
    nbgrader(course, "python", "-c", GENERATE_ALL, *(stem for stem in LESSONS if stem != LESSON))
    return course


@needs_nbgrader
@pytest.mark.parametrize("stem", LESSONS)
def test_students_get_the_cells_of_the_notebook(released, stem):
    given = cells(released / "release" / stem / f"{stem}.ipynb")
    ours = cells(ROOT / "notebooks" / f"{stem}.ipynb")
    shared = [id for id in ours if id != "top-cell" and not id.startswith("check-")]
    assert [given[id].source for id in shared] == [ours[id].source for id in shared]
    checks = [c.source for id, c in given.items() if id.startswith("check-")]
    assert "\n".join(checks).split("\n") == [
        line for id, c in ours.items() if id.startswith("check-") for line in c.source.split("\n")
    ]
    for id in [id for id in given if id.startswith("check-")]:
        assert not given[id].metadata.editable and not given[id].metadata.deletable


def submit(course, student, change):
    """Hand in the released notebook after `change(cell)` on each of its cells."""
    file = f"{LESSON}/{LESSON}.ipynb"
    book = nbformat.read(course / "release" / file, as_version=4)
    for cell in book.cells:
        change(cell)
    path = course / "submitted" / student / file
    path.parent.mkdir(parents=True)
    nbformat.write(book, path)


@needs_nbgrader
def test_filled_gets_all_points_and_unfilled_none(released):
    """A check that a student has replaced is put back; other cells do not count."""
    solutions = cells(ROOT / "solutions" / f"{LESSON}.ipynb")

    def fill(cell):
        if cell.id.startswith("answer-"):
            cell.source = solutions[cell.id].source

    def cheat(cell):
        if cell.cell_type == "code" and not cell.id.startswith("answer-"):
            cell.source = "pass"

    submit(released, "filled", fill)
    submit(released, "unfilled", cheat)
    nbgrader(released, "nbgrader", "autograde", LESSON)
    nbgrader(released, "nbgrader", "export", "--to", "grades.csv")
    with open(released / "grades.csv", encoding="utf-8") as file:
        rows = {
            row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == LESSON
        }
    graded = [c for c in source_of(released, LESSON).values() if "HIDDEN" in c.source]
    core = sum(cell.metadata.nbgrader.points for cell in graded)
    assert float(rows["filled"]["score"]) == float(rows["filled"]["max_score"]) == core > 0
    assert float(rows["unfilled"]["score"]) == 0
