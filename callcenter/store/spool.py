"""What the books cannot take at present, kept in a file, in order. Touches that file.

One event a line: its check sum, its JSON. The first line tells how far it was read; a line that a
crash tore is passed over. Once everything stands in the books the file is gone.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zlib import crc32

from callcenter.core import wire
from callcenter.core.events import Event, RecordStepped, as_dict

log = logging.getLogger(__name__)

HEAD = 21
"""Bytes of the first line: a position of 20 digits."""
_SUM = 9
"""Bytes of a line's check sum, and a space."""
_MOMENTS: dict[str, type[datetime] | type[date] | type[time]] = {
    "datetime": datetime,
    "date": date,
    "time": time,
}


class FileSpool:
    """core.office.Spool over a file, which is for its owner only."""

    def __init__(self, file: Path) -> None:
        """Raises OSError where the file is there and cannot be read."""
        self._file = file
        self._fd: int | None = None
        self._read = self._end = HEAD
        self._ends: list[int] = []
        """Where each of the events ends that were read and not dropped."""
        self._number = 0
        """Of the oldest event."""
        self.waiting = 0
        if file.exists():
            self._fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
            self._take_up()

    def put(self, events: Sequence[Event]) -> int:
        """Have these on the disk itself; the number of the first. Raises OSError: then none is."""
        fd = self._opened()
        lines = b"".join(map(_line, events))
        try:
            at = self._end
            while lines:
                gone = os.pwrite(fd, lines, at)
                lines, at = lines[gone:], at + gone
            os.fdatasync(fd)
        except OSError:
            os.ftruncate(fd, self._end)
            raise
        first, self._end = self._number + self.waiting, at
        self.waiting += len(events)
        return first

    def oldest(self, most: int) -> tuple[int, Sequence[Event]]:
        """The number of the oldest event, and so many at most, beginning with it."""
        found: list[Event] = []
        self._ends = []
        for event, end in self._events():
            found.append(event)
            self._ends.append(end)
            if len(found) == most:
                break
        if not found and self.waiting:
            log.error("%s: %d events cannot be read any more", self._file, self.waiting)
            self._forget()
        return self._number, found

    def drop(self, count: int) -> None:
        """The oldest stand in the books now: so many of those that `oldest` gave, or were put."""
        if count >= self.waiting:
            self._forget()
            return
        if len(self._ends) < count:
            self.oldest(count)
        self._read, self._ends = self._ends[count - 1], self._ends[count:]
        self._number += count
        self.waiting -= count
        if self._fd is not None:
            os.pwrite(self._fd, _head(self._read), 0)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def _opened(self) -> int:
        if self._fd is None:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._fd = os.open(self._file, flags, 0o600)
        if os.fstat(self._fd).st_size < HEAD:
            os.pwrite(self._fd, _head(HEAD), 0)
        return self._fd

    def _take_up(self) -> None:
        """What the last run left: how much it is, and where it ends."""
        assert self._fd is not None
        size, head = os.fstat(self._fd).st_size, os.pread(self._fd, HEAD, 0)
        told = head.strip()
        self._read = int(told) if told.isdigit() and HEAD <= int(told) <= size else HEAD
        self._end = self._read
        for _, end in self._events(size):
            self.waiting, self._end = self.waiting + 1, end
        if not self.waiting:
            self._forget()
        elif self._end < size:
            os.ftruncate(self._fd, self._end)

    def _forget(self) -> None:
        """Nothing waits: the file goes."""
        self.close()
        self._file.unlink(missing_ok=True)
        self._number += self.waiting
        self._read, self._end, self._ends, self.waiting = HEAD, HEAD, [], 0

    def _events(self, end: int | None = None) -> Iterator[tuple[Event, int]]:
        """Each event that waits, and where it ends; what is damaged is passed over and told."""
        if self._fd is None:
            return
        at, end = self._read, self._end if end is None else end
        with os.fdopen(os.dup(self._fd), "rb") as lines:
            lines.seek(at)
            for line in lines:
                at += len(line)
                if at > end:
                    return
                event = _event(line)
                if event is None:
                    log.error("%s: %d bytes before %d are damaged", self._file, len(line), at)
                else:
                    yield event, at


def _head(position: int) -> bytes:
    return b"%020d\n" % position


def _line(event: Event) -> bytes:
    told = as_dict(event)
    if isinstance(event, RecordStepped):
        told["changes"] = event.changes  # with the moments in it still moments
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=_tagged).encode()
    return b"%08x %b\n" % (crc32(text), text)


def _event(line: bytes) -> Event | None:
    """None for a line that is damaged, or that another version wrote."""
    text = line[_SUM:-1]
    if line != b"%08x %b\n" % (crc32(text), text):
        return None
    try:
        event = wire.event_from_json(text.decode())
    except ValueError as error:
        log.error("an event of another version: %s", error)
        return None
    if isinstance(event, RecordStepped):
        event = replace(event, changes=_untagged(event.changes))
    return event


def _tagged(value: Any) -> dict[str, str]:
    kind = type(value).__name__
    if kind not in _MOMENTS:
        raise TypeError(f"{kind} cannot be kept in a record")
    return {"$": kind, "value": value.isoformat()}


def _untagged(value: Any) -> Any:
    match value:
        case {"$": kind, "value": text}:
            return _MOMENTS[kind].fromisoformat(text)
        case dict():
            return {name: _untagged(inner) for name, inner in value.items()}
        case list():
            return [_untagged(inner) for inner in value]
        case _:
            return value
