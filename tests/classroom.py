"""A synthetic class: submissions as students, front ends and attackers make them, and their marks.

    python tests/classroom.py FOLDER [RECIPE ...]     the marks go to FOLDER/../expected.json

A recipe is a function that makes one submission or a few; `make_class` runs the recipes and says
what grading must find. Text is made here, and nothing of it runs. The hostile submissions (their
text is in hostile.py) are for a jail only: those that could harm a machine raise "not in a jail"
where they can see this file.
"""

import ast
import builtins
import copy
import functools
import importlib
import io
import json
import random
import re
import string
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from hostile import ATTACKS, MARKER, PORT

from helpers.checks.kinds.function import Function

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
IMPORTS = {  # what the banks' sources find imported, as a student would write it
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "math": "import math",
    "copy": "import copy",
    "random": "import random",
    "itertools": "import itertools",
    "np": "import numpy as np",
}


class Expected(NamedTuple):
    """What a mark has to be: a pattern of the whole outcome, and one to find in the message."""

    outcome: str
    says: str = ""


class Handed(NamedTuple):
    """One file as it is handed in, and {file as grading names it: {exercise: Expected}}.

    A file that cannot be graded has the one exercise "" with a pattern of its problem, in any case.
    """

    file: str
    content: bytes
    expected: dict


RIGHT, BLANK, MISSING = Expected("right"), Expected("blank", "blank"), Expected("missing")
RECIPES, HOSTILE = {}, set()


def recipe(make):
    """A decorator: the function becomes the recipe of its name."""
    RECIPES[make.__name__] = make
    return make


def make_class(folder, chosen=None):
    """{file: {exercise: Expected}} of the submissions that it writes to the folder.

    chosen: names of recipes, all without it.
    """
    expected = {}
    for name in RECIPES if chosen is None else chosen:
        for handed in handed_in(name):
            path = Path(folder) / handed.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(handed.content)
            expected |= handed.expected
    return expected


def handed_in(name):
    """The files of a recipe, a list of Handed; a Paper goes to a folder of the recipe's name."""
    made = RECIPES[name]()
    return [made.hand_in(f"{name}/{made.lesson.stem}.ipynb")] if isinstance(made, Paper) else made


def hostile_names():
    """The recipes that attack the grader or the machine."""
    return sorted(HOSTILE)


def differences(expected, graded):
    """A line for each place where grading (some of `results.Graded`) and expectation differ."""
    lines, found = [], {each.file: each for each in graded}
    for file, marks in expected.items():
        below = [name for name in found if f"{name}/".startswith(f"{file}/")]
        mine = [found.pop(name) for name in below]
        differing = _other_problem if "" in marks else _other_marks
        told = differing(marks, mine) if mine else ["not graded"]
        lines += [f"{file}: {line}" for line in told]
    return lines + [f"{file}: nobody handed this in" for file in found]


def _other_problem(marks, graded):
    """What is wrong, unless nothing at or in the file is graded and one problem is the expected."""
    problems = [each.problem for each in graded if not each.marks]
    fits = any(re.search(marks[""].says, problem, re.IGNORECASE) for problem in problems if problem)
    if fits and len(problems) == len(graded):
        return []
    return [f"a problem with {marks[''].says!r} expected, came {graded[-1]}"]


def _other_marks(marks, graded):
    seen = {mark.exercise: mark for mark in graded[0].marks}
    if list(seen) != list(marks):
        return [f"marks for {list(marks)} expected, came {list(seen)} {graded[0].problem}"]
    return [
        f"{name}: {tuple(wanted)} expected, came {seen[name].outcome}: {seen[name].message}"
        for name, wanted in marks.items()
        if not re.fullmatch(wanted.outcome, seen[name].outcome)
        or not re.search(wanted.says, seen[name].message)
    ]


# --- a lesson, and a student's copy of it ---------------------------------------------------------


class Lesson:
    """What a lesson's files say: its cells, exercises in order, finished and known answers."""

    def __init__(self, stem):
        """stem: as in "03_vanilla_gan"."""
        self.stem, self.topic = stem, stem[3:]
        self.notebook = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text())
        self.cell_of = {
            name: cell["id"]
            for cell in self.notebook["cells"]
            if _course(cell).get("role") == "answer"
            for name in _course(cell)["exercises"]
        }
        solved = json.loads((ROOT / "solutions" / f"{stem}.ipynb").read_text())
        sources = {cell["id"]: "".join(cell["source"]) for cell in solved["cells"]}
        self.solution = {name: defined(sources[id], name) for name, id in self.cell_of.items()}
        self.bank = importlib.import_module(f"mistakes.{self.topic}")

    @functools.cached_property
    def names(self):
        """The names that the lesson's own cells define or import."""
        code = [cell for cell in self.notebook["cells"] if cell["cell_type"] == "code"]
        trees = [ast.parse("".join(cell["source"])) for cell in code]
        return set().union(*map(bound, trees))

    def light(self):
        """Exercises whose checks take little time: of plain functions; else the first three."""
        exercises = importlib.import_module(f"helpers.checks.{self.topic}").topic.exercises
        light = [name for name in self.cell_of if type(exercises[name].kind) is Function]
        return light if len(light) > 2 else list(self.cell_of)[:3]

    def known(self, name, wrong):
        """The bank's right or wrong answers to an exercise: [(source, Expected)]."""
        if wrong:
            return [(each.source, Expected("wrong", each.says)) for each in self.bank.WRONG[name]]
        return [(source, RIGHT) for source in self.bank.RIGHT[name].values()]

    def has_room_for(self, name, source):
        """Whether an answer of the bank means the same in the notebook.

        No call at the top, and no name that is free in the bank and taken in the lesson.
        """
        tree = ast.parse(source)
        given = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        free = used(tree) - given - stored(tree) - bound(tree) - set(dir(builtins)) - set(IMPORTS)
        taken = self.names | set(self.cell_of)
        plain = all(_only_defines(node, name) for node in tree.body)
        return plain and not (free | helpers_of(source, name)) & taken


