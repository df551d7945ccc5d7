"""One command without network, in an empty folder of its own, within limits.

`Jail` starts this file as a *supervisor*, a process in a session of its own that lives as long as
the grader holds its stdin. Below it, on Linux, from the outside in:

    supervisor     watches memory, processes and time; keeps the tail of the output
      middle       owns new user, mount, network, process, IPC and host-name namespaces
        init       process 1 in there: builds the file system, reaps; when it dies, all die
          command  an ordinary user without privileges or a way to new ones

With `trust=True` there are no walls, only limits: the command is a child of the supervisor.
"""

import base64
import contextlib
import ctypes
import errno
import fcntl
import functools
import json
import os
import resource
import selectors
import signal
import site
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import psutil

PAUSE = 0.1  # seconds between two looks at memory and processes
PATIENCE = 30.0  # seconds for a supervisor to end its run
TAIL = 20_000  # bytes of output that are kept
LINE = 1_000_000  # bytes of a reported line that are kept
CHUNK = 1 << 16
UNTOUCHED = 2 << 30  # bytes that torch and its threads may ask for and never use: 0.7 GB at import

# what Python needs of a system, besides its own prefixes
SYSTEM = ["/usr", "/lib", "/lib64", "/bin", "/sbin"]
SYSTEM += ["/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts"]
WORK = "/jail"  # the folder behind the walls that can be written
INIT = 1
NOBODY = 65534  # who root becomes
ORDINARY = 1000  # who anyone else becomes

# numbers of Linux: sched.h, mount.h, prctl.h, seccomp.h, filter.h, fcntl.h, unistd.h, sockios.h
CLONE_NEWUSER = 0x1000_0000
NAMESPACES = CLONE_NEWUSER | 0x6C02_0000  # and mounts, host name, IPC, processes, network
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2
READ_ONLY = 1
NO_DEVICES = 2 | 4  # nor programs that run as their owner
MOUNT_ATTR_NOEXEC = 8
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
SECCOMP_ALLOW, SECCOMP_ERRNO = 0x7FFF_0000, 0x0005_0000
BPF_LOAD, BPF_EQUAL, BPF_AT_LEAST, BPF_RETURN = 0x20, 0x15, 0x35, 0x06
# memory that no sum of processes has (memfd_create, memfd_secret, shmget, msgget), the keys of
# whoever grades (add_key, request_key, keyctl), and large new doors into the kernel
# (perf_event_open, bpf, userfaultfd, io_uring_setup): {machine: (architecture, numbers)}
REFUSED = {
    "x86_64": (0xC000_003E, [319, 447, 29, 68, 248, 249, 250, 298, 321, 323, 425]),
    "aarch64": (0xC000_00B7, [279, 447, 194, 186, 217, 218, 219, 241, 280, 282, 425]),
}
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
SYS_MOUNT_SETATTR = 442  # on every architecture
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


class JailError(Exception):
    """No jail can be had here, or a jail was asked for something it cannot do."""


class Limits(NamedTuple):
    """What one run may use."""

    memory: int  # bytes, all its processes and files together
    processes: int
    disk: int  # bytes
    seconds: float  # for the whole run


# ---------------------------------------------------------------- the grader's side


