"""The notebooks in a folder of submissions and in the archives there, each read within limits.

Nothing is written to disk: the names inside an archive are labels only. What cannot be read, or
should not be, costs one Found with a problem.
"""

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

NOTEBOOK, ARCHIVE = ".ipynb", ".zip"
DEEPEST = 3  # archives inside one another
MOST_ENTRIES = 10_000  # of an archive with all the archives inside it
MOST_UNPACKED = 50  # times the largest file, again of all together
LARGEST_TABLE = 5_000_000  # bytes of an archive's table of contents
CHUNK = 1_000_000  # bytes unpacked at a time
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # surrogates: bytes that are no UTF-8

MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_|$)")
CANVAS = re.compile(r"(?P<name>[^\W_]+)(?:_LATE)?_(?P<id>[1-9]\d{2,})_[1-9]\d{2,}_.")


class CollectError(Exception):
    """There is nothing to grade: the text says where, and what was expected."""


class TooMuch(Exception):
    """An archive goes beyond its budget: the text says both numbers."""


class Found(NamedTuple):
    """One notebook of a submission, or the problem with it."""

    file: str  # below the folder, as "ada/03.ipynb" or, in an archive, "class.zip/ada/03.ipynb"
    content: bytes | None
    problem: str = ""


class Spot(NamedTuple):
    """A place on disk that holds a notebook or an archive, or a problem."""

    label: str
    path: str
    problem: str = ""


# ---------------------------------------------------------------- the folder


def submissions(folder, largest=20_000_000) -> Iterator[Found]:
    """Every notebook below `folder`, by name, one at a time in memory; or CollectError.

    `largest` is the limit of one file in bytes. Hidden files and folders are left out.
    """
    if not os.path.isdir(folder):
        came = "a file" if os.path.exists(folder) else "nothing"
        raise CollectError(
            f"Expected a folder of submissions at {folder}, and found {came} there. "
            "Name the folder that holds the notebooks or archives."
        )
    return notebooks_at(spots(os.fspath(folder)), folder, largest)


def notebooks_at(places, folder, largest):
    """Yield the Found of each place; CollectError if there is none."""
    found = None
    for spot in sorted(places, key=lambda spot: spot.label.split("/")):
        for found in found_at(spot, largest):
            yield found
    if found is None:
        raise CollectError(
            f"Expected notebooks (.ipynb) or archives (.zip) in {folder}, and found neither "
            "there nor in its folders. Is it the right folder?"
        )


def spots(top):
    """A list of what to open below `top`."""
    found, folders = [], [top]
    while folders:
        here = folders.pop()
        try:
            entries = [entry for entry in os.scandir(here) if not hidden(entry.name)]
        except OSError as error:
            found.append(Spot(label(here, top), here, unreadable(error)))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and not is_kind(entry.name, NOTEBOOK):
                folders.append(entry.path)
            elif (problem := trouble(entry, top)) or wanted(entry):
                found.append(Spot(label(entry.path, top), entry.path, problem))
    return found


def trouble(entry, top):
    """What is wrong with an entry of a folder before it is opened, or ""."""
    is_folder = os.path.isdir(entry.path)  # false, not an error, for a link that leads to itself
    if entry.is_symlink() and (is_folder or is_kind(entry.name, NOTEBOOK, ARCHIVE)):
        target, inside = os.path.realpath(entry.path), os.path.realpath(top)
        if not (target + os.sep).startswith(inside + os.sep):
            return "a link that leads out of the folder of submissions; put the file itself here"
        if not os.path.exists(target):
            return "a link that leads nowhere; put the file itself here"
    elif is_folder:
        return f"expected a notebook, and this is a folder whose name ends in {NOTEBOOK}"
    return ""


def wanted(entry):
    """Whether an entry is to be read; a link to a folder is not: what it shows is found anyway."""
    return is_kind(entry.name, NOTEBOOK, ARCHIVE) and not os.path.isdir(entry.path)


