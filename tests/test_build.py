"""The builder: two notebooks from one lesson, and nothing stale goes unseen."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build
import lesson
import nbformat
import pytest
from extent import CHROMIUM

ROOT = Path(build.__file__).resolve().parent.parent
LESSONS = sorted(path.stem for path in ROOT.glob("lessons/*.py"))
each_lesson = pytest.mark.parametrize("stem", LESSONS)

# every cell whose output nbval does not compare, and why: lesson -> cell id -> reason
IGNORED_OUTPUT = {
    "01_generative_vs_discriminative": {
        "01_generative_vs_discriminative-curves": "accuracies after training; verdicts precede",
    },
    "02_autoencoder_vae": {
        "02_autoencoder_vae-sweep": "scores after training; a cell of verdicts follows",
        "02_autoencoder_vae-scores": "scores after training; a cell of verdicts follows",
    },
    "03_vanilla_gan": {
        "03_vanilla_gan-timing": "measured times",
        "03_vanilla_gan-scores": "scores after training; a cell of verdicts follows",
        "03_vanilla_gan-scores-dcgan": "scores after training; a cell of verdicts follows",
        "03_vanilla_gan-scores-vae": "scores after training; a cell of verdicts follows",
        "03_vanilla_gan-spread": "distances after training; a cell with the verdict follows",
        "03_vanilla_gan-scores-collapse": "scores after training; a cell of verdicts follows",
    },
    "04_adversarial_attacks": {
        "04_adversarial_attacks-defences": "accuracies after training; a cell of verdicts follows",
        "04_adversarial_attacks-budgets": "accuracies under random starts; verdicts follow",
        "04_adversarial_attacks-habits": "accuracies under random starts; verdicts follow",
        "04_adversarial_attacks-accident": "accuracies after training; a cell of verdicts follows",
    },
    "05_conditional_gan": {
        "05_conditional_gan-by-class": "scores after training; a cell of verdicts follows",
        "05_conditional_gan-scores": "scores after training; a cell with the verdict follows",
        "05_conditional_gan-scores-long": "scores after training; a cell of verdicts follows",
        "05_conditional_gan-truncation": "a figure of scores; a cell of verdicts follows",
        "05_conditional_gan-worth": "accuracies after training; a cell of verdicts follows",
        "05_conditional_gan-matching": "scores after training; a cell of verdicts follows",
        "05_conditional_gan-scores-l1": "scores after training; a cell of verdicts follows",
    },
    "06_cyclegan": {
        "06_cyclegan-scores": "scores after training; a cell of verdicts follows",
        "06_cyclegan-hidden": "errors under random noise; a cell with the verdict follows",
        "06_cyclegan-photographs": "pictures, if this machine has downloaded the photographs",
    },
}

CHECKS = """\
def exercise(kind, stand_in, gain):
    return lambda check: check

@exercise(None, "helpers.finished:double", "It doubles.")
def double(f):
    assert f(2) == 4
    print("double: right.")
    return f

@exercise(None, None, "It is a net.")
def Net(cls):
    return cls

topic = object()
progress = print
"""

LESSON = '''\
# %% [markdown]
# # A tiny lesson
#
# After it you can double a number. It takes a minute.

# %%
from helpers.checks import tiny as check

# %% [markdown]
# ### Exercise: double (5 min)
# Return twice `x`.

# %%
def double(x):
    """2 * x"""
    y = 2 * x  # SOLUTION
    return y

# %%
double = check.double(double)

# %% [markdown] tags=["solution"]
# A worked remark.

# %% [markdown] tags=["folded"]
# ## Further

# %% [markdown]
# ### Exercise: Net (10 min, stretch)

# %%
class Net:
    """A net of two numbers."""

    def __init__(self):
        # BEGIN SOLUTION
        self.a = 1

        # the second
        self.b = 2
        # END SOLUTION

# %%
Net = check.Net(Net)

# %%
import matplotlib.pyplot as plt
_ = plt.figure(figsize=(1, 1))
_ = plt.plot([0, 1])
plt.show()
print("a number:", 6 * 7)
check.progress()
'''


def write_course(root, text=LESSON):
    """A course of one tiny lesson in `root`."""
    for folder in ("lessons", "helpers/checks"):
        (root / folder).mkdir(parents=True)
    (root / "helpers" / "__init__.py").touch()
    (root / "helpers" / "checks" / "__init__.py").touch()
    (root / "helpers" / "checks" / "tiny.py").write_text(CHECKS)
    (root / "helpers" / "finished.py").write_text("def double(x):\n    return x + x\n")
    (root / "lessons" / "07_tiny.py").write_text(text)
    (root / "README.md").write_text("# Tiny\n\n<!-- lessons -->\n<!-- /lessons -->\n\nThe end.\n")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A tiny course, built once."""
    root = write_course(tmp_path_factory.mktemp("built") / "course")
    assert build.main([], root) == 0
    return root


