"""The checks tell the truth: known answers, blanks, guards, and what a student gets to see.

What a check knows of mistakes stands in its own table, and each entry of it is tried here. The
bank in tests/mistakes holds the right answers, and wrong ones that no table says in this way. Each
of them is one test item and runs with several of 20 seeds, of the caller and of the checks' own
draws: see `seeds`.
"""

import copy
import importlib
import itertools
import json
import math
import random
import re
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))

from extent import WHOLE
from mistakes import vanilla_gan as bank

from helpers import checks
from helpers.checks import explain, guard
from helpers.checks import vanilla_gan as check
from helpers.checks.exercise import spread
from helpers.checks.kinds.function import Function

SEEDS = range(20)
FOLDER, MISTAKES = Path(checks.__file__).parent, Path(__file__).parent / "mistakes"
SHARED = Path(__file__).parents[2] / "shared/mistakes"
TOPICS = [path.stem for path in sorted(MISTAKES.glob("[!_]*.py"))]
BANKS = {topic: importlib.import_module(f"mistakes.{topic}") for topic in TOPICS}
CHECKS = {topic: importlib.import_module(f"helpers.checks.{topic}") for topic in TOPICS}
EXERCISES = [(topic, name) for topic in TOPICS for name in CHECKS[topic].topic.exercises]
RIGHT = [(topic, name, id) for topic, name in EXERCISES for id in BANKS[topic].RIGHT.get(name, ())]
WRONG = [(topic, name, w) for topic, name in EXERCISES for w in BANKS[topic].WRONG.get(name, ())]
BLANK_FUNCTION = 'def {}(*args):\n    """To be filled."""\n    x = 1\n    return ____\n'
BLANK_CLASS = (
    "class {}(nn.Module):\n    def __init__(self, *args):\n        super().__init__()\n"
    "        self.net = ____\n"
)


def cases(arguments, rows):
    """A test for each row, called by its words: "topic: exercise: answer"."""
    ids = [": ".join(getattr(part, "id", part) for part in row) for row in rows]
    return pytest.mark.parametrize(arguments, rows, ids=ids)


each_topic = pytest.mark.parametrize("topic", TOPICS)
each_exercise = cases(("topic", "name"), EXERCISES)


def names():
    """What every source finds imported."""
    return {
        "torch": torch,
        "nn": nn,
        "F": F,
        "math": math,
        "copy": copy,
        "random": random,
        "itertools": itertools,
        "np": np,
    }


def made(source, name):
    """The object that a source defines."""
    space = names()
    exec(compile(source, "<answer>", "exec"), space)
    return space[name]


def checked(topic, name, answer):
    """What the check of an exercise gives back."""
    return getattr(CHECKS[topic], name)(answer)


def judge(topic, name, answer):
    """The text of the CheckError, or None if the answer is right."""
    try:
        checked(topic, name, answer)
    except checks.CheckError as error:
        return str(error)
    return None


def double(x):
    """A right answer of an exercise that only stands here."""
    return 2 * x


def plain(topic, name):
    """The right answer that stands in the table."""
    return CHECKS[topic].topic.exercises[name].built()


@pytest.fixture(autouse=True)
def fresh():
    """No outcome and no stand-in of another test."""
    for topic in TOPICS:
        CHECKS[topic].topic.forget()
    yield
    checks.SEED = 0


def seeds(id):
    """One of the twenty, five in CI (CHECK_SEEDS=all); the next answer gets others."""
    stride = 4 if WHOLE else 20
    return SEEDS[zlib.crc32(id.encode()) % stride :: stride]


def seeded(seed):
    """The caller's seed, and the family of draws that the checks use."""
    torch.manual_seed(seed)
    checks.SEED = seed


@cases(("topic", "name", "id"), RIGHT)
def test_right_answer_passes(topic, name, id, capsys):
    for seed in seeds(id):
        seeded(seed)
        answer = made(BANKS[topic].RIGHT[name][id], name)
        assert checked(topic, name, answer) is answer
        line = capsys.readouterr().out
        assert line.startswith(f"{name}: right. ") and line.count("\n") == 1


