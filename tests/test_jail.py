"""What a jailed command can see, use and leave behind; with walls where the system has them."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid
from pathlib import Path

import psutil
import pytest
from grading import jail as jails
from grading.jail import Jail, JailError, Limits, capability

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
MB = 1 << 20
LIMITS = Limits(memory=1000 * MB, processes=32, disk=20 * MB, seconds=20)

# what the command's code may use: how to report, and libc with errors
PRELUDE = """
import ctypes, json, os, signal, socket, subprocess, sys, time
REPORT = int(os.environ["JAIL_REPORT_FD"])
def report(what):
    os.write(REPORT, json.dumps(what).encode() + b"\\n")
def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)
"""
FOREVER = "while True: time.sleep(1)"
DAEMON = """
if not os.fork():
    os.setsid()
    if not os.fork():
        report("daemon")
        while True: time.sleep(1)
    os._exit(0)
os.wait()  # no zombie tells of its group
"""


@pytest.fixture(params=["walls", "trust"])
def trust(request):
    """Whether there are no walls; the other case is skipped where there can be none."""
    if request.param == "walls" and capability():
        pytest.skip(capability())
    return request.param == "trust"


@pytest.fixture
def walls():
    if capability():
        pytest.skip(capability())


@pytest.fixture
def mark():
    """A name in the environment by which a test finds its processes."""
    return f"jail-test-{uuid.uuid4()}"


def jailed(code, readable=(), files=None, mark="", trust=False, **limits):
    """A Jail that runs `code` after PRELUDE."""
    environment = {"JAIL_TEST": mark, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PRELUDE + textwrap.dedent(code)]
    return Jail(command, files or {}, readable, environment, LIMITS._replace(**limits), trust)


def ran(code, silence=15, **more):
    """What `code` reported, and its Jail after its end."""
    with jailed(code, **more) as jail:
        return [json.loads(line) for line in jail.lines(silence)], jail


def alive(mark):
    """The processes with `mark` in their environment, a moment after the last should have ended."""
    for _ in range(50):
        found = [process for process in psutil.process_iter() if mark in environment_of(process)]
        if not found:
            return []
        time.sleep(0.1)
    return found


def environment_of(process):
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().values()
    return ()


# ---------------------------------------------------------------- a run and its end


def test_a_run_that_ends_by_itself(trust):
    code = """
    print("seen", flush=True)
    report(open("a/b.txt").read())
    report([os.getcwd() == os.path.realpath(os.environ["HOME"]), os.listdir(".")])
    sys.exit(3)
    """
    lines, jail = ran(code, files={"a/b.txt": b"given"}, trust=trust)
    assert lines == ["given", [True, ["a"]]]
    assert (jail.ended, jail.returncode, jail.output, jail.problem) == ("", 3, "seen\n", "")


def test_lines_come_in_order_and_live(trust):
    code = """
    for number in range(1000): report(number)
    time.sleep(0.5)
    report("late")
    """
    with jailed(code, trust=trust) as jail:
        came = {json.loads(line): time.monotonic() for line in jail.lines()}
    assert list(came) == [*range(1000), "late"]
    assert came["late"] - came[999] > 0.2


def test_the_environment_is_what_was_given(trust, monkeypatch):
    monkeypatch.setenv("SECRET", "of the grader")
    (names,), _ = ran("report(list(os.environ))", trust=trust)
    given = {"JAIL_TEST", "OMP_NUM_THREADS", "PATH", "HOME", "TMPDIR", "JAIL_REPORT_FD"}
    assert set(names) - {"LC_CTYPE"} == given  # Python sets that one itself


def test_silence_ends_a_run(trust, mark):
    lines, jail = ran(f"report(1)\n{FOREVER}", silence=1.5, mark=mark, trust=trust)
    assert lines == [1]
    assert (jail.ended, jail.returncode) == ("silence", -signal.SIGKILL)
    assert not alive(mark)


def test_half_a_line_is_silence():
    code = "while True: os.write(REPORT, b'.'); time.sleep(0.05)"
    assert ran(code, silence=1, trust=True)[1].ended == "silence"


def test_time_ends_a_run_that_talks(trust, mark):
    code = "while True: report(1); time.sleep(0.1)"
    assert ran(code, seconds=1, mark=mark, trust=trust)[1].ended == "time"
    assert not alive(mark)


def test_a_closed_report_is_not_the_end():
    code = "os.close(REPORT)\ntime.sleep(0.5)\nsys.exit(4)"
    assert ran(code, trust=True)[1].returncode == 4


def test_a_command_that_is_not_there_is_lost(trust):
    with Jail(["/no/such/command"], {}, [], {}, LIMITS, trust) as jail:
        assert not list(jail.lines())
    assert jail.ended == "lost"
    assert "/no/such/command" in jail.problem or "No such file" in jail.problem


def test_gigabytes_of_output_leave_a_tail(trust):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = """
    for _ in range(300): sys.stdout.write("x" * (1 << 20))
    os.write(REPORT, b'"' + b"y" * (30 << 20) + b'"\\n')
    print("end")
    """
    with jailed(code, trust=trust) as jail:
        (line,) = jail.lines()
    assert len(line) == jails.LINE
    assert len(jail.output) == jails.TAIL and jail.output.endswith("xend\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # in kB


# ---------------------------------------------------------------- limits


def test_a_fork_bomb(trust, mark):
    assert ran("while True: os.fork()", mark=mark, trust=trust)[1].ended == "processes"
    assert not alive(mark)


def test_memory_of_all_processes_together(trust, mark):
    code = f"os.fork(); os.fork()\nhog = bytearray(b'1') * (60 << 20)\n{FOREVER}"
    _, jail = ran(code, memory=150 * MB, mark=mark, trust=trust)
    assert jail.ended == "memory"
    assert not alive(mark)


def test_one_hog_is_stopped_or_gets_a_memory_error(trust):
    code = "hog = []\nwhile True: hog.append(bytearray(b'1') * (10 << 20))"
    _, jail = ran(code, memory=200 * MB, trust=trust)
    assert jail.ended == "memory" or "MemoryError" in jail.output


@pytest.mark.skipif(sys.platform != "linux", reason="shared pages are told apart on Linux only")
def test_shared_pages_count_once(trust):
    code = """
    kept = bytearray(b"1") * (100 << 20)
    children = [os.fork() for _ in range(3)]
    if not all(children): time.sleep(0.6); os._exit(0)
    while children: os.wait(); children.pop()
    """
    assert ran(code, memory=250 * MB, trust=trust)[1].ended == ""


def test_a_full_disk_is_an_error_of_the_command(walls):
    code = """
    report(os.stat(".").st_dev)
    for where in ".", os.environ["TMPDIR"], "/dev/shm", "/jail/tmp":
        try:
            for n in range(100):
                with open(f"{where}/{n}", "wb") as file: file.write(bytes(1 << 20))
        except OSError as error:
            report(error.strerror)
        else:
            report("no end")
    """
    (device, *errors), jail = ran(code)
    assert errors == ["No space left on device"] * 4
    assert jail.ended == ""
    mounts = [part.mountpoint for part in psutil.disk_partitions(all=True)]
    assert device not in {os.stat(path).st_dev for path in mounts if os.path.exists(path)}


def test_files_count_as_memory(walls):
    code = f"""
    for n in range(15): open(str(n), "wb").write(bytes(10 << 20))
    {FOREVER}
    """
    assert ran(code, memory=100 * MB, disk=200 * MB)[1].ended == "memory"


def test_with_trust_a_large_folder_ends_the_run():
    code = f"for n in range(9): open(str(n), 'wb').write(bytes(5 << 20))\n{FOREVER}"
    assert ran(code, trust=True)[1].ended == "disk"


def test_one_large_file_is_an_error(trust):
    (error,), jail = ran(
        """
        try:
            with open("large", "wb") as file:
                for _ in range(100): file.write(bytes(1 << 20))
        except OSError as error:
            report(error.strerror)
        """,
        trust=trust,
    )
    assert error in ("File too large", "No space left on device")


# ---------------------------------------------------------------- what is left


def test_a_daemon_is_gone(trust, mark):
    lines, jail = ran(DAEMON + "time.sleep(0.5)", mark=mark, trust=trust)
    assert lines == ["daemon"]
    assert jail.ended == ""
    assert not alive(mark)


def test_the_folder_is_gone(trust):
    (folder,), _ = ran("open('x', 'w').write('y')\nreport(os.getcwd())", trust=trust)
    assert not os.path.exists(folder)


def test_a_grader_that_stops_in_the_middle(trust, mark):
    with pytest.raises(KeyboardInterrupt), jailed(DAEMON + FOREVER, mark=mark, trust=trust) as jail:
        for _ in jail.lines():
            raise KeyboardInterrupt
    assert not alive(mark)
    assert jail.returncode == -signal.SIGKILL


def test_a_killed_grader_leaves_nothing(trust, mark):
    code = PRELUDE + DAEMON + FOREVER
    grader = f"""