@pytest.fixture
def course(built, tmp_path):
    """A copy of the tiny course, to be spoilt."""
    return Path(shutil.copytree(built, tmp_path / "course"))


def files(root):
    """What a build writes: path -> bytes."""
    paths = [*root.glob("*/*.ipynb"), root / "README.md"]
    return {path.relative_to(root): path.read_bytes() for path in paths}


def cells(root, folder, stem="07_tiny"):
    """id -> cell of one notebook."""
    book = nbformat.read(root / folder / f"{stem}.ipynb", as_version=4)
    return {cell.id: cell for cell in book.cells}


def read_tiny(tmp_path, text):
    """The cells of a lesson of one function with `text` as its body, between text and check."""
    body = "\n".join(f"    {line}" for line in text.splitlines())
    source = f"""\
# %%
from helpers.checks import tiny as check
# %% [markdown]
# ### Exercise: double (5 min)
# %%
def double(x, a=0, b=0):
{body}
# %%
double = check.double(double)
"""
    root = write_course(tmp_path / "tiny", source)
    answer = lesson.read_lesson(root / "lessons" / "07_tiny.py")[2]
    return [
        "\n".join(line[4:] for line in version.splitlines()[1:])
        for version in (answer.student, answer.solution)
    ]


# ---------------------------------------------------------------- marks


MARKS = {
    "assignment": ("y = 2 * x  # SOLUTION", "y = ____", "y = 2 * x"),
    "two targets": ("y = z = 2 * x  # SOLUTION", "y = z = ____", "y = z = 2 * x"),
    "keyword": ("y = f(a=1)['=']  # SOLUTION", "y = ____", "y = f(a=1)['=']"),
    "annotated": ("y: int = 2  # SOLUTION", "y: int = ____", "y: int = 2"),
    "augmented": ("x += 2  # SOLUTION", "x += ____", "x += 2"),
    "attribute": ("a.é = 2  # SOLUTION", "a.é = ____", "a.é = 2"),
    "subscript": ("a[b == 1] = 2  # SOLUTION", "a[b == 1] = ____", "a[b == 1] = 2"),
    "return": ("return 2 * x  # SOLUTION", "return ____", "return 2 * x"),
    "call": ("x.step()  # SOLUTION", "____", "x.step()"),
    "form": ("y = f(a, b)  # SOLUTION: f(a, ____)", "y = f(a, ____)", "y = f(a, b)"),
    "whole form": ("y = f(a)  # SOLUTION: y = f(____)", "y = f(____)", "y = f(a)"),
    "return form": ("return f(a)  # SOLUTION: f(____)", "return f(____)", "return f(a)"),
    "header": ("if x:  # SOLUTION: if ____:\n    y = 1", "if ____:\n    y = 1", "if x:\n    y = 1"),
    "many lines": (
        "y = (\n    1\n    + x\n)  # SOLUTION\nreturn y",
        "y = ____\nreturn y",
        "y = (\n    1\n    + x\n)\nreturn y",
    ),
    "inside a call": (
        "y = f(\n    a,  # SOLUTION: ____,\n    b,\n)",
        "y = f(\n    ____,\n    b,\n)",
        "y = f(\n    a,\n    b,\n)",
    ),
    "block": (
        "# BEGIN SOLUTION\ny = 1\n\n# why\nz = 2\n# END SOLUTION\nreturn y",
        "____  # your code: about 2 lines\nreturn y",
        "y = 1\n\n# why\nz = 2\nreturn y",
    ),
    "block in a loop": (
        "for x in a:\n    # BEGIN SOLUTION\n    y = 1\n    # END SOLUTION",
        "for x in a:\n    ____  # your code: about 1 line",
        "for x in a:\n    y = 1",
    ),
    "mark in a string": (
        "y = '# SOLUTION'\nreturn y  # SOLUTION",
        "y = '# SOLUTION'\nreturn ____",
        "y = '# SOLUTION'\nreturn y",
    ),
}


