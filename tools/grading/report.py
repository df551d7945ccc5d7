"""What grading found, as files to open: CSV, a page for the class, feedback, a gradebook.

Names and messages come from students: they are cleaned, cut and escaped wherever they are written.
A file is replaced in one step, so a full disk or an interrupt leaves the old one whole.
"""

import csv
import hashlib
import io
import os
import re
from collections import Counter, defaultdict
from html import escape
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grading.collect import identifiers, student

FEEDBACK = "feedback"  # the folder beside the class's page that the page links to
NAMED = re.compile(r"-[0-9a-f]{10}\.html$")  # the end of every feedback_name
LONGEST = 2_000  # characters of a message
END = 24  # characters of a file's name where there is little room
TOOLTIP = 300  # characters of one where there is little room
MOST_COMMON = 10  # misconceptions shown for a lesson
LETTERS = {"right": "R", "wrong": "W", "blank": "B", "error": "E", "missing": "–"}
WORDS = {
    "right": "right",
    "wrong": "wrong",
    "blank": "still blank",
    "error": "no verdict",
    "missing": "not found",
}
HEADER = ["file", "lesson", "exercise", "result", "message", "seconds"]

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # of a terminal
# control characters, halves of characters that no file can hold, and marks that turn text round
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet would run such a cell
NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")

HEADING = re.compile(r"### Exercise (?P<number>[\d.]+): .*?\((?P<note>[^()]*)\)")
DETAILS = re.compile(r"<details>(.*?)</details>", re.DOTALL)


# ---------------------------------------------------------------- the lesson


class ExerciseInfo(NamedTuple):
    """One exercise as its lesson states it."""

    name: str
    number: str  # as in "3.2"
    stretch: bool  # optional
    hints: list[str]  # each the inside of one <details>, its <summary> first


class LessonInfo(NamedTuple):
    """One lesson: what a report says about it."""

    stem: str
    title: str
    exercises: tuple[ExerciseInfo, ...]


