"""Shifts (排班, 班次): who is to be there when; planned, changed and cancelled by leads (K3).

Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.numbering import next_number
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import Event, RecordStepped
from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.staff_tables import Shift

KIND, PREFIX = "shift", "SH"
DUTY, OVERTIME, MEAL, TRAINING, LEAVE = "duty", "overtime", "meal", "training", "leave"
ON_SEAT = (DUTY, OVERTIME)
"""值班、加班: somebody is to be at the seat; the other kinds excuse them from it."""
KINDS = (DUTY, OVERTIME, MEAL, TRAINING, LEAVE)
PLANNED, CANCELLED = "planned", "cancelled"
LONGEST = timedelta(hours=24)
MOST = 2000
"""Shifts that a list or an import holds."""
_COLUMNS = ("agent", "day", "starts_at", "ends_at", "kind", "note")

MOVES: Moves = {
    (NOT_YET, "plan"): Move(PLANNED, ("agent", "day", "starts_at", "ends_at", "kind"), LEADS),
    (PLANNED, "change"): Move(PLANNED, by=LEADS),
    (PLANNED, "cancel"): Move(CANCELLED, ("note",), LEADS),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose shifts there are, and which clock is on the wall; None is this machine's own."""

    agents: Collection[str]
    zone: tzinfo | None = None


class Taken:
    """The times for which agents are planned already: nobody is at two seats at once."""

    def __init__(self, shifts: Iterable[Shift]) -> None:
        self._times: dict[tuple[str, bool], list[tuple[datetime, datetime, str]]] = {}
        for row in shifts:
            self.add({name: getattr(row, name) for name in _COLUMNS}, row.number)

    def add(self, shift: Mapping[str, Any], name: str = "") -> None:
        """Raises Refused where it overlaps another one; an excuse overlaps only excuses."""
        key = (shift["agent"], shift["kind"] in ON_SEAT)
        times = self._times.setdefault(key, [])
        for start, end, other in times:
            if shift["starts_at"] < end and start < shift["ends_at"]:
                raise Refused(f"agent {shift['agent']} has {other} at that time")
        times.append((shift["starts_at"], shift["ends_at"], name))


def plan(session: Session, fields: Mapping[str, Any], actor: Actor, rules: Rules) -> RecordStepped:
    """Plan a shift. Raises Refused, also where it overlaps another one of the same agent."""
    kept = filled(fields, rules)
    Taken(_around(session, [kept])).add(kept)
    return steps.opening(session, KIND, MOVES, PREFIX, "plan", kept, actor)


def plan_all(
    session: Session, drafts: Sequence[Mapping[str, Any]], actor: Actor
) -> list[RecordStepped]:
    """Shifts that are filled and fit together, under the next numbers, as steps. Raises Refused."""
    person = actor.people.check(actor.person, MOVES[NOT_YET, "plan"].by)
    first = next_number(session, Shift.number, PREFIX, actor.at, actor.zone)
    day, _, count = first.rpartition("-")
    told = ("plan", person, PLANNED, 0)
    return [
        RecordStepped("", actor.at, KIND, f"{day}-{int(count) + n:04d}", *told, dict(one))
        for n, one in enumerate(drafts)
    ]


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
    *,
    rules: Rules,
) -> RecordStepped:
    """A step in a shift; what a change does not name stays.

    Raises NoSuchRecord, NotNow, Refused.
    """
    row = steps.get(session, Shift, number)

    def changes() -> Mapping[str, Any]:
        if action != "change":
            return {"note": fields["note"]}
        kept = filled({**_form(row, rules.zone), **fields}, rules)
        others = (one for one in _around(session, [kept]) if one.number != number)
        Taken(others).add(kept)
        return kept

    return steps.step(row, MOVES, action, fields, actor, seen, changes)


