"""Check the answers of a notebook: python -m helpers.selfcheck notebooks/03_vanilla_gan.ipynb"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from helpers.selfcheck import answers, marks, notebooks, sheet

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30  # for one cell
WORDS = {"missing": "not in the notebook", "blank": "still blank", "error": "no verdict"}
SAID = {"right": "right. ", "error": "no verdict: "}  # a wrong answer's message speaks for itself
COMMAND = [
    *(sys.executable, "-m", "pytest", "-q", "--assert=plain", "-p", "no:cacheprovider"),
    *("-p", "helpers.selfcheck.plugin", "-p", "nbval.plugin"),
    *("-c", os.devnull, "--rootdir=.", "--nbval"),
    *("--nbval-current-env", "--nbval-sanitize-with=sanitize.cfg", "sheet.ipynb"),
]
ENVIRONMENT = {"COURSE_QUICK": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}


def files(book):
    """What COMMAND needs in its folder: name -> text."""
    return {"sheet.ipynb": book.book, "sanitize.cfg": sheet.SANITIZE}


def command(seconds=SECONDS):
    """COMMAND with a limit for each cell."""
    return [*COMMAND, f"--nbval-cell-timeout={seconds}"]


def run(book):
    """Run a Sheet in a temporary folder; yields the plugin's records."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files(book).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        report = Path(folder) / "report.jsonl"
        environment = os.environ | ENVIRONMENT | {"SELFCHECK_REPORT": str(report)}
        done = subprocess.run(
            command(), cwd=folder, env=environment, capture_output=True, text=True
        )
        if not report.exists():
            raise RuntimeError(f"pytest did not start: {done.stderr or done.stdout}")
        yield from map(json.loads, report.read_text(encoding="utf-8").splitlines())


def lesson_of(notebook):
    """The Lesson of a notebook: itself where it kept the course's marks, else one of notebooks/."""
    if any(answers.role(cell) == "check" for cell in notebook.cells):
        return answers.Lesson(notebook)
    books = [notebooks.read(path.read_bytes()) for path in sorted(ROOT.glob("notebooks/*.ipynb"))]
    lessons = {book.stem: answers.Lesson(book) for book in books if book.stem}
    return answers.recognised(lessons, notebook)


def judge(path):
    """Print what each check says of the notebook in `path`, then the table of progress."""
    notebook = notebooks.read(path.read_bytes())
    lesson = lesson_of(notebook)
    submission = answers.Submission(lesson, notebook.cells)

    def write_sheet(without):
        return sheet.sheet(lesson, submission, without)

    topic = importlib.import_module(f"helpers.checks.{lesson.topic}").topic
    for mark in marks.marks(lesson, write_sheet, run):
        print(f"{mark.exercise}: {SAID.get(mark.outcome, '')}{mark.message}".rstrip())
        topic.outcomes[mark.exercise] = WORDS.get(mark.outcome, mark.outcome)
    print()
    topic.progress()


def main(arguments=None):
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.selfcheck",
        description="What the checks say of a notebook's answers. The notebook is not changed.",
    )
    parser.add_argument("notebook", type=Path, help="as in notebooks/03_vanilla_gan.ipynb")
    path = parser.parse_args(arguments).notebook
    warnings.simplefilter("ignore", SyntaxWarning)  # of a student's backslashes
    try:
        judge(path)
    except (OSError, RuntimeError, notebooks.NotANotebook) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
