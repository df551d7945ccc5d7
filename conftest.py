"""For pytest: no worker waits for the other, and the time of each notebook under the summary."""

import collections
import os
from pathlib import Path

import pytest

# one copy of each library's threads in each of pytest's workers; the kernels inherit it
os.environ.setdefault("OMP_NUM_THREADS", "1")

LAST = "test_checks.py"  # thousands of small tests: dealt out one by one, they fill every gap
LONGEST = ["test_browser.py", "test_build.py"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With several workers a file stays on one of them; the small tests are dealt one by one."""
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        # not xdist_group marks: pytest 9.2 loses them without a word (pytest-xdist issue 1386),
        # and the cells of a notebook then run in the kernels of both workers
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return nodeid if file.endswith(LAST) else file

    return Files(config, log)


def pytest_collection_modifyitems(config, items):
    """With several workers: long files first, small tests at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.path))


def rank(path):
    """The place of a file's tests in the order of a distributed run."""
    if path.name in LONGEST:
        return LONGEST.index(path.name)
    return len(LONGEST) + (path.suffix != ".ipynb") + (path.name == LAST)


def pytest_terminal_summary(terminalreporter):
    """Print one line for each notebook that ran: cells, seconds."""
    seconds, cells = collections.Counter(), collections.Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            file = getattr(report, "nodeid", "").split("::")[0]
            if file.endswith(".ipynb") and hasattr(report, "duration"):
                seconds[file] += report.duration
                cells[file] += report.when == "call"
    if seconds:
        terminalreporter.section("time per lesson")
    for file in sorted(seconds):
        terminalreporter.line(f"{Path(file).stem:30} {cells[file]:4} cells {seconds[file]:7.1f} s")
