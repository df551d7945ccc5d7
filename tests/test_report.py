"""Reports say what grading found, and nothing that a student wrote gets out of its place."""

import csv
import json
import re
import resource
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from grading import report
from grading.report import ExerciseInfo, LessonInfo
from grading.results import OUTCOMES, Graded, Mark

ROOT = Path(__file__).parent.parent
HINTS = ["<summary>Hint 1: a `nudge`</summary>\n\nLook at $a_b$ and $c_d * 2$ *twice*. <b>![x](#a)"]
LESSON = LessonInfo(
    "03_gan",
    "A GAN & more",
    (
        ExerciseInfo("loss_D", "3.1", False, HINTS),
        ExerciseInfo("loss_G", "3.2", False, HINTS),
        ExerciseInfo("train", "3.3", True, []),
    ),
)
LESSONS = {"03_gan": LESSON, "04_attack": LESSON._replace(stem="04_attack", title="An attack")}
NASTY = "<script>alert('x')</script>\"' onclick=\"alert(1) <img src=//evil.example/x> &lt; "


def graded(file, outcomes="right right right", lesson="03_gan", message="m"):
    """A submission whose exercises have these outcomes."""
    marks = [
        Mark(info.name, outcome, message, 1.234)
        for info, outcome in zip(LESSON.exercises, outcomes.split(), strict=True)
    ]
    return Graded(file, lesson, tuple(marks))


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