@pytest.mark.parametrize("name", MARKS)
def test_mark(tmp_path, name):
    source, student, solution = MARKS[name]
    assert read_tiny(tmp_path, source) == [student, solution]


def test_long_blank_is_a_warning(tmp_path, capsys):
    lines = "\n".join(f"y = {n}" for n in range(7))
    read_tiny(tmp_path, f"# BEGIN SOLUTION\n{lines}\n# END SOLUTION")
    assert "lessons/07_tiny.py:7: a blank of 7 lines" in capsys.readouterr().err


def test_words_of_a_comment_are_no_shell_command(tmp_path):
    student, _ = read_tiny(tmp_path, "# cat and dog\n# %time is short\nreturn x  # SOLUTION")
    assert student == "# cat and dog\n# %time is short\nreturn ____"


# refusals: old, new, where it is said to be, message


REFUSALS = {
    "mark outside": (
        'print("a number:", 6 * 7)',
        "y = 1  # SOLUTION",
        "y = 1  #",
        "a mark outside a function: the unfilled notebook would stop here. Put the blank into",
    ),
    "mark in a class body": (
        "    def __init__(self):",
        "    size = 2  # SOLUTION\n    def __init__(self):",
        "    size",
        "a mark outside a function",
    ),
    "block outside": (
        'print("a number:", 6 * 7)',
        "# BEGIN SOLUTION\ny = 1\n# END SOLUTION",
        "y = 1\n",
        "a mark outside a function",
    ),
    "no check": (
        "double = check.double(double)",
        "double(2)",
        "# ### Exercise: double",
        "exercise 'double' without a check. Add a cell 'double = check.double(double)'",
    ),
    "no exercise": (
        "# ### Exercise: double (5 min)\n",
        "",
        "double = check",
        "check of 'double' without an exercise. Add '### Exercise: double (5 min)'",
    ),
    "duplicate": (
        "# ### Exercise: Net (10 min, stretch)",
        "# ### Exercise: double (10 min)",
        "# ### Exercise: double (10",
        "duplicate exercise 'double', first on line 10. Rename it",
    ),
    "duplicate check": (
        "Net = check.Net(Net)",
        "Net = check.Net(Net)\n# %%\ndouble = check.double(  double)",
        "double = check.double(  ",
        "duplicate check 'double', first on line",
    ),
    "unknown check": (
        "Net = check.Net(Net)",
        "Net = check.Net(Net)\ncheck.progres()",
        "check.progres()",
        "the lesson's checks have no 'progres'. Add it to helpers/checks or mend the name",
    ),
    "no checks module": (
        "import tiny as check",
        "import tinny as check",
        "from helpers",
        "no helpers/checks/tinny.py. Write it or mend the import",
    ),
    "odd check": (
        "double = check.double(double)",
        "double = check.double(double, 3)",
        "double = check",
        "a check reads 'double = check.double(double)'. Mend it",
    ),
    "odd heading": (
        "# ### Exercise: double (5 min)",
        "# ### Exercise 7.1: double",
        "# ### Exercise 7.1",
        "an exercise begins '### Exercise: name (10 min)' or",
    ),
    "no answer": (
        "def double(x):",
        "def triple(x):",
        "# ### Exercise: double",
        "no cell between this exercise and its check defines 'double'. Add or move it",
    ),
    "no blank": (
        "y = 2 * x  # SOLUTION",
        "y = 2 * x",
        "def double",
        "exercise 'double' has no blank. Mark its solution",
    ),
    "blank elsewhere": (
        'print("a number:", 6 * 7)',
        "# %%\ndef f():\n    return 1  # SOLUTION",
        "def f",
        "a blank in a cell that defines no exercise's name. Add the exercise",
    ),
    "invalid source": (
        "    y = 2 * x  # SOLUTION",
        "    y = 2 *  # SOLUTION",
        "    y = 2 *",
        "the source of this cell is not Python (invalid syntax",
    ),
    "invalid student": (
        "y = 2 * x  # SOLUTION",
        "y = 2 * x  # SOLUTION: 2 * ____)",
        "    y = 2 *",
        "the student's version of this cell is not Python (unmatched ')'",
    ),
    "begin alone": (
        "        # END SOLUTION\n",
        "",
        "        # BEGIN",
        "BEGIN SOLUTION without END SOLUTION. Add the END line",
    ),
    "end alone": (
        "        # BEGIN SOLUTION\n",
        "",
        "        # END",
        "END SOLUTION without BEGIN SOLUTION. Add the BEGIN line",
    ),
    "mark in a block": (
        "self.b = 2",
        "self.b = 2  # SOLUTION",
        "        self.b",
        "a mark inside BEGIN SOLUTION ... END SOLUTION. Drop one",
    ),
    "empty block": (
        "        self.a = 1\n\n        # the second\n        self.b = 2\n        # END SOLUTION\n",
        "        # END SOLUTION\n        self.a = 1\n",
        "        # BEGIN",
        "no code between BEGIN and END SOLUTION. Drop the marks",
    ),
    "misspelt mark": (
        "y = 2 * x  # SOLUTION",
        "y = 2 * x  #SOLUTION",
        "    y = 2",
        "unknown mark '#SOLUTION'. Write '# SOLUTION', '# SOLUTION: student form'",
    ),
    "mark on a header": (
        "    y = 2 * x  # SOLUTION",
        "    if x:  # SOLUTION\n        y = 1",
        "    if x",
        "'# SOLUTION' needs an assignment, a return or a call that ends on this line. Move it",
    ),
    "unknown tag": (
        'tags=["folded"]',
        'tags=["fold"]',
        '# %% [markdown] tags=["fold"]',
        "unknown tag or option 'fold'. Known: folded, nbval-ignore-output, solution, id",
    ),
    "tagged code": (
        "# %%\nNet = check",
        '# %% tags=["solution"]\nNet = check',
        '# %% tags=["solution"]',
        "tags solution and folded are for markdown cells. Drop the tag",
    ),
    "folded without heading": (
        "# ## Further",
        "# Further",
        '# %% [markdown] tags=["folded"]',
        "a folded cell must begin with a heading. Add one or drop the tag",
    ),
    "text before a cell": (
        "# %% [markdown]\n# # A tiny",
        "x = 1\n# %% [markdown]\n# # A tiny",
        "x = 1",
        "11 lines begin with '# %%' but 12 cells were read. Put all text under a '# %%' line",
    ),
    "long id": (
        "# %%\nimport mat",
        f'# %% id="{"x" * 60}"\nimport mat',
        '# %% id="',
        f"cell id '07_tiny-{'x' * 60}' is a duplicate, too long or has odd characters",
    ),
    "no title": (
        "# # A tiny lesson",
        "# A tiny lesson",
        "# A tiny",
        "a lesson begins with a '# Title' and a sentence under it. Add them",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal(tmp_path, capsys, name):
    old, new, place, message = REFUSALS[name]
    assert LESSON.count(old) == 1
    text = LESSON.replace(old, new)
    line = text[: text.index(place)].count("\n") + 1
    root = write_course(tmp_path / "bad", text)
    assert build.main(["--students"], root) == 1
    assert f"lessons/07_tiny.py:{line}: {message}" in capsys.readouterr().err
    assert build.main(["--check"], root) == 1


# what does not fit between a lesson and its table: file, old, new, where and what is said
TINY = "helpers/checks/tiny.py"
MISFITS = {
    "name of a stand-in": (
        *(TINY, "finished:double", "finished:doubled"),
        "helpers/checks/tiny.py:4: the stand-in of exercise 'double' is "
        "'helpers.finished:doubled', and helpers.finished defines no 'doubled'. Mend the name,",
    ),
    "module of a stand-in": (
        *(TINY, "helpers.finished", "helpers.finish"),
        "helpers/checks/tiny.py:4: the stand-in of exercise 'double' is 'helpers.finish:double', "
        "and helpers.finish defines no 'double'. Mend the name,",
    ),
    "moved stand-in": (
        *("helpers/finished.py", "double", "twice"),
        "helpers/checks/tiny.py:4: the stand-in of exercise 'double' is",
    ),
    "stand-in that is no place": (
        *(TINY, '"helpers.finished:double"', "lambda: max"),
        "helpers/checks/tiny.py:4: the stand-in of 'double' reads lambda: max. Write",
    ),
    "no entry": (
        *(TINY, '@exercise(None, None, "It is a net.")\n', ""),
        "lessons/07_tiny.py:44: exercise 'Net' has no entry in helpers/checks/tiny.py. Put "
        "'@exercise(kind, stand_in, gain)' above a right answer 'Net' there.",
    ),
    "no exercise": (
        *(TINY, "topic =", '@exercise(None, None, "It is more.")\ndef more(x): ...\n\ntopic ='),
        "helpers/checks/tiny.py:14: 'more' has an entry here, and lessons/07_tiny.py asks for no "
        "such exercise. Write '### Exercise: more (5 min)' with its answer and its check there, or",
    ),
    "stub in the table": (
        *(TINY, '"It is a net."', '"TODO: what it buys"'),
        "helpers/checks/tiny.py:10: '@exercise(None, None, \"TODO: what it buys\")' waits for its "
        "author. Fill in the TODO.",
    ),
    "stub in the lesson": (
        *("lessons/07_tiny.py", "(10 min,", "(TODO min,"),
        "lessons/07_tiny.py:29: 'Exercise: Net (TODO min, stretch)' waits for its author. Fill",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_lesson_and_table_have_to_fit(tmp_path, capsys, name):
    file, old, new, message = MISFITS[name]
    root = write_course(tmp_path / "bad")
    spoil(root / file, old, new)
    for command in ("--students", "--check"):
        assert build.main([command], root) == 1
        assert capsys.readouterr().err.startswith(message)


def test_stand_ins_are_found_behind_an_import_and_in_an_assignment(tmp_path, capsys):
    """A package may import the finished one from one of its modules."""
    root = write_course(tmp_path / "package")
    (root / "helpers" / "finished.py").unlink()
    (root / "helpers" / "finished").mkdir()
    package = "from helpers.finished.twice import twice as double\n"
    (root / "helpers" / "finished" / "__init__.py").write_text(package)
    (root / "helpers" / "finished" / "twice.py").write_text("twice = (2).__mul__\n")
    assert build.main(["--students"], root) == 0, capsys.readouterr().err


def test_odd_file_name_is_refused(tmp_path, capsys):
    root = write_course(tmp_path / "bad")
    (root / "lessons" / "07_tiny.py").rename(root / "lessons" / "tiny.py")
    assert build.main([], root) == 1
    assert "lessons/tiny.py:1: a lesson is named NN_topic.py" in capsys.readouterr().err


def test_unknown_lesson_is_refused(course, capsys):
    assert build.main(["08"], course) == 1
    assert "no lesson '08' in lessons/" in capsys.readouterr().err


def test_failing_solution_is_not_written(course, capsys):
    before = files(course)
    spoil(course / "lessons" / "07_tiny.py", "y = 2 * x  #", "y = 3 * x  #")
    assert build.main([], course) == 1
    assert "AssertionError" in capsys.readouterr().err
    solution = Path("solutions/07_tiny.ipynb")
    assert files(course)[solution] == before[solution]


# ---------------------------------------------------------------- what is built


def test_rebuild_is_byte_identical(course):
    before = files(course)
    assert build.main(["--force"], course) == 0
    assert files(course) == before


def test_fresh_build_has_nothing_to_do(course, capsys):
    before = files(course)
    assert build.main([], course) == 0
    assert build.main(["--check"], course) == 0
    assert capsys.readouterr() == ("", "")
    assert files(course) == before


def test_prose_change_keeps_the_outputs(course, capsys):
    spoil(course / "lessons" / "07_tiny.py", "Return twice", "Give back twice")
    spoil(course / "lessons" / "07_tiny.py", "A worked remark", "A remark")
    assert build.main([], course) == 0
    assert "running" not in capsys.readouterr().out
    assert build.main(["--check"], course) == 0


def test_code_change_runs_the_solution_again(course, capsys):
    spoil(course / "lessons" / "07_tiny.py", "6 * 7", "6 * 8")
    assert build.main(["--students"], course) == 0
    assert "running" not in capsys.readouterr().out
    assert build.main([], course) == 0
    assert "running lesson 07_tiny" in capsys.readouterr().out
    assert "48" in (course / "solutions" / "07_tiny.ipynb").read_text()


def test_printed_lines_are_stored_in_one_piece_on_each_side_of_a_figure(course):
    """The kernel sends them in as many messages as its clock has it."""
    spoil(
        course / "lessons" / "07_tiny.py",
        "_ = plt.figure",
        'print("one", flush=True)\nprint("two", flush=True)\n_ = plt.figure',
    )
    assert build.main([], course) == 0
    *_, last = cells(course, "solutions").values()
    kinds = [output.output_type for output in last.outputs]
    assert kinds == ["stream", "display_data", "stream"]
    assert last.outputs[0].text == "one\ntwo\n"


def test_quick_mode_does_not_reach_a_solution(course, monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    spoil(course / "lessons" / "07_tiny.py", "6 * 7", '__import__("os").getenv("COURSE_QUICK")')
    assert build.main([], course) == 0
    assert "a number: None" in (course / "solutions" / "07_tiny.ipynb").read_text()


def test_ids_numbers_and_metadata(built):
    student, solution = cells(built, "notebooks"), cells(built, "solutions")
    assert list(student)[:2] == list(solution)[:2] == ["top-cell", "first-cell"]
    assert [name for name in student if "-double" in name or "-Net" in name] == [
        f"{role}-{name}" for name in ("double", "Net") for role in ("exercise", "answer", "check")
    ]
    assert student["answer-Net"].metadata == {"course": {"role": "answer", "exercises": ["Net"]}}
    assert student["exercise-double"].source.startswith("### Exercise 7.1: double (5 min)")
    assert student["exercise-Net"].source.startswith("### Exercise 7.2: Net (10 min, stretch)")
    assert set(solution) - set(student) == {"07_tiny-006"}
    assert student["07_tiny-007"].metadata["jp-MarkdownHeadingCollapsed"] is True
    assert "lessons/07_tiny.py" in student["top-cell"].source


def test_two_names_in_one_exercise(tmp_path):
    text = LESSON.replace("Exercise: double (", "Exercise: double and triple (")
    text = text.replace(
        "    return y\n", "    return y\n\n# %%\ndef triple(x):\n    return 3 * x  # SOLUTION\n"
    )
    text = text.replace(
        "check.double(double)", "check.double(double)\ntriple = check.triple(triple)"
    )
    root = write_course(tmp_path / "two", text)
    (root / "helpers" / "checks" / "tiny.py").write_text(
        CHECKS + '\n@exercise(None, None, "It triples.")\ndef triple(f):\n    return f\n'
    )
    assert build.main(["--students"], root) == 0
    found = cells(root, "notebooks")
    assert {"exercise-double", "answer-double", "answer-triple", "check-double"} <= set(found)
    assert found["check-double"].metadata["course"]["exercises"] == ["double", "triple"]


def test_readme_table(built):
    text = (built / "README.md").read_text()
    row = "| 7 | [A tiny lesson](notebooks/07_tiny.ipynb) | After it you can double a number. | 2,"
    assert row in text
    assert text.endswith("<!-- /lessons -->\n\nThe end.\n")


# ---------------------------------------------------------------- planted edits


def spoil(path, old, new):
    """Replace the first `old` in a file; fail if there is none."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def spoil_image(root):
    """Change one character in the middle of the stored picture."""
    path = root / "solutions" / "07_tiny.ipynb"
    book = json.loads(path.read_text())
    data = next(
        out["data"] for cell in book["cells"] for out in cell.get("outputs", []) if "data" in out
    )
    middle = len(data["image/png"]) // 2
    data["image/png"] = data["image/png"][:middle] + "A" + data["image/png"][middle + 1 :]
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n")


PLANTED = {
    "student": ("notebooks/07_tiny.ipynb", "Return twice", "Return once"),
    "student space": ("notebooks/07_tiny.ipynb", '"cells": [', '"cells":  ['),
    "student blank": ("notebooks/07_tiny.ipynb", "y = ____", "y = 2 * x"),
    "solution source": ("solutions/07_tiny.ipynb", "y = 2 * x", "y = x * 2"),
    "solution prose": ("solutions/07_tiny.ipynb", "A worked remark", "A remark"),
    "solution output": ("solutions/07_tiny.ipynb", "a number: 42", "a number: 43"),
    "solution count": (
        "solutions/07_tiny.ipynb",
        '"execution_count": 3',
        '"execution_count": null',
    ),
    "solution metadata": ("solutions/07_tiny.ipynb", '"nbformat_minor": 5', '"nbformat_minor": 4'),
    "solution kernel": ("solutions/07_tiny.ipynb", '"name": "python3"', '"name": "mine"'),
    "not a notebook": ("solutions/07_tiny.ipynb", "{", "["),
    "README": ("README.md", "A tiny lesson", "A lesson"),
    "README marker": ("README.md", "<!-- lessons -->", ""),
    "lesson": ("lessons/07_tiny.py", "6 * 7", "7 * 6"),
    "repository": ("pyproject.toml", "/gan-course", "/another-course"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_edit_is_seen(course, capsys, name):
    file, old, new = PLANTED[name]
    spoil(course / file, old, new)
    assert build.main(["--check"], course) == 1
    named = {"lessons": "notebooks/07_tiny.ipynb", "pyproject.toml": "notebooks/07_tiny.ipynb"}
    assert f"stale: {named.get(file.split('/')[0], file)}" in capsys.readouterr().out


def test_planted_image_is_seen(course, capsys):
    spoil_image(course)
    assert build.main(["--check"], course) == 1
    assert capsys.readouterr().out.startswith("stale: solutions/07_tiny.ipynb.")


def test_renamed_check_is_seen(course, capsys):
    spoil(course / "helpers" / "checks" / "tiny.py", "def double", "def doubled")
    assert build.main(["--check"], course) == 1
    assert "07_tiny.py:20: the lesson's checks have no 'double'" in capsys.readouterr().err


def test_stray_and_missing_notebooks_are_seen(course, capsys):
    (course / "notebooks" / "07_tiny.ipynb").rename(course / "notebooks" / "08_other.ipynb")
    assert build.main(["--check"], course) == 1
    out = capsys.readouterr().out
    assert "stale: notebooks/08_other.ipynb" in out and "stale: notebooks/07_tiny.ipynb" in out


@pytest.mark.parametrize("name", ["solution output", "solution source", "not a notebook"])
def test_build_mends_a_planted_edit(course, built, name):
    spoil(course / PLANTED[name][0], *PLANTED[name][1:])
    assert build.main([], course) == 0
    assert files(course) == files(built)


# ---------------------------------------------------------------- the real lessons


def test_nothing_is_stale():
    command = [sys.executable, ROOT / "tools" / "build.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@each_lesson
def test_filled_student_notebook_is_the_solution(stem):
    student, solution = cells(ROOT, "notebooks", stem), cells(ROOT, "solutions", stem)
    extra = set(solution) - set(student)
    assert all("solution" in solution[name].metadata.tags for name in extra)
    for name in [name for name in solution if name not in extra and name != "top-cell"]:
        if student[name].metadata.get("course", {}).get("role") == "answer":
            assert "____" in student[name].source or student[name].source != solution[name].source
            student[name].source = solution[name].source
        assert student[name].source == solution[name].source
        assert student[name].metadata == solution[name].metadata
    assert [name for name in solution if name not in extra] == list(student)


@each_lesson
def test_student_notebook_is_clean_python(stem, tmp_path):
    source = "\n\n".join(
        cell.source for cell in cells(ROOT, "notebooks", stem).values() if cell.cell_type == "code"
    )
    ast.parse(source)
    # the contract's names make a check's line as long as it is
    source = re.sub(r"(?m)^(\w+) = check\.\1\(\1\)$", r"assert check.\1(\1)", source)
    (tmp_path / "student.py").write_text(source.replace("____", "blank") + "\n")
    command = ["ruff", "check", "--isolated", "--line-length=100", "--select=E,F,W"]
    # a cell may import, define a name again, be a blank that is used nowhere
    command += ["--ignore=E402,F811,F821,F841,F401", "--target-version=py311", tmp_path]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@each_lesson
def test_solution_is_executed(stem):
    code = [c for c in cells(ROOT, "solutions", stem).values() if c.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [cell.id for cell in code for out in cell.outputs if out.output_type == "error"]


@each_lesson
def test_each_ignored_output_has_a_reason(stem):
    found = cells(ROOT, "solutions", stem)
    ignored = {
        name
        for name, cell in found.items()
        if "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_" in cell.source
    }
    assert ignored == set(IGNORED_OUTPUT.get(stem, {}))


@pytest.mark.skipif(
    bool(CHROMIUM), reason="test_browser.py runs it to its end, with two exercises filled"
)
@each_lesson
def test_unfilled_notebook_runs_to_its_end(stem):
    command = ["pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", f"notebooks/{stem}.ipynb"]
    environment = os.environ | {"COURSE_QUICK": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
