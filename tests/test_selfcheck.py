"""Answers are found wherever a student put them, and judged each on its own."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from helpers.selfcheck import answers, marks, notebooks, sheet
from helpers.selfcheck.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
STEM = "03_vanilla_gan"
STUDENT = (ROOT / "notebooks" / f"{STEM}.ipynb").read_bytes()
LOSS = (
    "def generator_loss(fake_logits):\n    return F.softplus(-fake_logits).mean()"  # a right answer
)
COUNTED = "names = [generator_loss for generator_loss in range(3)]"


@pytest.fixture(scope="module")
def lesson():
    return answers.Lesson(notebooks.read(STUDENT))


@pytest.fixture
def book():
    return nbformat.reads(STUDENT.decode(), as_version=4)


def at(book, name):
    """The position of the cell with an id."""
    return [cell.id for cell in book.cells].index(name)


def write(book, name, source):
    """Replace a cell's source."""
    book.cells[at(book, name)].source = source


def insert(book, before, source):
    """A cell of the student's own."""
    book.cells.insert(at(book, before), nbformat.v4.new_code_cell(source))


def sources(lesson, book, name="generator_loss", **options):
    """What a sheet runs as the answer of one exercise, cell by cell, without empty lines."""
    submission = answers.Submission(lesson, notebooks.read(nbformat.writes(book).encode()).cells)
    others = [other for other in lesson.exercises if other != name]
    made = sheet.sheet(lesson, submission, others, **options)
    return [
        "\n".join(filter(str.strip, cell["source"].split("\n")))
        for cell in json.loads(made.book)["cells"]
        if cell["metadata"]["course"]["role"] == "answer"
    ]


# ---------------------------------------------------------------- which statements answer


def test_the_answer_cell(lesson, book):
    write(book, "answer-generator_loss", LOSS)
    assert sources(lesson, book) == [LOSS]


def test_nothing_else_of_the_cell_runs(lesson, book):
    around = f"while True:\n    pass\n{LOSS}\nprint(generator_loss(G(z)))\nplt.show()"
    write(book, "answer-generator_loss", around)
    assert sources(lesson, book) == [LOSS]


def test_lines_keep_their_numbers(lesson, book):
    write(book, "answer-generator_loss", f"print(1)\n\n{LOSS}")
    submission = answers.Submission(lesson, notebooks.read(nbformat.writes(book).encode()).cells)
    made = json.loads(sheet.sheet(lesson, submission).book)
    laid = next(c["source"] for c in made["cells"] if "softplus" in c["source"])
    assert laid.split("\n")[2].startswith("def generator_loss")


def test_an_answer_in_a_new_cell_while_the_blank_one_stays(lesson, book):
    insert(book, "check-generator_loss", LOSS)
    assert sources(lesson, book) == [LOSS]


def test_an_answer_at_the_end_of_the_notebook(lesson, book):
    book.cells.append(nbformat.v4.new_code_cell(LOSS))
    assert sources(lesson, book) == [LOSS]


def test_of_two_filled_ones_the_check_saw_the_last_before_it(lesson, book):
    insert(book, "answer-generator_loss", LOSS.replace("softplus", "relu"))
    write(book, "answer-generator_loss", LOSS)
    book.cells.append(nbformat.v4.new_code_cell(LOSS.replace("softplus", "elu")))
    assert sources(lesson, book) == [LOSS]


@pytest.mark.parametrize(
    "own", ["def soft(x):\n    return F.softplus(x)", "soft = F.softplus", "soft = lambda x: x"]
)
def test_what_the_answer_needs_comes_along(lesson, book, own):
    insert(book, "answer-discriminator_loss", f"{own}\nprint('not this')")
    write(book, "answer-generator_loss", LOSS.replace("F.softplus", "soft"))
    assert sources(lesson, book) == [own, LOSS.replace("F.softplus", "soft")]


def test_a_helper_that_needs_another_one(lesson, book):
    insert(book, "answer-sample_z", "def inner(x):\n    return x\n\n\nHALF = 1 / 2")
    insert(book, "answer-sample_z", "def outer(x):\n    return HALF * inner(x)")
    answer = "def generator_loss(fake_logits):\n    return outer(fake_logits)"
    write(book, "answer-generator_loss", answer)
    told = "\n".join(sources(lesson, book))
    assert all(part in told for part in ("def inner", "HALF = 1 / 2", "def outer", answer))