@functools.cache
def lesson(number):
    """Lesson 1 to 6."""
    return Lesson(LESSONS[number - 1])


def _course(cell):
    return cell["metadata"].get("course", {})


def used(tree):
    """The names that stand anywhere in the code."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def stored(tree):
    """The names that the code gives a value anywhere."""
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _only_defines(node, name):
    """Whether a statement of an answer takes effect in grading: calls at the top never run."""
    if isinstance(node, ast.Assign):
        targets = [ast.unparse(target) for target in node.targets]
        return targets == [name] or isinstance(node.value, ast.Constant)
    return isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)


def bound(tree):
    """The names that the top level of a module binds."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(each.asname or each.name).split(".")[0] for each in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            names |= stored(node)
    return names


def helpers_of(source, name):
    """The names that an answer defines beside its own."""
    return bound(ast.parse(source)) - {name} - set(IMPORTS)


def lines_of(source, name):
    """The slice of the source's lines that defines a function or class."""
    node = next(n for n in ast.parse(source).body if getattr(n, "name", None) == name)
    return slice(node.lineno - 1, node.end_lineno)


def defined(source, name):
    """The definition of a name out of a cell's source."""
    return "\n".join(source.splitlines()[lines_of(source, name)])


def as_lines(text):
    """A cell's source as Jupyter stores it."""
    return text.splitlines(keepends=True)


def as_bytes(notebook):
    """A notebook as Jupyter writes it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


class Paper:
    """One student's copy of a lesson, all blank at first, and the marks that it should get."""

    def __init__(self, number, seed=""):
        """number: of the lesson. seed: words that the draws of `draw` and the front end follow."""
        self.lesson, self.chance = lesson(number), random.Random(f"{number} {seed}")
        self.notebook = copy.deepcopy(self.lesson.notebook)
        self.expected = dict.fromkeys(self.lesson.cell_of, BLANK)
        self.helpers = set()  # names that drawn answers define beside their own

    @property
    def cells(self):
        """The cells as they stand, a list to change."""
        return self.notebook["cells"]

    def at(self, id):
        """Where the cell of this id stands, or the cell in which an exercise is answered."""
        id = self.lesson.cell_of.get(id, id)
        return next(i for i, cell in enumerate(self.cells) if cell.get("id") == id)

    def source(self, id):
        """The text of a cell."""
        return "".join(self.cells[self.at(id)]["source"])

    def rewrite(self, id, source):
        """The paper with other text in a cell."""
        self.cells[self.at(id)]["source"] = as_lines(source)
        return self

    def write(self, name, answer, expected=RIGHT):
        """The paper with this definition, and the imports that it needs, in place of the blank."""
        cell = self.source(name)
        lines = cell.splitlines()
        lines[lines_of(cell, name)] = answer.rstrip("\n").splitlines()
        needed = [IMPORTS[each] for each in IMPORTS if each in used(ast.parse(answer))]
        needed = [line for line in needed if not self._imports(line) and line not in lines]
        self.expected[name] = expected
        return self.rewrite(name, "\n".join([*needed, *[""] * 2 * bool(needed), *lines]))

    def _imports(self, line):
        return bound(ast.parse(line)) <= self.lesson.names

    def solve(self, *names):
        """The paper with these exercises solved, or all."""
        for name in names or self.lesson.cell_of:
            self.write(name, self.lesson.solution[name])
        return self

    def draw(self, name, wrong):
        """The paper with one of the bank's answers, right or wrong."""
        rows = self.lesson.known(name, wrong)
        for source, expected in self.chance.sample(rows, len(rows)):
            helpers = helpers_of(source, name)
            if not helpers & self.helpers and self.lesson.has_room_for(name, source):
                self.helpers |= helpers
                return self.write(name, source, expected)
        raise LookupError(f"{name}: no answer of the bank fits beside {self.helpers}")

    def wrong(self, *names):
        """The paper with a wrong answer for each."""
        for name in names:
            self.draw(name, wrong=True)
        return self

    def mix(self):
        """The paper with right ones in other words, wrong ones and blanks."""
        for name in self.lesson.cell_of:
            kind = self.chance.choices(["right", "wrong", "blank"], [4, 4, 2])[0]
            if kind != "blank":
                self.draw(name, wrong=kind == "wrong")
        return self

    def expect(self, **expected):
        """The paper with other marks than its changes gave."""
        self.expected |= expected
        return self

    def insert(self, near, source, kind="code", after=False):
        """The paper with a new cell before or after another one."""
        self.cells.insert(self.at(near) + after, new_cell(source, kind))
        return self

    def append(self, source, kind="code"):
        """The paper with a new cell at the end."""
        self.cells.append(new_cell(source, kind))
        return self

    def drop(self, *ids):
        """The paper without these cells."""
        for id in ids:
            del self.cells[self.at(id)]
        return self

    def through(self, front_end):
        """The paper as one of FRONT_ENDS saves it."""
        FRONT_ENDS[front_end](self.notebook, self.chance)
        return self

    def hand_in(self, file):
        """The paper as a file."""
        return Handed(file, as_bytes(self.notebook), {file: self.expected})


