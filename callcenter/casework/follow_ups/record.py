"""Follow-up calls (回访): planned, allotted, called once, written down (F1-F15, C16, W16).

One open follow-up a telephone number, in one person's hands: no customer is called twice for the
same (F11). Nobody is called in their rest unless they asked to be (F4). Reads the session given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.hours import Hours
from callcenter.core.numbers import mask, plain
from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.spans import within

KIND, PREFIX = "follow_up", "FU"
ORDER, COMPLAINT, MEMBER, LAPSED, OTHER = "order", "complaint", "member", "lapsed", "other"
REASONS = (ORDER, COMPLAINT, MEMBER, LAPSED, OTHER)
WITHIN = timedelta(days=3)
"""必须保证在三天之内回访 (F1)."""
NOBODY = "-"
"""Asks a list for those that are nobody's yet."""
MOST_TRIES = 3
"""Who cannot be reached so often gets a message (F10)."""

DUE, ALLOTTED, CALLING, DONE = "due", "allotted", "calling", "done"
UNREACHABLE, MESSAGED, CANCELLED = "unreachable", "messaged", "cancelled"
OPEN = (DUE, ALLOTTED, CALLING, UNREACHABLE)

MOVES: Moves = {
    (NOT_YET, "plan"): Move(DUE, ("reason", "phone", "due_at")),
    (DUE, "allot"): Move(ALLOTTED, ("agent",)),
    (ALLOTTED, "allot"): Move(ALLOTTED, ("agent",)),
    (ALLOTTED, "begin"): Move(CALLING),
    (CALLING, "release"): Move(ALLOTTED),
    (CALLING, "not_reached"): Move(ALLOTTED, ("result",)),
    (CALLING, "give_up"): Move(UNREACHABLE, ("result",)),
    (CALLING, "reached"): Move(DONE, ("satisfied", "result")),
    (UNREACHABLE, "message"): Move(MESSAGED, ("message",)),
    (UNREACHABLE, "allot"): Move(ALLOTTED, ("agent",)),
    **{(state, "cancel"): Move(CANCELLED, ("result",), LEADS) for state in OPEN},
    **anywhere((DUE, ALLOTTED), "postpone", ("due_at", "result")),
}
"""`give_up` is what the third `not_reached` becomes."""


