"""Set-up and documents: one list of packages, and commands that exist."""

import os
import re
import subprocess
from pathlib import Path

import build
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = build.project(ROOT)
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def read(name):
    """The text of a file of the course."""
    return (ROOT / name).read_text(encoding="utf-8")


def constraints():
    """name -> the exact version in constraints.txt."""
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def pip_arguments():
    """What environment.yml hands to pip, as words."""
    listed = yaml.safe_load(read("environment.yml"))["dependencies"][-1]["pip"]
    return " ".join(listed).split()


def make(*words):
    """What `make -n -B` would run."""
    # no variables of the make that may be running these tests
    names = ("TORCH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    command = ["make", "-n", "-B", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_conda_installs_the_list_of_pip():
    book = yaml.safe_load(read("environment.yml"))
    assert set(book) <= {"name", "channels", "dependencies"}
    *conda, _ = book["dependencies"]
    assert [re.split("[<>=]", spec)[0] for spec in conda] == ["python", "pip"]
    assert f"python{PROJECT['requires-python']}" in conda
    # the course itself, so the list in pyproject.toml, and the tested versions: as make does
    assert pip_arguments() == ["-c", "constraints.txt", "-e", "."]
    assert "pip install --disable-pip-version-check -c constraints.txt -e .\n" in make("lab")


@pytest.mark.parametrize(
    "line", [*PROJECT["dependencies"], *sum(PROJECT["optional-dependencies"].values(), [])]
)
def test_tested_version_lies_in_the_range(line):
    wanted = Requirement(line)
    assert wanted.specifier.contains(constraints()[canonicalize_name(wanted.name)])


def test_constraints_name_no_place_and_no_platform():
    assert not re.search(r"[/@]|nvidia|cuda", read("constraints.txt").split("\n", 3)[3])


def test_cpu_build_comes_from_the_official_index():
    index = "--index-url https://download.pytorch.org/whl/cpu torch torchvision"
    assert make("lab", "TORCH=cpu").count(index) == 1
    assert "index-url" not in make("lab")


def test_lab_asks_for_no_news():
    assert 'JUPYTER_CONFIG_PATH="' in make("lab")
    settings = read("tools/lab/labconfig/default_setting_overrides.json")
    assert '"fetchNews": "false"' in settings


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_in_documents_exist(name):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    commands = set(re.findall(r"(?:^|`)make ([a-z]+)", read(name), re.MULTILINE))
    assert commands <= targets
    for path in re.findall(r"python (tools/\w+\.py)", read(name)):
        assert (ROOT / path).is_file()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_in_documents_lead_somewhere(name):
    for link in re.findall(r"\]\(([^)#:]+)\)", read(name)):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_named_in_documents_exist(name):
    for path in re.findall(r"`((?:[\w.]+/)+[\w.]*|\w+\.(?:toml|txt|yml|md))`", read(name)):
        assert "NN_" in path or "TOPIC" in path or (ROOT / path).exists(), path


def test_readme_names_both_commands_first():
    commands = re.findall(r"^make (\w+)", read("README.md"), re.MULTILINE)
    assert commands[:2] == ["lab", "test"]


def test_example_in_readme_is_what_the_check_says():
    vanilla_gan = pytest.importorskip("helpers.checks.vanilla_gan")
    import torch
    import torch.nn.functional as F

    text = read("README.md")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    message = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1]
    with pytest.raises(Exception) as caught:
        exec(code, {"torch": torch, "F": F, "check": vanilla_gan})
    assert " ".join(str(caught.value).split()) == " ".join(message.split())
