"""For pytest: the longest files first, and the time that each notebook took, under the summary."""

import collections
import os
from pathlib import Path

# one copy of each library's threads in each of pytest's workers; the kernels inherit it
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST = ["test_checks.py", "test_browser.py"]  # first, or one worker is left alone with them


def pytest_collection_modifyitems(items):
    """Sort the files, not what is in them: pytest itself collects in the alphabet's order."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


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