def new_cell(source, kind="code"):
    """A cell that a student adds; its id follows from its text: a class is the same each time."""
    cell = {"cell_type": kind, "id": f"{random.Random(source).getrandbits(32):08x}", "metadata": {}}
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return cell | code | {"source": as_lines(source)}


# --- front ends: what each does to a notebook when it saves ---------------------------------------


def jupyterlab(notebook, chance):
    """Outputs and execution counts. Every check claims to be right: outputs are no evidence."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, start=chance.randrange(1, 50)):
        cell["execution_count"] = count
        for name in _course(cell).get("exercises", []):
            text = [f"{name}: right. It is what the next cell needs.\n"]
            cell["outputs"].append({"name": "stdout", "output_type": "stream", "text": text})
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.12.4"}


def colab(notebook, chance):
    """Ids move into the metadata and are new, format 4.0, a GPU."""
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"]["id"] = "".join(chance.choices(string.ascii_letters, k=12))
        if cell["cell_type"] == "code":
            link = {"base_uri": "https://localhost:8080/", "height": 217}
            cell["metadata"] |= {"colab": link, "outputId": f"{chance.getrandbits(64):x}"}
    notebook["metadata"] |= {"colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU"}
    notebook["nbformat_minor"] = 0


def colab_new(notebook, chance):
    """As colab, pasted into a new notebook before: the course's marks are gone."""
    for part in [notebook, *notebook["cells"]]:
        part["metadata"].pop("course", None)
    colab(notebook, chance)


def vscode(notebook, chance):
    """Ids are lost, format 4.2, and each cell names its language."""
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] |= {"vscode": {"languageId": "python"}}
    notebook["metadata"]["kernelspec"] = {"display_name": ".venv", "name": "python3"}
    notebook["nbformat_minor"] = 2


def bare(notebook, chance):
    """All metadata and ids are lost, as after a conversion; a source is one string."""
    notebook["metadata"], notebook["nbformat_minor"] = {}, 4
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"], cell["source"] = {}, "".join(cell["source"])


def windows(notebook, chance):
    """Lines end in CR LF, and some in spaces."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"]).replace("\n", chance.choice(["\r\n", "  \r\n"]))
        cell["source"] = [text]


FRONT_ENDS = {f.__name__: f for f in (jupyterlab, colab, colab_new, vscode, bare, windows)}


def old_format(paper):
    """The paper's notebook in format 3 of 2014, which nbformat converts."""
    cells = []
    for cell in paper.cells:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        text = {"input": cell["source"], "language": "python", "outputs": [], "collapsed": False}
        cells.append(old | (text if cell["cell_type"] == "code" else {"source": cell["source"]}))
    sheet = {"cells": cells, "metadata": {}}
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}


def zipped(files):
    """A zip archive of {name: content}, the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 10, 1, 12, 0, 0)), content, 8)
    return buffer.getvalue()


def bundle(file, papers, junk=None):
    """An archive as a learning platform makes it: {name inside: Paper}, and {name: other bytes}."""
    inside = {name: as_bytes(paper.notebook) for name, paper in papers.items()}
    expected = {f"{file}/{name}": paper.expected for name, paper in papers.items()}
    return Handed(file, zipped(inside | (junk or {})), expected)


# --- honest: whole lessons ------------------------------------------------------------------------


def _whole_lessons():
    """Recipes for each lesson: all solved, and two mixtures from different front ends."""
    ends = list(FRONT_ENDS)
    for number in range(1, 7):
        RECIPES[f"solved_{number}"] = lambda n=number: Paper(n).solve().through("jupyterlab")
        for turn in range(2):
            end = ends[(number + 3 * turn) % len(ends)]
            RECIPES[f"mixed_{number}_{end}"] = lambda n=number, e=end: Paper(n, e).mix().through(e)


_whole_lessons()


@recipe
def unfilled():
    """Three students hand in what they were given, one after a run of all cells."""
    stems = {number: lesson(number).stem for number in (2, 4, 5)}
    papers = {n: Paper(n).through("jupyterlab" if n == 5 else "vscode") for n in stems}
    return [paper.hand_in(f"unfilled/{stems[n]}.ipynb") for n, paper in papers.items()]


@recipe
def copied():
    """Two students, the same bytes."""
    paper = Paper(5).solve("one_hot", "random_labels").wrong("wrong_labels")
    return [paper.hand_in(f"copied/{who}/05_conditional_gan.ipynb") for who in ("ada", "bert")]


@recipe
def odd_names():
    """Spaces, umlauts, depth, no word of the lesson: its metadata says which one it is."""
    places = {
        "Übung 3 – Jörg Müller.ipynb": 3,
        "03_vanilla_gan (2).ipynb": 3,
        "03_vanilla_gan copy.ipynb": 3,
        "a/b/c/d e/f/homework.ipynb": 1,
        "-rf.ipynb": 1,
        "$(touch x);'\".ipynb": 5,
        "<b>bold</b> & 🐴.ipynb": 2,
    }
    easy = {n: lesson(n).light()[:2] for n in range(1, 7)}
    papers = {
        name: Paper(n, name).solve(easy[n][0]).wrong(easy[n][1]) for name, n in places.items()
    }
    return [paper.hand_in(f"odd names/{name}") for name, paper in papers.items()]


@recipe
def byte_order_mark():
    """An editor on Windows put a mark before the first bracket."""
    file, content, expected = Paper(1).solve("predict").hand_in("byte_order_mark/01.ipynb")
    return [Handed(file, b"\xef\xbb\xbf" + content, expected)]


@recipe
def format_3():
    """A notebook of 2014's format, which can be converted."""
    paper = Paper(3).solve("sample_z", "generator_loss").wrong("to_gan_range")
    file = "format_3/03_vanilla_gan.ipynb"
    return [Handed(file, as_bytes(old_format(paper)), {file: paper.expected})]