import sys
sys.path.insert(0, {str(TOOLS)!r})
from grading.jail import Jail, Limits
with Jail({[sys.executable, "-c", code]!r}, {{}}, [], {{"JAIL_TEST": {mark!r}}},
          Limits{tuple(LIMITS)!r}, {trust}) as jail:
    for line in jail.lines():
        print(line, flush=True)
"""
    environment = {**os.environ, "JAIL_TEST": mark}
    process = subprocess.Popen(
        [sys.executable, "-c", grader], stdout=subprocess.PIPE, env=environment
    )
    with process:
        assert process.stdout.readline() == b'"daemon"\n'
        process.kill()
    assert not alive(mark)


def test_a_killed_supervisor_leaves_nothing(walls, mark, monkeypatch):
    monkeypatch.setenv("JAIL_TEST", mark)
    with jailed(DAEMON + FOREVER, mark=mark) as jail:
        for _ in jail.lines():
            os.kill(jail._supervisor.pid, signal.SIGKILL)
    assert not alive(mark)
    assert (jail.ended, jail.problem) == ("lost", "its supervisor died")


def test_kill_all_kills_only_inside(walls):
    code = """
    child = subprocess.Popen(["sleep", "60"])
    os.kill(-1, signal.SIGKILL)
    for number in signal.valid_signals():
        try: os.kill(1, number)
        except PermissionError: pass  # started by root, process 1 is another user's
    report(child.wait())
    """
    lines, jail = ran(code)
    assert lines == [-signal.SIGKILL]
    assert (jail.ended, jail.returncode) == ("", 0)


# ---------------------------------------------------------------- walls


def test_this_linux_can_have_walls():
    if sys.platform != "linux":
        pytest.skip(capability())
    if why := capability():
        pytest.skip(why)
    assert capability() == ""


def test_only_what_is_listed_is_there(walls, tmp_path):
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    for folder in shown, hidden:
        folder.mkdir()
        (folder / "x").touch()
    link = tmp_path / "link"
    link.symlink_to(shown)
    outside = [hidden, ROOT / "lessons", ROOT / "tools", ROOT / "pyproject.toml", Path.home()]
    outside += map(Path, ["/etc/shadow", "/etc/hostname", "/var", "/home", "/sys", "/run"])
    names = [str(name) for path in outside if path.is_dir() for name in path.iterdir()]
    needed = [sys.prefix, sys.base_prefix, str(shown), str(link)]
    code = f"""
    report([n for n in {names} if os.path.exists(n) and not any(
        p.startswith(n) for p in {needed})])
    report([n for n in {[str(p) for p in outside if p.is_file()]} if os.path.exists(n)])
    report([os.listdir({str(link)!r}), os.listdir({str(shown)!r})])
    report(sorted(os.listdir("/dev")))
    report([socket.gethostname(), "old" in os.listdir("/")])
    """
    lines, jail = ran(code, readable=[link])
    assert lines[:3] == [[], [], [["x"], ["x"]]], jail.output
    devices = "fd full null random shm stderr stdin stdout urandom zero"
    assert lines[3:] == [devices.split(), ["jail", False]]


ATTACKS = {
    "write": "open(READ + '/x', 'a')",
    "create": "open(READ + '/new', 'w')",
    "remove": "os.remove(READ + '/x')",
    "chmod": "os.chmod(READ + '/x', 0o777)",
    "utime": "os.utime(READ + '/x')",
    "exchange": "os.rename(os.path.dirname(READ), os.path.dirname(READ) + '2')",
    "write to Python": "open(os.__file__, 'a')",
    "write to the root": "open('/new', 'w')",
    "exchange passwd": "os.rename('/etc/passwd', '/etc/group')",
    "chmod a device": "os.chmod('/dev/null', 0)",
    "remount": "call('mount', None, READ.encode(), None, ctypes.c_ulong(32 | 4096), None)",
    "remount root": "call('mount', None, b'/', None, ctypes.c_ulong(32), None)",
    "mount": "call('mount', b'x', b'/tmp', b'tmpfs', ctypes.c_ulong(0), None)",
    "mount proc": "call('mount', b'x', b'/jail/tmp', b'proc', ctypes.c_ulong(0), None)",
    "unmount": "call('umount2', READ.encode(), 2)",
    "unmount proc": "call('umount2', b'/proc', 2)",
    "user namespace": "call('unshare', 0x10000000)",
    "mount namespace": "call('unshare', 0x20000)",
    "unshare -Ur": "assert_ok(['unshare', '-Ur', 'mount', '-t', 'tmpfs', 'x', '/tmp'])",
    "chroot": "os.chroot('.')",
    "root": "os.setuid(0)",
    "device": "os.mknod('disk', 0o60666, os.makedev(8, 0))",
    "ptrace process 1": "call('ptrace', 16, 1, 0, 0)",
    "memory of process 1": "open('/proc/1/mem', 'rb')",
    "environment of process 1": "open('/proc/1/environ', 'rb').read()",
    "root of process 1": "os.listdir('/proc/1/root')",
    "folder of process 1": "os.listdir('/proc/1/cwd')",
    "pipe of process 1": "open('/proc/1/fd/5', 'w')",
    "namespace of process 1": "open('/proc/1/ns/mnt')",
    "core_pattern": "open('/proc/sys/kernel/core_pattern', 'w')",
    "sysctl of the network": "open('/proc/sys/net/ipv4/ip_forward', 'w')",
    "sysrq": "open('/proc/sysrq-trigger', 'w')",
    "kernel memory": "open('/proc/kcore', 'rb').read(1)",
    "last to be killed": "open('/proc/self/oom_score_adj', 'w').write('-1000')",
    "more processes": "raise_limit()",
    "file handle": "call('open_by_handle_at', -100, b'\\0' * 64, 0)",
    "host on TCP": "socket.create_connection(('127.0.0.1', PORT), 2)",
    "host on a name": "socket.socket(socket.AF_UNIX).connect(NAME)",
    "the internet": "socket.create_connection(('1.1.1.1', 53), 2)",
    "raw packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "hidden memory": "os.memfd_create('x')",
    "shared memory": "call('shmget', 0, 4096, 0o1600)",
    "keys": "call('syscall', 250 if os.uname().machine == 'x86_64' else 219, 0, -3, 0)",
}
ARMS = """
def assert_ok(command):
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise OSError(command)
def raise_limit():
    import resource
    try:
        resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))
    except ValueError as error:
        raise OSError from error