def plan(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Plan a follow-up (F14). Raises Refused, also where this number has an open one (F11)."""
    if fields.get("reason") not in REASONS:
        raise Refused(f"a follow-up is because of one of: {', '.join(REASONS)}")
    kept = {**fields, "phone": plain(str(fields.get("phone", "")))}
    other = open_for(session, kept["phone"])
    if other is not None:
        raise Refused(
            f"{mask(kept['phone'])} has follow-up {other.number} ({other.state}) already; "
            "nobody is called twice for the same"
        )
    return steps.opening(session, KIND, MOVES, PREFIX, "plan", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
    hours: Hours | None = None,
) -> RecordStepped:
    """A step in a follow-up; `hours` are those in which people may be called.

    Raises NoSuchRecord, NotNow (not theirs, not at this hour), Refused.
    """
    row = steps.get(session, FollowUp, number)
    if action == "begin":
        _check_theirs(row, actor)
        _check_hour(actor.at, hours, bool(fields.get("agreed")))
    if row.state == CALLING:
        _check_theirs(row, actor)
    if action == "not_reached" and row.state == CALLING and len(row.tries) + 1 >= MOST_TRIES:
        action = "give_up"
    changes = partial(_changes, row, action, fields, actor)
    return steps.step(row, MOVES, action, fields, actor, seen, changes)


def open_for(session: Session, phone: str) -> FollowUp | None:
    """The open follow-up of this number."""
    found = select(FollowUp).where(FollowUp.phone == phone, FollowUp.state.in_(OPEN))
    return session.scalar(found.limit(1)) if phone else None


def listing(
    session: Session,
    *,
    agent: str = "",
    reason: str = "",
    plan: str = "",
    state: str = "",
    due_before: datetime | None = None,
    due: tuple[datetime | None, datetime | None] = (None, None),
    in_time: bool | None = None,
    satisfied: bool | None = None,
    about: str = "",
    limit: int = 200,
) -> Sequence[FollowUp]:
    """Follow-ups, the most urgent first; `due_before` keeps the open ones that are due by then,
    `due` those due from the first moment until, but without, the second and not cancelled,
    `in_time` those that were done by then. `agent` "-" is nobody."""
    query = select(FollowUp).order_by(FollowUp.due_at, FollowUp.number)
    if agent == NOBODY:
        query, agent = query.where(FollowUp.agent == ""), ""
    wanted = {"agent": agent, "reason": reason, "plan": plan, "state": state, "about": about}
    query = query.filter_by(**{name: value for name, value in wanted.items() if value})
    if due_before is not None:
        query = query.where(FollowUp.state.in_(OPEN), FollowUp.due_at < due_before)
    query = query.where(*_counted(due, in_time, satisfied))
    return session.scalars(query.limit(limit)).all()


def _counted(
    due: tuple[datetime | None, datetime | None], in_time: bool | None, satisfied: bool | None
) -> list[ColumnElement[bool]]:
    """What a figure of a report counts."""
    wanted = within(FollowUp.due_at, *due)
    if wanted:
        wanted.append(FollowUp.state != CANCELLED)
    if in_time is not None:
        done = FollowUp.done_at <= FollowUp.due_at
        wanted.append(done if in_time else or_(FollowUp.done_at.is_(None), ~done))
    if satisfied is not None:
        wanted.append(FollowUp.satisfied.is_(satisfied))
    return wanted


def allotment(waiting: Sequence[str], load: Mapping[str, int]) -> dict[str, str]:
    """Who calls whom (F5): each of `waiting`, in turn, goes to who has least; by number."""
    if not load:
        raise Refused("follow-ups are allotted to agents; expected at least one")
    has = dict(load)
    given: dict[str, str] = {}
    for number in waiting:
        agent = min(has, key=lambda one: (has[one], one))
        given[number] = agent
        has[agent] += 1
    return given


def load(session: Session, agents: Mapping[str, Collection[str]]) -> dict[str, int]:
    """How many open follow-ups each of these has, by all that they are called."""
    has = dict.fromkeys(agents, 0)
    whose = {name: agent for agent, names in agents.items() for name in (agent, *names)}
    held = select(FollowUp.agent).where(FollowUp.state.in_(OPEN), FollowUp.agent.in_(whose))
    for name in session.scalars(held):
        has[whose[name]] += 1
    return has


def _changes(row: FollowUp, action: str, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    call_id = given.get("call_id", "")
    called = {"calls": [*row.calls, call_id]} if call_id else {}
    match action:
        case "not_reached" | "give_up":
            tried = {"at": actor.at.isoformat(), "by": actor.person.strip(), "call_id": call_id}
            return {**called, "tries": [*row.tries, {**tried, "result": given["result"]}]}
        case "reached":
            kept = {name: given[name] for name in ("satisfied", "result")}
            return {**called, **kept, "answers": given.get("answers", []), "done_at": actor.at}
        case "message":
            return {"message": given["message"], "done_at": actor.at}
        case "begin":
            return called
        case _:
            return {name: given[name] for name in MOVES[row.state, action].needs}


def _check_theirs(row: FollowUp, actor: Actor) -> None:
    if not actor.is_called(row.agent):
        raise NotNow(f"follow-up {row.number} is {row.agent}'s; no other calls this customer")


def _check_hour(at: datetime, hours: Hours | None, agreed: bool) -> None:
    if hours is not None and not agreed and not hours.is_open(at):
        when = hours.next_open(at).astimezone(hours.zone)
        raise NotNow(
            f"customers are not called at this hour; from {when:%m-%d %H:%M}, or with agreed = true"
        )