@recipe
def moodle():
    """A class in one archive: a folder for each, one with an archive of his own, and junk."""
    papers = {
        "Ada Lovelace_4711_assignsubmission_file_/03_vanilla_gan.ipynb": Paper(3, "a").mix(),
        "Jörg Müller_4712_assignsubmission_file_/03_vanilla_gan.ipynb": Paper(3).solve("sample_z"),
        "Bo Li_4713_assignsubmission_file_/work/gan (final).ipynb": Paper(3).wrong("sample_z"),
    }
    own, file = "Cy Twombly_4714_assignsubmission_file_/answers.zip", "moodle/Class-GAN 3-99.zip"
    mine = bundle(own, {"03_vanilla_gan.ipynb": Paper(3).solve("to_gan_range")})
    junk = {
        own: mine.content,
        "__MACOSX/Bo Li_4713_assignsubmission_file_/work/._gan (final).ipynb": b"\0\5\26\7\0",
        "Bo Li_4713_assignsubmission_file_/.ipynb_checkpoints/gan-checkpoint.ipynb": b"{}",
        "Ada Lovelace_4711_assignsubmission_file_/notes.txt": b"sorry for the delay",
    }
    handed = bundle(file, papers, junk)
    inner = {f"{file}/{name}": marks for name, marks in mine.expected.items()}
    return [handed._replace(expected=handed.expected | inner)]


@recipe
def canvas():
    """All of a class in one archive, students in the names of the files."""
    names = {
        "lovelaceada_12345_678901_01_generative_vs_discriminative.ipynb": "one",
        "lovelaceada_12345_678902_01_generative_vs_discriminative-1.ipynb": "two",
        "mullerjorg_LATE_12346_678903_01_generative_vs_discriminative.ipynb": "three",
    }
    papers = {
        name: Paper(1, seed).solve("predict").wrong("posterior") for name, seed in names.items()
    }
    return [bundle("canvas/submissions.zip", papers)]


# --- honest: where answers stand ------------------------------------------------------------------

BCE = "F.binary_cross_entropy_with_logits"
OWN_BCE = f"""def bce(logits, value):
    return {BCE}(logits, torch.full_like(logits, value))"""
D_LOSS = """def discriminator_loss(real_logits, fake_logits):
    return (bce(real_logits, 1.0) + bce(fake_logits, 0.0)) / 2"""
G_LOSS = """def generator_loss(fake_logits):
    return bce(fake_logits, 1.0)"""
G_WRONG = """def generator_loss(fake_logits):
    return fake_logits.mean()"""
LOG_PROB = """def gaussian_log_prob(x, mu, var):
    return -0.5 * ((x - mu) ** 2 / var + var.log() + {}).sum(dim=1)"""


@recipe
def helper_in_own_cell():
    """A function of the student's own, two cells above its first use."""
    paper = Paper(3).write("discriminator_loss", D_LOSS).write("generator_loss", G_LOSS)
    return paper.insert("exercise-discriminator_loss", OWN_BCE).through("jupyterlab")


@recipe
def helper_below():
    """The helper stands at the end of the notebook: the student ran it before."""
    return Paper(3).write("generator_loss", G_LOSS).append(OWN_BCE).wrong("sample_z")


