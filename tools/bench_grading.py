"""What grading costs beside the bare cells: `make bench`, or tools/bench_grading.py 100.

One submission, alternately with its bare cells in a fresh Python and with a kernel that does
nothing; then a class of it (100 without a number), two at a time.
"""

import functools
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench import in_turns  # noqa: E402
from grade import grade  # noqa: E402
from grading import engine  # noqa: E402
from jupyter_client.manager import start_new_kernel  # noqa: E402

from helpers.selfcheck import answers, notebooks, sheet  # noqa: E402

STEM = "03_vanilla_gan"
CONTENT = (ROOT / "solutions" / f"{STEM}.ipynb").read_bytes()  # every answer filled


@functools.cache
def bare_cells():
    """A script: the answers, what they need, and their checks, with nothing of the grader."""
    lesson = engine.course().lessons[STEM]
    submission = answers.Submission(lesson, notebooks.read(CONTENT).cells)
    cells = json.loads(sheet.sheet(lesson, submission).book)["cells"]
    parts = [f"from helpers.checks import {lesson.topic} as check"]
    for cell in cells:
        course = cell["metadata"]["course"]
        if course["role"] == "check":
            name = course["exercise"]
            parts.append(f"{name} = check.{name}({name})")
        elif course["role"] in ("answer", "lesson"):
            parts.append("".join(cell["source"]))
    return "\n\n".join(parts)


def kernel():
    """Start a kernel, run a line, stop it."""
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    client.execute("1", reply=True, timeout=60)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def one():
    """Seconds of each, the median over alternate rounds."""
    runs = {
        "bare cells": bare,
        "a kernel": kernel,
        "graded": lambda: engine.grade("a.ipynb", CONTENT, engine.Options()),
    }
    found = in_turns(runs, time.perf_counter)
    print(", ".join(f"{name} {value:.2f} s" for name, value in found.items()))
    share = (found["graded"] - found["a kernel"]) / found["bare cells"]
    print(f"graded, less one kernel, over the bare cells: {share:.2f}")


def bare():
    """Run the bare cells in a fresh Python."""
    words = [sys.executable, "-c", bare_cells()]
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE)


def many(number):
    """The throughput of a class of `number` with two jails at a time, and of bare cells so."""
    with tempfile.TemporaryDirectory() as folder:
        submissions = Path(folder) / "class"
        submissions.mkdir()
        for place in range(number):  # no two alike, or one result would serve for all
            (submissions / f"{place:03}.ipynb").write_bytes(CONTENT + b" " * place)
        start = time.perf_counter()
        graded = grade(submissions, Path(folder) / "out", engine.Options(), workers=2)
        minutes = (time.perf_counter() - start) / 60
    right = sum(all(mark.outcome == "right" for mark in each.marks) for each in graded)
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: bare(), range(number // 4)))
    minutes_bare = (time.perf_counter() - start) / 60
    print(f"{number} submissions, {right} of them all right, two at a time:")
    print(f"graded {number / minutes:.1f} a minute, bare {number // 4 / minutes_bare:.1f} a minute")


if __name__ == "__main__":
    engine.course()
    one()
    many(int((sys.argv[1:] or ["100"])[0]))
