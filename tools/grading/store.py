"""What has been graded, kept by content: a file for each, written whole or not at all."""

import hashlib
import json
from pathlib import Path

from grading.report import replace
from grading.results import Graded


class Store:
    """A folder of results."""

    def __init__(self, folder, course, options):
        """course: its digest; a change of it or of the options makes every result stale."""
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.about = f"{course} {options}"

    def path(self, content):
        """Where the result for a submission's bytes lies."""
        about = hashlib.sha256(self.about.encode()).digest()
        return self.folder / f"{hashlib.sha256(about + content).hexdigest()}.json"

    def get(self, file, content):
        """The Graded kept for these bytes, under this file's name; None if there is none."""
        try:
            plain = json.loads(self.path(content).read_text(encoding="utf-8"))
            return Graded.from_dict({**plain, "file": file})
        except (OSError, ValueError, KeyError, TypeError):
            return None  # nothing there, or damaged: it is graded again

    def put(self, content, graded):
        """Keep a result."""
        replace(self.path(content), json.dumps(graded.as_dict()))