@recipe
def helpers_that_call_helpers():
    """A class uses a function, which uses a constant as a default, each in its own cell."""
    block = "def block(a, b=WIDTH):\n    return [nn.Linear(a, b), nn.LeakyReLU(SLOPE)]"
    generator = """class Generator(Base):
    def __init__(self, z_dim):
        super().__init__()
        self.net = nn.Sequential(*block(z_dim), *block(WIDTH), nn.Linear(WIDTH, 784), nn.Tanh())

    def forward(self, z):
        return self.net(z).view(-1, *SHAPE)"""
    paper = Paper(3).write("Generator", generator).solve("Discriminator")
    paper.insert("exercise-Generator", "WIDTH, SLOPE = 256, 0.2\nSHAPE = (1, 28, 28)")
    paper.insert("answer-Generator", "class Base(nn.Module):\n    pass")
    return paper.insert("answer-Generator", block)


@recipe
def constant_in_own_cell():
    """A number that an answer reads."""
    paper = Paper(1).write("gaussian_log_prob", LOG_PROB.format("LOG_2_PI")).solve("class_priors")
    return paper.insert("answer-gaussian_log_prob", "LOG_2_PI = 1.8378770664093453")


@recipe
def constant_by_a_call():
    """The answer cell makes a loss object first, and the answer calls it."""
    answer = """bce = nn.BCEWithLogitsLoss()


def generator_loss(fake_logits):
    return bce(fake_logits, torch.ones_like(fake_logits))"""
    return Paper(3).write("generator_loss", answer).wrong("sample_z")


@recipe
def import_in_own_cell():
    """Imports under other names, in cells of their own."""
    paper = Paper(1).write("gaussian_log_prob", LOG_PROB.format("ln(tau)")).solve("log_joint")
    paper.insert(
        "exercise-gaussian_log_prob", "from math import log as ln, tau\nimport nothing_such"
    )
    return paper.solve("posterior").wrong("predict").through("vscode")


@recipe
def star_import():
    """Names that only a run of the import can tell."""
    answer = "from math import *\n\n\n" + LOG_PROB.format("log(2 * pi)")
    return Paper(1).write("gaussian_log_prob", answer).solve("log_odds")


@recipe
def class_in_pieces():
    """The method is hung into the class in a cell of its own."""
    whole = lesson(3).solution["Generator"]
    head, tail = whole.split("    def forward")
    method = "def forward" + tail.replace("\n    ", "\n")
    paper = Paper(3).write("Generator", head).solve("sample_z")
    return paper.insert("check-Generator", f"{method}\n\n\nGenerator.forward = forward")


@recipe
def wrapped_afterwards():
    """A second statement gives the name its final value."""
    answer = (
        "def sample_prior(decoder, n, latent_dim):\n    return decoder(torch.randn(n, latent_dim))"
    )
    paper = Paper(2).write("sample_prior", answer).wrong("sharpness")
    return paper.insert("check-sample_prior", "sample_prior = torch.no_grad()(sample_prior)")


@recipe
def lambdas():
    """Answers that are assignments."""
    paper = Paper(3).write("to_gan_range", "to_gan_range = lambda x: 2 * x - 1")
    paper.write("sample_z", "sample_z: object = lambda n, z_dim: torch.randn(n, z_dim)")
    return paper.write("to_display_range", "to_display_range = lambda x: x / 2 + 0.5").through(
        "bare"
    )


def _moved(to_the_end):
    """A paper with all answer cells at one end of the notebook."""
    paper = (
        Paper(5, to_the_end).solve("one_hot", "label_maps", "wrong_labels").wrong("random_labels")
    )
    answers = [cell for cell in paper.cells if _course(cell).get("role") == "answer"]
    others = [cell for cell in paper.cells if cell not in answers]
    paper.cells[:] = others + answers if to_the_end else answers + others
    return paper


@recipe
def answers_at_the_end():
    """After their checks."""
    return _moved(True)


@recipe
def answers_at_the_beginning():
    """Before the imports."""
    return _moved(False)


@recipe
def answered_in_new_cells():
    """The answer cells stay blank; one new cell comes before the check, the other at the end."""
    paper = Paper(3).wrong("generator_loss").expect(sample_z=RIGHT, to_gan_range=RIGHT)
    paper.insert("check-sample_z", lesson(3).solution["sample_z"])
    return paper.append(lesson(3).solution["to_gan_range"])


@recipe
def answer_cell_twice():
    """Copied in JupyterLab with its metadata; the copy is the one that is filled."""
    paper = Paper(1).solve("predict").expect(log_odds=RIGHT)
    twin = copy.deepcopy(paper.cells[paper.at("log_odds")]) | {"id": "c0ffee00"}
    twin["source"] = as_lines(lesson(1).solution["log_odds"])
    paper.cells.insert(paper.at("check-log_odds"), twin)
    return paper


@recipe
def cells_deleted():
    """Two exercises are gone, one with its check; what uses them is graded all the same."""
    paper = Paper(3).solve("generator_loss", "generate").wrong("to_gan_range")
    paper.drop("answer-sample_z", "check-sample_z", "answer-discriminator_loss")
    return paper.expect(sample_z=MISSING, discriminator_loss=MISSING)


@recipe
def all_answers_deleted():
    """The lesson is known, and nothing in it is answered."""
    paper = Paper(4)
    paper.drop(*{cell: None for cell in paper.lesson.cell_of.values()})
    return paper.expect(**dict.fromkeys(paper.lesson.cell_of, MISSING))


