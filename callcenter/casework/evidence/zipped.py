"""A finished evidence package as one ZIP, piece by piece: it is never whole in memory.

Reads the package's folder; sound is stored as it is, which is as good as it gets for noise.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import Any

CHUNK_BYTES = 256 * 1024


class _Pipe(RawIOBase):
    """Takes what the archive writes, and hands it out."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._parts)
        self._parts.clear()
        return content


def zipped(folder: Path, name: str, at: datetime) -> Iterator[bytes]:
    """The files of `folder` under one folder called `name`, dated `at`. Raises OSError."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}")
            entry.date_time = (at.year, at.month, at.day, at.hour, at.minute, at.second)
            entry.external_attr = 0o600 << 16
            with file.open("rb") as source, archive.open(entry, "w") as sink:
                while chunk := source.read(CHUNK_BYTES):
                    sink.write(chunk)
                    yield pipe.taken()
            yield pipe.taken()
    yield pipe.taken()
