"""For pytest: no worker waits for the other, and the time of each notebook under the summary."""

import collections
import os
from pathlib import Path

import pytest

# one copy of each library's threads in each of pytest's workers; the kernels inherit it
os.environ.setdefault("OMP_NUM_THREADS", "1")

LAST = "test_checks.py"  # thousands of small tests: dealt out one by one, they fill every gap
LONGEST = ["test_browser.py", "test_build.py"]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config, items):
    """With two workers: a file stays on one of them, long files first, small tests at the end."""
    if not getattr(config.option, "loadgroup", False):  # set in xdist's workers
        return
    for item in items:
        if item.path.name != LAST:
            item.add_marker(pytest.mark.xdist_group(item.path.name))
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
