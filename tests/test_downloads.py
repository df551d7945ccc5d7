"""A download ends in the right file, or in words that help; a real server plays every trick."""

import hashlib
import io
import os
import re
import socket
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from helpers import data, domains, downloads

CONTENT = bytes(range(256)) * 4000  # 1,024,000 bytes
DAMAGED = CONTENT[:500_000] + b"?" + CONTENT[500_001:]
HALF = len(CONTENT) // 2
SIZE, SHA256 = len(CONTENT), hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `files` {path: bytes}; a `trick` is the first word of the path, such as /broken/x."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked = {}, []  # asked: (path, Range, bytes sent) of each request
        self.released = threading.Event()  # ends the silence of /stalled/

    def address(self, trick, content=CONTENT):
        self.files[f"/{trick}/a.zip"] = content
        return f"http://127.0.0.1:{self.server_port}/{trick}/a.zip"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        trick = self.path.split("/")[1]
        asked = [self.path, self.headers["Range"], 0]
        self.server.asked.append(asked)
        if trick.isdigit():
            self.send_error(int(trick))
            return
        whole = self.server.files[self.path]
        start = int(re.findall(r"\d+", asked[1] or "0")[0])
        if trick in ("plain", "nolength"):  # as a server that knows no ranges
            start = 0
        if start >= len(whole):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        if trick != "nolength":
            self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        first = sum(path == self.path for path, _, _ in self.server.asked) == 1
        end = HALF if first and trick in ("broken", "stalled") else len(whole)
        end = min(end, start + 150_000) if trick == "crumbs" else end
        try:
            for at in range(start, end, 50_000):
                if trick == "slow":
                    time.sleep(0.04)
                self.wfile.write(whole[at : min(at + 50_000, end)])
                asked[2] += min(50_000, end - at)
        except OSError:  # the client has enough
            return
        if trick == "stalled" and first:
            self.wfile.flush()
            self.server.released.wait(5)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(downloads, "PAUSE", 0)
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "a.zip"


def fetch(path, *urls, progress=lambda text: None, timeout=2.0):
    return downloads.fetch(urls, path, SHA256, SIZE, timeout, progress)


def part_of(path):
    return path.with_name("a.zip.part")