@recipe
def checks_edited():
    """Check cells with more in them, without the assignment, in a comment, and deleted."""
    paper = Paper(3).solve("sample_z", "generator_loss", "generate").wrong("discriminator_accuracy")
    paper.rewrite("check-sample_z", 'sample_z = check.sample_z(sample_z)  # ok\nprint("done")')
    paper.rewrite("check-generator_loss", "# generator_loss = check.generator_loss(generator_loss)")
    paper.rewrite("check-generate", "check.generate(generate)")
    paper.rewrite("check-train_epoch", "train_epoch = check.train_epoch(train_epoch);")
    return paper.drop("check-discriminator_accuracy")


@recipe
def two_definitions():
    """The last filled one counts, in one cell and in two, whatever the blank one below it."""
    solution, paper = lesson(3).solution, Paper(3)
    blank = paper.source("sample_z")
    paper.rewrite("sample_z", f"{solution['sample_z']}\n\n\n{blank}")
    paper.rewrite("generator_loss", f"{G_WRONG}\n\n\n{solution['generator_loss']}")
    broken = "def to_gan_range(x):\n    return x"
    paper.solve("to_gan_range").insert("check-to_gan_range", broken)
    paper.expect(sample_z=RIGHT, generator_loss=RIGHT)
    return paper.expect(to_gan_range=Expected("wrong", "Nothing has changed"))


@recipe
def lesson_cells_changed():
    """Own values in a cell of the lesson, others deleted, the imports too."""
    paper = Paper(3).solve("sample_z", "generate", "to_display_range").wrong("generator_loss")
    changed = paper.source("03_vanilla_gan-064").replace("z_dim = 100", "z_dim = 64")
    paper.rewrite("03_vanilla_gan-064", changed)
    return paper.drop("first-cell", "03_vanilla_gan-002", "03_vanilla_gan-005")


# --- honest: what else stands in the cells --------------------------------------------------------


@recipe
def magics():
    """Lines that only IPython understands, above, below and between."""
    paper = Paper(3).solve("sample_z", "generator_loss").wrong("to_display_range")
    paper.rewrite("sample_z", "%%time\n" + paper.source("sample_z"))
    below = "\n\n!ls -la\n%timeit generator_loss(torch.zeros(3))\ngenerator_loss??\n?torch.ones"
    paper.rewrite("generator_loss", "%matplotlib inline\n" + paper.source("generator_loss") + below)
    for text in ("%%bash\nfor i in 1 2; do echo $i; done", "files = !ls", "%%html\n<b>x</b>"):
        paper.insert("exercise-generator_loss", text)
    return paper.insert("check-generator_loss", "!pip install torch\n%load_ext autoreload")


@recipe
def notes_between():
    """Markdown and raw cells, with code in them that is no answer."""
    fenced = f"My first try:\n\n```python\n{G_WRONG}\n```"
    paper = Paper(3).solve("generator_loss").wrong("sample_z")
    paper.insert("check-generator_loss", fenced, "markdown").insert(
        "check-sample_z", G_WRONG, "raw"
    )
    return paper.append(lesson(3).solution["to_gan_range"], "raw")


@recipe
def trials_below_the_answer():
    """Prints, plots and asserts after a definition: they never run."""
    trials = """

print(sample_z(2, 3))
assert sample_z(2, 3).shape == (2, 4), "never runs"
plt.hist(sample_z(1000, 1).flatten())
plt.show()
z = sample_z(2, 3)
z[0] = 7
sample_z(2)"""
    paper = Paper(3).solve("sample_z").wrong("generator_loss")
    return paper.rewrite("sample_z", paper.source("sample_z") + trials).through("jupyterlab")


@recipe
def long_training():
    """Cells of the student's own that take a night, and one that stops with an error."""
    training = """history = []
for epoch in range(10**9):
    for real, _ in loader:
        history.append(discriminator_step(G, D, opt_D, real, z_dim))
while True:
    pass"""
    paper = Paper(3).solve("sample_z", "generator_loss").insert("check-sample_z", training)
    return paper.insert("check-sample_z", "import time\ntime.sleep(10**6)").insert(
        "check-generator_loss", '1 / 0\nraise SystemExit("stop here")\nexit()'
    )


@recipe
def colab_cells():
    """What belongs to Colab: a drive, its path, a package to install."""
    mount = (
        'from google.colab import drive\ndrive.mount("/content/drive")\n%cd /content/drive/MyDrive'
    )
    paper = Paper(5).solve("one_hot", "wrong_labels").wrong("random_labels")
    return paper.insert("first-cell", mount + "\n!pip install -q torch").through("colab")


@recipe
def syntax_error():
    """One answer is not Python, nor are a note in a cell of its own and a run of merge marks."""
    paper = Paper(3).solve("sample_z", "generator_loss", "to_gan_range").wrong("to_display_range")
    broken = paper.source("generator_loss").replace("):", ")")
    paper.rewrite("generator_loss", broken).insert("check-sample_z", "ask Tom about this <- !")
    paper.append("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> main")
    return paper.expect(generator_loss=Expected("error", r"(?i)syntax|python|expected ':'"))