def found_at(spot, largest):
    """Yield what is at one place on disk: a notebook, or all those in an archive."""
    problem = spot.problem or not_to_be_read(spot.path)
    if problem:
        yield Found(spot.label, None, problem)
    elif is_kind(spot.path, ARCHIVE):
        yield from in_archive(spot, largest)
    else:
        yield Found(spot.label, *read(spot.path, largest))


def not_to_be_read(path):
    """Why `path` is not opened at all, or ""; a pipe would wait for a writer forever."""
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except OSError as error:
        return unreadable(error)
    return "" if regular else "expected a file, and this is a pipe, a socket or a device"


def read(path, largest):
    """The content of a file and "", or None and why it was not read."""
    try:
        size = os.path.getsize(path)
        if size > largest:
            return None, too_large(size, largest)
        return Path(path).read_bytes(), ""
    except OSError as error:
        return None, unreadable(error)


# ---------------------------------------------------------------- archives


class Budget:
    """What one archive and all those inside it may cost."""

    def __init__(self, largest):
        self.largest, self.most = largest, MOST_UNPACKED * largest
        self.entries = self.unpacked = 0

    def enter(self, entries):
        """Count the entries of one more archive, or TooMuch."""
        self.entries += entries
        if self.entries > MOST_ENTRIES:
            raise TooMuch(
                f"expected at most {MOST_ENTRIES:,} entries in an archive, this one has "
                f"{self.entries:,}; the rest was not read. Is more in it than a class's notebooks?"
            )

    def unpack(self, size):
        """Count `size` bytes more, or TooMuch."""
        self.unpacked += size
        if self.unpacked > self.most:
            raise TooMuch(
                f"expected at most {self.most:,} bytes in an archive, this one unpacks to "
                f"{self.unpacked:,} and more; the rest was not read. Is it a zip bomb?"
            )


class Bounded:
    """A stream that refuses to give very much at once, as for a table of contents of gigabytes."""

    def __init__(self, stream):
        self.stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size=-1):
        """At most LARGEST_TABLE bytes, or BadZipFile."""
        if size > LARGEST_TABLE:
            raise zipfile.BadZipFile(
                f"its table of contents has {size:,} bytes, expected at most {LARGEST_TABLE:,}"
            )
        return self.stream.read(size)


def in_archive(spot, largest):
    """Yield the notebooks in an archive on disk; one without any has a problem."""
    found = None
    try:
        with open(spot.path, "rb") as file:
            for found in unpacked(file, spot.label, Budget(largest)):
                yield found
    except TooMuch as error:
        found = Found(spot.label, None, str(error))
        yield found
    except OSError as error:
        found = Found(spot.label, None, unreadable(error))
        yield found
    if found is None:
        yield Found(spot.label, None, f"expected a notebook ({NOTEBOOK}), this archive has none")


def unpacked(stream, where, budget, depth=1):
    """Yield the notebooks in the archive in `stream`, whose label is `where`."""
    archive, problem = opened(stream, depth)
    if problem:
        yield Found(where, None, problem)
        return
    budget.enter(len(archive.infolist()))
    for name, entry in sorted(members(archive).items(), key=lambda member: member[0].split("/")):
        content, problem = member(archive, entry, budget)
        if problem or is_kind(name, NOTEBOOK):
            yield Found(f"{where}/{name}", content, problem)
        else:
            yield from unpacked(io.BytesIO(content), f"{where}/{name}", budget, depth + 1)


def opened(stream, depth):
    """An archive and "", or None and why it is not one to read."""
    if depth > DEEPEST:
        return None, f"expected at most {DEEPEST} archives inside one another, here are more"
    try:
        archive = zipfile.ZipFile(Bounded(stream))
    except Exception as error:  # a crafted file raises far more than BadZipFile
        return None, damaged(error)
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        return None, "this archive is encrypted; ask for one without a password"
    return archive, ""


