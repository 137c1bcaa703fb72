"""Steps in records over the API: what every kind of record takes and shows alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor, TakeStep
from callcenter.core.errors import NumberTaken, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import names_of
from callcenter.core.steps import Moves, possible
from callcenter.store import trail
from callcenter.store.kept import Kept
from callcenter.store.kinds import KINDS
from callcenter.store.scoped import narrow
from callcenter.web.access.asking import Signer
from callcenter.web.access.masking import HIDDEN
from callcenter.web.access.unmasking import put_back, still_hidden
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import In, Out
from callcenter.web.room import Room

TRIES = 5
"""How often another number is tried where somebody else was quicker."""

MakeStep = Callable[[Session, Actor], RecordStepped]


class Signed(In):
    """What is signed with a name; every step is."""

    by: Signer

    def given(self) -> dict[str, Any]:
        """What was given for the record's fields; moments are UTC."""
        fields = self.model_dump(exclude={"by", "action", "version"}, exclude_unset=True)
        return {
            name: value.astimezone(UTC) if isinstance(value, datetime) else value
            for name, value in fields.items()
        }


class Act(Signed):
    """A step in a record; `version` is the one that the person looked at."""

    action: str = Field(min_length=1, max_length=40)
    version: int | None = Field(None, ge=1)


class StepOut(Out):
    """A step that somebody took, from the audit trail; `changes` is JSON."""

    at: datetime
    person: str
    action: str
    state: str
    version: int
    changes: str


class RecordOut(Out):
    """What every record shows."""

    number: str
    state: str
    version: int
    opened_at: datetime
    opened_by: str
    changed_at: datetime
    changed_by: str
    possible: list[str] = Field(default_factory=list)
    """The actions that its state allows."""
    steps: list[StepOut] = Field(default_factory=list)
    """Every step in it, oldest first; empty in lists."""


Shown = TypeVar("Shown", bound=RecordOut)
Answer = TypeVar("Answer")


def listed(out: type[Shown], moves: Moves, row: Kept) -> Shown:
    """The record as a list shows it."""
    shown = out.model_validate(row)
    shown.possible = list(possible(moves, row.state))
    return shown


def whole(out: type[Shown], moves: Moves, session: Session, kind: str, row: Kept) -> Shown:
    """The record with every step in it."""
    shown = listed(out, moves, row)
    shown.steps = [StepOut.model_validate(entry) for entry in trail.of(session, kind, row.number)]
    return shown


async def carried_out(room: Room, by: str, make: MakeStep) -> str:
    """Make the step in a reading session and write it; the record's number.

    Raises what `make` raises, and NotNow where the record has changed meanwhile.
    """
    for _ in range(TRIES - 1):
        try:
            return await _carried_out(room, by, make)
        except NumberTaken:
            continue
    return await _carried_out(room, by, make)


async def opened(
    room: Room, by: str, make: MakeStep, show: Callable[[Session, str], Shown]
) -> Shown:
    """Carry out the step that opens a record; the record. Raises what `carried_out` raises."""
    number = await carried_out(room, by, make)
    return await read(room, lambda session: show(session, number))


async def stepped(
    room: Room, number: str, wanted: Act, act: TakeStep, show: Callable[[Session, str], Shown]
) -> Shown:
    """Carry out a step in a record; the record. Raises what `carried_out` raises."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return act(session, number, wanted.action, wanted.given(), actor, wanted.version)

    return await opened(room, wanted.by, made, show)


async def read(room: Room, ask: Callable[[Session], Answer]) -> Answer:
    """Ask in a reading session of what who asks may know, off the event loop."""

    def asked() -> Answer:
        with room.store.session() as session:
            narrow(session, ASKING.get().scope)
            return ask(session)

    return await run_in_threadpool(asked)


async def _carried_out(room: Room, by: str, make: MakeStep) -> str:
    names = names_of(by, room.desk.agents())

    def made() -> RecordStepped:
        with room.store.session() as session:
            people = accounts.people(session, room.supervisors)
            actor = Actor(by, room.now(), people, names=names)
            return _put_back(session, make(session, actor))

    fact = await run_in_threadpool(made)
    await room.desk.record(fact)
    return fact.number


def _put_back(session: Session, fact: RecordStepped) -> RecordStepped:
    """What a form gives back as it was shown to it, digits hidden, is what the record has.

    Raises Refused where a telephone number would be kept with a part of it hidden.
    """
    if HIDDEN not in str(fact.changes):
        return fact
    row = session.get(KINDS[fact.kind].table, fact.number)
    kept = {n: put_back(value, getattr(row, n, None)) for n, value in fact.changes.items()}
    if name := still_hidden(kept):
        raise Refused(f"{name}: a part of the number is hidden; expected all of it")
    return replace(fact, changes=kept)
