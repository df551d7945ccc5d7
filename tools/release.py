"""The zip that students get: the notebooks and what they need, with no solutions in it.

    tools/build.py --release FOLDER                      FOLDER/gan-course-VERSION.zip
    tools/build.py --release FOLDER --without-finished   the same without finished exercises

In the second, each finished exercise in helpers/ is replaced by an `Absent` (tools/absent.py),
which calls the student's own right answer or says which exercise is to be filled in first. The
tables of the checks hold the right answers, and are packed: not secret, and not to be read in
passing. A right answer that would itself stand in for a blank gets an `Absent` as well.
"""

import ast
import base64
import bz2
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import tables

FOLDERS = ("notebooks", "helpers", "data", "figures", "tools/lab")
FILES = (
    *("LICENSE", "LICENSE-CC-BY-4.0", "README.md", "Makefile"),
    *("pyproject.toml", "constraints.txt", "environment.yml"),
)
# finished ones that stay: cells of a lesson need them before their exercise, or need more of them
KEPT = {
    "helpers.data:to_gan_range": "every lesson's digits pass through it",
    "helpers.data:to_display_range": "every grid of pictures passes through it",
    "helpers.data:sample_z": "every training draws with it, on its own device",
    "helpers.gaussians:sample_from_model": "it draws the points with which lesson 1 begins",
    "helpers.gaussians:log_marginal": "lesson 1 draws p(x) long before this stretch exercise",
    "helpers.losses:reconstruction_loss": "lesson 2 trains with it before this stretch exercise",
    "helpers.losses:denoising_loss": "lesson 2 trains with it before this stretch exercise",
    "helpers.training:train_batch": "lesson 3's long trainings use its gradient penalty",
    "helpers.translation:make_generator_optimizer": "lesson 6 begins with a training",
    "helpers.translation:ImagePool": "lesson 6 also trains without one, a pool of size 0",
}
LENT = "the finished one stands in, so you can read on and come back."
NOT_LENT = "what needs it says so, until you fill it in."


class Unfit(Exception):
    """The course as it is cannot be released; the text says what to mend."""


def write(root, folder, without_finished=False):
    """Write the zip into `folder`, all or nothing; returns its path."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{project['name']}-{project['version']}" + "-without-finished" * without_finished
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.zip"
    part = path.with_name(f"{name}.zip.part")
    try:
        pack(part, name, contents(root, without_finished))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def pack(path, top, files):
    """Write `files` (name -> bytes) below the folder `top`: the same files, the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:  # stored: compressors differ, data is compressed
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, files[name])


def contents(root, without_finished=False):
    """name -> bytes of all that the zip holds."""
    names = [*FILES, *tracked(root)]
    files = {name: (root / name).read_bytes() for name in names}
    files["README.md"] = student_readme(root, without_finished).encode()
    files["Makefile"] = student_makefile((root / "Makefile").read_text(encoding="utf-8")).encode()
    texts = [content for name, content in files.items() if name.startswith(("notebooks/", "READ"))]
    for name in [name for name in files if name.startswith("figures/")]:
        if not any(name.rpartition("/")[2].encode() in text for text in texts):
            del files[name]
    if without_finished:
        files |= reduced_helpers(root, files)
    refuse_dead_links(files)
    return files


def tracked(root):
    """The files below FOLDERS that git tracks; names others on stderr."""
    for name in listed(root, "--others", "--exclude-standard"):
        print(f"not in the zip, since git does not track it: {name}", file=sys.stderr)
    return listed(root, "--cached")


def listed(root, *options):
    """What `git ls-files` lists below FOLDERS."""
    command = ["git", "ls-files", "-z", *options, "--", *FOLDERS]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise Unfit(
            f"a release holds what git tracks, and git says: {done.stderr.strip()} "
            "Run this in a checkout (git clone) of the course."
        )
    return sorted(filter(None, done.stdout.split("\0")))


# ---------------------------------------------------------------- documents


