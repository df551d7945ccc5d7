"""How much is tested: `make test` a good part, CHECK_SEEDS=all, as in CI, all."""

import os
import shutil

WHOLE = os.environ.get("CHECK_SEEDS") == "all"
CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