@cases(("topic", "name", "wrong"), WRONG)
def test_wrong_answer_hears_its_reason(topic, name, wrong, capsys):
    for seed in seeds(wrong.id):
        seeded(seed)
        message = judge(topic, name, made(wrong.source, name))
        assert message, f"accepted with seed {seed}"
        assert re.search(wrong.says, message), message
        assert "!" not in message and "\n" not in message and 30 < len(message) < 620
        assert "xpected" in message or "the code stops" in message
    assert capsys.readouterr().out == ""


@each_topic
def test_the_bank_has_no_exercise_that_is_gone(topic):
    bank = BANKS[topic]
    gone = {*bank.RIGHT, *bank.WRONG} - {*CHECKS[topic].topic.exercises}
    assert not gone, f"tests/mistakes/{topic}.py: take out {gone}, or add it to the checks"


@each_exercise
@pytest.mark.parametrize("seed", [0, 7, 13] if WHOLE else [0])
def test_a_known_mistake_is_diagnosed_as_itself(topic, name, seed):
    seeded(seed)
    exercise = CHECKS[topic].topic.exercises[name]
    for edit, hears in spread(exercise.mistakes):
        message = judge(topic, name, exercise.built(edit))
        assert message, f"accepted: {edit}"
        assert hears in message, f"{edit} hears: {message}"
        assert "!" not in message and "\n" not in message and 30 < len(message) < 620, message
        assert "xpected" in message or "the code stops" in message, message


@each_exercise
def test_a_variant_is_right(topic, name, capsys):
    exercise = CHECKS[topic].topic.exercises[name]
    for edit, remark in spread(exercise.variants):
        assert judge(topic, name, exercise.built(edit)) is None, edit
        assert remark in capsys.readouterr().out


CRASHES = {
    "no argument": "def {}():\n    return torch.zeros(3)\n",
    "a name of another cell": "def {}(*args):\n    return undefined(*args)\n",
    "nothing": "def {}(*args):\n    pass\n",
    "a text": "def {}(*args):\n    return 'done'\n",
    "super forgotten": "class {}(nn.Module):\n    def __init__(self, *args):\n"
    "        self.net = nn.Linear(2, 2)\n",
    "no forward": "class {}(nn.Module):\n    def __init__(self, *args):\n"
    "        super().__init__()\n        self.net = nn.Linear(2, 2)\n",
    "no base": "class {}:\n    def __init__(self, *args):\n        self.net = nn.Linear(2, 2)\n",
}


@each_exercise
@pytest.mark.parametrize("kind", CRASHES)
def test_a_stub_is_refused_in_words(topic, name, kind):
    message = judge(topic, name, made(CRASHES[kind].format(name), name))
    assert message and "\n" not in message and "!" not in message and 30 < len(message) < 620
    assert "xpected" in message or "the code stops" in message, message


@each_exercise
def test_blank_says_where_and_lends_the_finished_one(topic, name, capsys, monkeypatch):
    finished = object()
    monkeypatch.setattr(checks, "resolved", lambda stand_in: finished)
    is_class = isinstance(plain(topic, name), type)
    blank = made((BLANK_CLASS if is_class else BLANK_FUNCTION).format(name), name)
    assert checked(topic, name, blank) is finished
    assert capsys.readouterr().out == f"{name}: still blank (line 4).\n"
    assert checked(topic, name, finished) is finished
    assert capsys.readouterr().out == f"{name}: still blank (line 4).\n"
    CHECKS[topic].progress()
    assert re.search(rf"^{name} +still blank", capsys.readouterr().out, re.M)


@each_exercise
def test_stand_in_passes_its_own_check(topic, name):
    finished = checks.resolved(CHECKS[topic].topic.stand_ins[name])
    assert judge(topic, name, finished) is None


def test_blank_of_another_function_is_named(capsys):
    space = names()
    exec(
        "def generator_loss(f):\n    return ____\n\n"
        "def generator_step(G, D, opt, n, z_dim):\n    generator_loss(D(G(torch.randn(n, "
        "z_dim))))\n",
        space,
    )
    check.generator_step(space["generator_step"])
    assert capsys.readouterr().out == "generator_step: still blank (line 2 of generator_loss).\n"