class Jail:
    """A running command and the lines that it reports; nothing of it is left after the `with`.

    `files` lie in its working folder, `readable` paths are where they are outside, read only.
    After the lines: `ended` is "" (by itself), "time", "silence", "memory", "processes", "disk"
    (only with `trust`) or "lost" (no run, or none to its end: `problem` says why); `returncode`;
    `output`, the end of what it printed.
    """

    def __init__(self, command, files, readable, environment, limits, trust=False):
        for name in files:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise JailError(f"expected a name below the run's folder, got {name!r}")
        for path in readable:
            if not os.path.exists(path):
                raise JailError(f"expected a file or folder to read, {path} does not exist")
        self._spec = {
            "command": [str(word) for word in command],
            "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
            "readable": [os.path.abspath(path) for path in readable],
            "environment": dict(environment),
            "limits": limits,
            "trust": trust,
        }
        self._supervisor = None
        self.ended = self.problem = self.output = ""
        self.returncode = None

    def __enter__(self):
        if not self._spec["trust"] and (why := capability()):
            raise JailError(
                f"expected Linux 5.12 or newer where users may make namespaces, but {why}: "
                "grade in a virtual machine, or pass --trust to run them without walls"
            )
        self._start()
        return self

    def __exit__(self, *_):
        self._finish()

    def lines(self, silence=30.0):
        """Each line that the command writes to the descriptor JAIL_REPORT_FD, as it comes.

        Ends when the run has ended, or ends the run after `silence` seconds without a line.
        """
        lines = _Lines()
        with selectors.DefaultSelector() as selector:
            selector.register(self._report, selectors.EVENT_READ)
            deadline = time.monotonic() + silence
            while (left := deadline - time.monotonic()) > 0 and selector.select(left):
                chunk = os.read(self._report, CHUNK)
                if not chunk:  # the supervisor, the last to hold the other end, is gone
                    break
                for line in lines.feed(chunk):
                    yield line.decode(errors="replace")
                    deadline = time.monotonic() + silence
            else:
                self.ended = "silence"
        self._finish()

    def _start(self):
        self._report, report = os.pipe()
        try:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-P", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[report],
                start_new_session=True,
            )
            spec = json.dumps({**self._spec, "report": report})
            self._supervisor.stdin.write(spec.encode() + b"\n")
            self._supervisor.stdin.flush()
        except BrokenPipeError:  # the supervisor died at once: _finish says so
            pass
        except BaseException:
            self._finish()
            raise
        finally:
            os.close(report)

    def _finish(self):
        """End the run if it has not ended, and learn how it did."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        os.close(self._report)
        try:
            answer, _ = supervisor.communicate(timeout=PATIENCE)  # closes its stdin
        except subprocess.TimeoutExpired:
            supervisor.kill()  # what is below it is told by the kernel to follow
            answer, _ = supervisor.communicate()
        how = json.loads(answer or '{"ended": "lost", "problem": "its supervisor died"}')
        ended = self.ended or how["ended"]
        self.__dict__.update(how, ended=ended)


class _Lines:
    """Whole lines out of chunks of bytes, each cut at LINE."""

    def __init__(self):
        self._rest = b""

    def feed(self, chunk):
        """The lines that end in this chunk."""
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield (self._rest + end)[:LINE]
            self._rest = b""
        self._rest = (self._rest + rest)[:LINE]


@functools.cache
def capability():
    """Why submissions cannot be walled off here, as a part of a sentence; "" if they can."""
    if sys.platform != "linux":
        return f"namespaces are Linux's, and this is {sys.platform}"
    limits = Limits(memory=1 << 30, processes=9, disk=1 << 20, seconds=20)
    jail = Jail([sys.executable, "-I", "-S", "-c", ""], {}, [], {}, limits)
    jail._start()
    for _ in jail.lines():
        pass
    if jail.problem or jail.returncode:
        return f"a first try failed ({jail.problem or jail.output.strip() or jail.ended})"
    return ""


# ---------------------------------------------------------------- the supervisor


def supervise():
    """Run what stdin's first line asks for until stdin ends, and print how it went, as JSON."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    spec = json.loads(sys.stdin.buffer.readline())
    limits = Limits(*spec["limits"])
    how = {"ended": "lost", "returncode": None, "problem": ""}
    run = (_Trusted if spec["trust"] else _Walled)()
    try:
        run.start(spec, limits)
        how["ended"] = _watch(run, limits)
    except Exception as error:
        how["problem"] = _told(error)
    finally:
        run.stop()
    how["output"] = run.output.decode(errors="replace")
    how["returncode"] = run.returncode
    if run.problem:
        how.update(ended="lost", problem=run.problem)
    print(json.dumps(how))


