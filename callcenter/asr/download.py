"""Fetches a model: download, digest, unpacking, trial, and only then its place; may touch network.

Nothing that comes over the network is believed: not its length, its digest, the names or sizes in
the archive, nor that the model in it works. A broken download is taken up again where it ended.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import stat
import struct
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from callcenter.asr import catalogue, models
from callcenter.asr.catalogue import Entry
from callcenter.core.errors import ModelMissing

Progress = Callable[[int, int], None]
"""Told how many bytes there are and how many there will be (0: not known)."""

BLOCK = 1 << 18
TRIES = 5
TIMEOUT_SECONDS = 30.0
LARGEST_ARCHIVE = 4 << 30
LARGEST_MODEL = 12 << 30
MOST_FILES = 2000


def fetch(entry: Entry, folder: Path, progress: Progress = lambda done, total: None) -> Path:
    """Bring a listed model into the folder; its path. Raises ModelMissing, saying what to do."""
    part = folder / f"{entry.name}.zip.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(entry.url, part, progress)
        try:
            return install(entry, part, folder)
        finally:
            part.unlink()  # used or refused: to go on with it would bring the same again
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as e:
        raise ModelMissing(_by_hand(entry, folder, e)) from e
    except OSError as error:
        raise ModelMissing(f"{folder}: {error.strerror or error}") from error


def install(entry: Entry, archive: Path, folder: Path) -> Path:
    """Check an archive, unpack it and put the model in its place. Raises ModelMissing, OSError."""
    sha256 = digest(archive)
    expected = entry.sha256 or catalogue.digests(folder).get(entry.name)
    if expected is not None and sha256 != expected:
        raise ModelMissing(f"{entry.name}: SHA-256 is {sha256}, expected {expected}; not used")
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / f".{entry.name}.unpacking"
    shutil.rmtree(work, ignore_errors=True)
    try:
        unpack(archive, work, entry.name)
        models.check(work / entry.name)
        models.probe(work / entry.name)
        _replace(work / entry.name, folder / entry.name)
    except (zipfile.BadZipFile, EOFError, ValueError, struct.error, zlib.error) as error:
        raise ModelMissing(
            f"{entry.name}: the archive is damaged: {error}; fetch it again"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    catalogue.keep_digest(folder, entry.name, sha256)
    return folder / entry.name


def digest(file: Path) -> str:
    """SHA-256 in hex. Raises OSError."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def unpack(archive: Path, into: Path, name: str) -> None:
    """Unpack the folder `name` of an archive. Raises ModelMissing for an archive that could do
    harm, before anything of it is written; zipfile.BadZipFile, OSError."""
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        if len(members) > MOST_FILES or sum(m.file_size for m in members) > LARGEST_MODEL:
            raise ModelMissing(f"{name}: the archive holds more than a model can")
        for member in members:
            _harmless(member, name)
        for member in members:
            _write(opened, member, into)


def _harmless(member: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if (
        "\\" in member.filename
        or path.is_absolute()
        or ".." in path.parts
        or path.parts[:1] != (name,)
        or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
        or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        or member.flag_bits & 1
    ):
        raise ModelMissing(f"{name}: the archive is refused for its entry {member.filename[:80]!r}")


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> None:
    target = into / member.filename
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, BLOCK)


def _replace(made: Path, place: Path) -> None:
    """Move a model to its place in one step; an older one of that name goes first."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    made.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _download(url: str, part: Path, progress: Progress) -> None:
    """Until the whole of it is there; each try goes on where the last one ended."""
    for _ in range(TRIES):
        have = part.stat().st_size if part.exists() else 0
        if _one_try(url, part, have, progress):
            return
        if part.stat().st_size <= have:
            break
    raise ConnectionError("the connection ends early, again and again")


def _one_try(url: str, part: Path, have: int, progress: Progress) -> bool:
    """True where the file is whole now."""
    ask = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 - http(s), from the catalogue
    try:
        with urllib.request.urlopen(ask, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            have = have if _goes_on(answer, have) else 0
            total = have + answer.length if answer.length is not None else 0
            if total > LARGEST_ARCHIVE:
                raise ModelMissing(f"{url}: {total} bytes are offered; no model is that large")
            with part.open("ab" if have else "wb") as out:
                return _copy(answer, out, have, total, progress)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            return True  # nothing is left to send; the digest decides
        raise


def _goes_on(answer: http.client.HTTPResponse, have: int) -> bool:
    """Whether it begins where the file ends (RFC 9110 §14.4)."""
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    return answer.status == http.client.PARTIAL_CONTENT and begins


def _copy(source: IO[bytes], out: IO[bytes], have: int, total: int, progress: Progress) -> bool:
    progress(have, total)
    for block in _blocks(source):
        have += len(block)
        if have > LARGEST_ARCHIVE:
            raise ModelMissing("more is sent than any model has")
        out.write(block)
        progress(have, total)
    return have == total or not total


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    """Until the end or a break in the connection, which the caller sees by the length."""
    try:
        while block := source.read(BLOCK):
            yield block
    except (http.client.IncompleteRead, ConnectionError, TimeoutError):
        return


def _by_hand(entry: Entry, folder: Path, error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return (
        f"{entry.url}: cannot be fetched: {reason}. By hand: bring that file here from a machine "
        f"with a network, then: callcenter models pull {entry.name} --archive FILE "
        f"(a proxy is taken from https_proxy; the folder is {folder})"
    )
