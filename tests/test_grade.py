"""Grading as an instructor meets it: a class of all kinds, walls, interruptions, a cluster.

A sample of tests/classroom.py's class; half of it with CHECK_SEEDS=all, as in CI.
"""

import contextlib
import csv
import gc
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import classroom
import grade as command
import psutil
import pytest
from extent import WHOLE
from grading import engine, jail
from grading.results import Graded, Mark
from grading.store import Store

ROOT = Path(__file__).resolve().parent.parent
GRADE = [sys.executable, str(ROOT / "tools" / "grade.py")]
SECONDS = 12  # for one exercise: endless ones are waited for
WORKERS = 2 if WHOLE else 1
walled = pytest.mark.skipif(bool(jail.capability()), reason=f"no walls: {jail.capability()}")


def chosen():
    """Recipes of the class: a few honest and hostile ones, in CI half of them; all broken files."""
    half = list(classroom.RECIPES)[::2] if WHOLE else []
    return [n for n in classroom.RECIPES if n in half or n in SAMPLE or n.startswith("broken_")]


@contextlib.contextmanager
def listening():
    """What a listener hears on this machine's 127.0.0.1, at the port that hostile answers call."""
    heard = []
    with socket.create_server(("127.0.0.1", classroom.PORT)) as server:

        def listen():
            with contextlib.suppress(OSError):
                while True:
                    heard.append(server.accept()[1])

        threading.Thread(target=listen, daemon=True).start()
        yield heard


def files(*folders):
    """path -> digest, of everything below some folders that grading has no business with."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".ruff_cache" not in path.parts
    }


def marked(text):
    """The processes whose command line or environment holds a text."""
    return [process for process in psutil.process_iter() if text in words_of(process)]


def words_of(process):
    """A process's command line and environment, as far as they may be read."""
    words = []
    with contextlib.suppress(psutil.Error):
        words += process.cmdline()
    with contextlib.suppress(psutil.Error):
        words += process.environ().values()
    return " ".join(words)


def named(folder):
    """An environment by which `marked(folder)` finds the supervisors of a test's own jails."""
    return os.environ | {"COURSE_TEST": str(folder)}


def below(*processes):
    """What these processes have started, and what that has."""
    return [p for process in processes for p in psutil.Process(process.pid).children(True)]


def gone(folder, started):
    """Whether a test's processes have ended."""
    return not marked(str(folder)) and not any(process.is_running() for process in started)


# ---------------------------------------------------------------- a class

SAMPLE = {  # each lesson, each front end, and the attacks that would do the most harm
    *("mixed_1_colab", "mixed_2_windows", "mixed_3_vscode", "mixed_4_bare", "mixed_5_colab_new"),
    "mixed_6_jupyterlab",
    *("hostile_endless_loop", "hostile_delete", "hostile_daemon", "hostile_connect"),
}