def _watch(run, limits):
    """Why the run is to be stopped, as `Jail.ended` has it; "" if it ended or nobody waits."""
    look = time.monotonic()
    end = look + limits.seconds
    with selectors.DefaultSelector() as selector:
        for file in sys.stdin, run.printed, *run.wakes:
            selector.register(file, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select(PAUSE)}
            if run.printed in ready:
                run.read()
            if sys.stdin in ready or run.over():
                return ""
            if time.monotonic() > end:
                return "time"
            if time.monotonic() > look:
                if passed := run.passed(limits):
                    return passed
                look = time.monotonic() + PAUSE


class _Run:
    """What every run has: its printed output, its return code, what it uses."""

    wakes = ()  # what is readable as soon as the run has ended

    def __init__(self):
        self.printed, self._print = os.pipe()  # the command's stdout and stderr
        self.output = b""
        self.problem = ""
        self.returncode = None

    def read(self):
        """Take what was printed, keep the tail; False at its end."""
        chunk = os.read(self.printed, CHUNK)
        self.output = (self.output + chunk)[-TAIL:]
        return bool(chunk)

    def drain(self):
        """Take what is still in the pipe, from whoever holds its other end."""
        os.close(self._print)
        os.set_blocking(self.printed, False)
        with contextlib.suppress(BlockingIOError):
            while self.read():
                pass


def _memory(processes, most):
    """Bytes in memory, shared pages counted once where the quick count exceeds `most`."""
    quick = sum(map(_bytes, processes))
    return quick if quick <= most else sum(_bytes(process, once=True) for process in processes)


def _bytes(process, once=False):
    """Bytes of a process in memory; with `once`, of a page that n processes share the nth part."""
    try:
        with contextlib.suppress(psutil.AccessDenied, AttributeError):  # not on macOS
            if once:
                return process.memory_full_info().pss
        return process.memory_info().rss
    except psutil.Error:  # it ended meanwhile
        return 0


def _lower(most):
    """Lower limits of the kernel; they hold for each process alone, a watcher adds up."""
    for which, value in most.items():
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def _for_each(limits):
    return {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_DATA: limits.memory + UNTOUCHED,
    }


def _put(files, folder):
    for name, data in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))


def _environment(spec, folder):
    return {
        "PATH": os.defpath,
        **spec["environment"],
        "HOME": f"{folder}/run",
        "TMPDIR": f"{folder}/tmp",
        "JAIL_REPORT_FD": str(spec["report"]),
    }


def _told(error):
    return str(error) if isinstance(error, JailError) else f"{type(error).__name__}: {error}"


# ---------------------------------------------------------------- without walls


class _Trusted(_Run):
    """A command in a temporary folder, found with its children wherever they flee."""

    _child = _folder = None
    _seen = ()

    def start(self, spec, limits):
        """Run the command in a session of its own."""
        if sys.platform == "linux":
            _call("prctl", PR_SET_CHILD_SUBREAPER, 1)
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        for name in ("run", "tmp"):
            Path(self._folder.name, name).mkdir()
        _put(spec["files"], f"{self._folder.name}/run")
        self._child = subprocess.Popen(
            spec["command"],
            cwd=f"{self._folder.name}/run",
            env=_environment(spec, self._folder.name),
            stdin=subprocess.DEVNULL,
            stdout=self._print,
            stderr=self._print,
            pass_fds=[spec["report"]],
            start_new_session=True,
            preexec_fn=functools.partial(_lower, _for_each(limits)),
        )

    def over(self):
        """Whether the command has ended; orphans that ended are reaped on the way."""
        ended = True
        with contextlib.suppress(ChildProcessError):  # none is left
            while ended:
                ended, status = os.waitpid(-1, os.WNOHANG)
                if ended == self._child.pid:
                    self.returncode = self._child.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode is not None

    def passed(self, limits):
        """The limit that the run exceeds, or ""."""
        self._processes()
        if len(self._seen) > limits.processes:
            return "processes"
        if _memory(self._seen, limits.memory) > limits.memory:
            return "memory"
        return "disk" if _size(self._folder.name) > limits.disk else ""

    def _processes(self):
        """All below the supervisor; where orphans go elsewhere (macOS), those seen before too."""
        below = psutil.Process().children(recursive=True)
        self._seen = list({*below, *(p for p in self._seen if p.is_running())})
        return self._seen

    def stop(self):
        """Kill group by group, which a fork cannot outrun, until none is left."""
        end = time.monotonic() + PATIENCE / 2
        while self._child and self._processes() and time.monotonic() < end:
            for process in self._seen:
                with contextlib.suppress(OSError):  # gone meanwhile
                    os.killpg(os.getpgid(process.pid), signal.SIGKILL)
            self.over()
        self.drain()
        if self._folder:
            self._folder.cleanup()


