"""What a class hands in is found, and whatever is wrong with it costs one line, not the run."""

import io
import os
import struct
import threading
import tracemalloc
import zipfile

import pytest
from grading import collect

BOOK = b'{"cells": []}'


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """The bytes of an archive of {name: content}."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def write(folder, files):
    """Write {path: bytes} below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(folder, **options):
    return list(collect.submissions(folder, **options))


def names(folder, **options):
    return [one.file for one in found(folder, **options)]


def problems(folder, **options):
    """{file: problem} of what has one, none of them with a content."""
    bad = [one for one in found(folder, **options) if one.problem]
    assert all(one.content is None for one in bad)
    return {one.file: one.problem for one in bad}


# ---------------------------------------------------------------- what is found


def test_notebooks_are_found_at_any_depth_in_any_case_by_name(tmp_path):
    write(
        tmp_path,
        {"b.ipynb": BOOK, "a/deep/er/X.IPYNB": b"x", "a/notes.txt": b"", "a.ipynb": BOOK},
    )
    assert found(tmp_path) == [
        ("a/deep/er/X.IPYNB", b"x", ""),
        ("a.ipynb", BOOK, ""),
        ("b.ipynb", BOOK, ""),
    ]


def test_what_is_not_the_students_is_left_out(tmp_path):
    others = [".ipynb_checkpoints/a.ipynb", "__MACOSX/._a.ipynb", "._a.ipynb", ".git/a.ipynb"]
    write(tmp_path, {"a.ipynb": BOOK, **dict.fromkeys(others, BOOK)})
    write(
        tmp_path, {"z.ZIP": zipped({"a.ipynb": BOOK, "n.txt": b"", **dict.fromkeys(others, b"")})}
    )
    assert names(tmp_path) == ["a.ipynb", "z.ZIP/a.ipynb"]


def test_archives_are_read_down_to_the_third_inside_another(tmp_path):
    third = zipped({"c.ipynb": b"c", "d.zip": zipped({"d.ipynb": b"d"})})
    class_zip = zipped({"b/two.zip": zipped({"three.zip": third}), "a.ipynb": b"a"})
    write(tmp_path, {"one.zip": class_zip})
    a, deep, deepest = found(tmp_path)
    assert a == ("one.zip/a.ipynb", b"a", "")
    assert deep == ("one.zip/b/two.zip/three.zip/c.ipynb", b"c", "")
    assert deepest.file == "one.zip/b/two.zip/three.zip/d.zip"
    assert "at most 3 archives inside one another" in deepest.problem


def test_a_backslash_in_an_archive_is_a_folder(tmp_path):
    write(tmp_path, {"a.zip": zipped({"ada\\x.ipynb": BOOK})})
    assert found(tmp_path) == [("a.zip/ada/x.ipynb", BOOK, "")]


def test_one_notebook_at_a_time_is_in_memory(tmp_path):
    size, count = 2_000_000, 20
    big = {f"{i}.ipynb": bytes(size) for i in range(count)}
    write(tmp_path, {**big, "a.zip": zipped(big)})
    tracemalloc.start()
    try:
        assert sum(len(one.content) for one in collect.submissions(tmp_path)) == 2 * count * size
        assert tracemalloc.get_traced_memory()[1] < 6 * size
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------- nothing to grade


def test_no_folder_no_notebook(tmp_path):
    with pytest.raises(collect.CollectError, match="Expected a folder .* found nothing there"):
        collect.submissions(tmp_path / "missing")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(collect.CollectError, match="found a file there"):
        collect.submissions(tmp_path / "notes.txt")
    with pytest.raises(collect.CollectError, match="Expected notebooks .* found neither"):
        found(tmp_path)


# ---------------------------------------------------------------- broken on disk