@walled
def test_a_class_is_graded_as_expected_and_nothing_else_has_changed(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work")
    monkeypatch.setenv("HOME", str(home))
    expected = classroom.make_class(tmp_path / "class", chosen())
    watched = [home, tmp_path / "class", *(ROOT / name for name in ("helpers", "data", "tools"))]
    before = files(*watched)
    with listening() as heard:
        options = engine.Options(seconds=SECONDS)
        graded = command.grade(tmp_path / "class", tmp_path / "out", options, workers=WORKERS)
    assert classroom.differences(expected, graded) == []
    assert files(*watched) == before and heard == []
    assert marked(classroom.MARKER) == [] and marked(str(home)) == []


# ---------------------------------------------------------------- interruptions, clusters

FEW = ["syntax_error", "cells_deleted", "class_in_pieces", "constant_in_own_cell"]


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """(a small class, what an undisturbed run finds in it)."""
    folder = tmp_path_factory.mktemp("few")
    classroom.make_class(folder / "class", FEW)
    run(folder / "class", folder / "out")
    return folder / "class", table(folder / "out")


def run(submissions, out, *arguments, **options):
    """The command, to its end."""
    words = [*GRADE, str(submissions), "--out", str(out), f"--seconds={SECONDS}", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done


def table(out):
    """The rows of grades.csv without the seconds."""
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return [row[:-1] for row in csv.reader(file)]


def kept(out):
    """The results that are kept: name -> time of writing."""
    return {path.name: path.stat().st_mtime_ns for path in (out / ".kept").glob("*.json")}


def wait_for(condition, seconds=120):
    """Poll until `condition()`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@walled
def test_a_run_that_is_killed_goes_on_and_repeats_nothing(few, tmp_path):
    submissions, undisturbed = few
    words = [*GRADE, str(submissions), "--out", str(tmp_path), f"--seconds={SECONDS}", "-j2"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    grader = subprocess.Popen(words, env=named(tmp_path), **silent)
    wait_for(lambda: len(kept(tmp_path)) >= 2)
    started = below(grader)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    before = kept(tmp_path)
    assert started
    wait_for(lambda: gone(tmp_path, started), 10)
    run(submissions, tmp_path)
    after = kept(tmp_path)
    assert table(tmp_path) == undisturbed
    assert len(after) > len(before) and before.items() <= after.items()


@walled
def test_a_worker_of_a_cluster_that_is_killed_loses_nothing(few, tmp_path):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    submissions, undisturbed = few
    with cluster(tmp_path) as (address, workers):
        words = [*GRADE, str(submissions), "--out", str(tmp_path), f"--seconds={SECONDS}"]
        grader = subprocess.Popen([*words, "--scheduler", address], stderr=subprocess.PIPE)
        wait_for(lambda: kept(tmp_path) and below(workers[0]))
        started = below(*workers)
        workers[0].kill()
        _, said = grader.communicate(timeout=300)
    assert grader.returncode == 0, said.decode()
    assert table(tmp_path) == undisturbed
    wait_for(lambda: gone(tmp_path, started), 10)


@contextlib.contextmanager
def cluster(folder):
    """(address, worker processes) of a Dask scheduler with two workers on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    common = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    common["env"] = named(folder) | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tools'}"}
    port = address.rpartition(":")[2]
    scheduler = [*dask, "scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard"]
    worker = [*dask, "worker", address, "--nthreads=2", "--no-nanny", "--no-dashboard"]
    processes = [subprocess.Popen(words, **common) for words in (scheduler, worker, worker)]
    try:
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


# ---------------------------------------------------------------- the command


def test_what_is_kept_hangs_on_content_course_and_options(tmp_path):
    store = Store(tmp_path, "course", engine.Options())
    mark = Mark("sample_z", "right", "good", 0.5)
    store.put(b"book", Graded("a.ipynb", "03_vanilla_gan", (mark,)))
    assert store.get("b.ipynb", b"book") == Graded("b.ipynb", "03_vanilla_gan", (mark,))
    assert store.get("a.ipynb", b"other") is None
    assert Store(tmp_path, "changed", engine.Options()).get("a.ipynb", b"book") is None
    assert Store(tmp_path, "course", engine.Options(disk=1)).get("a.ipynb", b"book") is None
    store.path(b"book").write_text('{"file": "a.ip')
    assert store.get("a.ipynb", b"book") is None


def test_a_full_disk_leaves_no_half_result(tmp_path, monkeypatch):
    store = Store(tmp_path, "course", engine.Options())
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"book", Graded("a.ipynb"))
    assert list(tmp_path.iterdir()) == []


def full(*_):
    """What writing to a full disk does."""
    raise OSError(28, "No space left on device")


def test_another_course_on_a_worker_is_refused():
    with pytest.raises(engine.GraderError, match="Update both checkouts"):
        engine.grade("a.ipynb", b"{}", engine.Options(), expected="another digest")


def test_threads_that_read_at_once_do_not_disturb_each_other(monkeypatch):
    monkeypatch.setattr(engine.marks, "marks", lambda *_: ())
    gc.callbacks.append(told := lambda *_: time.sleep(1e-4))  # as Dask's
    book = (ROOT / "solutions" / "03_vanilla_gan.ipynb").read_bytes()
    engine.built.cache_clear()
    threshold = gc.get_threshold()
    gc.set_threshold(200)
    try:
        with ThreadPoolExecutor(2) as pool:
            graded = pool.map(lambda _: engine.grade("a", book, engine.Options()), range(20))
            assert {one.problem for one in graded} == {""}
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(told)


@pytest.mark.parametrize(
    "content, says", [(b"no", "no JSON"), (b'{"nbformat": 4, "cells": []}', "a lesson")]
)
def test_a_file_without_a_lesson_is_a_problem_not_a_crash(content, says):
    assert says in engine.grade("a.ipynb", content, engine.Options()).problem


def test_a_bug_of_the_grader_costs_one_file(monkeypatch):
    def broken(*_):
        raise KeyError("x")

    monkeypatch.setattr(engine, "judged", broken)
    graded = engine.grade("a.ipynb", b'{"nbformat": 4, "cells": []}', engine.Options())
    assert "the grader failed here, KeyError" in graded.problem


def test_the_command_says_what_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(jail, "capability", lambda: "")
    assert command.main([str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 1
    (tmp_path / "empty").mkdir()
    assert command.main([str(tmp_path / "empty"), "--out", str(tmp_path / "out")]) == 1
    monkeypatch.setattr(jail, "capability", lambda: "namespaces are Linux's")
    assert command.main([str(tmp_path / "empty")]) == 2
    assert "--trust" in capsys.readouterr().err