def _size(folder):
    """Bytes in the files of a folder."""
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                total += os.lstat(f"{top}/{name}").st_blocks * 512
    return total


# ---------------------------------------------------------------- with walls


class _Walled(_Run):
    """A command in namespaces of its own, in a file system built for it."""

    _middle = _init = None
    _news = b""

    def start(self, spec, limits):
        """Build the walls and run the command behind them."""
        status, told = os.pipe()
        ready, go = os.pipe()
        self._status = os.fdopen(status, "rb", buffering=0)
        pipes = _Pipes(self._print, spec["report"], told, ready, go)
        self._middle = _fork(pipes, _middle, spec, limits)
        os.close(told)
        os.close(ready)
        self._hear("namespaces")
        _map_users(self._middle)
        os.write(go, b".")
        init = self._hear("init")
        self._init = os.pidfd_open(init)
        os.write(go, b".")
        self._hear("built")
        self._root = f"/proc/{init}/root"
        psutil.PROCFS_PATH = f"{self._root}/proc"  # its processes and no others, by its numbers
        os.set_blocking(status, False)
        self.wakes = (self._status,)

    def _hear(self, what):
        """What a child tells next, which is to be `what`."""
        news = json.loads(self._status.readline() or '{"problem": "it died while it was built"}')
        if "problem" in news:
            raise JailError(news["problem"])
        return news[what]

    def over(self):
        """Whether all processes behind the walls have ended."""
        news = self._status.read(CHUNK)
        self._news += news or b""
        return news == b""

    def passed(self, limits):
        """The limit that the run exceeds, or ""; its files lie in memory and count as such."""
        processes = self._processes()
        if len(processes) > limits.processes:
            return "processes"
        left = limits.memory - self._written()
        return "memory" if _memory(processes, left) > left else ""

    def _processes(self):
        try:
            return [process for process in psutil.process_iter() if process.pid != INIT]
        except OSError:  # it ended meanwhile
            return []

    def _written(self):
        try:
            disk = os.statvfs(self._root + WORK)
        except OSError:  # it ended meanwhile
            return 0
        return (disk.f_blocks - disk.f_bfree) * disk.f_frsize

    def stop(self):
        """Kill the namespace's first process, and with it all others; wait until they are gone."""
        if self._init:
            with contextlib.suppress(OSError):  # gone meanwhile
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
        elif self._middle:
            os.kill(self._middle, signal.SIGKILL)
        if self._middle:
            os.waitpid(self._middle, 0)
        self.drain()
        self.returncode = -signal.SIGKILL
        for news in map(json.loads, self._news.splitlines()):
            self.returncode = news.get("returncode", self.returncode)
            self.problem = news.get("problem", self.problem)


class _Pipes(NamedTuple):
    """The pipes' ends that the processes below the supervisor use."""

    printed: int  # the command's stdout and stderr
    report: int
    told: int  # news for the supervisor, a line of JSON each
    ready: int  # a byte from the supervisor: go on
    go: int  # that pipe's other end, to be closed

    def tell(self, **news):
        os.write(self.told, json.dumps(news).encode() + b"\n")

    def wait(self):
        """Go on when the supervisor says so; raise if it is gone."""
        if not os.read(self.ready, 1):
            raise JailError("the supervisor is gone")


def _fork(pipes, work, *arguments):
    """The number of a child that does `work` and ends."""
    child = os.fork()
    if child:
        return child
    try:
        work(pipes, *arguments)
    except BaseException as error:
        pipes.tell(problem=_told(error))
    finally:
        os._exit(1)


