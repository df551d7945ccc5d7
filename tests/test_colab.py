"""The first cell of every notebook: nothing to do at home, the whole course on Colab."""

import json
import os
import subprocess
import sys
from pathlib import Path

import build
import pytest

ROOT = Path(build.__file__).resolve().parent.parent
FIRST = build.opening_cells(ROOT, "03_topic", "notebooks")[1].source
REPORT = """
import json, helpers
print(json.dumps({"helpers": helpers.__file__, "path": sys.path[0]}))
"""
# stands in for pip: says what it was asked for, on stderr
PIP = "import sys; print('pip', *sys.argv[1:], file=sys.stderr)"


@pytest.fixture
def world(tmp_path):
    """A repository with a course in it, a stand-in for Colab and pip, an empty folder."""
    for name, text in {
        "origin/helpers/__init__.py": "",
        "origin/notebooks/03_topic.ipynb": "{}",
        "pip/pip/__init__.py": "",
        "pip/pip/__main__.py": PIP,
        "colab/google/colab/__init__.py": "",
        "content/first.py": FIRST + REPORT,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "a course"]):
        subprocess.run([*git, *command], cwd=tmp_path / "origin", check=True)
    return tmp_path


def run_first_cell(world, folder, *options, **environment):
    """Run the first cell with `folder` as the working directory; the report and stderr."""
    done = subprocess.run(
        [sys.executable, *options, world / "content" / "first.py"],
        cwd=world / folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def on_colab(world, *options, url=None):
    """Run the first cell in the stand-in's empty folder."""
    return run_first_cell(
        world,
        "content",
        *options,
        PYTHONPATH=f"{world / 'pip'}{os.pathsep}{world / 'colab'}",
        COURSE_REPOSITORY=url or (world / "origin").as_uri(),
    )


def test_elsewhere_it_only_finds_helpers(world):
    report, errors = run_first_cell(
        world, "origin/notebooks", PYTHONPATH=str(world / "pip"), PATH="", COURSE_REPOSITORY="none"
    )
    assert report == {
        "helpers": str(world / "origin" / "helpers" / "__init__.py"),
        "path": str(world / "origin"),
    }
    assert errors == ""


@pytest.mark.parametrize("as_url", [True, False])
def test_on_colab_it_fetches_the_course_once(world, as_url):
    origin = world / "origin"
    report, errors = on_colab(world, url=origin.as_uri() if as_url else str(origin))
    assert report["helpers"] == str(world / "content" / "course" / "helpers" / "__init__.py")
    assert "pip" not in errors  # everything is installed here
    assert on_colab(world, url="file:///nowhere")[0] == report


def test_on_colab_it_installs_only_what_is_missing(world):
    # -S hides the installed packages
    asked = [line for line in on_colab(world, "-S")[1].splitlines() if line.startswith("pip")]
    assert asked == ["pip install -q numpy matplotlib livelossplot ipywidgets jupyterquiz"]
    (world / "colab" / "numpy.py").touch()
    assert "pip install -q matplotlib livelossplot" in on_colab(world, "-S")[1]


def test_first_cell_is_short_and_names_the_repository():
    assert len([line for line in FIRST.splitlines() if line.strip()]) <= 20
    assert max(map(len, FIRST.splitlines())) <= 100
    assert build.project(ROOT)["urls"]["Repository"] in FIRST


def test_only_pyproject_names_the_repository():
    url = build.project(ROOT)["urls"]["Repository"].split("//")[1]
    command = ["git", "grep", "-l", "-F", url, "--", ".", ":!notebooks", ":!solutions"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert found.split() == ["pyproject.toml"]
