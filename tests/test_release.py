"""The zip for students: complete, the same bytes every time, and it gives no answer away."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import build
import lesson
import pytest
import release
import tables
import yaml

ROOT = Path(build.__file__).resolve().parent.parent
LESSONS = sorted(ROOT.glob("lessons/*.py"))
EXERCISES = release.exercises(ROOT)
ABSENT = [entry for entry in EXERCISES if entry.place and entry.place not in release.KEPT]
SAVED = """
import helpers, pathlib
assert pathlib.Path(helpers.__file__).is_relative_to(pathlib.Path.cwd().parent), helpers.__file__
"""


@pytest.fixture(scope="module")
def zips(tmp_path_factory):
    """Both zips, as (full, without finished exercises)."""
    folder = tmp_path_factory.mktemp("zips")
    return release.write(ROOT, folder), release.write(ROOT, folder, without_finished=True)


@pytest.fixture(scope="module")
def copies(zips, tmp_path_factory):
    """Both zips unpacked: the folders that a student has."""
    return [unpacked(path, tmp_path_factory.mktemp("copy")) for path in zips]


def unpacked(path, folder):
    """The folder inside a zip, unpacked into `folder`."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


def files(path):
    """name below the top folder -> bytes."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def written(cell):
    """The lines that a student has to write in an answer cell."""
    given = {line.strip() for line in cell.student.splitlines()}
    lines = {line.strip() for line in cell.solution.splitlines()}
    return lines - given - {""}


def answers():
    """Every answer cell of the course."""
    cells = [cell for path in LESSONS for cell in lesson.read_lesson(path)]
    return [cell for cell in cells if cell.course.get("role") == "answer"]


def texts(content):
    """name -> the texts in which an answer could stand: cells of notebooks, whole other files."""
    found = {}
    for name, raw in content.items():
        if name.endswith(".ipynb"):
            found[name] = ["".join(cell["source"]) for cell in json.loads(raw)["cells"]]
        else:
            found[name] = [raw.decode("utf-8", errors="replace")]
    return found


def telling(found):
    """(answer, file) where all that an answer asks for stands in one text."""
    return [
        (cell.id, name)
        for cell in answers()
        for name, parts in found.items()
        if any(all(line in text for line in written(cell)) for text in parts)
    ]


def run(copy, code, **environment):
    """Run the first cells of lesson 3 and then `code` in the notebooks folder of a copy."""
    book = json.loads((copy / "notebooks" / "03_vanilla_gan.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    command = [sys.executable, "-c", "\n".join([*cells[:2], SAVED, code])]
    environment = os.environ | {"MPLBACKEND": "agg"} | environment
    return subprocess.run(
        command, cwd=copy / "notebooks", env=environment, capture_output=True, text=True
    )


def said(copy, code):
    """What `code` prints, line by line."""
    done = run(copy, code)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def cell_of(name, version="student"):
    """The answer cell of an exercise of lesson 3, as the student or the solution has it."""
    cells = lesson.read_lesson(ROOT / "lessons" / "03_vanilla_gan.py")
    return next(getattr(cell, version) for cell in cells if cell.id == f"answer-{name}")


# ---------------------------------------------------------------- what is in it


def test_holds_what_git_tracks_and_nothing_for_maintainers(zips):
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for path, own in zip(zips, (set(), {"helpers/absent.py"})):
        content = files(path)
        assert set(content) - own <= set(tracked)
        tops = {name.split("/")[0] for name in content}
        assert tops == {"notebooks", "helpers", "data", "figures", "tools", *release.FILES}
        assert not [n for n in content if n.startswith("tools/") and "tools/lab/" not in n]
        assert not [n for n in content if "__pycache__" in n or n.endswith((".state", "-ubyte"))]


def test_notebooks_are_those_of_the_course_and_hold_no_outputs(zips):
    for content in map(files, zips):
        names = [name for name in content if name.startswith("notebooks/")]
        assert len(names) == len(LESSONS)
        for name in names:
            assert content[name] == (ROOT / name).read_bytes()
            cells = json.loads(content[name])["cells"]
            assert not [
                cell for cell in cells if cell.get("outputs") or cell.get("execution_count")
            ]


def test_figures_that_are_shown_are_there(zips):
    content = files(zips[0])
    shown = " ".join(content[n].decode() for n in content if n.startswith(("notebooks/", "READ")))
    named = set(re.findall(r"[\w-]+\.(?:svg|png)", shown))
    assert named and {f"figures/{name}" for name in named} <= set(content)


def test_same_files_same_bytes(zips, tmp_path):
    for path, without_finished in zip(zips, (False, True)):
        again = release.write(ROOT, tmp_path, without_finished)
        assert again.name == path.name
        assert again.read_bytes() == path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == sorted(archive.namelist())
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_no_answer_is_in_it(zips):
    content = {n: raw for n, raw in files(zips[0]).items() if not n.startswith("helpers/")}
    assert telling(texts(content)) == []


def test_an_answer_would_be_found():
    solutions = {path.name: path.read_bytes() for path in ROOT.glob("solutions/*.ipynb")}
    found = {id for id, _ in telling(texts(solutions))}
    assert found == {cell.id for cell in answers()}


# ---------------------------------------------------------------- documents


def test_readme_of_students(zips):
    for content in map(files, zips):
        text = content["README.md"].decode()
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert link in content
        assert "nstructor" not in text and "solution" not in text
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert len(rows) == len(LESSONS) + 2 and {row.count("|") for row in rows} == {5}
        targets = set(re.findall(r"(?m)^([a-z]+):", content["Makefile"].decode()))
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    assert release.LENT in files(zips[0])["README.md"].decode()
    assert release.LENT not in files(zips[1])["README.md"].decode()


def test_a_link_that_students_could_not_follow_is_refused():
    with pytest.raises(release.Unfit, match="README.md links to lessons/01_a.py, which students"):
        release.refuse_dead_links({"README.md": b"[a](https://a.org), [b](lessons/01_a.py)"})


def test_make_lab_works_and_promises_nothing_else(copies):
    names = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    environment = {key: value for key, value in os.environ.items() if key not in names}

    def make(*words):
        return subprocess.run(
            ["make", *words], cwd=copies[0], env=environment, capture_output=True, text=True
        ).stdout

    assert "install" in make("-n", "lab") and "bin/jupyter lab" in make("-n", "lab")
    assert re.findall(r"(?m)^make (\w+)", make("help")) == ["lab"]
    assert (copies[0] / "tools" / "lab" / "jupyter_lab_config.json").is_file()


def test_pip_can_read_it(copies):
    pytest.importorskip("setuptools")
    options = ["--dry-run", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [sys.executable, "-m", "pip", "install", *options, "-q", "."]
    done = subprocess.run(command, cwd=copies[0], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- it works, or is not made


def test_unpacked_it_works(copies):
    name = "discriminator_loss"
    lines = said(copies[0], f"{cell_of(name)}\n{name} = check.{name}({name})\nprint({name})")
    assert re.fullmatch(rf"{name}: still blank \(line \d+\)\.", lines[0])
    assert lines[1].startswith(f"<function {name}")


@pytest.fixture
def fresh(monkeypatch):
    """Nothing is stale."""
    monkeypatch.setattr(build, "check", lambda root: 0)


def test_command_writes_it(fresh, tmp_path, capsys):
    assert build.main(["--release", str(tmp_path / "new"), "--without-finished"]) == 0
    (path,) = (tmp_path / "new").iterdir()
    assert capsys.readouterr().out == f"{path}\n"
    version = build.project(ROOT)["version"]
    assert path.name == f"gan-course-{version}-without-finished.zip"


def test_nothing_is_released_while_something_is_stale(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(build, "stale_student", lambda root, path, cells: "03_" in path.name)
    assert build.main(["--release", str(tmp_path / "new")]) == 1
    assert "stale: notebooks/03_vanilla_gan.ipynb. Run 'make build'" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_all_or_nothing(monkeypatch, tmp_path):
    path = release.write(ROOT, tmp_path)
    before = path.read_bytes()

    def full(self, *_):
        raise OSError("disk full")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="disk full"):
        release.write(ROOT, tmp_path)
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == before


def test_outside_of_git_it_says_so(tmp_path, capsys):
    with pytest.raises(release.Unfit, match="holds what git tracks, and git says: .*git clone"):
        release.tracked(tmp_path)


def test_a_file_that_git_does_not_track_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("GIT_INDEX_FILE", raising=False)  # set in a commit hook
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "new.py").touch()
    assert release.tracked(tmp_path) == []
    assert "git does not track it: helpers/new.py" in capsys.readouterr().err


# ---------------------------------------------------------------- without finished exercises


def test_every_exercise_has_a_place_of_its_own_and_every_kept_one_is_an_exercise():
    places = [entry.place for entry in EXERCISES if entry.place]
    for place in places:
        twice = [f"{entry.name} in {entry.file}" for entry in EXERCISES if entry.place == place]
        assert len(twice) == 1, f"{' and '.join(twice)} share {place}: give each its own"
    for place in release.KEPT:
        assert place in places, f"{place} stands in for nothing: drop it from tools/release.py"


def test_no_finished_exercise_is_in_it(zips):
    content = files(zips[1])
    for entry in ABSENT:
        path, node = tables.home(ROOT, entry.place)
        body = ast.parse(content[path.relative_to(ROOT).as_posix()]).body
        assert node.name not in [getattr(node, "name", "") for node in body]
    code = {n: raw for n, raw in content.items() if n.startswith("helpers/")}
    kept = {place.partition(":")[2] for place in release.KEPT}
    assert {id.removeprefix("answer-") for id, _ in telling(texts(code))} <= kept


def tell_tales(entry):
    """The lines of a right answer that would give it away."""
    body = entry.right.body[1 if ast.get_docstring(entry.right) else 0 :]
    lines = (ROOT / entry.file).read_text(encoding="utf-8").splitlines()
    found = {line.strip() for line in lines[body[0].lineno - 1 : body[-1].end_lineno]}
    return {line for line in found if len(line) > 25}


def given_away(content, entries):
    """(exercise, line, file) of right answers in a zip, but for what its notebooks show."""
    shown = " ".join(
        text
        for name, raw in content.items()
        if name.endswith(".ipynb")
        for text in texts({name: raw})[name]
    )
    return [
        (entry.name, line, name)
        for entry in entries
        for line in tell_tales(entry)
        for name, parts in texts(content).items()
        if line not in shown and any(line in text for text in parts)
    ]


def test_no_right_answer_of_a_table_is_in_it(zips):
    asked = [entry for entry in EXERCISES if entry.place not in release.KEPT]
    assert given_away(files(zips[1]), asked) == []


def test_a_right_answer_in_a_table_would_be_found(zips):
    asked = [entry for entry in EXERCISES if entry.place not in release.KEPT]
    content = files(zips[0])
    shown = {
        n: raw for n, raw in content.items() if n.startswith(("notebooks/", "helpers/checks/"))
    }
    telling_of = {name for name, _, _ in given_away(shown, asked)}
    assert len(telling_of) > len(asked) / 2, "most right answers have a line that is theirs alone"


FIRST = f"""
{cell_of("generator_loss")}
generator_loss = check.generator_loss(generator_loss)
for use in (generator_loss, losses.generator_loss):
    try:
        use(torch.zeros(3))
    except Exception as error:
        print(error)
{cell_of("generator_loss", "solution")}
own = generator_loss
generator_loss = check.generator_loss(generator_loss)
print(losses.generator_loss.answer() is own, losses.generator_loss(torch.zeros(3)).item() > 0)
check.topic.forget()
generator_loss = check.generator_loss(losses.generator_loss)
print(losses.generator_loss.answer() is own)
"""


def test_own_answer_takes_the_place_of_a_finished_one(copies):
    blank, needed, needed_too, right, works, again, still = said(copies[1], FIRST)
    assert re.fullmatch(
        r"generator_loss: still blank \(line \d+\)\. The finished one is not in this copy: "
        "fill it in, then run this cell again.",
        blank,
    )
    assert needed == needed_too
    assert needed.startswith("generator_loss is needed here, and this copy of the course holds no")
    assert "Fill in exercise generator_loss of notebooks/03_vanilla_gan.ipynb" in needed
    assert right.startswith("generator_loss: right.") and works == "True True"
    assert again.startswith("generator_loss: right.") and still == "True"


PACKED = f"""
import inspect, linecache
from pathlib import Path
source, text = inspect.getsource(check), Path(check.__file__).read_text()
print("def generator_loss(" in source, "def generator_loss(" in text)
{cell_of("generator_loss", "solution")}
generator_loss = check.generator_loss(generator_loss)
try:
    check.generator_loss(lambda fake_logits: -generator_loss(fake_logits))
