"""An archive from the net: it goes on where it broke off, is verified, and unpacks whole or not."""

import hashlib
import http.client
import os
import re
import shutil
import socket
import ssl
import time
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from helpers.data import DataError

TRIES = 3  # at one address, one after the other without a new byte
PAUSE = 2.0  # seconds between two of them
BUSY = 408, 425, 429  # with those from 500, the answers after which to try again


class _Refused(Exception):
    """This address does not have the file: no use to try it again."""


def _one_line(text):
    print(f"{text:<79}", end="\r", flush=True)


def fetch(urls, path, sha256, size, timeout=20.0, progress=_one_line):
    """`path`, once the file of `size` bytes with this SHA-256 is there; else a DataError.

    `urls` are its addresses, tried in order. What has come is kept in `path` + ".part", and a later
    call goes on from there. A server may be slow, but not silent for `timeout` seconds.
    `progress(text)` is called at every hundredth.
    """
    path, failures = Path(path), []
    part = path.with_name(path.name + ".part")
    if path.exists():
        found = _digest(path)
        if found == sha256:
            return path
        failures.append(f"\n  {path}: is there, but damaged or another file (SHA-256 {found})")
    with _disk(path, size):
        path.parent.mkdir(parents=True, exist_ok=True)
    for url in urls:
        failure = _complete(part, url, sha256, size, timeout, progress)
        if failure is None:
            with _disk(path, size):
                os.replace(part, path)
            return path
        failures.append(f"\n  {url}: {failure}")
    raise DataError(
        f"{path.name} could not be downloaded: expected {size:,} bytes, {_length(part):,} have "
        f"come.{''.join(failures)}\nIs the network there, without a login page or a proxy in the "
        f"way? What has come is kept in {part.resolve()}: run this again, and it goes on from "
        f"there. Or download the file in a browser, and put it at {path.resolve()}."
    )


def _complete(part, url, sha256, size, timeout, progress):
    """Go on with `part` until it is whole and right: None, or why `url` does not make it so."""
    tries, damaged, failure = 0, False, None
    while tries < TRIES:
        time.sleep(PAUSE if tries else 0)
        before = _length(part)
        try:
            _go_on(part, url, size, timeout, progress)
        except _Refused as error:
            return str(error)
        except (OSError, http.client.HTTPException) as error:
            failure = _why(error, timeout)
        if _length(part) == size:
            found = _digest(part)
            if found == sha256:
                return None
            part.unlink()  # the wrong byte may be any, so all of it once more
            failure = f"damaged: expected SHA-256 {sha256}, found {found}"
            if damaged:
                return failure
            damaged = True
        tries = 0 if _length(part) > before else tries + 1
    return failure


def _go_on(part, url, size, timeout, progress):
    """Append to `part` what it lacks; errors of the net pass."""
    start = _length(part)
    if start == size:
        return
    # more bytes than the file has: those of another file
    headers = {"Range": f"bytes={start}-"} if 0 < start < size else {}
    try:
        with urlopen(Request(url, headers=headers), timeout=timeout) as reply:
            start = _start(reply, start, size)
            with _disk(part, size):
                file = open(part, "r+b" if part.exists() else "xb", buffering=0)  # noqa: SIM115
            with file:
                file.seek(start)
                _pour(reply, file, part, size, progress)
                file.truncate()
    except HTTPError as error:
        error.close()
        if error.code >= 500 or error.code in BUSY:
            raise
        raise _Refused(_why(error, timeout)) from error


def _start(reply, start, size):
    """Where in the file the reply begins: 0 if the server ignores ranges and sends all of it."""
    where = re.match(r"bytes (\d+)-\d+/(\d+)", reply.headers.get("Content-Range", ""))
    begins, total = where.groups() if where else (0, reply.headers["Content-Length"])
    if total is not None and int(total) != size:
        raise _Refused(
            f"expected a file of {size:,} bytes, found one of {int(total):,}: another version, "
            "or a login page"
        )
    return int(begins)


def _pour(reply, file, part, size, progress):
    """Write what comes to `file`, from where it stands. Nothing waits in memory."""
    done = file.tell()
    while chunk := reply.read1(1 << 16):
        before, done = done, done + len(chunk)
        if done > size:
            raise _Refused(f"expected {size:,} bytes, and more come: another version?")
        with _disk(part, size):
            while chunk:
                chunk = chunk[file.write(chunk) :]
        if 100 * done // size > 100 * before // size:
            progress(f"{part.stem}: {done / 1e6:.0f} of {size / 1e6:.0f} MB")
    if done < size:
        raise ConnectionError(f"it broke off after {done:,} bytes")


def _why(error, timeout):
    """An error of the net in words."""
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return f"nothing came for {timeout:g} seconds; the server is gone or overloaded"
    if isinstance(cause, socket.gaierror):
        return "no server of this name can be found; is there a network?"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({cause.verify_message})"
    return str(cause)


def _length(part):
    return part.stat().st_size if part.exists() else 0


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _disk(path, size):
    """Errors of the disk, told from those of the net, say what to do."""
    try:
        yield
    except OSError as error:
        folder = next(parent for parent in path.resolve().parents if parent.exists())
        raise DataError(
            f"{path} could not be written ({error.strerror}): expected room for {size:,} bytes, "
            f"found {shutil.disk_usage(folder).free:,} free in {folder}. Make room, or choose "
            "another folder; then run this again, and it goes on."
        ) from error


def unpack(archive, folder, top):
    """Make `folder` from the folder `top` in the zip file `archive`: all of it or nothing."""
    folder = Path(folder)
    unfinished = folder.with_name(folder.name + ".unpacking")
    shutil.rmtree(unfinished, ignore_errors=True)  # what a power cut left
    try:
        with zipfile.ZipFile(archive) as packed:
            _stay_inside(packed, unfinished)
            size = sum(entry.file_size for entry in packed.infolist())
            with _disk(folder, size):
                packed.extractall(unfinished)
                if not (unfinished / top).is_dir():
                    raise zipfile.BadZipFile(f"one without the folder {top}")
                os.replace(unfinished / top, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(
            f"{archive} cannot be unpacked: expected a whole zip file, found "
            f"{str(error) or 'one that ends too soon'}. Delete it, and run this again to download "
            "it anew."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _stay_inside(packed, folder):
    """Refuse an archive with a path that leads out of `folder`."""
    for name in packed.namelist():
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise DataError(f"{packed.filename} would write outside its folder, to {name!r}.")
