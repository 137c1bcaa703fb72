"""Where recordings lie, and the one door to their sound: the recordings folder, else the archive.

Looks into the recordings folder, and nowhere outside it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from sqlalchemy import select

from callcenter.core.errors import ArchiveAway, StoreAway, StoreError
from callcenter.core.office import Archive
from callcenter.store.sql import Store
from callcenter.store.tables import Call, RecordingRow

PIECE_BYTES = 1 << 20
"""What is asked of the archive at once: half a minute of sound."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that can be read; `file` is where it lies in the folder, if it does."""

    size: int
    open: Callable[[], BinaryIO]
    """At its beginning; it may be read from anywhere. Raises OSError, ArchiveAway."""
    file: Path | None = None


class Recordings:
    """Every recording, whether it is still in the folder or in the archive alone."""

    def __init__(
        self, folder: Path, archive: Archive | None = None, second: Path | None = None
    ) -> None:
        """`second` is a folder in which the recorder writes the same once more."""
        self.folder = folder
        self.archive = archive
        self._folders = (folder, second) if second else (folder,)

    def file(self, path: str) -> Path | None:
        """The file of a recording, or None where it is not (any more) inside the folders."""
        return next(self.files(path), None)

    def files(self, path: str) -> Iterator[Path]:
        """Each copy of it on this machine."""
        for folder in (one.resolve() for one in self._folders):
            with suppress(OSError, ValueError):  # a name that no file can have
                file = (folder / path).resolve()
                if path and file.is_relative_to(folder) and file.is_file():
                    yield file

    def sound(self, path: str) -> Sound | None:
        """The recording, wherever it lies; None where it is missing. Raises ArchiveAway."""
        if file := self.file(path):
            return Sound(file.stat().st_size, lambda: file.open("rb"), file)
        return self.far(path)

    def far(self, path: str) -> Sound | None:
        """The archive's copy; None where there is none. Raises ArchiveAway."""
        archive = self.archive
        if archive is None or not _is_plain(path) or (kept := archive.find(path)) is None:
            return None
        size = kept.size
        return Sound(size, lambda: _far(archive, path, size))

    def sha256(self, path: str) -> str:
        """What it is now, wherever it lies; "" where it is missing or cannot be read.

        Raises ArchiveAway.
        """
        try:
            found = self.sound(path)
            return digest(found) if found else ""
        except OSError:
            return ""

    def remove(self, path: str) -> int:
        """core.office.Shelf: remove it wherever it lies, with what was made of it; how many files.

        Raises StoreError where a file cannot be removed, StoreAway while the archive is away: then
        nothing was removed.
        """
        if not _is_plain(path):
            return 0
        gone = 0
        try:
            if self.archive is not None and self.archive.find(path):
                self.archive.delete(path)
                gone = 1
        except ArchiveAway as error:
            raise StoreAway(str(error)) from error
        return gone + sum(_remove(folder / path) for folder in self._folders)


def _remove(file: Path) -> int:
    """With what was kept beside it."""
    gone = 0
    try:
        for one in (*file.parent.glob(f"{escape(file.name)}.*"), file):
            gone += one.exists()
            one.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{file}: cannot be removed: {error.strerror}") from error
    return gone


def digest(sound: Sound) -> str:
    """Its SHA-256. Raises OSError, ArchiveAway."""
    with sound.open() as content:
        return hashlib.file_digest(cast("io.BufferedReader", content), "sha256").hexdigest()


def newest(store: Store, limit: int) -> Sequence[str]:
    """The paths of the recordings of the newest calls, the newest first. Raises StoreError."""
    asked = select(RecordingRow.path).join(Call, Call.call_id == RecordingRow.call_id)
    with store.session() as session:
        return session.scalars(asked.order_by(Call.rang_at.desc()).limit(limit)).all()


def _is_plain(path: str) -> bool:
    """Whether it can be a recording's: no other folder, no name that an archive reads otherwise."""
    place = PurePosixPath(path)
    is_below = not place.is_absolute() and ".." not in place.parts
    return path == str(place) != "." and is_below and path.isprintable()


def _far(archive: Archive, path: str, size: int) -> BinaryIO:
    return io.BufferedReader(_Far(archive, path, size), PIECE_BYTES)


class _Far(io.RawIOBase):
    """A recording in the archive, read piece by piece."""

    def __init__(self, archive: Archive, path: str, size: int) -> None:
        self._archive, self._path, self._size = archive, path, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        stop = min(self._at + len(buffer), self._size)
        piece = self._archive.read(self._path, self._at, stop)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