@recipe
def odd_cells():
    """Cells that are no cells, and an answer that is a number, harm nothing else."""
    paper = Paper(1).solve("predict", "class_priors").wrong("posterior").expect(log_odds=MISSING)
    paper.cells[paper.at("log_odds")]["source"] = 7
    paper.cells.extend([3, None, "x = 1", {}, [], {"cell_type": "code", "source": [1, [2], None]}])
    return paper


@recipe
def wrong_indentation():
    """A tab among spaces in one answer."""
    paper = Paper(1).solve("predict", "log_odds", "class_priors")
    paper.rewrite("log_odds", paper.source("log_odds").replace("\n    return", "\n\t  return"))
    return paper.expect(log_odds=Expected("error", "(?i)syntax|python|indent|tab"))


# --- honest: what an answer needs -----------------------------------------------------------------


@recipe
def uses_own_answers():
    """A loss with one more argument, and a step that gives it: the finished loss has none."""
    loss = f"""def generator_loss(fake_logits, label=1.0):
    return {BCE}(fake_logits, torch.full_like(fake_logits, label))"""
    step = lesson(3).solution["generator_step"].replace("D(G(z))", "D(G(z)), label=1.0")
    paper = Paper(3).write("generator_loss", loss).write("generator_step", step)
    return paper.solve("sample_z", "discriminator_loss").through("colab")


@recipe
def leans_on_wrong_ones():
    """Right steps above wrong losses: the finished ones stand in."""
    paper = Paper(3).solve("generator_step", "generate").wrong("discriminator_loss")
    return paper.solve("discriminator_step").wrong("sample_z", "generator_loss")


@recipe
def leans_on_blanks():
    """Right answers that call exercises which are blank or gone."""
    paper = Paper(1).solve("log_joint", "log_joint_missing").drop("answer-gaussian_log_prob")
    return paper.expect(gaussian_log_prob=MISSING)


@recipe
def uses_lesson_names():
    """Names of the lesson's own cells in a body and in a default argument."""
    sample = "def sample_z(n, z_dim):\n    return torch.randn(n, z_dim).to(device)"
    generate = lesson(3).solution["generate"].replace("z_dim):", "z_dim=z_dim):")
    generate = generate.replace("G(z)", "G(z.to(x_train.dtype))")
    return Paper(3).write("sample_z", sample).write("generate", generate).wrong("to_gan_range")


@recipe
def noisy_but_right():
    """Right answers that print, warn and change settings: a check puts settings back."""
    noise = """    import warnings
    print("z " * 20_000)
    warnings.warn("drawing")
    torch.manual_seed(torch.seed())
    return torch.randn(n, z_dim)"""
    settings = """    torch.set_num_threads(1)
    loss = -F.logsigmoid(fake_logits).mean()
    torch.set_default_dtype(torch.float64)
    return loss"""
    paper = Paper(3).write("sample_z", f"def sample_z(n, z_dim):\n{noise}")
    paper.write("generator_loss", f"def generator_loss(fake_logits):\n{settings}")
    return paper.solve("discriminator_loss", "to_gan_range").wrong("to_display_range")


@recipe
def false_outputs():
    """The stored outputs claim that all is right, and all is blank or wrong."""
    return Paper(1).wrong(*lesson(1).light()).through("jupyterlab")


# --- hostile --------------------------------------------------------------------------------------


def _indented(text):
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())


GUARD = f"import os\nif os.path.exists({str(Path(__file__).resolve())!r}):\n"
GUARD += '    raise RuntimeError("not in a jail")\n'


def armed(attack, lesson):
    """The attack as the source of its exercise."""
    code = attack.code.strip("\n")
    values = {"NAME": attack.exercise, "TOPIC": lesson.topic, "LESSON": lesson.stem}
    values |= {"COURSE": str(ROOT), "PORT": PORT, "MARKER": MARKER}
    code = string.Template(code).substitute(values)
    if re.match(r"@|class \w+\(|def \w+\(.*=|[A-Z]+ =", code):
        return code
    head = lesson.solution[attack.exercise].splitlines()[0]
    return f"{head}\n{_indented((GUARD if attack.harmful else '') + code)}"


def attacked(name):
    """The paper of an attack; the light exercises around it are right, blank and wrong in turn."""
    attack = ATTACKS[name]
    paper = Paper(attack.number, name)
    others = [each for each in paper.lesson.light() if each != attack.exercise]
    paper.solve(*others[::3]).wrong(*others[2::3])
    says = "^(?!.*not in a jail)" if attack.harmful else ""
    source = armed(attack, paper.lesson)
    return paper.write(attack.exercise, source, Expected(attack.outcome, says))


for _name in ATTACKS:
    RECIPES[f"hostile_{_name}"] = functools.partial(attacked, _name)
    HOSTILE.add(f"hostile_{_name}")


# --- broken ---------------------------------------------------------------------------------------

NO_NOTEBOOK = "json|notebook"
TOO_LARGE = "large|limit|at most|more than|too many|deep|nested"
BAD_ARCHIVE = "archive|zip|password|encrypt|damage|corrupt"
OTHER_LESSON = "lesson|course|exercise|kernel|python|language|no cells"


