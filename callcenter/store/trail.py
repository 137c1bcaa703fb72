"""The audit trail: every step that a person took in a record, chained by hashes, never changed.

Each entry's digest covers the one before it, so that nothing can be changed, left out or put in
between unnoticed. It covers the hash of what was changed, not the words, and that hash is salted:
words may be erased where the law wants it, and the chain still holds. Uses the session it is given.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from callcenter.core.events import RecordStepped
from callcenter.store import facts
from callcenter.store.tables import Base

FIRST = "0" * 64
"""What stands before the first entry."""


class Entry(Base):
    """One step. `changes` and `salt` are empty once its words were erased."""

    __tablename__ = "trail"
    __table_args__ = (UniqueConstraint("kind", "number", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    number: Mapped[str]
    version: Mapped[int]
    """That the record has since this step."""
    action: Mapped[str]
    state: Mapped[str]
    changes: Mapped[str] = mapped_column(Text)
    """JSON with sorted keys."""
    salt: Mapped[str]
    changes_sha256: Mapped[str]
    digest: Mapped[str]


_HEAD = select(Entry.digest).order_by(Entry.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found: how many entries hold, and where it breaks, 0: nowhere."""

    entries: int
    head: str
    """The digest of the last entry that holds: to be noted elsewhere."""
    broken_at: int = 0
    why: str = ""


def add(session: Session, event: RecordStepped) -> None:
    """Put this step at the end of the chain."""
    words, salt = as_json(event.changes), secrets.token_hex(16)
    fields = {
        "at": event.at.astimezone(UTC),
        "person": event.person,
        "kind": event.kind,
        "number": event.number,
        "version": event.version + 1,
        "action": event.action,
        "state": event.state,
        "changes": words,
        "salt": salt,
        "changes_sha256": _sha256(salt + words),
    }
    before = facts.ask(session, _HEAD)
    digest = _digest(before.digest if before else FIRST, Entry(**fields))
    facts.add(session, Entry, **fields, digest=digest)


def step(session: Session, kind: str, number: str, version: int) -> Entry | None:
    """The step that brought this record to this version."""
    return session.scalar(select(Entry).filter_by(kind=kind, number=number, version=version))


def of(session: Session, kind: str, number: str) -> list[Entry]:
    """The steps of one record, oldest first."""
    found = select(Entry).filter_by(kind=kind, number=number).order_by(Entry.version)
    return list(session.scalars(found))


def verify(session: Session) -> Verified:
    """Walk along the whole chain."""
    before, count = FIRST, 0
    for entry in session.scalars(select(Entry).order_by(Entry.id).execution_options(yield_per=500)):
        why = _wrong(before, entry)
        if why:
            return Verified(count, before, entry.id, why)
        before, count = entry.digest, count + 1
    return Verified(count, before)


def as_json(changes: dict[str, Any]) -> str:
    """The one text that stands for these changes."""
    return json.dumps(changes, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept in a record")


def _wrong(before: str, entry: Entry) -> str:
    if _digest(before, entry) != entry.digest:
        return "the entry, or one before it, was changed, taken out or put in"
    erased = not entry.salt and not entry.changes
    if not erased and _sha256(entry.salt + entry.changes) != entry.changes_sha256:
        return "what the step changed was changed afterwards"
    return ""


def _digest(before: str, entry: Entry) -> str:
    facts = (
        entry.at.isoformat(), entry.person, entry.kind, entry.number, entry.version, entry.action,
        entry.state, entry.changes_sha256,
    )  # fmt: skip
    return _sha256(before + json.dumps(facts, ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
