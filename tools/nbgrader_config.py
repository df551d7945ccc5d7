"""nbgrader's settings for this course: tools/build.py --nbgrader copies them; edit the copy."""

import os
import re
import sys
from pathlib import Path

from nbgrader import preprocessors
from nbgrader.preprocessors import ClearSolutions

HERE = Path(__file__).resolve().parent
REGION = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION$", re.DOTALL | re.MULTILINE)


class Blanks(ClearSolutions):
    """Puts each blank's own form, the lines after "#: ", where its solution was."""

    def _replace_solution_region(self, cell, language):
        def form(match):
            return "\n".join(re.findall(r"^#: (.*)", match[1], re.MULTILINE))

        cell.source, found = REGION.subn(form, cell.source)
        return found > 0


c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "gan-course"
c.GenerateAssignment.preprocessors = [
    preprocessors.LockCells,
    Blanks,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ComputeChecksums,
    preprocessors.SaveCells,
    preprocessors.ClearHiddenTests,
    preprocessors.ComputeChecksums,
    preprocessors.CheckCellMetadata,
]
# a cell that takes longer is interrupted, and the rest of the notebook runs
c.ExecutePreprocessor.timeout = 300
c.ExecutePreprocessor.interrupt_on_timeout = True
# the kernel python3 of this folder: the course's Python, its helpers, quick trainings
os.environ["JUPYTER_PATH"] = str(HERE / "jupyter")
# nbgrader calls alembic by its name, also where no environment is activated
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