@each_exercise
@pytest.mark.parametrize("thing", [None, 3, "text", ..., [1], torch.ones(3)], ids=str)
def test_a_missing_object_is_told(topic, name, thing):
    message = judge(topic, name, thing)
    assert re.search("None came, expected|came, expected the (function|class)", message), message


def test_the_original_error_is_the_cause():
    with pytest.raises(checks.CheckError) as caught:
        check.generator_loss(lambda fake_logits: fake_logits.men())
    assert isinstance(caught.value.__cause__, AttributeError)
    with pytest.raises(checks.CheckError) as caught:
        check.generator_loss(lambda fake_logits: fake_logits.mean())
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            RuntimeError("Expected all tensors to be on the same device, but found cuda:0 and cpu"),
            "different devices",
        ),
        (ValueError("optimizer got an empty parameter list"), "no registered parameters"),
        (RecursionError("maximum recursion depth exceeded"), "calls itself without end"),
        (NameError("name 'torch' is not defined"), "Run the setup cell"),
        (
            RuntimeError("expected m1 and m2 to have the same dtype, but got: float != double"),
            "Two dtypes meet",
        ),
        (TypeError("'tuple' object is not callable"), "missing comma"),
        (ZeroDivisionError("division by zero"), "Run it by hand"),
    ],
)
def test_errors_are_explained(error, words):
    assert words in explain.explained(error, "x")


@each_topic
def test_check_leaves_no_trace_in_the_settings(topic):
    def answer(*args):
        torch.manual_seed(1), np.random.seed(1), random.seed(1)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return torch.zeros(1)

    threads = torch.get_num_threads()
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    for name in CHECKS[topic].topic.exercises:
        judge(topic, name, answer)
        assert torch.equal(states[0], torch.get_rng_state()) and random.getstate() == states[2]
        assert (np.random.get_state()[1] == states[1]).all()
        assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
        assert torch.get_num_threads() == threads


@each_exercise
def test_works_inside_no_grad_and_other_settings(topic, name):
    answer = plain(topic, name)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            assert judge(topic, name, answer) is None
            assert not torch.is_grad_enabled()
        with torch.inference_mode():
            assert judge(topic, name, answer) is None
            assert torch.is_inference_mode_enabled()
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_students_networks_stay_as_they_are():
    """A step that by a slip names the notebook's D and opt_D does not train them."""
    space = names()
    space["D"] = made(bank.D, "Discriminator")()
    space["opt"] = torch.optim.Adam(space["D"].parameters())
    exec(
        "def generator_loss(f):\n    D.eval()\n    opt.zero_grad()\n    D(torch.ones(2, 1, 28, "
        "28)).sum().backward()\n"
        "    opt.step()\n    return F.softplus(-f).mean()\n",
        space,
    )
    space["generator_loss"](torch.ones(2))
    D = space["D"].train()
    grads = [p.grad.clone() for p in D.parameters()]
    weights = copy.deepcopy(D.state_dict())
    check.generator_loss(space["generator_loss"])
    assert all(module.training for module in D.modules())
    assert all(map(torch.equal, weights.values(), D.state_dict().values()))
    assert all(torch.equal(p.grad, g) for p, g in zip(D.parameters(), grads, strict=True))
    assert all(state["step"] == 1 for state in space["opt"].state.values())


def test_answers_that_hold_a_network_keep_it():
    net = nn.Sequential(nn.BatchNorm1d(1)).train()

    class Loss(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, f):
            self.net(f.reshape(-1, 1).repeat(2, 1))
            return F.softplus(-f).mean()

    answer = Loss()
    check.generator_loss(answer)
    assert answer.training and net[0].num_batches_tracked == 0
    assert net in [module for thing in guard.belongings(answer) for module in thing.modules()]


def test_no_warning_and_no_print_comes_through(capsys):
    def generator_loss(fake_logits):
        warnings.warn("noise", stacklevel=1)
        print(fake_logits.shape)
        return F.softplus(-fake_logits).mean()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check.generator_loss(generator_loss)
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and not err


def test_check_error_is_short_in_ipython(capsys):
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    shell = interactive.instance()
    try:
        shell.run_cell("from helpers.checks import vanilla_gan as check")
        shell.run_cell("check.generator_loss(lambda f: f.mean())")
    finally:
        interactive.clear_instance()
    out = capsys.readouterr().out
    assert "CheckError: generator_loss: with fake_logits" in out
    assert "Traceback" not in out and out.count("\n") <= 2