def test_a_file_above_the_limit_is_not_read(tmp_path):
    with open(tmp_path / "a.ipynb", "wb") as file:
        file.truncate(500_000_000)  # sparse: it takes no room
    write(tmp_path, {"b.ipynb": BOOK})
    tracemalloc.start()
    try:
        bad = problems(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert list(bad) == ["a.ipynb"]
    assert "20,000,000" in bad["a.ipynb"] and "500,000,000" in bad["a.ipynb"]
    assert "100" in problems(tmp_path, largest=100)["a.ipynb"]


def test_files_and_folders_that_may_not_be_read(tmp_path, monkeypatch):
    write(tmp_path, {"a.ipynb": BOOK, "b.zip": b"", "c/c.ipynb": BOOK, "d.ipynb": BOOK})
    scandir, open_file = os.scandir, io.open

    def refuse(real, *banned):
        def ask(path, *args, **kwargs):
            if os.path.basename(str(path)) in banned:
                raise PermissionError(13, "Permission denied")
            return real(path, *args, **kwargs)

        return ask

    # root, as in many containers, may read everything
    monkeypatch.setattr(os, "scandir", refuse(scandir, "c"))
    monkeypatch.setattr(io, "open", refuse(open_file, "a.ipynb", "b.zip"))
    monkeypatch.setattr("builtins.open", refuse(open_file, "a.ipynb", "b.zip"))
    assert problems(tmp_path) == dict.fromkeys(
        ["a.ipynb", "b.zip", "c"], "cannot be read (Permission denied)"
    )
    assert "d.ipynb" in names(tmp_path)


def test_links(tmp_path):
    top, outside = tmp_path / "top", tmp_path / "outside"
    write(
        tmp_path, {"top/a/x.ipynb": b"x", "outside/secret.ipynb": b"secret", "top-2/x.ipynb": b""}
    )
    (top / "inside.ipynb").symlink_to(top / "a/x.ipynb")
    (top / "again").symlink_to(top / "a")  # found once, under its own name
    (top / "cycle").symlink_to(top)
    (top / "broken.ipynb").symlink_to(top / "missing.ipynb")
    (top / "itself.ipynb").symlink_to(top / "itself.ipynb")
    (top / "out.ipynb").symlink_to(outside / "secret.ipynb")
    (top / "out").symlink_to(outside)
    (top / "beside.zip").symlink_to(tmp_path / "top-2")
    (top / "data.csv").symlink_to(outside / "secret.ipynb")  # not read, so no problem
    bad = problems(top)
    out = "a link that leads out of the folder of submissions; put the file itself here"
    nowhere = "a link that leads nowhere; put the file itself here"
    assert bad == {
        "beside.zip": out,
        "broken.ipynb": nowhere,
        "itself.ipynb": nowhere,
        "out": out,
        "out.ipynb": out,
    }
    assert [one[:2] for one in found(top) if not one.problem] == [
        ("a/x.ipynb", b"x"),
        ("inside.ipynb", b"x"),
    ]


def test_pipes_and_folders_called_notebook(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    os.mkfifo(tmp_path / "pipe.zip")
    write(tmp_path, {"folder.ipynb/x.ipynb": BOOK, "folder.zip/x.ipynb": BOOK})
    seen = []
    thread = threading.Thread(target=lambda: seen.extend(found(tmp_path)), daemon=True)
    thread.start()
    thread.join(20)
    assert [one.file for one in seen] == [
        "folder.ipynb",
        "folder.zip/x.ipynb",
        "pipe.ipynb",
        "pipe.zip",
    ]
    assert "this is a folder" in seen[0].problem and not seen[1].problem
    assert all("this is a pipe" in one.problem for one in seen[2:])


def test_names_that_cannot_be_printed(tmp_path):
    with open(os.fsencode(tmp_path) + b"/ren\xe9.ipynb", "wb") as file:
        file.write(b"r")
    write(tmp_path, {"two\nlines.ipynb": b"t"})
    assert found(tmp_path) == [(r"ren\udce9.ipynb", b"r", ""), (r"two\nlines.ipynb", b"t", "")]


# ---------------------------------------------------------------- broken archives


def only_problem(folder, files, **options):
    """The Found of an archive in which nothing else is found."""
    write(folder, files)
    (one,) = found(folder, **options)
    assert one.content is None and one.problem
    return one


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", zipped({"a.ipynb": BOOK})[:40]],
    ids=["empty", "text", "cut off"],
)
def test_a_damaged_archive(tmp_path, content):
    one = only_problem(tmp_path, {"a.zip": content})
    assert one.file == "a.zip" and "cannot be unpacked" in one.problem


def test_damage_inside_an_archive_costs_one_notebook(tmp_path):
    whole = zipped({"a.ipynb": b"a" * 1000, "b.ipynb": b"b"})
    start = whole.index(b"a.ipynb") + len(b"a.ipynb")
    write(tmp_path, {"x.zip": whole[:start] + b"\xff\xff" + whole[start + 2 :]})
    bad, good = found(tmp_path)
    assert bad.file == "x.zip/a.ipynb" and "cannot be unpacked" in bad.problem
    assert good == ("x.zip/b.ipynb", b"b", "")


def test_no_byte_of_an_archive_can_raise(tmp_path):
    whole = zipped({"a.ipynb": BOOK, "b/c.zip": zipped({"d.ipynb": BOOK})})
    path = tmp_path / "a.zip"
    for place in range(len(whole)):
        for value in (0, 255, whole[place] ^ 1):
            path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            assert found(tmp_path)


def test_an_encrypted_archive(tmp_path):
    content = bytearray(zipped({"a.ipynb": BOOK, "b.ipynb": BOOK}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + place] |= 1
    one = only_problem(tmp_path, {"a.zip": bytes(content)})
    assert one.file == "a.zip" and "without a password" in one.problem


def test_an_archive_without_a_notebook(tmp_path):
    one = only_problem(tmp_path, {"a.zip": zipped({"notes.txt": b"x"})})
    assert one == ("a.zip", None, "expected a notebook (.ipynb), this archive has none")


def test_other_ways_of_packing_are_refused(tmp_path):
    one = only_problem(tmp_path, {"a.zip": zipped({"a.ipynb": BOOK}, zipfile.ZIP_LZMA)})
    assert one.file == "a.zip/a.ipynb" and "packed in an unusual way" in one.problem


def test_names_outside_of_an_archive(tmp_path):
    inside = zipped(
        {"../../x.ipynb": BOOK, "/etc/y.ipynb": BOOK, "C:\\z.ipynb": BOOK, "a.ipynb": BOOK}
    )
    write(tmp_path, {"top/sub/a.zip": inside})
    before = {path for path in tmp_path.rglob("*")}
    bad = problems(tmp_path / "top")
    assert list(bad) == [
        f"sub/a.zip/{name}" for name in ("../../x.ipynb", "C:/z.ipynb", "etc/y.ipynb")
    ]
    assert all("a name outside of the archive" in problem for problem in bad.values())
    assert "calls it /etc/y.ipynb" in bad["sub/a.zip/etc/y.ipynb"]
    assert "sub/a.zip/a.ipynb" in names(tmp_path / "top")
    assert {path for path in tmp_path.rglob("*")} == before


def test_a_declared_bomb(tmp_path):
    write(tmp_path, {"a.zip": zipped({"bomb.ipynb": bytes(5_000), "fine.ipynb": BOOK})})
    bad = problems(tmp_path, largest=1_000)
    assert list(bad) == ["a.zip/bomb.ipynb"]
    assert "1,000" in bad["a.zip/bomb.ipynb"] and "5,000" in bad["a.zip/bomb.ipynb"]


def test_a_bomb_that_declares_less_than_it_holds(tmp_path):
    real, said = 100_000_000, 100
    packer = zipfile.zlib.compressobj(9, zipfile.zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(real // 1_000_000))
    content = bytearray(zipped({"bomb.ipynb": packed + packer.flush()}, zipfile.ZIP_STORED))
    for mark, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        start = content.index(mark)
        struct.pack_into("<H", content, start + method, zipfile.ZIP_DEFLATED)
        struct.pack_into("<I", content, start + size, said)
    tracemalloc.start()
    try:
        one = only_problem(tmp_path, {"a.zip": bytes(content)})
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert "cannot be unpacked" in one.problem


def test_too_much_in_all(tmp_path):
    inner = zipped({f"{i}.ipynb": bytes(9_000) for i in range(30)})
    write(tmp_path, {"a.zip": zipped({"1.zip": inner, "2.zip": inner}), "b.ipynb": BOOK})
    bad = problems(tmp_path, largest=10_000)
    assert list(bad) == ["a.zip"]
    assert "at most 500,000 bytes" in bad["a.zip"] and "zip bomb" in bad["a.zip"]
    assert names(tmp_path, largest=10_000)[-1] == "b.ipynb"


def test_too_many_entries(tmp_path, monkeypatch):
    many = {f"{i}.txt": b"" for i in range(10_001)}
    one = only_problem(tmp_path, {"a.zip": zipped(many, zipfile.ZIP_STORED)})
    assert "at most 10,000 entries" in one.problem and "10,001" in one.problem
    monkeypatch.setattr(collect, "LARGEST_TABLE", 1_000)
    assert "table of contents" in found(tmp_path)[0].problem


def test_entries_of_archives_inside_are_counted_together(tmp_path):
    inner = zipped({f"{i}.txt": b"" for i in range(6_000)}, zipfile.ZIP_STORED)
    one = only_problem(tmp_path, {"a.zip": zipped({"1.zip": inner, "2.zip": inner})})
    assert one.file == "a.zip" and "12,002" in one.problem


# ---------------------------------------------------------------- whose


@pytest.mark.parametrize(
    "file, name, ids",
    [
        ("Ada Lovelace_12345_assignsubmission_file_/x.ipynb", "Ada Lovelace", {"moodle": "12345"}),
        (
            "m.zip/Ada Lovelace_12345_assignsubmission_file/x.ipynb",
            "Ada Lovelace",
            {"moodle": "12345"},
        ),
        (
            "Ada L_1_assignsubmission_file_B_2_assignsubmission_file_x.ipynb",
            "Ada L",
            {"moodle": "1"},
        ),
        ("Participant_77_assignsubmission_file_/x.ipynb", "Participant 77", {"moodle": "77"}),
        ("lovelaceada_123_456_x.ipynb", "lovelaceada", {"canvas": "123"}),
        ("c.zip/müllerjörg_LATE_123_456_work.zip/x.ipynb", "müllerjörg", {"canvas": "123"}),
        ("eve_123_456_w.zip/Bob_9_assignsubmission_file_/x.ipynb", "eve", {"canvas": "123"}),
        ("ada/03_vanilla_gan.ipynb", "ada", {}),
        ("ada/week 3/03_vanilla_gan.ipynb", "ada", {}),
        ("03_vanilla_gan-ada.ipynb", "03_vanilla_gan-ada", {}),
        ("ada_2024_12_03.ipynb", "ada_2024_12_03", {}),
        ("ada.zip", "ada", {}),
        ("ada.zip/03.ipynb", "ada", {}),
        ("ada.zip/ada/03.ipynb", "ada", {}),
        ("class.zip/ada/03.ipynb", "class/ada", {}),
        ("class.zip/ada.zip/03.ipynb", "class/ada", {}),
        ("ada/work.zip/inner/b.ipynb", "ada", {}),
    ],
)
def test_whose_file_it_is(file, name, ids):
    assert collect.student(file) == name
    assert collect.identifiers(file) == ids