def keep(path, content):
    """An earlier run left `content` in the unfinished file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part_of(path).write_bytes(content)


def words_of(path, *urls, **options):
    """What the DataError says; no file has the final name."""
    with pytest.raises(data.DataError) as caught:
        fetch(path, *urls, **options)
    assert not path.exists()
    return str(caught.value)


def test_a_good_file_comes_once(server, path):
    url = server.address("good")
    assert fetch(path, url) == path == fetch(path, url)
    assert path.read_bytes() == CONTENT and not part_of(path).exists()
    assert server.asked == [["/good/a.zip", None, SIZE]]


@pytest.mark.parametrize("trick", ["broken", "stalled"])
def test_it_goes_on_where_it_broke_off(server, path, trick):
    fetch(path, server.address(trick), timeout=0.3)
    assert path.read_bytes() == CONTENT
    sent = [(asked, count) for _, asked, count in server.asked]
    assert sent == [(None, HALF), (f"bytes={HALF}-", SIZE - HALF)]


def test_a_server_that_breaks_off_again_and_again_gets_there(server, path):
    fetch(path, server.address("crumbs"))
    assert path.read_bytes() == CONTENT and len(server.asked) == 7 > downloads.TRIES


def test_an_unfinished_file_that_is_too_long_is_begun_anew(server, path):
    keep(path, CONTENT + b"?")
    fetch(path, server.address("good"))
    assert path.read_bytes() == CONTENT and [asked[1] for asked in server.asked] == [None]


def test_a_later_run_goes_on_too(server, path):
    keep(path, CONTENT[:300_000])
    fetch(path, server.address("good"))
    assert path.read_bytes() == CONTENT
    assert server.asked == [["/good/a.zip", "bytes=300000-", SIZE - 300_000]]


def test_what_is_whole_already_needs_no_network(path):
    keep(path, CONTENT)
    assert fetch(path, "http://127.0.0.1:9/").read_bytes() == CONTENT


@pytest.mark.parametrize("trick", ["plain", "nolength"])
@pytest.mark.parametrize("begun", [CONTENT[:300_000], b"?" * 300_000, CONTENT + b"?", b""])
def test_a_server_without_ranges_sends_all_of_it(server, path, trick, begun):
    keep(path, begun)
    fetch(path, server.address(trick))
    assert path.read_bytes() == CONTENT and len(server.asked) == 1


def test_a_damaged_beginning_is_thrown_away(server, path):
    keep(path, b"?" * 300_000)
    fetch(path, server.address("good"))
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked, _ in server.asked] == ["bytes=300000-", None]


def test_a_damaged_file_at_the_final_name_is_replaced_by_a_right_one_alone(server, path):
    path.parent.mkdir()
    path.write_bytes(DAMAGED)
    with pytest.raises(data.DataError, match="is there, but damaged.*\n.*404"):
        fetch(path, server.address("404"))
    assert path.read_bytes() == DAMAGED
    assert fetch(path, server.address("good")).read_bytes() == CONTENT


def test_a_damaged_file_is_not_taken_and_both_checksums_are_told(server, path):
    words = words_of(path, server.address("good", DAMAGED))
    assert f"expected SHA-256 {SHA256}" in words
    assert f"found {hashlib.sha256(DAMAGED).hexdigest()}" in words
    assert len(server.asked) == 2 and not part_of(path).exists()


def test_a_file_that_breaks_off_and_is_damaged_ends_too(server, path):
    assert "damaged" in words_of(path, server.address("broken", DAMAGED))
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "content, words",
    [(b"<html>Log in</html>", "found one of 19: another version, or a login page"),
     (CONTENT + b"?", f"found one of {SIZE + 1:,}")],
)  # fmt: skip
def test_a_wrong_size_is_seen_before_anything_is_written(server, path, content, words):
    keep(path, CONTENT[:10])
    url = server.address("plain", content)
    assert f"expected a file of {SIZE:,} bytes, {words}" in words_of(path, url)
    assert len(server.asked) == 1 and part_of(path).read_bytes() == CONTENT[:10]


def test_a_longer_file_of_unknown_length_is_cut_short(server, path):
    assert "more come" in words_of(path, server.address("nolength", CONTENT * 3))
    assert part_of(path).stat().st_size <= SIZE


def test_a_missing_file_is_asked_for_once_and_a_busy_server_thrice(server, path):
    words = words_of(path, server.address("404"), server.address("503"))
    assert "404/a.zip: the server answers 404 Not Found" in words
    assert "503/a.zip: the server answers 503" in words
    assert [asked[0].split("/")[1] for asked in server.asked] == ["404", "503", "503", "503"]


def test_the_words_say_what_came_where_it_is_kept_and_what_to_do(server, path):
    keep(path, CONTENT[:1000])
    words = words_of(path, server.address("404"))
    assert "expected 1,024,000 bytes, 1,000 have come" in words
    assert f"kept in {part_of(path)}: run this again" in words
    assert f"put it at {path}" in words and "login page" in words


def test_a_mirror_helps_out_and_goes_on_where_the_first_one_died(server, path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but nobody listens
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        keep(path, CONTENT[:1000])
        fetch(path, dead, server.address("404"), server.address("good"))
        assert path.read_bytes() == CONTENT and server.asked[-1][1] == "bytes=1000-"
        path.unlink()
        assert "Connection refused" in words_of(path, dead) or os.name != "posix"


def test_no_network_is_called_so(path, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(downloads, "PAUSE", 0)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "is there a network?" in words_of(path, "http://example.org/a.zip")


def test_slow_is_not_dead(server, path):
    start = time.monotonic()
    fetch(path, server.address("slow"), timeout=0.3)
    assert time.monotonic() - start > 2 * 0.3 and len(server.asked) == 1
    assert path.read_bytes() == CONTENT


def test_a_silent_server_is_given_up(path, monkeypatch):
    monkeypatch.setattr(downloads, "PAUSE", 0)
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert "nothing came for 0.1 seconds" in words_of(path, url, timeout=0.1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_at_once_and_says_how_much_room(server, path):
    path.parent.mkdir()
    part_of(path).symlink_to("/dev/full")
    words = words_of(path, server.address("good"), server.address("plain"))
    assert "No space left" in words and "expected room for 1,024,000 bytes" in words
    assert "free in" in words and "goes on" in words and len(server.asked) == 1


def test_a_place_that_cannot_be_written_is_named(server, path):
    path.parent.write_text("a file where the folder should be")
    assert f"{path} could not be written" in words_of(path, server.address("good"))


def test_an_interruption_keeps_every_byte(server, path):
    def interrupt(text):
        heard.append(text)
        if len(heard) == 10:
            raise KeyboardInterrupt

    heard = []
    with pytest.raises(KeyboardInterrupt):
        fetch(path, server.address("slow"), progress=interrupt)
    kept = part_of(path).stat().st_size
    assert 0 < kept < SIZE and part_of(path).read_bytes() == CONTENT[:kept]
    fetch(path, server.address("good"))
    assert path.read_bytes() == CONTENT and server.asked[-1][1] == f"bytes={kept}-"


def test_progress_is_one_line_that_is_drawn_again(server, path, capsys):
    downloads.fetch([server.address("good")], path, SHA256, SIZE)
    said, errors = capsys.readouterr()
    lines = said.split("\r")
    assert 10 < len(lines) < 110 and "\n" not in said and errors == ""
    assert lines[-2].strip() == "a.zip: 1 of 1 MB"


# ---------------------------------------------------------------- unpacking


def zipped(*files, compression=zipfile.ZIP_STORED):
    """The bytes of a zip file of (name, bytes)."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return memory.getvalue()