def test_progress_counts_core_and_stretch(capsys):
    check.progress()
    out = capsys.readouterr().out
    stretch = len(check.topic.stretch)
    core = len(check.topic.outcomes) - stretch
    assert out.endswith(
        f"{core} of {core} core exercises remain, and {stretch} of {stretch} stretch exercises "
        "(optional).\n"
    )
    assert re.search(r"^train_batch +not checked yet \(stretch\)$", out, re.M)
    judge("vanilla_gan", "generator_loss", lambda f: F.softplus(-f).mean())
    judge("vanilla_gan", "sample_z", lambda n, z_dim: torch.rand(n, z_dim))
    judge("vanilla_gan", "train_batch", made(bank.RIGHT["train_batch"]["plain"], "train_batch"))
    capsys.readouterr()
    check.progress()
    out = capsys.readouterr().out
    assert out.endswith(
        f"{core - 1} of {core} core exercises remain, and {stretch - 1} of {stretch} stretch "
        "exercises (optional).\n"
    )
    assert re.search(r"^generator_loss +right$", out, re.M) and re.search(
        r"^sample_z +wrong$", out, re.M
    )
    judge("vanilla_gan", "generator_loss", lambda f: f.mean())
    check.progress()
    assert re.search(r"^generator_loss +wrong$", capsys.readouterr().out, re.M)


@each_topic
def test_remarks_come_with_what_is_right_and_could_be_better(topic, capsys):
    remarks = BANKS[topic].REMARKS
    for (name, id), words in remarks.items():
        checked(topic, name, made(BANKS[topic].RIGHT[name][id], name))
        assert re.search(words, capsys.readouterr().out), (name, id)
    for name in CHECKS[topic].topic.exercises:
        checked(topic, name, plain(topic, name))
        out = capsys.readouterr().out
        assert not any(re.search(words, out) for words in remarks.values()), name


def test_a_stand_in_is_a_path_a_function_or_the_right_answer():
    topic = checks.Topic()
    kind = Function(lambda: {"x": torch.ones(2)})
    blank = made("def double(x):\n    return ____\n", "double")
    for stand_in, lent in (("builtins:max", max), (lambda: min, min)):
        assert topic.exercise(kind, stand_in, "It works.")(double)(blank) is lent
    lent = topic.exercise(kind, None, "It works.")(double)(blank)
    assert torch.equal(lent(torch.ones(2)), torch.full((2,), 2.0))


def shared(topic):
    """The exercises of a topic in the bank beside the checkout; none where there is no bank."""
    return [
        exercise
        for path in SHARED.glob(f"*_{topic}.json")
        for exercise in json.loads(path.read_text())
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="no shared bank beside the checkout")
@pytest.mark.parametrize("kind", ["right", "wrong"])
@each_topic
def test_shared_bank(topic, kind):
    for exercise in shared(topic):
        for entry in exercise[kind]:
            try:
                space = names()
                exec(compile(entry["source"], "<answer>", "exec"), space)
            except SyntaxError:
                assert entry["id"] in ("comma", "leaky300")
                continue
            verdicts = [judge(topic, name, space[name]) for name in exercise["exercise"]]
            rejected = any(verdicts)
            assert rejected == (kind == "wrong"), (exercise["exercise"], entry, verdicts)


def test_importing_the_checks_needs_no_finished_helper():
    """Stand-ins are dotted paths: a check imports before, and without, the module it lends from."""
    sources = [*(FOLDER / f"{topic}.py" for topic in TOPICS), *FOLDER.rglob("*.py")]
    assert len(sources) > 10
    for source in sources:
        text = source.read_text()
        assert not re.search(r"^\s*(from|import) helpers(?!\.checks)", text, re.M), source


def test_importing_the_checks_leaves_the_compiler_unloaded():
    modules = ", ".join(f"helpers.checks.{topic}" for topic in TOPICS)
    code = f"import sys, {modules}; sys.exit('torch._dynamo' in sys.modules)"
    root = FOLDER.parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
