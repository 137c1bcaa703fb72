"""The audit trail: every step that a person took, chained by hashes, never changed.

A step in a record has its version; what a person decides in a call, a block, a case or about a
promise is numbered in the order in which it came.

Each entry's digest covers the one before it, so that nothing can be changed, left out or put in
between unnoticed. It covers the hash of what was changed, not the words, and that hash is salted:
words may be erased where the law wants it, and the chain still holds. Uses the session it is given.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from callcenter.core.events import Event, RecordStepped, as_dict
from callcenter.store import facts
from callcenter.store.spans import within
from callcenter.store.tables import Base

FIRST = "0" * 64
"""What stands before the first entry."""
MOST = 200
"""The longest list that one question answers."""


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


_PROVED = ("at", "person", "kind", "number", "version", "action", "state", "changes_sha256")
"""What an entry's digest covers, besides the one before it."""
_HEAD = select(Entry.digest).order_by(Entry.id.desc()).limit(1)
_MINE = (Entry.kind == bindparam("of_kind"), Entry.number == bindparam("of_number"))
_COUNT = select(func.coalesce(func.max(Entry.version), 0).label("last")).where(*_MINE)
_SAME = select(Entry.id).where(
    *_MINE,
    Entry.at == bindparam("then"),
    Entry.person == bindparam("who"),
    Entry.action == bindparam("what"),
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found: how many entries hold, and where it breaks, 0: nowhere."""

    entries: int
    head: str
    """The digest of the last entry that holds: to be noted elsewhere."""
    broken_at: int = 0
    why: str = ""


def add(session: Session, event: RecordStepped) -> None:
    """Put this step in a record at the end of the chain."""
    add_many(session, [event])


def add_many(session: Session, events: Sequence[RecordStepped]) -> None:
    """The same for several, in order."""
    before, rows = _head(session), []
    for event in events:
        names = ("person", "kind", "number", "action", "state")
        fields = {name: getattr(event, name) for name in names} | {"version": event.version + 1}
        rows.append(_chained(before, event.at, event.changes, fields))
        before = rows[-1]["digest"]
    facts.add_many(session, Entry, rows)


def sign(
    session: Session, event: Event, kind: str, number: str, action: str, by: str, state: str = ""
) -> None:
    """Put what this person decided at the end of the chain, once however often it is told.

    `kind` and `number` say about what: the number of a case, a call's id; never a telephone number,
    which could not be erased. The event's own fields are its words.
    """
    if is_signed(session, event, kind, number, action, by):
        return
    moment, about = event.at.astimezone(UTC), {"of_kind": kind, "of_number": number}
    told = {name: value for name, value in as_dict(event).items() if name not in ("event", "at")}
    last = facts.ask(session, _COUNT, **about)
    fields = {"kind": kind, "number": number, "action": action, "person": by, "state": state}
    version = {"version": 1 + (last.last if last else 0)}
    facts.add(session, Entry, **_chained(_head(session), moment, told, fields | version))


def is_signed(session: Session, event: Event, kind: str, number: str, action: str, by: str) -> bool:
    """Whether what this person decided at that moment stands in the chain."""
    about = {"of_kind": kind, "of_number": number, "then": event.at.astimezone(UTC)}
    return facts.ask(session, _SAME, **about, who=by, what=action) is not None


def step(session: Session, kind: str, number: str, version: int) -> Entry | None:
    """The step that brought this record to this version."""
    return session.scalar(select(Entry).filter_by(kind=kind, number=number, version=version))


def of(session: Session, kind: str, number: str) -> list[Entry]:
    """The steps of one record, oldest first."""
    found = select(Entry).filter_by(kind=kind, number=number).order_by(Entry.version)
    return list(session.scalars(found))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is empty or None asks for nothing."""

    person: str = ""
    action: str = ""
    kind: str = ""
    number: str = ""
    since: datetime | None = None
    until: datetime | None = None


def find(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int = 100
) -> Sequence[Entry]:
    """Entries, the newest first, at most `limit` (1 to MOST), older than the one with this id."""
    same = {"person": Entry.person, "action": Entry.action}
    same |= {"kind": Entry.kind, "number": Entry.number}
    asked = [same[name] == value for name in same if (value := getattr(wanted, name))]
    asked += within(Entry.at, wanted.since, wanted.until)
    if before is not None:
        asked.append(Entry.id < before)
    newest = select(Entry).where(*asked).order_by(Entry.id.desc())
    return session.scalars(newest.limit(max(1, min(limit, MOST)))).all()


def verify(session: Session) -> Verified:
    """Walk along the whole chain."""
    before, count = FIRST, 0
    whole = select(Entry).order_by(Entry.id).execution_options(yield_per=500)
    with session.scalars(whole) as entries:
        for entry in entries:
            if why := _wrong(before, entry):
                return Verified(count, before, entry.id or -1, why)
            before, count = entry.digest, count + 1
    return Verified(count, before)


def as_json(changes: dict[str, Any]) -> str:
    """The one text that stands for these changes."""
    return json.dumps(changes, ensure_ascii=False, sort_keys=True, default=_plain)


def _head(session: Session) -> str:
    last = facts.ask(session, _HEAD)
    return last.digest if last else FIRST


def _chained(
    before: str, at: datetime, changes: dict[str, Any], fields: dict[str, Any]
) -> dict[str, Any]:
    """An entry's columns; `before` is the digest of the one before it."""
    words, salt = as_json(changes), secrets.token_hex(16)
    row = fields | {
        "at": at.astimezone(UTC),
        "changes": words,
        "salt": salt,
        "changes_sha256": _sha256(salt + words),
    }
    return row | {"digest": _digest(before, *(row[name] for name in _PROVED))}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept in a record")


def _wrong(before: str, entry: Entry) -> str:
    if _digest(before, *(getattr(entry, name) for name in _PROVED)) != entry.digest:
        return "the entry, or one before it, was changed, taken out or put in"
    erased = not entry.salt and not entry.changes
    if not erased and _sha256(entry.salt + entry.changes) != entry.changes_sha256:
        return "what the step changed was changed afterwards"
    return ""


def _digest(before: str, at: datetime, *proved: Any) -> str:
    return _sha256(before + json.dumps((at.isoformat(), *proved), ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