def test_a_class_in_pieces(lesson, book):
    pieces = [
        "class Generator(nn.Module):\n    def __init__(self, z_dim):\n        super().__init__()",
        "def forward(self, z):\n    return z\nGenerator.forward = forward",
        "Generator = wrapped(Generator)",
        "setattr(Generator, 'size', 3)",
    ]
    write(book, "answer-Generator", pieces[0])
    for piece in pieces[1:]:
        insert(book, "check-Generator", piece)
    assert sources(lesson, book, "Generator") == pieces


def test_a_loop_comes_along_only_with_whole_cells(lesson, book):
    cell = "total = 0\nfor k in range(3):\n    total += k"
    insert(book, "answer-discriminator_loss", cell)
    answer = "def generator_loss(fake_logits):\n    return total"
    write(book, "answer-generator_loss", answer)
    assert sources(lesson, book) == ["total = 0", answer]
    assert sources(lesson, book, whole_cells=True) == [cell, answer]


def test_magics_and_shell_lines_are_left_out(lesson, book):
    write(book, "answer-generator_loss", f"%%time\n!pip install x\n%matplotlib inline\n{LOSS}\nF?")
    assert sources(lesson, book) == [LOSS]


def test_a_star_import_is_the_last_resort(lesson, book):
    insert(book, "answer-discriminator_loss", "from math import *")
    write(book, "answer-generator_loss", LOSS)
    assert sources(lesson, book) == [LOSS]
    write(book, "answer-generator_loss", LOSS.replace(".mean()", " * pi"))
    assert sources(lesson, book)[0] == "from math import *"


def test_text_of_checks_is_never_used(lesson, book):
    write(book, "answer-generator_loss", f"check = Mine()\n{LOSS}")
    line = "generator_loss = check.generator_loss(generator_loss)"
    write(book, "check-generator_loss", f"{line}  # edited")
    insert(book, "check-generator_loss", "check.generator_loss = lambda answer: answer")
    submission = answers.Submission(lesson, notebooks.read(nbformat.writes(book).encode()).cells)
    made = sheet.sheet(lesson, submission)
    assert "Mine" not in made.book and "lambda answer" not in made.book


def test_the_lessons_own_cells_are_there_only_where_needed(lesson, book):
    write(book, "answer-generator_loss", LOSS.replace(".mean()", " * density_G"))
    submission = answers.Submission(lesson, notebooks.read(nbformat.writes(book).encode()).cells)
    made = json.loads(sheet.sheet(lesson, submission).book)
    given = [c["source"] for c in made["cells"] if c["metadata"]["course"]["role"] == "lesson"]
    assert any("density_data, density_G =" in source for source in given)
    assert "import torch" in given and "plt.subplots" not in "".join(given)


def test_a_variable_of_a_comprehension_is_no_answer(lesson, book):
    write(book, "answer-generator_loss", LOSS)
    insert(book, "check-generator_loss", COUNTED)
    assert sources(lesson, book) == [LOSS]


def test_missing_blank_and_broken(lesson, book):
    book.cells.pop(at(book, "answer-generator_loss"))
    write(book, "answer-sample_z", "def sample_z(n, z_dim:\n    return 1")
    submission = answers.Submission(lesson, notebooks.read(nbformat.writes(book).encode()).cells)
    made = sheet.sheet(lesson, submission)
    assert "generator_loss" not in made.asked and list(made.broken) == ["sample_z"]
    assert "line 1" in made.broken["sample_z"]
    assert "discriminator_loss" in made.asked


# ---------------------------------------------------------------- files and lessons


def lost(book):
    """The notebook without ids and the course's metadata, as some editors save it."""
    plain = json.loads(nbformat.writes(book))
    plain["metadata"] = {}
    for cell in plain["cells"]:
        cell.pop("id")
        cell["metadata"] = {"id": "x7Hk", "colab": {}}
        cell["source"] = "".join(cell["source"])
    plain["nbformat_minor"] = 0
    return json.dumps(plain).encode()


def test_a_lesson_is_recognised_without_its_marks(lesson, book):
    write(book, "answer-generator_loss", LOSS)
    notebook = notebooks.read(lost(book))
    others = {
        path.stem: answers.Lesson(notebooks.read(path.read_bytes()))
        for path in ROOT.glob("notebooks/*.ipynb")
    }
    assert answers.recognised(others, notebook).stem == STEM
    assert answers.Submission(lesson, notebook.cells).answer("generator_loss")[0].text == LOSS
    empty = notebooks.Notebook([notebooks.Cell("code", "x = 1", "", {})], "")
    with pytest.raises(notebooks.NotANotebook, match="no exercise is in here"):
        answers.recognised(others, empty)


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "an empty file came"),
        (b"\xff\xfe", "no JSON"),
        (b"{", "no JSON"),
        (b"[1]", "no object"),
        (b"{}", "no list of cells"),
        (b'{"cells": [], "nbformat": 99}', "99 came"),
        (b"[" * 200_000, "nested too deeply|no JSON"),
        (b'{"worksheets": 3}', "cannot be converted"),
    ],
)
def test_what_is_no_notebook(content, says):
    with pytest.raises(notebooks.NotANotebook, match=says):
        notebooks.read(content)


