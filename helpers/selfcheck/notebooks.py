"""A notebook's cells, from the bytes of its file, whichever front end wrote it."""

import json
from typing import NamedTuple

import nbformat

NEWEST = 4
MOST_CODE = 500_000  # characters in all its code cells; a filled lesson has a tenth of it


class NotANotebook(ValueError):
    """The bytes are no notebook of ours; the text says what came instead."""


class Cell(NamedTuple):
    """One cell; `id` and `course` are empty where an editor lost them."""

    kind: str
    source: str
    id: str
    course: dict


class Notebook(NamedTuple):
    """A notebook: its cells, and the lesson that its metadata name ("" where lost)."""

    cells: list
    stem: str


def read(content):
    """The Notebook in `content` (bytes); NotANotebook says why there is none.

    Only what is needed is looked at, so odd metadata do no harm. Older formats are converted.
    """
    book = parsed(content)
    if "worksheets" in book:
        book = converted(book)
    if not isinstance(book.get("cells"), list):
        raise NotANotebook("a notebook was expected; this JSON has no list of cells.")
    if not isinstance(book.get("nbformat"), int) or book["nbformat"] > NEWEST:
        raise NotANotebook(
            f"notebook format {NEWEST} was expected, {book.get('nbformat')!r:.99} came. Save the "
            "notebook with JupyterLab."
        )
    course = mapping(mapping(book.get("metadata")).get("course"))
    stem = course.get("lesson")
    cells = [cell(plain) for plain in book["cells"] if isinstance(plain, dict)]
    code = sum(len(cell.source) for cell in cells if cell.kind == "code")
    if code > MOST_CODE:
        raise NotANotebook(
            f"at most {MOST_CODE:,} characters of code were expected, {code:,} came. Was data "
            "pasted into a cell?"
        )
    return Notebook(cells, stem if isinstance(stem, str) else "")


def parsed(content):
    """The JSON object in `content`."""
    try:
        book = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise NotANotebook("a notebook was expected; this JSON is nested too deeply.") from None
    except ValueError as error:
        what = "an empty file" if not content.strip() else f"no JSON ({error})"
        raise NotANotebook(f"a notebook was expected, {what[:200]} came.") from None
    if not isinstance(book, dict):
        raise NotANotebook("a notebook was expected; this JSON is no object.")
    return book


def converted(book):
    """A notebook of format 3 as one of format 4."""
    try:
        return nbformat.convert(nbformat.from_dict(book), NEWEST)
    except Exception as error:  # nbformat raises what it meets
        raise NotANotebook(
            f"an old notebook that cannot be converted came ({type(error).__name__})."
        ) from None


def cell(plain):
    """One cell from its JSON."""
    metadata = mapping(plain.get("metadata"))
    # Colab keeps the id in the metadata
    id = next((i for i in (plain.get("id"), metadata.get("id")) if isinstance(i, str)), "")
    source = plain.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    kind = plain.get("cell_type")
    source = source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""
    return Cell(kind if isinstance(kind, str) else "", source, id, mapping(metadata.get("course")))


def mapping(thing):
    """`thing` if it is a dict, else an empty one."""
    return thing if isinstance(thing, dict) else {}


def same_text(source):
    """What of a source decides whether a cell is still the lesson's: no blanks at line ends."""
    return "\n".join(line.rstrip(" \t") for line in source.split("\n")).strip()
