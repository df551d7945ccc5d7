"""tools/build.py --new: the stubs of an exercise, from nothing to a check that names mistakes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build
import pytest
import stubs

ROOT = Path(build.__file__).resolve().parent.parent
LESSON = '''\
# %% [markdown]
# # A small lesson
#
# After it you can double a number.

# %%
import torch
from torch.nn import functional as F

from helpers.checks import small as check

# %% [markdown]
# ## 1 Twice

# %% [markdown]
# ### Exercise: double (1 min)

# %%
def double(x):
    """Twice `x`."""
    return 2 * x  # SOLUTION

# %%
double = check.double(double)

# %% [markdown] tags=["folded"]
# ## Further: more to do

# %% [markdown]
# ## You have
#
# a function.
'''
TABLE = '''\
"""Checks of a small lesson."""

import torch

from helpers.checks import Topic
from helpers.checks.kinds.function import Function

topic = Topic()
exercise, progress = topic.exercise, topic.progress


def numbers():
    """Two numbers."""
    return {"x": torch.tensor([1.0, -2.0])}


@exercise(Function(numbers), None, "That is twice as much.")
def double(x):
    """Twice x."""
    return 2 * x


double.mistakes.update({"x ** 2": "That is the square."})
'''
IMPORTS = "import torch\nfrom torch.nn import functional as F\n"
NAME = "hinge_discriminator_loss"
# what an author writes over each stub, in order
LESSON_EDITS = {
    "(TODO min)": "(6 min)",
    "Given: TODO. Asked: TODO.": "Given: logits of D on reals and fakes. Asked: the hinge loss.",
    "TODO: where to look, in words.": "When is a logit good enough?",
    "# TODO\n": "# Reals up to 1, fakes down to -1; nothing is paid beyond.\n",
    "TODO: the idea stays with the student.": "`F.relu(1 - real_logits)` is the cost of each real.",
    f"def {NAME}(x):": f"def {NAME}(real_logits, fake_logits):",
    "TODO: what comes out, its shape and range.": "The hinge loss of D, a scalar from 0 up.",
    "return x.mean()": "return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()",
}
TABLE_EDITS = {
    "TODO: a few numbers to follow by hand, or n random ones.": "Logits of both sorts.",
    'return {"x": torch.randn(n) if n else torch.tensor([2.0, -1.0, 0.5])}': (
        "real, fake = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 0.25])\n"
        "    if n:\n        real, fake = 2 * torch.randn(n), 2 * torch.randn(n)\n"
        '    return {"real_logits": real, "fake_logits": fake}'
    ),
    "TODO: the loss, or the picture": "the loss",
    "TODO: what a right answer buys, one clause.": "D stops caring about what it is sure of.",
    f"def {NAME}(x):": f"def {NAME}(real_logits, fake_logits):",
    "TODO: what comes out, its shape and range.": "Reals below 1 and fakes above -1 cost.",
    "return x.mean()": ("return (1 - real_logits).relu().mean() + (1 + fake_logits).relu().mean()"),
    '"x.sum()": "TODO: an edit of the right answer, and what to hear who made it."': (
        '"(1 + fake_logits).relu() -> (1 - fake_logits).relu()": "Fakes are asked to lie above 1."'
    ),
}


@pytest.fixture
def course(tmp_path):
    """A course of one small lesson, with the real engine of checks."""
    root = tmp_path / "course"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers" / "checks", root / "helpers" / "checks", ignore=ignore)
    (root / "helpers" / "__init__.py").touch()
    (root / "helpers" / "checks" / "small.py").write_text(TABLE)
    (root / "lessons").mkdir()
    (root / "lessons" / "07_small.py").write_text(LESSON)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "README.md").write_text("<!-- lessons -->\n<!-- /lessons -->\n")
    return root


def texts(root):
    """Lesson and table."""
    paths = root / "lessons" / "07_small.py", root / "helpers" / "checks" / "small.py"
    return [path.read_text() for path in paths]


def fill(path, edits):
    """Write over each stub."""
    text = path.read_text()
    for old, new in edits.items():
        before, found, after = text.rpartition(old)
        assert found, old
        text = before + new + after
    path.write_text(text)


def run(root, code):
    """What a program prints in a course."""
    head = f"from helpers.checks import CheckError, small as check\n{IMPORTS}"
    command = [sys.executable, "-c", head + code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def said(root, sources):
    """What the check of the exercise says to each answer, a line each."""
    judged = f"\ntry:\n    check.{NAME}({NAME})\nexcept CheckError as error:\n    print(error)\n"
    return run(root, judged.join([*sources, ""]))


def test_from_nothing_to_a_check(course, capsys):
    lesson, table = course / "lessons" / "07_small.py", course / "helpers" / "checks" / "small.py"
    assert build.main(["--new", "07", NAME], course) == 0
    out = capsys.readouterr().out
    line = texts(course)[0].split("# %% [markdown]\n# ### Exercise: hinge")[0].count("\n") + 1
    assert (
        f"lessons/07_small.py:{line}: text, answer and check of {NAME}, before '## Further" in out
    )
    assert f"helpers/checks/small.py: the entry of {NAME}, at the end" in out

    assert build.main(["--students"], course) == 1  # unfilled
    assert re.match(rf"lessons/07_small.py:{line + 1}: .*Fill in the TODO", capsys.readouterr().err)
    fill(lesson, LESSON_EDITS)
    assert build.main(["--check"], course) == 1  # half filled
    assert re.match(r"helpers/checks/small.py:\d+: .*Fill in the TODO", capsys.readouterr().err)
    fill(table, TABLE_EDITS)
    assert build.main(["--students"], course) == 0, capsys.readouterr().err

    book = json.loads((course / "notebooks" / "07_small.ipynb").read_text())
    cells = {cell["id"]: "".join(cell["source"]) for cell in book["cells"]}
    assert cells[f"exercise-{NAME}"].startswith(f"### Exercise 7.2: {NAME} (6 min)")
    assert cells[f"exercise-{NAME}"].count("<details>") == 3
    assert cells[f"check-{NAME}"] == f"{NAME} = check.{NAME}({NAME})"
    student = cells[f"answer-{NAME}"]
    assert student.endswith("return ____")

    right = student.replace("____", LESSON_EDITS["return x.mean()"].removeprefix("return "))
    wrong = right.replace("1 + fake_logits", "1 - fake_logits")
    blank, fine, named = said(course, [student, right, wrong])
    assert re.fullmatch(rf"{NAME}: still blank \(line \d+\)\.", blank)
    assert fine == f"{NAME}: right. D stops caring about what it is sure of."
    assert "the loss is" in named and named.endswith("Fakes are asked to lie above 1.")


@pytest.mark.parametrize("kind", stubs.KINDS)
def test_stubs_of_each_kind_work(course, kind, capsys):
    """Once each TODO is a word, the stub's answer is right, and its mistake hears its sentence."""
    assert build.main(["--new", "07", NAME, "--kind", kind], course) == 0
    for path in (course / "lessons" / "07_small.py", course / "helpers" / "checks" / "small.py"):
        path.write_text(re.sub(r"TODO(?= min)", "5", path.read_text()).replace("TODO", "Words"))
    assert build.main(["--students"], course) == 0, capsys.readouterr().err
    right, wrong = run(
        course,
        f"known = check.topic.exercises[{NAME!r}]\ncheck.{NAME}(known.right)\n"
        "((edit, hears),) = known.mistakes.items()\n"
        f"try:\n    check.{NAME}(known.built(edit))\n"
        "except CheckError as error:\n    print(hears in str(error), error)\n",
    )
    assert right.startswith(f"{NAME}: right. Words") and wrong.startswith("True"), wrong
    command = [sys.executable, "-m", "ruff", "check", "--select=I,F401", "-q", "helpers"]
    assert subprocess.run(command, cwd=course).returncode == 0, texts(course)[1]