def test_odd_cells_do_no_harm():
    cells = [3, {}, {"cell_type": "code", "source": 5}, {"source": [1, "x = 1"], "metadata": []}]
    book = {"nbformat": 4, "cells": [*cells, {"cell_type": "code", "source": ["a = 1\n", "b"]}]}
    found = notebooks.read(json.dumps(book).encode()).cells
    assert found[-1].source == "a = 1\nb" and len(found) == 4


@pytest.mark.parametrize("source", ["(" * 5000, "-" * 300_000 + "1", "x = " + "9" * 6000, "a\0b"])
def test_nasty_sources_are_problems_of_their_cell(source):
    found, problem = answers.statements(0, source)
    assert found == [] and problem


def test_statements_that_share_a_line():
    found, _ = answers.statements(0, "é = 'ü'; a = 1; b = (2,\n  3); c = 4")
    assert [s.text for s in found] == ["é = 'ü'", "a = 1", "b = (2,\n  3)", "c = 4"]


def test_ten_thousand_statements_take_seconds_not_hours(lesson):
    chain = "x0 = 1\n" + "\n".join(f"x{k + 1} = x{k}" for k in range(10_000))
    loss = "def generator_loss(fake_logits):\n    return x10000"
    cells = [notebooks.Cell("code", source, "", {}) for source in (chain, loss)]
    submission = answers.Submission(lesson, cells)
    assert sheet.sheet(lesson, submission).book.count("= x") == 10_000


@pytest.mark.parametrize("source", ["x = '" + " " * 400_000 + "'", "\n" * 400_000, "x=1;" * 9999])
def test_odd_long_cells_take_no_time(lesson, source):
    cells = [notebooks.Cell("code", source, "", {})]
    start = time.process_time()
    with contextlib.suppress(notebooks.NotANotebook):
        answers.recognised({STEM: lesson}, notebooks.Notebook(cells, ""))
    answers.Submission(lesson, cells).problem("sample_z")
    assert time.process_time() - start < 60  # hours, where a pattern is quadratic


def test_a_later_value_of_a_helper_is_for_a_later_exercise(lesson, book):
    answer = "def generator_loss(fake_logits):\n    return scale"
    insert(book, "answer-generator_loss", "scale = 1")
    write(book, "answer-generator_loss", answer)
    insert(book, "answer-sample_z", "scale = 99")
    assert sources(lesson, book) == ["scale = 1", answer]


def test_a_helper_named_like_one_of_pythons_own(lesson, book):
    insert(book, "answer-generator_loss", "def sum(x):\n    return 7")
    write(book, "answer-generator_loss", "def generator_loss(fake_logits):\n    return sum(1)")
    assert sources(lesson, book)[0].startswith("def sum")


def test_old_line_ends_are_line_ends():
    cell = {"cell_type": "code", "source": "x = 1\rdef f():\r    return 1\r"}
    found = notebooks.read(json.dumps({"nbformat": 4, "cells": [cell]}).encode()).cells[0]
    assert len(answers.statements(0, found.source)[0]) == 2


def test_a_notebook_full_of_data_is_refused():
    cells = [{"cell_type": "code", "source": "x = 1\n" * 100_000}]
    with pytest.raises(notebooks.NotANotebook, match="500,000 characters of code were expected"):
        notebooks.read(json.dumps({"nbformat": 4, "cells": cells}).encode())


# ---------------------------------------------------------------- from reports to marks


class Asked:
    """Stands for a Lesson in `marks`."""

    exercises = ["a", "b", "c", "d"]


def reports(sheet, ends):
    """Records of a run in which all is right; `ends` says with which exercise it ends, and how."""
    for name in sheet.asked:
        yield {"begins": "check", "exercise": name}
        if ends(name, sheet.asked) == "died":
            yield {"died": "its kernel ended."}
        silent = ends(name, sheet.asked) == "silent"
        record = {"role": "check", "exercise": name, "passed": not silent, "reason": ""}
        text = "" if silent else f"{name}: right. Good.\n"
        yield {**record, "seconds": 1.0, "text": text, "error": None}
    yield {"done": True}