class Page(HTMLParser):
    """What a browser makes of a page: its elements as (tag, attributes), its text."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(Path(path).read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def of(self, tag, **attributes):
        """The attributes of every `tag` with these attributes."""
        wanted = attributes.items()
        return [found for name, found in self.elements if name == tag and wanted <= found.items()]


# ---------------------------------------------------------------- lessons


def test_lessons_are_read_from_their_notebooks():
    path = ROOT / "notebooks/03_vanilla_gan.ipynb"
    info = report.lesson_info(json.loads(path.read_text(encoding="utf-8")))
    assert info == report.lesson_info(nbformat.read(path, as_version=4))
    assert info.stem == "03_vanilla_gan" and info.title == "A vanilla GAN on MNIST"
    by_name = {exercise.name: exercise for exercise in info.exercises}
    assert by_name["discriminator_loss"].number == "3.1"
    assert by_name["to_gan_range"].number == by_name["to_display_range"].number == "3.6"
    assert by_name["train_epoch"].stretch and not by_name["to_gan_range"].stretch


def test_every_lesson_has_title_numbers_and_three_hints():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        info = report.lesson_info(json.loads(path.read_text(encoding="utf-8")))
        assert info.stem == path.stem and info.title
        for exercise in info.exercises:
            assert exercise.number.startswith(f"{int(path.stem[:2])}.")
            assert len(exercise.hints) == 3
            for number, hint in enumerate(exercise.hints, 1):
                assert hint.startswith(f"<summary>Hint {number}") and "details" not in hint


def test_a_cell_without_heading_is_refused():
    course = {"role": "exercise", "exercises": ["x"]}
    cell = {"cell_type": "markdown", "source": ["no heading"], "metadata": {"course": course}}
    with pytest.raises(ValueError, match="expected a heading .* the cell begins 'no heading'"):
        report.lesson_info({"cells": [cell], "metadata": {"course": {"lesson": "x"}}})


# ---------------------------------------------------------------- CSV


def test_csv(tmp_path):
    broken = Graded("b.zip", problem="cannot be unpacked")
    report.write_csv([graded("a.ipynb", "right wrong missing"), broken], tmp_path / "x.csv")
    assert (
        (tmp_path / "x.csv").read_text().startswith("file,lesson,exercise,result,message,seconds\n")
    )
    assert table(tmp_path / "x.csv")[1:] == [
        ["a.ipynb", "03_gan", "loss_D", "right", "m", "1.23"],
        ["a.ipynb", "03_gan", "loss_G", "wrong", "m", "1.23"],
        ["a.ipynb", "03_gan", "train", "missing", "m", "1.23"],
        ["b.zip", "", "", "error", "cannot be unpacked", ""],
    ]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\n", "\x00=", "\r=", "\x1b[31m=", "＝"]
)
def test_no_cell_is_a_formula(tmp_path, start):
    text = f'{start}HYPERLINK("http://evil.example"),"x\n"'
    report.write_csv([graded(text, message=text)], tmp_path / "x.csv")
    report.write_gradebook([graded(text)], LESSONS, "plain", tmp_path / "y.csv")
    cells = [row[0] for row in table(tmp_path / "x.csv")[1:] + table(tmp_path / "y.csv")[1:]]
    cells += [row[4] for row in table(tmp_path / "x.csv")[1:]]
    assert len(cells) == 7 and all(cell.startswith("'") for cell in cells)
    assert not any(char in cell for cell in cells for char in "\x00\x1b\r")


def test_text_is_cleaned_and_cut():
    assert report.clean("\x1b[0;31mred\x1b[0m \x07bell \udce9half \u202eround\r\nline\ttab") == (
        "red bell half round\nline\ttab"
    )
    assert len(report.clean("x" * 5000)) == 2000 and report.clean("x" * 5000).endswith("x…")
    assert report.clean("x" * 2000) == "x" * 2000


# ---------------------------------------------------------------- whole files


def test_a_full_disk_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError):
            report.write_csv([graded("a.ipynb", message="m" * 2000)] * 50, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    report.write_csv([], path)
    assert path.read_text() != "old" and list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- the class's page


def class_page(tmp_path, submissions, remarks=()):
    report.write_html(submissions, LESSONS, list(remarks), tmp_path / "grades.html")
    return Page(tmp_path / "grades.html")


def test_the_map_has_a_row_a_submission_and_a_cell_an_exercise(tmp_path):
    submissions = [
        graded("zoe/a.ipynb", "right wrong missing"),
        graded("Ada/a.ipynb", "blank error right"),
    ]
    page = class_page(tmp_path, submissions, ["no network namespace here"])
    assert [cell["class"] for cell in page.of("td") if cell.get("class") in OUTCOMES] == [
        *("blank", "error", "right"),  # sorted by name
        *("right", "wrong", "missing"),
    ]
    for text in ("no network namespace here", "2 files of 2 students", "2 submissions"):
        assert text in page.text
    for text in ("03_gan: A GAN & more", "25% of the core exercises", "Ada0/2BER", "zoe1/2RW–"):
        assert text in page.text
    assert "3.3 train (optional)" in page.text and "right, in %50050" in page.text
    titles = [cell["title"] for cell in page.of("td") if "title" in cell]
    assert titles[0] == "3.1 loss_D, still blank. m"


def test_every_link_of_the_map_leads_to_an_exercise_of_the_feedback(tmp_path):
    submissions = [graded("Ada/ü.ipynb", "wrong wrong right"), Graded("x.zip", problem="broken")]
    page = class_page(tmp_path, submissions)
    report.write_feedback(submissions, LESSONS, tmp_path / report.FEEDBACK)
    links = [link["href"] for link in page.of("a")]
    assert len(links) == 1 + 1 + 1 + 3 + 2  # problems, lesson, name, exercises, misconceptions
    for link in links:
        file, _, place = link.partition("#")
        target = Page(tmp_path / file) if file else page
        assert not place or any(found.get("id") == place for _, found in target.elements)


def test_files_of_one_student_are_told_apart(tmp_path):
    page = class_page(
        tmp_path, [graded("ada/1.ipynb"), graded("ada/2.ipynb"), graded("bob/1.ipynb")]
    )
    assert "ada (1.ipynb)" in page.text and "ada (2.ipynb)" in page.text
    assert "bob/1.ipynb" not in page.text and "3 files of 2 students" in page.text


def test_misconceptions_that_differ_in_numbers_are_one(tmp_path):
    messages = [
        "you return 0.51, expected (2, 1)",
        "you return -1.2e-3, expected (7, 1)",
        "no return",
    ]
    submissions = [
        graded(f"{n}/a.ipynb", "wrong right right", message=message)
        for n, message in enumerate([*messages, "blank one"])
    ]
    submissions[3] = graded("3/a.ipynb", "blank right right", message="blank one")
    text = class_page(tmp_path, submissions).text
    often = text[text.index("The most frequent misconceptions") :]
    assert often.index("2×3.1 loss_Dyou return 0.51") < often.index("1×3.1 loss_Dno return")
    assert "-1.2e-3" not in often and "blank one" not in often


def test_rows_are_sorted_without_case_and_accents(tmp_path):
    page = class_page(
        tmp_path, [graded(f"{name}/a.ipynb") for name in ("zoe", "Éva", "Fay", "adam")]
    )
    assert [row["title"][0] for row in page.of("th", scope="row") if "title" in row] == [*"aÉFz"]


def test_problem_files_are_listed(tmp_path):
    page = class_page(tmp_path, [Graded("a.zip", problem="expected a zip archive")])
    assert "1 file of 1 student; 1 could not be graded" in page.text
    assert "a.zipexpected a zip archive" in page.text.replace("\n", "")


def test_a_class_of_200_is_a_light_page(tmp_path):
    submissions = [graded(f"student {n}/03_gan.ipynb", "right wrong blank") for n in range(200)]
    class_page(tmp_path, submissions)
    assert (tmp_path / "grades.html").stat().st_size < 200 * 1_500


# ---------------------------------------------------------------- nothing gets out


def allowed(page):
    """No element or attribute that runs, loads or submits anything."""
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "svg", "base", "b"}
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes)
        address = attributes.get("href", "#")
        assert address.startswith(("#", "feedback/")) and ":" not in address
    assert any("default-src 'none'" in meta.get("content", "") for meta in page.of("meta"))


def test_nothing_of_a_student_is_html(tmp_path):
    nasty = [
        graded(f"{NASTY}/a.ipynb", "wrong error blank", message=NASTY),
        graded(f"x/{NASTY}.ipynb", "wrong right right", message=NASTY),
        Graded(f"{NASTY}.zip", problem=NASTY),
    ]
    page = class_page(tmp_path, nasty, [NASTY])
    allowed(page)
    assert page.text.count(NASTY) >= 4
    assert any(NASTY.strip() in cell.get("title", "") for cell in page.of("td"))
    report.write_feedback(nasty, LESSONS, tmp_path / "feedback")
    pages = [Page(path) for path in (tmp_path / "feedback").iterdir()]
    assert len(pages) == 3
    for page in pages:
        allowed(page)
        assert NASTY.strip() in page.text


# ---------------------------------------------------------------- feedback


def feedback_page(tmp_path, one):
    report.write_feedback([one], LESSONS, tmp_path)
    return Page(tmp_path / report.feedback_name(one.file))


def test_feedback_has_hints_for_what_is_not_right(tmp_path):
    page = feedback_page(
        tmp_path, graded("Ada/a.ipynb", "right wrong missing", message="Look here.")
    )
    assert (
        "A GAN & more" in page.text
        and "Ada: 1 of 2 core exercises right, 0 of 1 optional" in page.text
    )
    assert [article["id"] for article in page.of("article")] == ["loss_D", "loss_G", "train"]
    assert "3.3 train (optional)" in page.text and page.text.count("Look here.") == 3
    assert page.of("details") == [{}]  # folded, of loss_G only
    assert len(page.of("code")) == 1 and len(page.of("em")) == 1  # of the hint's Markdown
    assert "Look at $a_b$ and $c_d * 2$ twice. <b>!x" in page.text
    assert not page.of("b") and not page.of("img")


def test_several_files_of_one_lesson_are_named():
    several = [
        graded("Ada/a.ipynb"),
        graded("Ada/b.ipynb"),
        graded("Ada/c.ipynb", lesson="04_attack"),
    ]
    one_each = [graded("Bob/a.ipynb"), graded("bob.ipynb", lesson="04_attack")]
    twins = [graded(f"Eve Lin_{n}_assignsubmission_file_/x.ipynb") for n in (1, 2)]
    assert report.crowded([*several, *one_each, *twins]) == ["Ada (2 files of 03_gan)"]


def test_long_names_are_told_apart_by_their_ends(tmp_path):
    long = "Ada/one-folder-with-a-very-long-name/"
    submissions = [graded(f"{long}{name}.ipynb") for name in ("first", "second")]
    names = re.findall(r"Ada \((.*?)\)", class_page(tmp_path, submissions).text)
    assert names[0].endswith("first.ipynb") and names[1].endswith("second.ipynb")
    assert len(names) == 2 and all(len(name) == report.END + 1 for name in names)


def test_feedback_on_what_is_gone_goes(tmp_path):
    (tmp_path / "notes.html").write_text("the instructor's own")
    report.write_feedback([graded("Ada/a.ipynb"), graded("Bob/a.ipynb")], LESSONS, tmp_path)
    report.write_feedback([graded("Bob/a.ipynb")], LESSONS, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"notes.html", report.feedback_name("Bob/a.ipynb")}


def test_the_hints_of_every_lesson_can_be_shown(tmp_path):
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        info = report.lesson_info(json.loads(path.read_text(encoding="utf-8")))
        one = Graded(f"{info.stem}.ipynb", info.stem)
        report.write_feedback([one], {info.stem: info}, tmp_path)
        page = Page(tmp_path / report.feedback_name(one.file))
        allowed(page)
        assert len(page.of("details")) == 3 * len(info.exercises)
        assert "`" not in page.text and "<" not in page.text.replace("< ", "")


def test_feedback_of_a_file_that_could_not_be_graded(tmp_path):
    page = feedback_page(tmp_path, Graded("Ada/a.ipynb", problem="not a notebook"))
    assert "Ada" in page.text and "not a notebook" in page.text


def test_names_of_feedback_are_safe_and_unique():
    files = [
        "a/b.ipynb",
        "a_b.ipynb",
        "a b.ipynb",
        "A/b.ipynb",
        "../../etc/passwd",
        "ü",
        "-",
        "\udce9",
    ]
    files += ["x" * 5000, "y" + "x" * 5000, ".hidden.ipynb", "CON", "a/b.ipynb/"]
    names = [report.feedback_name(file) for file in files]
    assert len({name.lower() for name in names}) == len(files)
    for name in names:
        assert name.isascii() and len(name) < 120 and name[0].isalnum()
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert names == [report.feedback_name(file) for file in files]


# ---------------------------------------------------------------- gradebooks


def moodle(name, number, *args, **kwargs):
    return graded(f"{name}_{number}_assignsubmission_file_/x{len(args)}.ipynb", *args, **kwargs)


def test_a_plain_gradebook_has_the_best_of_each_lesson(tmp_path):
    submissions = [
        graded("ada/1.ipynb", "right right wrong"),  # the core counts
        graded("ada/2.ipynb", "right wrong right"),
        graded("ada/3.ipynb", "wrong wrong wrong", lesson="04_attack"),
        graded("bob/1.ipynb", "right wrong right"),
        Graded("eve/1.ipynb", problem="broken"),
    ]
    assert report.write_gradebook(submissions, LESSONS, "plain", tmp_path / "x.csv") == []
    header, *rows = table(tmp_path / "x.csv")
    columns = ["core right", "of core", "stretch right"]
    assert header == ["student", *(f"{stem} {column}" for stem in LESSONS for column in columns)]
    assert rows == [
        ["ada", "2", "2", "0", "0", "2", "0"],
        ["bob", "1", "2", "1", "", "", ""],
        ["eve", "", "", "", "", "", ""],
    ]


def test_a_worksheet_for_moodle(tmp_path):
    submissions = [
        moodle("Ada", 12, "right wrong right", message="<b>one\ntwo"),
        graded("bob/1.ipynb"),
        Graded("Eve_14_assignsubmission_file_/x.ipynb", problem="broken"),
    ]
    unknown = report.write_gradebook(submissions, LESSONS, "moodle", tmp_path / "m.csv")
    assert unknown == ["bob"]
    header, ada, bob = table(tmp_path / "m.csv")
    assert header == [
        *("Identifier", "Full name", "Grade", "Maximum Grade"),
        *("Last modified (grade)", "Feedback comments"),
    ]
    assert ada[:5] == ["Participant 12", "Ada", "1", "2", ""] and bob[:4] == ["", "bob", "2", "2"]
    assert "1 of 2 core exercises right" in ada[5] and "&lt;b&gt;one<br>two" in ada[5]


def test_a_worksheet_a_lesson_where_numbers_change_with_the_assignment(tmp_path):
    submissions = [moodle("Ada", 12), moodle("Ada", 99, lesson="04_attack")]
    report.write_gradebook(submissions, LESSONS, "moodle", tmp_path / "m.csv")
    assert table(tmp_path / "m_03_gan.csv")[1][0] == "Participant 12"
    assert table(tmp_path / "m_04_attack.csv")[1][0] == "Participant 99"
    report.write_gradebook(submissions, LESSONS, "plain", tmp_path / "p.csv")
    assert [row[0] for row in table(tmp_path / "p.csv")[1:]] == ["Ada"]


def test_two_students_of_one_name_stay_two(tmp_path):
    submissions = [moodle("Ada", 12), moodle("Ada", 13, "wrong wrong wrong")]
    report.write_gradebook(submissions, LESSONS, "plain", tmp_path / "p.csv")
    assert [row[:2] for row in table(tmp_path / "p.csv")[1:]] == [
        ["Ada (12)", "2"],
        ["Ada (13)", "0"],
    ]


def test_a_long_comment_is_cut_between_lines():
    exercises = tuple(ExerciseInfo(f"e{n}", f"3.{n}", False, []) for n in range(40))
    marks = tuple(Mark(info.name, "wrong", "<&>" * 200, 0) for info in exercises)
    text = report.comment(Graded("a", "03_gan", marks), LESSON._replace(exercises=exercises))
    assert 1_000 < len(text) <= 2_000 and text.endswith("…")


def test_a_gradebook_for_canvas(tmp_path):
    submissions = [
        graded("lovelaceada_123_456_x.ipynb", "right wrong right"),
        graded("lovelaceada_123_457_x.ipynb", "right right right", lesson="04_attack"),
        graded("bob/1.ipynb"),
    ]
    assert report.write_gradebook(submissions, LESSONS, "canvas", tmp_path / "c.csv") == ["bob"]
    assert table(tmp_path / "c.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "A GAN & more", "An attack"],
        ["    Points Possible", "", "", "", "", "2", "2"],
        ["bob", "", "", "", "", "2", ""],
        ["lovelaceada", "123", "", "", "", "1", "2"],
    ]


def test_another_gradebook_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="expected a gradebook for plain, moodle, canvas, 'x' came"
    ):
        report.write_gradebook([], LESSONS, "x", tmp_path / "x.csv")
