"""How the tests are dealt to several workers: the cells of a notebook need one kernel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
TEST = """
import os, time
from pathlib import Path
import pytest

@pytest.mark.parametrize("i", range(4))
def test(i):
    time.sleep(0.3)
    Path(__file__).with_suffix(f".{i}").write_text(os.environ["PYTEST_XDIST_WORKER"])
"""


@pytest.fixture(scope="module")
def dealt(tmp_path_factory):
    """A folder after two workers have run two notebooks, two files and the small tests."""
    folder = tmp_path_factory.mktemp("dealt")
    shutil.copy(ROOT / "conftest.py", folder)
    for name in ("test_one.py", "test_two.py", "test_checks.py"):
        (folder / name).write_text(TEST)
    cells = ["x = 0", *["x += 1"] * 5, "assert x == 5"]
    for name in ("first.ipynb", "second.ipynb"):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        nbformat.write(book, folder / name)
    words = [sys.executable, "-m", "pytest", "-q", "-n2", "--no-loadscope-reorder", "--nbval"]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(words, cwd=folder, env=inherited, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "26 passed" in done.stdout
    return folder


def workers(folder, stem):
    """The workers that ran the tests of a file."""
    return {path.read_text() for path in folder.glob(f"{stem}.[0-9]")}


@pytest.mark.parametrize("stem", ["test_one", "test_two"])
def test_a_file_stays_on_one_worker(dealt, stem):
    assert len(workers(dealt, stem)) == 1


def test_small_tests_are_dealt_to_both(dealt):
    assert len(workers(dealt, "test_checks")) == 2