def runs(ends):
    """(each outcome's first letter, the exercises asked in each run)."""
    asked = []

    def write_sheet(without):
        return sheet.Sheet("", [n for n in Asked.exercises if n not in without], {})

    def run(book):
        asked.append("".join(book.asked))
        return reports(book, ends)

    return "".join(mark.outcome[0] for mark in marks.marks(Asked, write_sheet, run)), asked


@pytest.mark.parametrize("how", ["died", "silent"])
def test_what_ends_a_run_is_an_error_and_the_rest_runs_again(how):
    assert runs(lambda name, asked: how * (name == "b")) == ("rerr", ["abcd", "b", "acd"])


def test_two_that_end_runs():
    outcomes, asked = runs(lambda name, asked: "died" * (name in "bc"))
    assert (outcomes, asked) == ("reer", ["abcd", "b", "acd", "a", "c", "d"])


def test_an_innocent_suspect_is_cleared_when_alone():
    outcomes, asked = runs(lambda name, asked: "silent" * (name == "c" and "a" in asked))
    assert (outcomes, asked) == ("rrrr", ["abcd", "c", "a", "b", "d"])


# ---------------------------------------------------------------- what judges is watched

TRICKS = [
    "torch.equal = lambda *a: True",
    "torch.Tensor.__eq__ = lambda *a: True",
    "torch.nn.functional.softplus = torch.abs",
    "torch.nn.Module.__call__ = lambda self, x: x",
    "import builtins; builtins.isinstance = lambda *a: True",
    "import builtins; builtins.sorted = None",
    "from helpers.checks import aspects; aspects.near = lambda *a: True",
    "from helpers.checks import vanilla_gan as v; v.topic.exercises['sample_z'].judge = str",
    "from helpers.checks import vanilla_gan as v; v.sample_z.variants['torch.rand(n, z_dim)'] = ''",
    "from helpers import checks; checks.print = lambda *a: None",
    "from helpers import checks; checks.Topic._verdict = lambda *a: None",
    "from helpers.checks import vanilla_gan; vanilla_gan.generator_loss = lambda a: a",
    "from helpers import checks; checks._judged.__code__ = (lambda *a: (None, '')).__code__",
    "import types; sys.modules['helpers.checks'] = types.ModuleType('helpers.checks')",
]
HONEST = """
from helpers import networks, training
D = networks.Discriminator()
opt = training.adam(D)
D(torch.ones(2, 1, 28, 28)).sum().backward()
opt.step()
torch.manual_seed(3)
torch.set_default_dtype(torch.float32)
sys.stdout = sys.stderr
"""
WATCHED = """
import json, os, sys, torch
from helpers.selfcheck import watch
watch.start("vanilla_gan")
for number, trick in enumerate(json.loads(sys.argv[1])):
    if not os.fork():
        exec(trick)
        try:
            watch.verify()
        except watch.Tampered:
            os._exit(3)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each trick needs a process of its own")
def test_a_change_of_what_judges_is_seen_and_honest_work_is_not():
    command = [sys.executable, "-c", WATCHED, json.dumps([*TRICKS, HONEST])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["3"] * len(TRICKS) + ["0"], done.stderr


# ---------------------------------------------------------------- the command


def test_a_student_hears_what_each_check_says(book, tmp_path, capsys):
    write(book, "answer-generator_loss", LOSS)
    wrong = "def sample_z(n, z_dim):\n    return torch.rand(n, z_dim)"
    write(book, "answer-sample_z", wrong)
    write(book, "answer-to_gan_range", "def to_gan_range(x:\n    pass")
    path = tmp_path / "mine.ipynb"
    nbformat.write(book, path)
    before = path.read_bytes()
    assert main([str(path)]) == 0
    said = capsys.readouterr().out
    assert "generator_loss: right. G is now paid" in said
    assert "sample_z: z has mean" in said and "uniform" in said
    assert "to_gan_range: no verdict: its cell is no Python, line 1" in said
    assert "discriminator_loss: still blank (line 4)." in said
    remain, core = re.search(r"(\d+) of (\d+) core exercises remain", said).groups()
    assert int(remain) == int(core) - 1
    assert path.read_bytes() == before


def test_the_command_names_what_it_cannot_read(tmp_path, capsys):
    path = tmp_path / "mine.ipynb"
    assert main([str(path)]) == 1
    path.write_text('{"nbformat": 4, "cells": []}')
    assert main([str(path)]) == 1
    said = capsys.readouterr().err
    assert "No such file" in said and "a lesson of this course was expected" in said