def _middle(pipes, spec, limits):
    """Own the namespaces, have process 1 forked into them, and wait for it."""
    os.close(pipes.go)
    _call("unshare", NAMESPACES)
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    pipes.tell(namespaces=True)
    pipes.wait()
    init = _fork(pipes, _init, spec, limits)
    pipes.tell(init=init)
    os.waitpid(init, 0)


def _map_users(pid):
    """Give the namespace of process `pid` the users of this one: all for root, else the own one."""
    if not _is_root():
        _write(f"/proc/{pid}/setgroups", "deny")
    for kind, own in ("uid", os.geteuid()), ("gid", os.getegid()):
        ranges = _ranges(kind) if _is_root() else [(own, 1)]
        _write(f"/proc/{pid}/{kind}_map", "".join(f"{a} {a} {n}\n" for a, n in ranges))


def _is_root():
    """Whether this process may become NOBODY."""
    return os.geteuid() == 0 and all(
        any(start <= NOBODY < start + count for start, count in _ranges(kind))
        for kind in ("uid", "gid")
    )


def _ranges(kind):
    """(first, count) of the users or groups known in this process's namespace."""
    lines = Path(f"/proc/self/{kind}_map").read_text().splitlines()
    return [(int(first), int(count)) for first, _, count in map(str.split, lines)]


def _write(path, text, folder=None):
    file = os.open(path, os.O_WRONLY, dir_fd=folder)
    os.write(file, text.encode())
    os.close(file)


def _init(pipes, spec, limits):
    """Be process 1: build the walls, start the command, reap until it has ended."""
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    pipes.wait()
    for number in signal.SIGINT, signal.SIGTERM:  # without a handler none reaches process 1
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o022)
    socket.sethostname("jail")
    _loopback()
    outside = os.open("/proc", os.O_RDONLY)
    _build(spec, limits)
    pipes.tell(built=True)
    command = _fork(pipes, _command, spec, limits, outside)
    ended = None
    while ended != command:
        ended, status = os.wait()
    pipes.tell(returncode=os.waitstatus_to_exitcode(status))


def _loopback():
    """Let 127.0.0.1 reach this network namespace, and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh22x", b"lo", IFF_UP)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, up)


def _command(pipes, spec, limits, outside):
    """Become the command: an ordinary user with limits."""
    os.setsid()
    _write("self/oom_score_adj", "1000", outside)  # a full machine kills it before all others
    if _is_root():
        _drop_root()
    else:
        _leave_user(outside)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _refuse_calls()
    os.chdir(f"{WORK}/run")
    _put(spec["files"], ".")
    for path in spec["readable"]:
        if not os.access(path, os.R_OK):
            raise JailError(
                f"expected a path that any user may read (root reads as nobody): {path}"
            )
    threads = 100 * limits.processes  # also a fork bomb's most between two looks
    _lower({**_for_each(limits), resource.RLIMIT_NPROC: threads})
    for number in signal.SIGPIPE, signal.SIGXFSZ:  # Python ignores them, and so would its heirs
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(pipes.printed, 1)
    os.dup2(pipes.printed, 2)
    os.execvpe(spec["command"][0], spec["command"], _environment(spec, WORK))


def _refuse_calls():
    """Have the kernel refuse REFUSED, and calls in another machine's numbering."""
    if os.uname().machine not in REFUSED:
        return
    architecture, numbers = REFUSED[os.uname().machine]
    last = len(numbers) + 5  # the instruction that refuses; jumps count from the next one
    program = [
        (BPF_LOAD, 0, 0, 4),  # the architecture
        (BPF_EQUAL, 0, last - 2, architecture),
        (BPF_LOAD, 0, 0, 0),  # the call's number
        (BPF_AT_LEAST, last - 4, 0, 0x4000_0000),  # x32
        *((BPF_EQUAL, last - place, 0, number) for place, number in enumerate(numbers, 5)),
        (BPF_RETURN, 0, 0, SECCOMP_ALLOW),
        (BPF_RETURN, 0, 0, SECCOMP_ERRNO | errno.ENOSYS),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    whole = struct.pack("HP", len(program), ctypes.addressof(code))
    _call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, whole)