def refused(attack):
    try:
        exec(attack, globals())
    except OSError:
        return True
report([name for name, attack in ATTACKS.items() if not refused(attack)])
"""


def test_attacks_are_refused(walls, tmp_path):
    readable = tmp_path / "folder" / "readable"
    readable.mkdir(parents=True)
    (readable / "x").write_text("kept")
    (readable / "x").chmod(0o666)
    name = f"\0{uuid.uuid4()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named:
        named.bind(name)
        named.listen()
        settings = {"READ": str(readable), "PORT": server.getsockname()[1], "NAME": name}
        settings["ATTACKS"] = ATTACKS
        lines, jail = ran(f"globals().update({settings!r})\n" + ARMS, readable=[readable])
    assert lines == [[]], jail.output
    assert [path.name for path in readable.iterdir()] == ["x"]
    assert (readable / "x").read_text() == "kept"


def test_the_command_has_no_power(walls):
    code = """
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    report([int(status[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")])
    report([status["NoNewPrivs"].strip(), status["Seccomp"].strip(), status["Groups"].strip()])
    report([os.getuid() > 0, len(os.listdir("/proc/self/fd")), os.getsid(0) == os.getpid()])
    """
    (powers, (no_new, filtered, groups), (ordinary, files, own_session)), _ = ran(code)
    assert powers == [0, 0, 0, 0]
    assert no_new == "1"
    assert ordinary and own_session
    assert files == 5  # in, out, error, the report, and the listed folder itself
    assert filtered == ("2" if os.uname().machine in jails.REFUSED else "0")
    assert groups == "" or os.getuid() != 0


def test_a_concealed_report_is_out_of_reach(walls):
    code = """
    call("prctl", 4, 0)  # PR_SET_DUMPABLE
    child = f"import os; os.open('/proc/{os.getpid()}/fd/{REPORT}', os.O_WRONLY)"
    inherited = f"import os; os.write({REPORT}, b'!')"
    report([subprocess.run([sys.executable, "-c", c]).returncode for c in (child, inherited)])
    """
    lines, jail = ran(code)
    assert lines == [[1, 1]]
    assert "Permission denied" in jail.output and "Bad file descriptor" in jail.output


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root becomes nobody")
def test_root_is_told_what_nobody_cannot_read(walls, tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    _, jail = ran("", readable=[tmp_path / "private"])
    assert jail.ended == "lost"
    assert "expected a path that any user may read" in jail.problem and "private" in jail.problem


def test_a_kernel_runs_torch_behind_walls(walls):
    code = """
    from jupyter_client.manager import start_new_kernel
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 2).close()
    manager, client = start_new_kernel()
    told = []
    asked = "import torch; print(int(torch.ones(1, 1) @ torch.ones(1, 1)) + 1)"
    client.execute_interactive(asked, timeout=60, output_hook=told.append)
    report([m["content"].get("text") for m in told if m["msg_type"] == "stream"])
    manager.shutdown_kernel(now=True)
    """
    lines, jail = ran(code, silence=60, seconds=60, memory=2000 * MB)
    assert lines == [["2\n"]], jail.output


# ---------------------------------------------------------------- refusals


def test_without_walls_the_grader_hears_what_to_do(monkeypatch):
    monkeypatch.setattr(jails, "capability", lambda: "there are none")
    with pytest.raises(JailError, match="there are none: grade in a virtual machine, or pass --tr"):
        jailed("").__enter__()


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x"])
def test_files_lie_below_the_folder(name):
    with pytest.raises(JailError, match="expected a name below the run's folder"):
        jailed("", files={name: b""})


def test_what_is_readable_exists():
    with pytest.raises(JailError, match="/no/such/folder does not exist"):
        jailed("", readable=["/no/such/folder"])


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left():
    """No folder and no mount of these runs is left on the machine."""
    before = {*os.listdir(tempfile.gettempdir())}
    yield
    left = {*os.listdir(tempfile.gettempdir())} - before
    assert not [name for name in left if (Path(tempfile.gettempdir()) / name / "run").exists()]