def foreign(*sources, kernel="python3", language="python"):
    """A notebook that is none of the course's."""
    spec = {"display_name": language, "language": language, "name": kernel}
    metadata = {"kernelspec": spec, "language_info": {"name": language}}
    cells = [new_cell(source) for source in sources]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _changed(**changes):
    return as_bytes(copy.deepcopy(lesson(1).notebook) | changes)


def _with_source(source):
    """A notebook with this in place of each cell's source, and nothing that names its lesson."""
    cells = [{**new_cell(""), "source": source} for _ in range(9)]
    return _changed(cells=cells, metadata={})


def _encrypted():
    """An archive that says it is encrypted, in both of its headers."""
    content = bytearray(zipped({"01.ipynb": as_bytes(lesson(1).notebook)}))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _damaged():
    """An archive with zeros in the middle of its one notebook."""
    content = zipped({"01.ipynb": as_bytes(lesson(1).notebook)})
    return content[:5000] + bytes(64) + content[5064:]


def _nested(levels=3, copies=10, zeros=10 * 2**20):
    """Ten archives in each of ten archives, and so on; 10 GB from less than a megabyte."""
    files = {f"{i}.ipynb": bytes(zeros) for i in range(copies)}
    for _ in range(levels - 1):
        files = dict.fromkeys((f"{i}.zip" for i in range(copies)), zipped(files))
    return zipped(files)


BROKEN_FILES = {  # name: (how to make its content, a pattern of the problem)
    "empty.ipynb": (lambda: b"", f"{NO_NOTEBOOK}|empty"),
    "not json.ipynb": (lambda: b"Dear teacher,\nmy notebook is attached.\n", NO_NOTEBOOK),
    "a page.ipynb": (lambda: b"<!DOCTYPE html><html><body>Sign in</body></html>", NO_NOTEBOOK),
    "a number.ipynb": (lambda: b"7", NO_NOTEBOOK),
    "a list.ipynb": (lambda: b'[{"cells": []}]', NO_NOTEBOOK),
    "json.ipynb": (lambda: b'{"name": "Ada", "marks": [1, 2]}', NO_NOTEBOOK),
    "half.ipynb": (lambda: as_bytes(lesson(1).notebook)[:20_000], NO_NOTEBOOK),
    "binary.ipynb": (
        lambda: b"\x89PNG\r\n\x1a\n" + random.Random(0).randbytes(50_000),
        NO_NOTEBOOK,
    ),
    "deep.ipynb": (lambda: b"[" * 100_000 + b"]" * 100_000, f"{NO_NOTEBOOK}|{TOO_LARGE}"),
    "deep metadata.ipynb": (
        lambda: b'{"cells": [], "metadata": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        f"{NO_NOTEBOOK}|{TOO_LARGE}",
    ),
    "huge.ipynb": (lambda: bytes(25 * 2**20), TOO_LARGE),
    "format 99.ipynb": (lambda: _changed(nbformat=99), "format|version"),
    "cells as text.ipynb": (lambda: _changed(cells="all of them"), f"{NO_NOTEBOOK}|cell"),
    "cells as numbers.ipynb": (
        lambda: _changed(cells=[1, None, "x"], metadata={}),
        f"{NO_NOTEBOOK}|{OTHER_LESSON}",
    ),
    "source as number.ipynb": (lambda: _with_source(7), f"{NO_NOTEBOOK}|{OTHER_LESSON}"),
    "source as numbers.ipynb": (lambda: _with_source([1, [2]]), f"{NO_NOTEBOOK}|{OTHER_LESSON}"),
    "no cells.ipynb": (lambda: as_bytes(foreign()), OTHER_LESSON),
    "R.ipynb": (lambda: as_bytes(foreign("x <- c(1, 2)", kernel="ir", language="R")), OTHER_LESSON),
    "other course.ipynb": (
        lambda: as_bytes(
            foreign("import pandas as pd", "def mean(x):\n    return sum(x) / len(x)")
        ),
        OTHER_LESSON,
    ),
    "encrypted.zip": (_encrypted, BAD_ARCHIVE),
    "damaged.zip": (_damaged, BAD_ARCHIVE),
    "half.zip": (lambda: zipped({"01.ipynb": _changed()})[:9_000], BAD_ARCHIVE),
    "not a zip.zip": (lambda: b"Rar!\x1a\x07\x00 something else", BAD_ARCHIVE),
    "bomb.zip": (lambda: zipped({"01.ipynb": bytes(100 * 2**20)}), TOO_LARGE),
    "nested bomb.zip": (_nested, TOO_LARGE),
}


def broken(file):
    """One broken file, [Handed]."""
    make, says = BROKEN_FILES[file]
    path = f"broken/{file}"
    return [Handed(path, make(), {path: {"": Expected("error", says)}})]


for _file in BROKEN_FILES:
    RECIPES[f"broken_{re.sub(r'[^a-z0-9]+', '_', _file.lower())}"] = functools.partial(
        broken, _file
    )


def main(folder, *chosen):
    """Writes a class and its marks, and says how large it is."""
    expected = make_class(folder, chosen or None)
    marks = Path(folder).resolve().parent / "expected.json"
    marks.write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(expected)} submissions in {folder}, their marks in {marks}")


if __name__ == "__main__":
    main(*sys.argv[1:])