except Exception as error:
    print(type(error).__name__, error)
print(check.topic.outcomes["generator_loss"])
check.progress()
"""


def test_checks_work_from_packed_tables(copies):
    found, right, wrong, outcome, head, *rows = said(copies[1], PACKED)
    assert found == "True False"
    assert right.startswith("generator_loss: right.") and outcome == "wrong"
    assert wrong.startswith("CheckError generator_loss: ") and "sign is turned" in wrong
    assert head.split() == ["exercise", "outcome"] and "core exercises remain" in rows[-1]


def test_a_right_answer_that_would_stand_in_is_not_lent(copies, tmp_path):
    """With None for a stand-in, a blank gets no right answer from a packed table, either."""
    course, copy = tmp_path / "course", tmp_path / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "MNIST")
    for folder in ("helpers", "lessons", "tools"):
        shutil.copytree(ROOT / folder, course / folder, ignore=ignored)
    shutil.copytree(copies[1], copy, ignore=ignored)
    table = course / "helpers" / "checks" / "vanilla_gan.py"
    before = table.read_text(encoding="utf-8")
    table.write_text(before.replace('"helpers.losses:generator_loss"', "None"), encoding="utf-8")
    assert table.read_text(encoding="utf-8") != before
    content = {
        path.relative_to(course).as_posix(): path.read_bytes()
        for path in course.glob("helpers/**/*.py")
    }
    for name, raw in (content | release.reduced_helpers(course, content)).items():
        (copy / name).write_bytes(raw)
    blank, missing, *later = said(copy, UNLENT)
    assert re.fullmatch(r"generator_loss: still blank \(line \d+\)\. The finished one .*", blank)
    assert missing.startswith("generator_loss is needed here, and this copy of the course holds no")
    assert later[0].startswith("generator_loss: right.") and later[1] == "True"


UNLENT = f"""
from helpers.checks import CheckError
{cell_of("generator_loss")}
lent = check.generator_loss(generator_loss)
try:
    lent(torch.zeros(3))