def _drop_root():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _leave_user(outside):
    """A second user namespace, so that the same user has no power over process 1."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER)
    _write("self/setgroups", "deny", outside)
    _write("self/uid_map", f"{ORDINARY} {user} 1", outside)
    _write("self/gid_map", f"{ORDINARY} {group} 1", outside)


# ---------------------------------------------------------------- the file system behind the walls


def _build(spec, limits):
    """Change this mount namespace's root to one that holds only what a run may see."""
    bound = _bound(spec["readable"])
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount("jail", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=0755")
    os.mkdir("/tmp/old")
    os.chdir("/tmp")
    _call("pivot_root", b".", b"old")  # before any path is made: none can lead outside now
    os.chdir("/")
    for path, source in bound.items():
        _bind(f"/old{source}", path, READ_ONLY | NO_DEVICES)
    _build_work(limits.disk, with_tmp=not any(path.startswith("/tmp/") for path in bound))
    _build_proc()
    _build_dev()
    _build_etc()
    _call("umount2", b"/old", MNT_DETACH)
    os.rmdir("/old")
    _protect("/", READ_ONLY | NO_DEVICES, 0)


def _bound(readable):
    """{path behind the walls: what it is outside}; no path lies within another."""
    python = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    if site.ENABLE_USER_SITE:
        python.add(site.getusersitepackages())
    paths = {*SYSTEM, *python, *readable}
    paths |= {os.path.realpath(path) for path in paths}
    bound = {}
    for path in sorted(filter(os.path.exists, paths), key=len):
        if not any(PurePosixPath(path).is_relative_to(above) for above in bound):
            bound[path] = os.path.realpath(path)
    return bound


def _build_work(size, with_tmp):
    """The one place to write, for the working folder, temporary files and shared memory."""
    os.mkdir(WORK)
    options = f"size={max(size, 1 << 12)},nr_inodes=65536,mode=0755"  # a size of 0 would be none
    _mount("work", WORK, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for name in "run", "tmp", "shm":
        os.mkdir(f"{WORK}/{name}")
        os.chmod(f"{WORK}/{name}", 0o777)
    _bind(f"{WORK}/shm", "/dev/shm", NO_DEVICES)
    if with_tmp:  # not above what is to be read: its parent folders could be exchanged
        _bind(f"{WORK}/tmp", "/tmp", NO_DEVICES)


def _build_proc():
    """Processes, without the switches of the kernel; and no more user namespaces."""
    os.mkdir("/proc")
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _write("/proc/sys/user/max_user_namespaces", "0" if _is_root() else "1")
    _protect("/proc", READ_ONLY | NO_DEVICES)


def _build_dev():
    for name in "null", "zero", "full", "random", "urandom":
        _bind(f"/old/dev/{name}", f"/dev/{name}", READ_ONLY | MOUNT_ATTR_NOEXEC)
    os.symlink("/proc/self/fd", "/dev/fd")
    for number, name in enumerate(["stdin", "stdout", "stderr"]):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")


def _build_etc():
    user = NOBODY if _is_root() else ORDINARY
    Path("/etc/passwd").write_text(f"student:x:{user}:{user}::{WORK}/run:/bin/sh\n")
    Path("/etc/group").write_text(f"student:x:{user}:\n")
    Path("/etc/hosts").write_text("127.0.0.1 localhost jail\n")


def _bind(source, path, attributes):
    """Show `source` at `path`, with all that is mounted in it."""
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).touch()
    _mount(source, path, None, MS_BIND | MS_REC)
    _protect(path, attributes)


def _protect(path, attributes, depth=AT_RECURSIVE):
    """Add attributes to a mount; like every call here, by number where libc may lack a name."""
    change = struct.pack("QQQQ", attributes, 0, 0, 0)
    _call("syscall", SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), depth, change, len(change))


def _mount(source, path, kind, flags, options=None):
    words = [word and os.fsencode(word) for word in (source, path, kind, options)]
    _call("mount", *words[:3], flags, words[3])


@functools.cache
def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    """Call a function of libc; an OSError that names it if it fails."""
    plain = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    if getattr(_libc(), name)(*plain) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


if __name__ == "__main__":
    supervise()
