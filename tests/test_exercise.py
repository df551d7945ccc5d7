"""The engine of the checks: edits, inherited mistakes, variants, the tape, aspects."""

import pytest
import torch

from helpers import checks
from helpers.checks.aspects import Aspect, difference, equal, near, told
from helpers.checks.exercise import Tape, edited, sources
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import Function, unread


def half(x):
    """A right answer; it is the source that the tests edit."""
    y = x / 2
    return y


def quarter(x):
    """A right answer that calls an earlier one."""
    return half(half(x))


def noise(n):
    """A right answer of chance."""
    return torch.randn(n, 2)


def lesson():
    """A topic with two exercises, of which the second calls the first, and a random one."""
    topic = checks.Topic()
    numbers = Function(lambda n=3: {"x": torch.arange(1.0, n + 1)}, [{}, {"n": 5}])
    first = topic.exercise(numbers, None, "Half.")(half)
    first.mistakes["2 * x"] = "It is doubled."
    first.mistakes["x"] = "Nothing has changed."
    first.variants["x / 3"] = "A third is as right here."
    second = topic.exercise(numbers, None, "A quarter.")(quarter)
    drawn = Draw(lambda n=5: {"n": n}, [{}], chance={"n": 8000}, result="z")
    return first, second, topic.exercise(drawn, None, "Noise.")(noise)


def hears(check, answer):
    """What a wrong answer hears; empty for a right one."""
    try:
        check(answer)
    except checks.CheckError as error:
        return str(error)
    return ""


def test_a_mistake_is_an_edit_of_the_right_answer():
    source = sources(__import__(__name__))["half"]
    assert "return 2 * x" in edited(source, "2 * x")
    assert "y = x * 2" in edited(source, "x / 2 -> x * 2")
    assert edited(source, "pass") == "def half(x):\n    pass\n"
    both = edited(source, "x / 2 -> x\nreturn y -> return -y")
    assert "y = x\n" in both and "return -y" in both
    with pytest.raises(AssertionError, match="is not in"):
        edited(source, "x / 9 -> x")


def test_the_known_mistake_that_looks_the_same_speaks():
    first, _, _ = lesson()
    assert hears(first, lambda x: x + x).endswith("It is doubled.")
    assert hears(first, lambda x: x.clone()).endswith("Nothing has changed.")
    assert "times the expected" in hears(first, lambda x: 7 * x)


def test_a_mistake_of_an_earlier_exercise_is_inherited():
    _, second, _ = lesson()
    assert hears(second, lambda x: 4 * x).endswith("It is doubled.")


def test_a_variant_is_right_and_hears_its_remark(capsys):
    first, _, _ = lesson()
    assert hears(first, lambda x: x / 3) == ""
    assert "A third is as right here." in capsys.readouterr().out


def test_a_mistake_has_to_agree_in_every_call():
    first, _, _ = lesson()
    assert "doubled" not in hears(first, lambda x: 2 * x if len(x) == 3 else x)


def test_an_argument_that_is_not_read_is_named(capsys):
    first, _, _ = lesson()
    assert "never reads its argument x" in hears(first, lambda x: torch.ones(3))
    assert unread(lambda a, b: a) == {"b": 1} and not unread(lambda a: [a for _ in "x"])
    assert hears(first, lambda x, spare=1: x / 2) == ""
    assert "never reads its argument spare" in capsys.readouterr().out


def test_chance_is_judged_by_its_distribution():
    _, _, check = lesson()
    assert hears(check, lambda n: torch.randn(2, n).T) == ""
    assert "z has mean 0.50" in hears(check, lambda n: torch.rand(n, 2))
    assert "global seed" in hears(check, lambda n: torch.manual_seed(0) and torch.randn(n, 2))


def test_the_tape_plays_what_was_drawn():
    tape = Tape()
    tape.cue(0)
    drawn = tape.hear(torch.randn(3, 2))
    other = tape.again()
    other.cue(0)
    assert torch.equal(other.hear(torch.zeros(2, 2)), drawn[:2])
    assert torch.equal(other.hear(torch.zeros(1, 2)), drawn[2:])
    assert torch.equal(other.hear(torch.zeros(1, 5)), torch.zeros(1, 5))


def test_values_agree_to_float_accuracy_and_in_their_odd_ones():
    a = torch.tensor([1.0, float("nan"), float("inf")])
    assert near(a, a * 1.0000001) and not near(a, torch.tensor([1.0, 2.0, float("inf")]))
    assert not near(a, torch.tensor([1.0, float("nan"), float("-inf")]))
    assert equal([torch.ones(2), "a"], [torch.ones(2), "a"])
    assert not equal([torch.ones(2), "a"], [torch.ones(2), "b"])
    assert equal(torch.ones(2), torch.full((2,), 2.0), scales=(1, 0.5))


@pytest.mark.parametrize(
    ("factor", "shift", "words"),
    [(-1, 0, "sign turned"), (3, 0, "3 times the expected"), (1, 2, "off by 2 everywhere")],
)
def test_a_simple_relation_is_told(factor, shift, words):
    x = torch.tensor([1.0, 2.0, 5.0])
    assert words in difference(factor * x + shift, x)


def test_a_sentence_says_what_is_seen_and_expected():
    seen, wanted = (Aspect("shape", shape, "the shape is {}") for shape in ((3,), (3, 1)))
    assert seen.sentence(wanted) == "the shape is (3,), expected (3, 1)."
    assert told(torch.arange(9.0)) == "[0, 1, 2, 3, 4, 5, ...]" and told([]) == "none"