def student_readme(root, without_finished):
    """The README without what only a checkout has: tests, solutions, the part for instructors."""
    text = (root / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^make test.*\n", "", text)
    text = re.sub(r"(?m)^(\|.*)\|[^|\n]*\|$", r"\1|", text)  # the table's last column
    text = re.sub(r"(?ms)^## For instructors\n.*?(?=^## )", "", text)
    if without_finished and LENT not in text:
        raise Unfit(f"README.md has no longer {LENT!r}: mend LENT in tools/release.py.")
    return text.replace(LENT, NOT_LENT) if without_finished else text


def student_makefile(text):
    """The Makefile without the targets that need the maintainers' tools."""
    rules = [rule for rule in text.split("\n\n") if "maintain.stamp" not in rule]
    text = "\n\n".join(rules).rstrip() + "\n"
    targets = re.findall(r"(?m)^([a-z]+):", text)
    text = re.sub(r"(?m)^# make (\w+).*\n", lambda m: m[0] if m[1] in targets else "", text)
    return re.sub(r"(?m)^\.PHONY:.*", f".PHONY: {' '.join(targets)}", text)


def refuse_dead_links(files):
    """Raise Unfit where the README links to what the zip does not hold."""
    for link in re.findall(r"\]\(([^)#:]+)\)", files["README.md"].decode()):
        if link not in files:
            raise Unfit(
                f"README.md links to {link}, which students do not get. Move the link to the "
                "section 'For instructors', or add the file to tools/release.py."
            )


# ---------------------------------------------------------------- without finished exercises


PACKED = '''\
"""The checks of a lesson, packed, since they hold right answers.

That keeps an answer from the eyes of someone who opens this file, not from someone who unpacks it.
"""

import base64
import bz2
import linecache

PACKED = """
{packed}
"""

__source__ = bz2.decompress(base64.b85decode(PACKED.replace("\\n", ""))).decode()
# where inspect and tracebacks look; without a time, it is not compared with this file
linecache.cache[__file__] = len(__source__), None, __source__.splitlines(True), __file__
exec(compile(__source__, __file__, "exec", dont_inherit=True))
'''


def exercises(root):
    """Every exercise, read from the tables of the checks."""
    lessons = sorted(root.glob("lessons/*.py"))
    return [entry for lesson in lessons for entry in tables.entries(root, lesson.stem)]


def reduced_helpers(root, files):
    """The files of helpers/ that change when finished exercises are taken out."""
    reduced = {"helpers/absent.py": (root / "tools" / "absent.py").read_bytes()}
    absent, sources = {}, {}
    for entry in exercises(root):
        source = sources.setdefault(entry.file, files[entry.file].decode())
        if entry.place is None:
            sources[entry.file], line = unlending(source, entry)
            reduced["helpers/absent.py"] += line.encode()
        elif entry.place not in KEPT:
            file, node = tables.home(root, entry.place)
            name = file.relative_to(root).as_posix()
            absent.setdefault(name, []).append((node, [entry.stem, entry.name, entry.place]))
    reduced |= {name: packed(source).encode() for name, source in sources.items()}
    for name, nodes in absent.items():
        reduced[name] = without(files[name].decode(), nodes).encode()
    return reduced


def packed(source):
    """A module that is the one with this source, without a readable line of it."""
    text = base64.b85encode(bz2.compress(source.encode())).decode()  # bz2: one compressor exists
    lines = [text[k : k + 100] for k in range(0, len(text), 100)]
    return PACKED.format(packed="\n".join(lines))


def unlending(source, entry):
    """A table whose right answer is lent to no blank; the line of absent.py that stands in."""
    own = f"{entry.stem[3:]}_{entry.name}"
    place = f"helpers.absent:{own}"
    lines, node = source.splitlines(keepends=True), entry.written
    line = lines[node.lineno - 1].encode()
    line = line[: node.col_offset] + repr(place).encode() + line[node.end_col_offset :]
    lines[node.lineno - 1] = line.decode()
    given = ", ".join(map(repr, [entry.stem, entry.name, place]))
    return "".join(lines), f"\n\n{own} = Absent({given})\n"


def without(source, absent):
    """A module's source with an Absent for each of some definitions, [(node, its arguments)]."""
    text, body = source.splitlines(), ast.parse(source).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    edits = [(imports[-1].end_lineno, imports[-1].end_lineno, "from helpers.absent import Absent")]
    for node, arguments in absent:
        first = min(part.lineno for part in [node, *getattr(node, "decorator_list", [])])
        name = node.targets[0].id if isinstance(node, ast.Assign) else node.name
        given = ", ".join([*map(repr, arguments), *defaults(node)])
        edits.append((first - 1, node.end_lineno, f"{name} = Absent({given})"))
    for start, end, line in sorted(edits, reverse=True):
        text[start:end] = [line]
    return "\n".join(text) + "\n"


def defaults(node):
    """The arguments with a default value, "name=value", of a function or of making a class."""
    if isinstance(node, ast.ClassDef):
        node = next((part for part in node.body if getattr(part, "name", "") == "__init__"), node)
    if not isinstance(node, ast.FunctionDef):
        return []
    named = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    return [f"{a.arg}={ast.unparse(value)}" for a, value in zip(named, node.args.defaults)]
