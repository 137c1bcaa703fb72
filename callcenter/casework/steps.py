"""Steps in records: what a person wants, checked by the record's table, as a fact for the ledger.

Reads through the session given. Every kind of record has a module of its own with its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from callcenter.casework.numbering import next_number
from callcenter.core.errors import ChangedMeanwhile, NoSuchRecord
from callcenter.core.events import RecordStepped
from callcenter.core.people import People
from callcenter.core.steps import NOT_YET, Moves, check, find
from callcenter.store.kept import Kept
from callcenter.store.kinds import KINDS

Row = TypeVar("Row", bound=Kept)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step, when, and who is who."""

    person: str
    at: datetime
    people: People
    zone: tzinfo | None = None
    """Which day a number names; None is this machine's own."""
    names: frozenset[str] = frozenset()
    """What else they are called: an agent's name, or their seat's number."""

    def is_called(self, name: str) -> bool:
        """Whether this name, or number, is theirs."""
        return name != "" and (name == self.person.strip() or name in self.names)

    @property
    def called(self) -> frozenset[str]:
        """All that they are called."""
        return self.names | {self.person.strip()}


def get(session: Session, table: type[Row], number: str) -> Row:
    """The record. Raises NoSuchRecord."""
    row = session.get(table, number, populate_existing=True)
    if row is None:
        raise NoSuchRecord(f"no {_kind_of(table)} {number}")
    return row


def opening(
    session: Session,
    kind: str,
    moves: Moves,
    prefix: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
) -> RecordStepped:
    """The step that opens a record, under the next number with this prefix.

    To be sent through the ledger, which raises NumberTaken where another was quicker. Raises
    Refused.
    """
    move = find(moves, f"a {kind}", NOT_YET, action)
    person = actor.people.check(actor.person, move.by)
    check(move, action, fields)
    number = next_number(session, KINDS[kind].table.number, prefix, actor.at, actor.zone)
    return RecordStepped("", actor.at, kind, number, action, person, move.to, 0, dict(fields))


def step(
    row: Kept,
    moves: Moves,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
    changes: Callable[[], Mapping[str, Any]] | None = None,
) -> RecordStepped:
    """A step in this record; `seen` is the version that the person looked at, None: this one.

    `changes` is asked for what the step changes, once it is allowed and has what it needs; where
    there is none, the fields are what changes. Raises NotNow, ChangedMeanwhile, Refused.
    """
    kind = _kind_of(type(row))
    check_seen(row, seen)
    move = find(moves, f"{kind} {row.number}", row.state, action)
    person = actor.people.check(actor.person, move.by)
    check(move, action, fields)
    made = dict(changes() if changes else fields)
    what = (kind, row.number, action, person, move.to, row.version, made)
    return RecordStepped("", actor.at, *what)


class TakeStep(Protocol):
    """Takes a step in a record: its number, the action, the fields, who, the version they saw."""

    def __call__(
        self,
        session: Session,
        number: str,
        action: str,
        fields: Mapping[str, Any],
        actor: Actor,
        seen: int | None = None,
    ) -> RecordStepped: ...


def acting(
    table: type[Row],
    moves: Moves,
    changes: Callable[[Session, Row, str, Mapping[str, Any], Actor], Mapping[str, Any]],
) -> TakeStep:
    """How steps are taken in this kind of record; `changes` says what each of them changes.

    What is returned raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused.
    """

    def act(
        session: Session,
        number: str,
        action: str,
        fields: Mapping[str, Any],
        actor: Actor,
        seen: int | None = None,
    ) -> RecordStepped:
        row = get(session, table, number)
        made = partial(changes, session, row, action, fields, actor)
        return step(row, moves, action, fields, actor, seen, made)

    return act


def check_seen(row: Kept, seen: int | None) -> None:
    """Raises ChangedMeanwhile where the record has changed since that version."""
    if seen is not None and seen != row.version:
        raise ChangedMeanwhile(
            f"{_kind_of(type(row))} {row.number} was changed by {row.changed_by} at "
            f"{row.changed_at:%H:%M:%S} UTC; look at it and try again"
        )


def _kind_of(table: type[Kept]) -> str:
    return next(name for name, kind in KINDS.items() if kind.table is table)
