"""Multiple choice that answers at once; the only file that knows jupyterquiz."""

import json
import random

from IPython.display import Javascript, display
from jupyterquiz import display_quiz

from helpers.data import ROOT

# else jupyterquiz, finding JupyterLab's own MathJax, fetches another one from the network
STAY_OFFLINE = "if (window.MathJax && !MathJax.typeset) { MathJax.typeset = () => {}; }"


def show(topic):
    """Show the questions of data/quiz/TOPIC.json; the browser marks the answers, offline.

    jupyterquiz names its page elements by chance; seeded here, so that a run repeats, and the
    random state of the caller stays as it was.
    """
    questions = json.loads((ROOT / "quiz" / f"{topic}.json").read_text(encoding="utf-8"))
    display(Javascript(STAY_OFFLINE))
    state = random.getstate()
    random.seed(topic)
    try:
        display_quiz(questions, max_width=800)
    finally:
        random.setstate(state)