def lesson_info(book) -> LessonInfo:
    """The LessonInfo of a built notebook for students, plain JSON or a NotebookNode."""
    title, exercises = "", []
    for cell in book["cells"]:
        text = "".join(cell["source"])
        heading = re.search(r"^# (.+)", text, re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading and not title:
            title = heading[1].strip()
        course = cell["metadata"].get("course", {})
        if course.get("role") == "exercise":
            exercises += stated(text, course["exercises"])
    return LessonInfo(book["metadata"]["course"]["lesson"], title, tuple(exercises))


def stated(text, names):
    """The exercises that one markdown cell states: they share number and hints."""
    heading = HEADING.search(text)
    if not heading:
        raise ValueError(
            f"expected a heading '### Exercise 3.2: {names[0]} (5 min)', the cell begins "
            f"{text[:60]!r}; was the notebook built by tools/build.py?"
        )
    hints = [hint.strip() for hint in DETAILS.findall(text)]
    stretch = "stretch" in heading["note"]
    return [ExerciseInfo(name, heading["number"], stretch, hints) for name in names]


# ---------------------------------------------------------------- marks


class Score(NamedTuple):
    """How many exercises of one submission are right; the core ones count."""

    core: int
    of_core: int
    stretch: int
    of_stretch: int


def score(one, info):
    """The Score of one submission."""
    right = {mark.exercise for mark in one.marks if mark.outcome == "right"}
    core = [exercise.name in right for exercise in info.exercises if not exercise.stretch]
    stretch = [exercise.name in right for exercise in info.exercises if exercise.stretch]
    return Score(sum(core), len(core), sum(stretch), len(stretch))


def by_lesson(graded):
    """{stem: submissions that have marks}, both in order of their names."""
    found = defaultdict(list)
    for one in sorted(graded, key=lambda one: (sortable(student(one.file)), one.file)):
        if one.lesson and not one.problem:
            found[one.lesson].append(one)
    return dict(sorted(found.items()))


def sortable(name):
    """`name` without case and accents, so that Émile comes before Eva."""
    return "".join(c for c in normalize("NFKD", name) if not combining(c)).casefold()


def outcome(one, name):
    """(outcome, message) of one exercise; one that was not graded is missing."""
    for mark in one.marks:
        if mark.exercise == name:
            return mark.outcome, mark.message
    return "missing", ""


# ---------------------------------------------------------------- safe text, whole files


def clean(text, longest=LONGEST):
    """`text` that can be printed, of at most `longest` characters."""
    text = UNPRINTABLE.sub("", COLOURS.sub("", text))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def html(text, longest=LONGEST):
    """`text` cleaned and escaped, for an element or a quoted attribute."""
    return escape(clean(text, longest))


def cell(value):
    """`value` as text that no spreadsheet takes for a formula."""
    text = clean(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


def replace(path, text):
    """Write `text` to `path` as a whole: what was there stays until all is written."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace_table(path, rows):
    """Write `rows` to `path` as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(
        [cell(value) for value in row] for row in rows
    )
    replace(path, stream.getvalue())


def write_csv(graded, path):
    """Write one line an exercise, and one for each file that could not be graded."""
    rows = [HEADER]
    for one in graded:
        if one.problem:
            rows.append([one.file, one.lesson, "", "error", one.problem, ""])
        else:
            rows += [
                [
                    one.file,
                    one.lesson,
                    mark.exercise,
                    mark.outcome,
                    mark.message,
                    f"{mark.seconds:.2f}",
                ]
                for mark in one.marks
            ]
    replace_table(path, rows)


# ---------------------------------------------------------------- pages

STYLE = """
:root { color-scheme: light; print-color-adjust: exact; -webkit-print-color-adjust: exact }
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 75em;
  margin: 2em auto; padding: 0 1.5em }
h1 { font-size: 1.5em; margin: 0 0 .3em }
h2 { font-size: 1.2em; margin: 2em 0 .6em }
h3 { font-size: 1em; margin: 1.5em 0 .4em }
p { margin: .4em 0 }
a { color: inherit }
pre { font: inherit; margin: .3em 0; white-space: pre-wrap; overflow-wrap: anywhere }
code { background: #f2f2f2; padding: 0 .2em }
.quiet { color: #666 }
.file { overflow-wrap: anywhere }
.remark { background: #fff3cd; border-left: 4px solid #d39e00; padding: .4em .8em }
.right { background: #d5ecd9; color: #3d6b47 }
.wrong { background: #e8743b; color: #000; font-weight: 600 }
.error { background: #5b3a8c; color: #fff; font-weight: 600 }
.blank { background: #dcdcdc; color: #555 }
.missing { background: #f4f4f4; color: #777 }
.key { display: inline-block; min-width: 1.7em; text-align: center }
.badge { padding: .05em .5em; border-radius: .2em; white-space: nowrap }
.optional { font-style: italic }
.map { border-spacing: 1px; font-size: 13px }
.map th { font-weight: normal; text-align: left }
.map thead th { vertical-align: bottom; background: #fff; padding: .2em 0 }
.map thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap }
.map tbody th { max-width: 22em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  padding-right: .8em }
.map td { min-width: 2.2em; text-align: center; line-height: 1.6; padding: 0 }
.map td a { display: block; text-decoration: none; color: inherit }
.map .sum { padding: 0 .7em }
.often pre { margin: 0 }
.map tfoot * { border-top: 1px solid #888; background: #fff; font-weight: 600 }
.often td { vertical-align: top; padding: .25em .9em .25em 0 }
.often .count { text-align: right }
article { border-top: 1px solid #ddd; padding: .7em 0 }
article h3 { margin: 0 }
details { margin: .3em 0 0 1em }
summary { cursor: pointer }
@media screen {
  .map thead th { position: sticky; top: 0 }
  .map tfoot * { position: sticky; bottom: 0 }
}
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11px }
  .map { font-size: 9px }
  tr, article { break-inside: avoid }
  h2, h3 { break-after: avoid }
}
"""
# the policy lets a page ask no server for anything and run nothing, whatever is in it
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(title, body):
    """One HTML page that needs nothing else; `body` is lines of HTML, `title` is text."""
    return PAGE.format(title=html(title), style=STYLE, body="\n".join(body))


def feedback_name(file):
    """The file name of a submission's feedback: readable, safe everywhere, no two the same."""
    words = re.sub(r"[^\w.-]+|\.ipynb$", "_", clean(file), flags=re.ASCII)[-80:].strip("_.-")
    digest = hashlib.sha256(file.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{words or FEEDBACK}-{digest[:10]}.html"


# ---------------------------------------------------------------- the class's page


def write_html(graded, lessons, remarks, path):
    """Write one page for the class: a map of each lesson, and what was misunderstood most often.

    Its links lead to the pages of `write_feedback` in the folder FEEDBACK beside it.
    """
    marked = by_lesson(graded)
    problems = [one for one in graded if one.problem]
    body = ["<h1>Grades</h1>"]
    body += [f'<p class="remark">{html(remark)}</p>' for remark in remarks]
    body += summary(graded, marked, problems, lessons)
    for stem, submissions in marked.items():
        body += lesson_section(lessons[stem], submissions)
    if problems:
        body += ['<h2 id="problems">Files that could not be graded</h2>', '<table class="often">']
        body += [
            f'<tr><td class="file">{html(one.file)}</td><td>{html(one.problem)}</td></tr>'
            for one in problems
        ]
        body.append("</table>")
    replace(path, page("Grades", body))


def summary(graded, marked, problems, lessons):
    """Lines of HTML: how many, of what, and what the letters mean."""
    line = f"{counted(len(graded), 'file')} of {counted(len(people(graded)), 'student')}"
    if problems:
        line += f'; <a href="#problems">{len(problems)} could not be graded</a>'
    yield f"<p>{line}</p>\n<ul>"
    for stem, submissions in marked.items():
        info = lessons[stem]
        scores = [score(one, info) for one in submissions]
        right = sum(one.core for one in scores) / max(1, sum(one.of_core for one in scores))
        yield (
            f'<li><a href="#{html(stem)}">{html(stem)}: {html(info.title)}</a>, '
            f"{counted(len(submissions), 'submission')}, "
            f"{right:.0%} of the core exercises right</li>"
        )
    yield "</ul>"
    keys = (f'<span class="key {key}">{LETTERS[key]}</span> {WORDS[key]}' for key in WORDS)
    yield f'<p class="quiet">{" &ensp; ".join(keys)}</p>'


def lesson_section(info, submissions):
    """Lines of HTML: the map of a lesson, then its most frequent misconceptions."""
    yield f'<h2 id="{html(info.stem)}">{html(info.stem)}: {html(info.title)}</h2>'
    yield '<table class="map">\n<thead><tr><th></th><th class="sum">core</th>'
    for exercise in info.exercises:
        optional = ' class="optional"' if exercise.stretch else ""
        yield f"<th{optional}><span>{html(heading(exercise))}</span></th>"
    yield "</tr></thead>\n<tbody>"
    names = [student(one.file) for one in submissions]
    for name, one in zip(names, submissions):
        yield map_row(info, one, name if names.count(name) == 1 else of_several(name, one.file))
    yield "</tbody>\n" + map_shares(info, submissions) + "\n</table>"
    yield from misconceptions(info, submissions)


def of_several(name, file):
    """A student's name and the end of the file's, where files of one student differ."""
    file = file.removeprefix(f"{name}/")
    return f"{name} ({file if len(file) <= END else '…' + file[-END:]})"


def map_row(info, one, name):
    """One submission's row of the map."""
    link, points = f"{FEEDBACK}/{feedback_name(one.file)}", score(one, info)
    row = [
        f'<tr><th scope="row" title="{html(one.file)}"><a href="{link}">{html(name)}</a></th>'
        f'<td class="sum">{points.core}/{points.of_core}</td>'
    ]
    for exercise in info.exercises:
        found, message = outcome(one, exercise.name)
        title = html(f"{exercise.number} {exercise.name}, {WORDS[found]}. {message}", TOOLTIP)
        row.append(
            f'<td class="{found}" title="{title}">'
            f'<a href="{link}#{html(exercise.name)}">{LETTERS[found]}</a></td>'
        )
    return "".join(row) + "</tr>"


def map_shares(info, submissions):
    """The last row of the map: the share of the class that has each exercise right."""
    row = ['<tfoot><tr><th scope="row">right, in %</th><td></td>']
    for exercise in info.exercises:
        right = sum(outcome(one, exercise.name)[0] == "right" for one in submissions)
        row.append(f"<td>{100 * right / len(submissions):.0f}</td>")
    return "".join(row) + "</tr></tfoot>"


def misconceptions(info, submissions):
    """Lines of HTML: what most of the class was told, counted as one if only numbers differ."""
    groups = defaultdict(list)
    for exercise in info.exercises:
        for one in submissions:
            found, message = outcome(one, exercise.name)
            if found in ("wrong", "error"):
                same = heading(exercise), exercise.name, NUMBER.sub("0", clean(message))
                groups[same].append((one, message))
    often = sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_COMMON]
    if often:
        yield "<h3>The most frequent misconceptions</h3>"
        yield '<table class="often">'
        yield from (misconception(*same, told) for same, told in often)
        yield "</table>"


def misconception(title, name, _, told):
    """One row: how often, which exercise, the first message and whose it is."""
    one, message = told[0]
    link = f"{FEEDBACK}/{feedback_name(one.file)}#{html(name)}"
    return (
        f'<tr><td class="count">{len(told)}×</td><td>{html(title)}</td><td><pre>{html(message)} '
        f'<a class="quiet" href="{link}">an example</a></pre></td></tr>'
    )


def heading(exercise):
    """As in "3.12 train_batch (optional)"."""
    optional = " (optional)" if exercise.stretch else ""
    return f"{exercise.number} {exercise.name}{optional}"


def counted(number, thing):
    """As in "1 file" or "2 files"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- a student's page

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
MARKDOWN.use(dollarmath_plugin, renderer=lambda formula, _: escape(f"${formula}$"))


def write_feedback(graded, lessons, folder):
    """Write one page a submission into `folder`, under its `feedback_name`.

    Pages of an earlier run, of submissions that are gone, are removed.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = {feedback_name(one.file) for one in graded}
    for path in folder.glob("*.html"):
        if NAMED.search(path.name) and path.name not in names:
            path.unlink()
    for one in graded:
        if one.problem:
            body = [f"<h1>{html(student(one.file))}</h1>", f"<p>{html(one.problem)}</p>"]
        else:
            body = list(feedback(one, lessons[one.lesson]))
        body.insert(2, f'<p class="quiet file">{html(one.file)}</p>')
        replace(folder / feedback_name(one.file), page(f"Feedback: {student(one.file)}", body))


def feedback(one, info):
    """Lines of HTML: what is right in a submission, and hints for what is not."""
    yield f"<h1>{html(info.title)}</h1>"
    yield f"<p>{html(student(one.file))}: {html(counts(score(one, info)))}</p>"
    for exercise in info.exercises:
        found, message = outcome(one, exercise.name)
        yield (
            f'<article id="{html(exercise.name)}"><h3>{html(heading(exercise))} '
            f'<span class="badge {found}">{LETTERS[found]} {WORDS[found]}</span></h3>'
        )
        if message:
            yield f"<pre>{html(message)}</pre>"
        if found != "right":
            yield from map(hint_html, exercise.hints)
        yield "</article>"


def counts(points):
    """As in "7 of 11 core exercises right, 1 of 3 optional ones"."""
    line = f"{points.core} of {counted(points.of_core, 'core exercise')} right"
    if points.of_stretch:
        line += f", {points.stretch} of {points.of_stretch} optional"
    return line


def hint_html(hint):
    """A hint of the lesson, folded; formulas stay as they are written."""
    title, _, text = hint.partition("</summary>")
    title = MARKDOWN.renderInline(title.replace("<summary>", "").strip())
    return f"<details><summary>{title}</summary>\n{MARKDOWN.render(text)}</details>"


# ---------------------------------------------------------------- a gradebook


class Person(NamedTuple):
    """One student, told from others of the same name by an identifier where there is one."""

    name: str
    identifier: str


def people(graded):
    """{Person: their files}, by name.

    Canvas' number is a person's. Moodle's is another one in each assignment: it tells two apart
    only if both have handed in the same lesson.
    """
    numbers = defaultdict(set)
    for one in graded:
        if one.lesson and (number := identifiers(one.file).get("moodle")):
            numbers[student(one.file), one.lesson].add(number)
    twins = {name for (name, _), found in numbers.items() if len(found) > 1}
    files = defaultdict(list)
    for one in graded:
        name, known = student(one.file), identifiers(one.file)
        identifier = known.get("canvas") or (known.get("moodle", "") if name in twins else "")
        files[Person(name, identifier)].append(one)
    return dict(sorted(files.items(), key=lambda item: (sortable(item[0].name), item[0])))


def crowded(graded):
    """As in "ada (3 files of 03_vanilla_gan)": students with several files of a lesson."""
    found = Counter(
        (person, one.lesson)
        for person, files in people(graded).items()
        for one in files
        if one.lesson and not one.problem
    )
    return [f"{who.name} ({n} files of {lesson})" for (who, lesson), n in found.items() if n > 1]


def best(files, info):
    """The file of one lesson with the most core exercises right, or None without one."""
    files = [one for one in files if one.lesson == info.stem and not one.problem]
    return max(files, key=lambda one: (*score(one, info), one.file), default=None)


def write_gradebook(graded, lessons, form, path):
    """Write a row a student and return the students a platform will not recognise.

    `form` is "plain", "moodle" or "canvas". Of several files of a lesson the best counts; a point
    is a core exercise. A file that could not be graded leaves its cells empty.

    moodle: a grading worksheet for an assignment with feedback types "offline grading worksheet"
    and "feedback comments" and as many points as the lesson has core exercises, one file a lesson.
    Relied on (mod/assign/feedback/offline of Moodle): the import finds the columns Identifier,
    Grade and "Last modified (grade)" by their English names and refuses a file without one of
    them; it takes the number after "Participant " in Identifier, skips a grade above the
    assignment's maximum, and shows comments as HTML. As the time is empty here, tick "Allow
    updating records that have been modified more recently" to change grades given before.

    canvas: Relied on (lib/gradebook_importer.rb of Canvas): the columns up to Section in this
    order; then a title a column, for which Canvas asks which assignment is meant if none has it;
    "Points Possible" in the second row; a student is found by ID, else by the same name. An empty
    cell counts as a change where a grade is: look at Canvas' preview before you accept it.
    """
    forms = {"plain": plain_book, "moodle": moodle_books, "canvas": canvas_book}
    if form not in forms:
        raise ValueError(f"expected a gradebook for {', '.join(forms)}, {form!r} came")
    infos = [lessons[stem] for stem in by_lesson(graded)]
    return forms[form](people(graded), infos, Path(path))


def plain_book(persons, infos, path):
    """Write a gradebook to read; everybody is recognised."""
    columns = ("core right", "of core", "stretch right")
    rows = [["student", *(f"{info.stem} {column}" for info in infos for column in columns)]]
    for person, files in persons.items():
        row = [f"{person.name} ({person.identifier})" if person.identifier else person.name]
        for info in infos:
            one = best(files, info)
            row += score(one, info)[:3] if one else ("", "", "")
        rows.append(row)
    replace_table(path, rows)
    return []


def moodle_books(persons, infos, path):
    """Write one worksheet a lesson, with the students who handed it in."""
    unknown = []
    columns = ["Identifier", "Full name", "Grade", "Maximum Grade"]
    for info in infos:
        rows = [[*columns, "Last modified (grade)", "Feedback comments"]]
        for person, files in persons.items():
            if one := best(files, info):
                number, points = identifiers(one.file).get("moodle"), score(one, info)
                unknown += [] if number else [person.name]
                identifier = f"Participant {number}" if number else ""
                row = [identifier, person.name, points.core, points.of_core, ""]
                rows.append([*row, comment(one, info)])
        several = path.with_name(f"{path.stem}_{info.stem}{path.suffix}")
        replace_table(path if len(infos) == 1 else several, rows)
    return sorted(set(unknown))


def comment(one, info):
    """A submission's feedback in a few lines of HTML, of at most LONGEST characters."""
    lines = [counts(score(one, info)) + "."]
    for exercise in info.exercises:
        found, message = outcome(one, exercise.name)
        if found != "right":
            lines.append(f"{heading(exercise)}: {WORDS[found]}. {clean(message, TOOLTIP)}")
    text = ""
    for line in lines:
        more = html(line).replace("\n", "<br>") + "<br>"
        if len(text) + len(more) > LONGEST:  # never half a tag or half an escaped character
            break
        text += more
    return text.removesuffix("<br>")


def canvas_book(persons, infos, path):
    """Write one gradebook with a column a lesson."""
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    points = [sum(not exercise.stretch for exercise in info.exercises) for info in infos]
    rows = [[*columns, *(info.title for info in infos)]]
    rows.append(["    Points Possible", "", "", "", "", *points])
    unknown = []
    for person, files in persons.items():
        number = identifiers(files[0].file).get("canvas", "")
        unknown += [] if number else [person.name]
        found = [(best(files, info), info) for info in infos]
        grades = [score(one, info).core if one else "" for one, info in found]
        rows.append([person.name, number, "", "", "", *grades])
    replace_table(path, rows)
    return unknown