@pytest.fixture
def archive(tmp_path):
    """Write a zip file, unpack it to `folder`; whatever happens, nothing else is left."""

    def unpack(content):
        (tmp_path / "a.zip").write_bytes(content)
        try:
            downloads.unpack(tmp_path / "a.zip", tmp_path / "photos", "top")
        finally:
            left = {path.name for path in tmp_path.iterdir()}
            assert left <= {"a.zip", "photos"}
        return tmp_path / "photos"

    return unpack


def test_unpacking_gives_the_folder_inside(archive):
    folder = archive(zipped(("top/trainA/1.jpg", b"one"), ("top/2.txt", b"two"), ("other", b"")))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {os.path.join("trainA", "1.jpg"), "2.txt"}
    assert (folder / "trainA" / "1.jpg").read_bytes() == b"one"


def test_what_a_power_cut_left_does_not_matter(archive, tmp_path):
    (tmp_path / "photos.unpacking" / "top").mkdir(parents=True)
    (tmp_path / "photos.unpacking" / "top" / "half.jpg").write_bytes(b"")
    assert [path.name for path in archive(zipped(("top/1.jpg", b"one"))).iterdir()] == ["1.jpg"]


@pytest.mark.parametrize("name", ["../outside", "top/../../outside", "/outside"])
def test_no_path_in_the_archive_leaves_the_folder(archive, tmp_path, name):
    with pytest.raises(data.DataError, match="would write outside its folder.*outside"):
        archive(zipped(("top/1.jpg", b"one"), (name, b"two")))
    assert not (tmp_path / "photos").exists()


@pytest.mark.parametrize(
    "harm",
    [lambda whole: whole[:-30], lambda whole: whole.replace(b"ones", b"onse", 1),
     lambda whole: b"<html>", lambda whole: b"", lambda whole: whole.replace(b"top", b"pot"),
     lambda whole: whole.replace(b"\x90\x01\0\0", b"\xff\xff\0\0")],
    ids=["cut off", "wrong byte", "a page", "empty", "another folder", "wrong lengths"],
)  # fmt: skip
def test_a_damaged_archive_leaves_nothing(archive, tmp_path, harm):
    with pytest.raises(data.DataError, match="cannot be unpacked: expected a whole zip file"):
        archive(harm(zipped(("top/1.jpg", b"ones" * 100))))
    assert not (tmp_path / "photos").exists()


