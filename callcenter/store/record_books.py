"""How a step in a record is written down: its fields, its version, its place in the trail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.errors import ChangedMeanwhile, NoSuchRecord, NumberTaken
from callcenter.core.events import Event, RecordStepped
from callcenter.store import trail
from callcenter.store.facts import add_many, once
from callcenter.store.kept import Kept
from callcenter.store.kinds import KINDS


def _stepped(session: Session, event: RecordStepped) -> bool:
    """Raises NumberTaken, NoSuchRecord, ChangedMeanwhile."""
    kind = KINDS[event.kind]
    fields = event.changes | {
        "state": event.state,
        "version": event.version + 1,
        "changed_at": event.at,
        "changed_by": event.person,
    }
    if event.version or not _open(session, kind.table, event, fields):
        row: Kept | None = session.get(kind.table, event.number)
        if _is_written(session, event, row):
            return False
        for name, value in fields.items():
            setattr(row, name, value)
        session.flush()
    trail.add(session, event)
    if kind.after is not None and (not kind.field or kind.field in event.changes):
        kind.after(session, session.get_one(kind.table, event.number), event)
    return True


def new_ones(session: Session, events: Sequence[Event]) -> list[RecordStepped]:
    """These, if they are several new records of a kind that may be opened together; else none."""
    steps = [one for one in events if isinstance(one, RecordStepped) and not one.version]
    kinds, numbers = {one.kind for one in steps}, {one.number for one in steps}
    if not 1 < len(numbers) == len(events) or len(kinds) > 1:
        return []
    kind = KINDS[steps[0].kind]
    if kind.together is None:
        return []
    taken = select(kind.table.number).where(kind.table.number.in_(numbers)).limit(1)
    return steps if session.scalar(taken) is None else []


def open_together(session: Session, events: Sequence[RecordStepped]) -> None:
    """What `new_ones` says may be: a few statements for all of them."""
    kind = KINDS[events[0].kind]
    add_many(session, kind.table, [_row(event) for event in events])
    trail.add_many(session, events)
    if kind.together is not None:
        kind.together(session, events)


def _row(event: RecordStepped) -> dict[str, Any]:
    stamps = {"state": event.state, "version": 1, "number": event.number}
    opened = {"opened_at": event.at, "opened_by": event.person}
    return {**event.changes, **stamps, **opened, "changed_at": event.at, "changed_by": event.person}


def _open(session: Session, table: type[Any], event: RecordStepped, fields: dict[str, Any]) -> bool:
    """A new record; False where the number is taken. Each call opens one: no object is made."""
    opened = {"opened_at": event.at, "opened_by": event.person}
    return once(session, table, {"number": event.number}, **opened, **fields)


def _is_written(session: Session, event: RecordStepped, row: Kept | None) -> bool:
    """True for a step that stands in the books already; False for one that may be written."""
    if row is None:
        if event.version:
            raise NoSuchRecord(f"no {event.kind} {event.number}")
        return False
    if row.version == event.version:
        return False
    same = trail.step(session, event.kind, event.number, event.version + 1)
    if same and (same.at, same.person, same.action) == (event.at, event.person, event.action):
        return True
    if event.version == 0:
        raise NumberTaken(f"{event.kind} {event.number} is there already")
    raise ChangedMeanwhile(
        f"{event.kind} {event.number} was changed by {row.changed_by} at "
        f"{row.changed_at:%H:%M:%S} UTC; look at it and try again"
    )


PAGES: dict[type[Event], Callable[[Session, Any], bool | None]] = {RecordStepped: _stepped}