def members(archive):
    """The notebooks and archives in an archive, by label; of two with one label the last."""
    found = {}
    for entry in archive.infolist():
        parts = [part for part in inner_name(entry).split("/") if part not in ("", ".")]
        seen = not any(hidden(part) for part in parts if part != "..")
        if seen and is_kind(inner_name(entry), NOTEBOOK, ARCHIVE):  # a folder's ends in /
            found[printable("/".join(parts))] = entry
    return found


def member(archive, entry, budget):
    """The content of one entry of an archive and "", or None and why it was not read."""
    name = inner_name(entry)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return None, f"the archive calls it {printable(name)}, a name outside of the archive"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None, "packed in an unusual way; pack it as an ordinary zip archive"
    if entry.file_size > budget.largest:
        return None, too_large(entry.file_size, budget.largest)
    budget.unpack(entry.file_size)  # zipfile gives no more than that, whatever is packed
    try:
        with archive.open(entry) as file:
            return b"".join(iter(lambda: file.read(CHUNK), b"")), ""
    except Exception as error:  # zlib.error, EOFError, NotImplementedError and more
        return None, damaged(error)


def inner_name(entry):
    """An entry's name with / between its parts: some packers on Windows write a backslash."""
    return entry.filename.replace("\\", "/")


# ---------------------------------------------------------------- names


def is_kind(name, *suffixes):
    """Whether `name` ends in one of `suffixes`, in any case."""
    return name.lower().endswith(suffixes)


def hidden(name):
    """Whether a file or folder is none of the student's: .ipynb_checkpoints, ._x, __MACOSX."""
    return name.startswith(".") or name == "__MACOSX"


def label(path, top):
    """A path below `top`, with / between its parts, that can be printed."""
    return printable(os.path.relpath(path, top).replace(os.sep, "/"))


def printable(name):
    r"""`name` with \n for a line break, \udce9 for the byte E9 that is no UTF-8, and so on."""
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), name)


def too_large(size, largest):
    """A sentence with both numbers."""
    return (
        f"expected at most {largest:,} bytes, this one has {size:,}, and was not read. "
        "Outputs or data saved in the notebook? Clear all outputs and hand it in again"
    )


def unreadable(error):
    """A sentence for an OSError."""
    return f"cannot be read ({error.strerror or error})"


def damaged(error):
    """A sentence for what a broken archive raised."""
    what = printable(str(error)) or type(error).__name__
    return f"expected a zip archive, this one cannot be unpacked ({what}). A broken upload?"


# ---------------------------------------------------------------- whose file it is


def student(file):
    """Whose file it is: the name that Moodle or Canvas wrote, else the first folder, else the stem.

    A Moodle that hides names calls everybody Participant: there the number is part of the name.
    Students who send archives under their own names and a class in one archive look alike, so
    inside of an archive the first folder is added to its name ("class/ada"): this never takes two
    students for one.
    """
    if match := system_name(file):
        anonymous = match.re is MOODLE and match["name"] == "Participant"
        return f"Participant {match['id']}" if anonymous else match["name"]
    first, *rest = [part.removesuffix(ARCHIVE) for part in file.split("/")]
    if is_kind(file.split("/")[0], ARCHIVE) and len(rest) > 1 and rest[0] != first:
        return f"{first}/{rest[0]}"
    return first if rest else Path(first).stem


def identifiers(file):
    """{"moodle": "12345"}, {"canvas": "123"}, or {} if the name does not show it.

    Moodle's number is a participant's in one assignment, Canvas' is a user's. Relied on:
    mod/assign/locallib.php of Moodle, lib/content_zipper.rb of Canvas.
    """
    match = system_name(file)
    if not match:
        return {}
    return {"moodle" if match.re is MOODLE else "canvas": match["id"]}


def system_name(file):
    """The match of the first part of `file` that a learning platform named, or None.

    The first, because the parts further in are the student's choice.
    """
    for part in file.split("/"):
        if match := MOODLE.match(part) or CANVAS.match(part):
            return match
    return None
