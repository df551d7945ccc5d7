"""For pytest with nbval: report each cell of a sheet as it starts and as it falls.

One JSON object a line: {"begins": role, "exercise"} when a cell begins; {"role", "exercise",
"passed", "reason", "text", "error", "seconds"} when it has run; {"waits": true} now and then while
a cell of the course's own runs; {"died": why} when the kernel is gone, which ends the run;
{"done": true} after the last cell.
"""

import ctypes
import itertools
import json
import os
import sys
import threading
import time

# nbformat's jsonschema does without it, and its import takes two seconds, half of nbval's start
sys.modules.setdefault("rfc3987_syntax", None)

LONGEST = 4000  # characters of a cell's output that are kept
PATIENCE = 300  # seconds for a cell that is the course's own
PR_SET_DUMPABLE = 4


class Reporter:
    """Writes the lines, and watches the kernel while a cell runs."""

    def __init__(self, target):
        """target: a descriptor's number or a path."""
        place = int(target) if target.isdigit() else target
        self.file = open(place, "a", buffering=1, encoding="utf-8")  # noqa: SIM115
        self.kernel, self.patient, self.limit = None, True, None
        threading.Thread(target=self.watch, daemon=True).start()

    def write(self, **record):
        """One line."""
        self.file.write(json.dumps(record) + "\n")

    def watch(self):
        """End everything when the kernel is gone: nbval would wait for its timeout.

        While cells of the course run, say so: a loaded machine may need long to import PyTorch.
        """
        for tick in itertools.count():
            time.sleep(0.1)
            kernel = self.kernel
            if self.patient and tick % 20 == 0:
                self.write(waits=True)
            if kernel is not None and hasattr(kernel, "km") and not kernel.is_alive():
                self.end("its kernel ended.")

    def end(self, why):
        """Report the end of the run, and end it."""
        self.write(died=why)
        os._exit(3)

    def pytest_runtest_setup(self, item):
        """A cell begins."""
        course, option = item.cell.metadata.course, item.config.option
        item.options.update(skip=False, check_exception=False)  # whatever a student's comment says
        self.patient = course.role not in ("answer", "check")
        self.limit = self.limit or option.nbval_cell_timeout
        option.nbval_cell_timeout = PATIENCE if self.patient else self.limit
        self.write(begins=course.role, exercise=course.exercise)
        self.kernel = item.parent.kernel

    def pytest_runtest_makereport(self, item, call):
        """A cell has run: nbval's verdict on it, what it printed, the error it raised."""
        if call.when != "call":
            return
        self.kernel = None
        outputs = item.test_outputs or []
        errors = [output for output in outputs if output.output_type == "error"]
        text = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
        if not item.parent.kernel.is_alive():
            self.end("it did not end in time, and could not be interrupted.")
        self.write(
            **item.cell.metadata.course,
            passed=call.excinfo is None,
            reason=str(call.excinfo.value)[:LONGEST] if call.excinfo else "",
            text=text[:LONGEST],
            error=[str(errors[0].ename)[:99], str(errors[0].evalue)[:LONGEST]] if errors else None,
            seconds=round(call.duration, 3),
        )

    def pytest_runtest_teardown(self, item, nextitem):
        """Nobody has to wait for the kernel's end."""
        if nextitem is None:
            self.write(done=True)


def pytest_configure(config):
    """Begin to report, out of reach of other processes of this user."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    config.pluginmanager.register(Reporter(report_to()), "reporter")


def report_to():
    """Where the reports go: the descriptor of a jail, or the path in SELFCHECK_REPORT."""
    return os.environ.pop("JAIL_REPORT_FD", None) or os.environ.pop("SELFCHECK_REPORT")
