"""Anchors of the audit trail: where its end stood, hour by hour, in a file beside the database.

The chain proves what is in it, but not that its end is still there, nor that somebody who can write
to the database has not forged it anew: an anchor that was kept elsewhere does. Touches the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.errors import StoreError
from callcenter.store.trail import Entry

LINE = re.compile(r"(\S{20,40}) entry (\d{1,18}) head ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The trail's last entry at a moment (UTC, ISO 8601), and its digest."""

    at: str
    entry: int
    head: str

    def __str__(self) -> str:
        return f"{self.at} entry {self.entry} head {self.head}"


def keep(session: Session, file: Path, at: datetime) -> Anchor | None:
    """Write down where the trail ends now; None where it ends as at the last anchor.

    Raises StoreError where the file cannot be written.
    """
    found = session.execute(
        select(Entry.id, Entry.digest).order_by(Entry.id.desc()).limit(1)
    ).first()
    if found is None or ((kept := read(file)) and kept[-1].head == found.digest):
        return None
    anchor = Anchor(at.isoformat(timespec="seconds"), found.id, found.digest)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as out:
            out.write(f"{anchor}\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise StoreError(f"{file}: cannot be written: {error.strerror}") from error
    return anchor


def read(file: Path) -> list[Anchor]:
    """The anchors in a file, in order; none where it is absent, a line that is none is passed over.

    Raises StoreError where it cannot be read.
    """
    try:
        text = file.read_text("ascii", "replace") if file.exists() else ""
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}") from error
    return [
        Anchor(found[1], int(found[2]), found[3])
        for line in text.splitlines()
        if (found := LINE.fullmatch(line.strip()))
    ]


def lost(session: Session, anchors: Iterable[Anchor]) -> Anchor | None:
    """The first anchor that the trail does not have any more; None where it has them all."""
    for anchor in anchors:
        digest = session.scalar(select(Entry.digest).where(Entry.id == anchor.entry))
        if digest != anchor.head:
            return anchor
    return None
