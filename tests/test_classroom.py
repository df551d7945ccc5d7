"""The synthetic class is what it claims: notebooks, with marks, the same each time."""

import ast
import functools
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import classroom
import nbformat
import pytest
from grading.results import OUTCOMES, Graded, Mark
from hostile import ATTACKS, MARKER

files = functools.cache(classroom.handed_in)
HOSTILE = classroom.hostile_names()
BROKEN = [name for name in classroom.RECIPES if name.startswith("broken_")]
HONEST = [name for name in classroom.RECIPES if name not in [*HOSTILE, *BROKEN]]
each_attack = pytest.mark.parametrize("attack", ATTACKS)


def lesson_of(marks):
    """The lesson whose exercises these are, in their order."""
    lessons = map(classroom.lesson, range(1, 7))
    return next(lesson for lesson in lessons if list(lesson.cell_of) == list(marks))


def notebooks(*names):
    """(content, marks) of each notebook of these recipes that stands outside of archives."""
    handed_in = [handed for name in names for handed in files(name)]
    return [(h.content, h.expected[h.file]) for h in handed_in if h.file.endswith(".ipynb")]


def attack_in(attack):
    """The hostile paper, and its source of the exercise that attacks."""
    (handed,) = files(f"hostile_{attack}")
    name = ATTACKS[attack].exercise
    cells = {cell["id"]: cell for cell in json.loads(handed.content)["cells"]}
    return handed.expected[handed.file], "".join(cells[f"answer-{name}"]["source"])


def digests(folder):
    """A hash of each file below the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.md5(p.read_bytes()).hexdigest() for p in paths}


def test_class_is_large_enough():
    assert len(HONEST) >= 30 and len(HOSTILE) >= 18 and len(BROKEN) >= 8
    lessons = {lesson_of(marks).stem for _, marks in notebooks(*HONEST)}
    assert lessons == set(classroom.LESSONS)
    assert all(any(name.endswith(end) for name in HONEST) for end in classroom.FRONT_ENDS)


def test_no_file_is_handed_in_twice():
    names = [handed.file for name in classroom.RECIPES for handed in files(name)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", [*HONEST, *HOSTILE])
def test_submission_is_a_notebook_with_every_mark(name):
    for content, marks in notebooks(name):
        if name != "odd_cells":  # no valid notebook, on purpose
            nbformat.validate(nbformat.reads(content.decode("utf-8-sig"), as_version=4))
        assert list(lesson_of(marks).cell_of) == list(marks)
        for wanted in marks.values():
            assert any(re.fullmatch(wanted.outcome, outcome) for outcome in OUTCOMES)
            re.compile(wanted.says)


def test_every_kind_of_mark_is_expected():
    wanted = {mark.outcome for _, marks in notebooks(*HONEST) for mark in marks.values()}
    assert wanted >= set(OUTCOMES)


def test_archives_hold_the_files_that_are_expected():
    for name in ("moodle", "canvas"):
        (handed,) = files(name)
        inside = set(zipfile.ZipFile(io.BytesIO(handed.content)).namelist())
        for file in handed.expected:
            archive, name = file.split(".zip/", 1)
            assert f"{archive}.zip" == handed.file
            assert re.sub(r"(\.zip)/.*", r"\1", name) in inside


@each_attack
def test_attack_is_python_and_never_right(attack):
    marks, source = attack_in(attack)
    ast.parse(source)
    assert not re.fullmatch(marks[ATTACKS[attack].exercise].outcome, "right")
    others = [mark for name, mark in marks.items() if name != ATTACKS[attack].exercise]
    assert {mark.outcome for mark in others} >= {"right", "blank"}


@each_attack
def test_harmful_attack_stops_outside_a_jail(attack):
    marks, source = attack_in(attack)
    guarded = source.count("not in a jail") == 1 and str(classroom.__file__) in source
    assert guarded == ATTACKS[attack].harmful
    if guarded:
        first = ast.parse(source).body[0].body[:2]
        assert [type(line) for line in first] == [ast.Import, ast.If]
        assert not re.search(marks[ATTACKS[attack].exercise].says, "RuntimeError: not in a jail.")


def test_attacks_stay_in_their_own_files():
    for name in HONEST + BROKEN:
        assert not any(MARKER.encode() in handed.content for handed in files(name))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_has_a_problem_only(name):
    (handed,) = files(name)
    (marks,) = handed.expected.values()
    assert list(marks) == [""] and marks[""].outcome == "error"
    assert marks[""].says and re.compile(marks[""].says)


def test_class_is_the_same_each_time(tmp_path):
    chosen = [*HONEST, *HOSTILE]
    one, other = tmp_path / "one" / "class", tmp_path / "other" / "class"
    expected = classroom.make_class(one, chosen)
    command = [sys.executable, classroom.__file__, str(other), *chosen]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert digests(one) == digests(other)
    plain = json.loads((other.parent / "expected.json").read_text())
    assert plain == json.loads(json.dumps(expected))


def test_chosen_recipes_only(tmp_path):
    expected = classroom.make_class(tmp_path, ["magics", "broken_empty_ipynb"])
    assert set(expected) == {"magics/03_vanilla_gan.ipynb", "broken/empty.ipynb"}
    assert set(digests(tmp_path)) == set(expected)


def test_lost_cell_stops_a_recipe():
    with pytest.raises(StopIteration):
        classroom.Paper(1).drop("answer-predict").solve("predict")


WANTED = {
    "a.ipynb": {"f": classroom.RIGHT, "g": classroom.Expected("wrong|error", "mean")},
    "b.zip": {"": classroom.Expected("error", "large")},
}
AS_WANTED = [
    Graded("a.ipynb", "", (Mark("f", "right", "", 0), Mark("g", "wrong", "the mean", 0))),
    Graded("b.zip/c/d.ipynb", problem="too large"),
]


def test_no_difference_where_grading_is_as_expected():
    assert classroom.differences(WANTED, AS_WANTED) == []


@pytest.mark.parametrize(
    ("file", "marks", "problem", "line"),
    [
        ("a.ipynb", [("f", "right", ""), ("g", "blank", "mean")], "", "a.ipynb: g: .* came blank"),
        ("a.ipynb", [("f", "right", ""), ("g", "wrong", "sum")], "", "a.ipynb: g: .* wrong: sum"),
        ("a.ipynb", [("f", "right", "")], "", r"came \['f'\]"),
        ("a.ipynb", [], "no lesson", r"came \[\] no lesson"),
        ("b.zip", [], "", "b.zip: a problem with 'large' expected"),
        ("b.zip", [], "not a zip", "b.zip: a problem .* came .*'not a zip'"),
        ("b.zip/d.ipynb", [("f", "right", "")], "too large", "b.zip: a problem .* came"),
        ("c.ipynb", [], "", "c.ipynb: nobody handed this in"),
    ],
)
def test_difference_is_named(file, marks, problem, line):
    other = Graded(file, "", tuple(Mark(*mark, 0) for mark in marks), problem)
    rest = [each for each in AS_WANTED if not each.file.startswith(file[:5])]
    (found,) = classroom.differences(WANTED, [*rest, other])
    assert re.search(line, found)


def test_submission_without_a_result_is_named():
    assert classroom.differences(WANTED, AS_WANTED[:1]) == ["b.zip: not graded"]
