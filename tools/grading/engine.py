"""One submission to its marks: its answers, in the lesson built from source, in a jail."""

import functools
import hashlib
import json
import platform
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import build
import nbformat
from lesson import read_lesson

from grading.jail import Jail, JailError, Limits
from grading.results import Graded
from helpers.selfcheck import answers, marks, notebooks, sheet
from helpers.selfcheck.__main__ import ENVIRONMENT, command, files

ROOT = Path(__file__).resolve().parents[2]
GRACE = 15  # seconds without a word, for a kernel that is interrupted to give in
JUDGES = (
    "lessons/*.py",
    "helpers/**/*.py",
    "tools/**/*.py",
    "solutions/*.ipynb",
    "data/checksums.sha256",
)
# one thread at a time: two calls of ast.parse spoil each other's count of the depth in CPython
# 3.11, as soon as something, such as Dask, is told of garbage collections
PARSING = threading.RLock()
FAILED = "the grader failed here"  # such a result is not kept
WORDS = {
    "time": "the time for the whole submission was spent",
    "silence": "it did not end in time, and could not be interrupted",
    "memory": "it took more memory than a submission may",
    "processes": "it started more processes than a submission may",
    "disk": "it wrote more than a submission may",
}


class Options(NamedTuple):
    """How a class is graded."""

    seconds: float = 20  # for each cell of an answer, and its check
    total: float = 600  # for a submission, seconds
    memory: int = 4 << 30  # bytes
    processes: int = 32
    disk: int = 64 << 20  # bytes
    whole_cells: bool = False  # every statement of a cell that an answer needs
    trust: bool = False  # no walls


class Course(NamedTuple):
    """What submissions are graded with."""

    lessons: dict  # stem -> answers.Lesson
    books: dict  # stem -> the unfilled notebook, a NotebookNode
    lines: dict  # stem -> {exercise: what its check prints in the stored solution}
    digest: str  # of every file that a grade hangs on


class GraderError(Exception):
    """The grader itself failed; no grade is to be blamed on it."""


def course():
    """The Course of this checkout, built from source when it is first asked for."""
    with PARSING:
        return built()


@functools.cache
def built():
    """The Course, built now."""
    lessons, books, lines = {}, {}, {}
    for path in build.lesson_paths(ROOT):
        book = build.notebook(ROOT, path, read_lesson(path), "notebooks")
        solution = ROOT / "solutions" / f"{path.stem}.ipynb"
        books[path.stem] = book
        lessons[path.stem] = answers.Lesson(notebooks.read(nbformat.writes(book).encode()))
        lines[path.stem] = sheet.right_lines(json.loads(solution.read_text(encoding="utf-8")))
    return Course(lessons, books, lines, digest())


def digest():
    """A digest over the files that a grade hangs on, and the versions of what runs them."""
    versions = [platform.python_version(), *map(metadata.version, ("torch", "nbval", "pytest"))]
    found = hashlib.sha256(" ".join(versions).encode())
    for path in sorted({path for pattern in JUDGES for path in ROOT.glob(pattern)}):
        found.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def grade(file, content, options, expected=""):
    """The Graded of a submission; GraderError if the grader, not the submission, failed.

    expected: the digest of the course that must be graded with, "" for any.
    """
    if expected and course().digest != expected:
        raise GraderError(
            "the same course was expected on every machine; this one's files differ from those of "
            "the machine that asks. Update both checkouts; install the same Python and packages."
        )
    try:
        return judged(file, notebooks.read(content), options)
    except notebooks.NotANotebook as error:
        return Graded(file, problem=str(error))
    except (GraderError, JailError, OSError):
        raise
    except Exception as error:  # one file must not cost a class its grades
        return Graded(file, problem=f"{FAILED}, {type(error).__name__}: {str(error)[:500]}")


def judged(file, notebook, options):
    """The Graded of a notebook."""
    lesson = answers.recognised(course().lessons, notebook)
    with PARSING:
        submission = answers.Submission(lesson, notebook.cells)

    def write_sheet(without):
        lines = course().lines[lesson.stem]
        return sheet.sheet(lesson, submission, without, options.whole_cells, lines)

    run = functools.partial(jailed, options=options, end=time.monotonic() + options.total)
    return Graded(file, lesson.stem, tuple(marks.marks(lesson, write_sheet, run)))


def record(line):
    """What the plugin reported in a line."""
    try:
        return json.loads(line)
    except ValueError:  # too long to be whole
        raise marks.Ended(marks.KILLED) from None


def jailed(book, options, end):
    """Run a Sheet in a jail; yields the plugin's records, raises marks.Ended if it is cut short.

    end: when the submission's time is spent, on the monotonic clock.
    """
    if time.monotonic() > end:
        raise marks.Ended(f"{WORDS['time']}.")
    left = end - time.monotonic()
    limits = Limits(options.memory, options.processes, options.disk, left)
    texts = {name: text.encode() for name, text in files(book).items()}
    environment = ENVIRONMENT | {"OMP_NUM_THREADS": "1"}
    readable = [ROOT / "helpers", ROOT / "data"]
    words = command(options.seconds)
    with Jail(words, texts, readable, environment, limits, options.trust) as jail:
        begun = False
        for line in jail.lines(silence=options.seconds + GRACE):
            begun = True
            yield record(line)
        if jail.ended == "lost" or not begun:
            raise GraderError(f"a run did not start: {jail.problem or jail.output[-2000:]}")
        if jail.ended:
            raise marks.Ended(f"{WORDS[jail.ended]}.")