@pytest.mark.parametrize("at", range(40, 56))
def test_a_damaged_compressed_archive_is_called_so_wherever_the_wrong_byte_is(archive, at):
    whole = zipped(("top/1.jpg", bytes(range(256)) * 9), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(data.DataError, match="cannot be unpacked"):
        archive(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_unpacking_leaves_nothing(archive, tmp_path, monkeypatch, error):
    def extract(self, where):
        (where / "top").mkdir(parents=True)
        raise error

    monkeypatch.setattr(zipfile.ZipFile, "extractall", extract)
    with pytest.raises((KeyboardInterrupt, data.DataError)) as caught:
        archive(zipped(("top/1.jpg", b"one")))
    assert not (tmp_path / "photos").exists()
    assert error is KeyboardInterrupt or "No space left" in str(caught.value)


# ---------------------------------------------------------------- horses and zebras


@pytest.fixture
def course(server, tmp_path, monkeypatch):
    """data/ is an empty folder, and the photographs are four small ones on the local server."""

    def photograph(colour):
        memory = io.BytesIO()
        Image.new("RGB", (20, 16), colour).save(memory, "JPEG")
        return memory.getvalue()

    colours = dict(zip(domains.PARTS, ["black", "white", "black", "white"]))
    content = zipped(*((f"horse2zebra/{p}/1.jpg", photograph(c)) for p, c in colours.items()))
    monkeypatch.setattr(domains, "HORSE2ZEBRA", [server.address("good", content)])
    monkeypatch.setattr(domains, "HORSE2ZEBRA_SIZE", len(content))
    monkeypatch.setattr(domains, "HORSE2ZEBRA_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(data, "ROOT", tmp_path / "data")
    monkeypatch.setattr(data, "own_root", lambda: tmp_path / "own")
    data.ROOT.mkdir()
    return server


def test_photographs_are_not_there_then_come_once(course):
    assert domains.horse2zebra(download=False) is None and course.asked == []
    both = domains.horse2zebra(size=8)
    assert both.A.shape == both.test_B.shape == (1, 3, 8, 8) and not both.paired
    assert both.A.max() == -1 and both.test_A.max() == -1 and both.B.min() == both.test_B.min() == 1
    again = domains.horse2zebra(size=8, download=False)
    assert again.A.equal(both.A) and len(course.asked) == 1
    assert {path.name for path in data.ROOT.iterdir()} == {"horse2zebra", "horse2zebra.zip"}


def test_where_data_is_read_only_they_go_to_a_folder_of_the_user(course, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "writable", lambda folder: False)
    domains.horse2zebra(size=8)
    assert (tmp_path / "own" / "horse2zebra" / "trainA").is_dir()
    assert not any(data.ROOT.iterdir())
    assert domains.horse2zebra(size=8, download=False).A.shape == (1, 3, 8, 8)


def test_a_folder_of_ones_own_may_have_any_name(course, tmp_path):
    domains.horse2zebra(tmp_path / "animals", size=8)
    assert (tmp_path / "animals" / "testB" / "1.jpg").exists()
    assert not any(data.ROOT.iterdir())


def test_a_folder_with_something_else_in_it_is_left_alone(course, tmp_path):
    (tmp_path / "animals" / "trainA").mkdir(parents=True)
    with pytest.raises(data.DataError, match="expected trainA, trainB, .*found trainA. Move it"):
        domains.horse2zebra(tmp_path / "animals")
    assert course.asked == []


def test_the_addresses_are_those_of_the_authors():
    assert all("eecs.berkeley.edu" in url for url in domains.HORSE2ZEBRA)
    assert len(domains.HORSE2ZEBRA_SHA256) == 64