REFUSED = {
    "no lesson": (["08", NAME], "no lesson '08' in lessons/"),
    "no identifier": (["07", "hinge-loss"], "'hinge-loss' is no name for a function or class"),
    "keyword": (["07", "lambda"], "'lambda' is no name for a function or class"),
    "exercise": (["07", "double"], "lessons/07_small.py has a 'double' already"),
    "name of the table": (["07", "numbers"], "helpers/checks/small.py has a 'numbers' already"),
    "name of the lesson": (["07", "torch"], "lessons/07_small.py has a 'torch' already"),
    "name of Python": (["07", "sum"], "Python itself has a 'sum' already"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusal_writes_nothing(course, capsys, case):
    arguments, message = REFUSED[case]
    before = texts(course)
    assert build.main(["--new", *arguments], course) == 1
    assert message in capsys.readouterr().err
    assert texts(course) == before


def test_lesson_without_a_table_is_refused(course, capsys):
    (course / "lessons" / "08_new.py").write_text("# %% [markdown]\n# # New\n#\n# It is new.\n")
    assert build.main(["--new", "08", NAME], course) == 1
    assert "lesson 08_new has no helpers/checks/new.py. Write it" in capsys.readouterr().err


def test_the_example_of_contributing_works(course):
    """Its right answer is right, and each of its mistakes hears its sentence."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n([^`]*@exercise\(.*?)```", page, re.DOTALL)
    with (course / "helpers" / "checks" / "small.py").open("a") as table:
        table.write(f"\n\n{example}")
    right, *heard = run(
        course,
        f"known = check.topic.exercises[{NAME!r}]\ncheck.{NAME}(known.right)\n"
        "for edit, hears in known.mistakes.items():\n"
        f"    try:\n        check.{NAME}(known.built(edit))\n"
        "    except CheckError as error:\n        print(hears in str(error), error)\n",
    )
    assert right == f"{NAME}: right. D now rests on what it is sure of."
    assert len(heard) == 3 and all(line.startswith("True") for line in heard), heard