except CheckError as error:
    print(error)
{cell_of("generator_loss", "solution")}
generator_loss = check.generator_loss(generator_loss)
print(lent(torch.zeros(3)).item() > 0)
"""


LATER = """
from helpers.checks import conditional_gan, vanilla_gan
print(losses.generator_loss(torch.zeros(3)).item() > 0)
print(type(weights.load("vanilla_gan")).__module__, set(vanilla_gan.topic.outcomes.values()))
try:
    losses.discriminator_loss(torch.zeros(3), torch.zeros(3))
except Exception as error:
    print(error)
"""
RENAMED = """
class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.a = nn.Linear(z_dim, 256)
        self.b, self.c, self.d = nn.Linear(256, 512), nn.Linear(512, 1024), nn.Linear(1024, 784)

    def forward(self, z):
        for layer in (self.a, self.b, self.c):
            z = F.leaky_relu(layer(z), 0.2)
        return torch.tanh(self.d(z)).view(-1, 1, 28, 28)
"""
WRAPPED = "def discriminator_loss(real, fake):\n    return losses.discriminator_loss(real, fake)"


def test_saved_answers_of_other_lessons_are_found(copies, tmp_path):
    """Own layers under own names take the weights that ship; a wrapper of nothing is nothing."""
    copy = tmp_path / "copy"
    shutil.copytree(copies[1], copy, ignore=shutil.ignore_patterns("MNIST"))
    path = copy / "notebooks" / "03_vanilla_gan.ipynb"
    book = json.loads(path.read_text(encoding="utf-8"))
    own = {
        "answer-generator_loss": cell_of("generator_loss", "solution"),
        "answer-Generator": RENAMED,
        "answer-discriminator_loss": WRAPPED,
    }
    for cell in book["cells"]:
        cell["source"] = own.get(cell["id"], cell["source"])
    path.write_text(json.dumps(book), encoding="utf-8")
    works, outcomes, missing = said(copy, LATER)
    assert works == "True"
    assert outcomes == "03_vanilla_gan {'not checked yet'}"
    assert missing.startswith("discriminator_loss is needed here")


# ---------------------------------------------------------------- workflows


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/workflows/*.yml")), ids=lambda p: p.name)
def test_workflow_runs_what_is_there(path):
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert book["name"] and book[True]  # YAML 1.1 reads `on` so
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    for job in book["jobs"].values():
        assert job["timeout-minutes"] and job["runs-on"]
        commands = "\n".join(step.get("run", "") for step in job["steps"])
        for script in re.findall(r"bash (\S+)", commands):
            assert (ROOT / script).is_file()
        assert set(re.findall(r"(?m)\bmake ([a-z]+)", commands)) <= set(targets)


def test_every_push_runs_ci_and_the_nightly_run_stays_apart():
    folder = ROOT / ".github" / "workflows"
    ci, nightly = (
        yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("ci", "nightly")
    )
    assert set(ci[True]) == {"push", "pull_request"}
    assert set(nightly[True]) == {"schedule", "workflow_dispatch"}
    assert "bash .ci/run" in str(ci) and "constraints.txt" not in str(ci)