def exchange(
    session: Session, number: str, other: str, actor: Actor, seen: int | None = None
) -> RecordStepped:
    """Two agents take each other's shift (换班): the step in the first one, from which that in the
    other follows (`exchanged`); `seen` is the first one's.

    Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused.
    """
    row, theirs = (steps.get(session, Shift, one) for one in (number, other))
    if row.agent == theirs.agent:
        raise Refused("these are one agent's shifts; expected those of two")
    steps.step(theirs, MOVES, "change", {}, actor)
    swapped = [
        {name: getattr(shift, name) for name in _COLUMNS} | {"agent": agent}
        for shift, agent in ((row, theirs.agent), (theirs, row.agent))
    ]
    taken = Taken(one for one in _around(session, swapped) if one.number not in (number, other))
    for shift in swapped:
        taken.add(shift, number)
    return steps.step(row, MOVES, "change", _given_to(theirs.agent, row, other), actor, seen)


def exchanged(session: Session, event: Event) -> list[Event]:
    """What follows from the first step of an exchange, in its transaction: the other's step.

    Raises Refused where somebody changed the other shift meanwhile: then neither is changed.
    """
    if not isinstance(event, RecordStepped) or event.kind != KIND:
        return []
    other = event.changes.get("exchanged_with")
    if not other:
        return []
    row, before = session.get_one(Shift, other), event.changes["exchanged_from"]
    if row.exchanged_with == event.number and row.agent == before:
        return []
    if row.state != PLANNED or row.agent != event.changes["agent"]:
        raise Refused(f"shift {other} was changed meanwhile; look at it and try again")
    what = (KIND, other, "change", event.person, PLANNED, row.version)
    return [RecordStepped("", event.at, *what, _given_to(before, row, event.number))]


def _given_to(agent: str, row: Shift, other: str) -> dict[str, Any]:
    return {"agent": agent, "exchanged_from": row.agent, "exchanged_with": other}


def listing(
    session: Session, since: datetime, until: datetime, agent: str = "", limit: int = MOST
) -> Sequence[Shift]:
    """The planned shifts that reach into this time, in order, of everybody or of one agent."""
    asked = select(Shift).where(
        Shift.state == PLANNED,
        Shift.starts_at < until,
        Shift.starts_at > since - LONGEST,
        Shift.ends_at > since,
    )
    if agent:
        asked = asked.where(Shift.agent == agent)
    return session.scalars(asked.order_by(Shift.starts_at, Shift.number).limit(limit)).all()


def filled(fields: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """A shift's columns out of `day`, `start` and `end` on the wall: 22:00 to 06:00 ends on the
    next day. Raises Refused."""
    if fields["agent"] not in rules.agents:
        raise Refused(f"there is no agent {fields['agent']!r}; expected their number")
    if fields["kind"] not in KINDS:
        raise Refused(f"no kind {fields['kind']!r} of shift; expected: {', '.join(KINDS)}")
    day, start, end = _day(fields["day"]), _wall(fields["start"]), _wall(fields["end"])
    last = day if end > start else day + timedelta(days=1)
    return {
        "agent": fields["agent"],
        "day": f"{day:%Y-%m-%d}",
        "starts_at": _moment(day, start, rules.zone),
        "ends_at": _moment(last, end, rules.zone),
        "kind": fields["kind"],
        "note": fields.get("note", ""),
    }


def taken(session: Session, drafts: Sequence[Mapping[str, Any]]) -> Taken:
    """The times among which these shifts come."""
    return Taken(_around(session, drafts))


def _around(session: Session, drafts: Sequence[Mapping[str, Any]]) -> Sequence[Shift]:
    since = min((one["starts_at"] for one in drafts), default=None)
    if since is None:
        return []
    until = max(one["ends_at"] for one in drafts)
    agent = drafts[0]["agent"] if len(drafts) == 1 else ""
    return listing(session, since, until, agent, limit=10 * MOST)


def _form(row: Shift, zone: tzinfo | None) -> dict[str, Any]:
    start, end = (f"{at.astimezone(zone):%H:%M}" for at in (row.starts_at, row.ends_at))
    return {name: getattr(row, name) for name in _COLUMNS} | {"start": start, "end": end}


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise Refused(f"{value!r} is no day; expected such as 2026-11-22") from None


def _wall(value: Any) -> time:
    try:
        return time.fromisoformat(f"{value:0>5}")
    except ValueError:
        raise Refused(f"{value!r} is no time of day; expected such as 08:30") from None


def _moment(day: date, wall: time, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, wall)
    aware = naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
    return aware.astimezone(UTC)
