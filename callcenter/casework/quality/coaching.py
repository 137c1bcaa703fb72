"""Coaching (辅导) and corrected violations (违规整改): shown, put right, looked at again (R7).

Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.numbering import next_number
from callcenter.casework.quality import evaluations, own
from callcenter.casework.quality.scorecards import QUALITY
from callcenter.casework.quality.scoring import APPROVED, REJECTED
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import Event, RecordStepped
from callcenter.core.people import AGENT, SYSTEM
from callcenter.core.scorecards import form_of
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere
from callcenter.store.quality_tables import Coaching, Evaluation

KIND, PREFIX = "coaching", "CO"
ADVICE, VIOLATION = "advice", "violation"
OPEN, ACKNOWLEDGED, CORRECTED, CLOSED, WITHDRAWN = (
    "open", "acknowledged", "corrected", "closed", "withdrawn",
)  # fmt: skip
WAITING = (OPEN, ACKNOWLEDGED, CORRECTED)
"""States in which something is still to be done."""
WITHIN = timedelta(days=7)
"""Unless it is given another time."""
_AGENTS = frozenset({AGENT})

MOVES: Moves = {
    (NOT_YET, "open"): Move(OPEN, ("agent", "text", "due_at"), QUALITY),
    (OPEN, "acknowledge"): Move(ACKNOWLEDGED, by=_AGENTS),
    (ACKNOWLEDGED, "correct"): Move(CORRECTED, ("text",), _AGENTS),
    (CORRECTED, "confirm"): Move(CLOSED, ("text",), QUALITY),
    (CORRECTED, "send_back"): Move(ACKNOWLEDGED, ("text",), QUALITY),
    (OPEN, "withdraw"): Move(WITHDRAWN, ("text",), QUALITY),
    (ACKNOWLEDGED, "withdraw"): Move(WITHDRAWN, ("text",), QUALITY),
    **anywhere((OPEN, ACKNOWLEDGED), "postpone", ("due_at", "text"), QUALITY),
}
"""发现问题及时进行指导，并对违规行为进行及时纠正与处理 (handbook 002)."""


def open_(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Something for an agent to learn, from an evaluation, one of its comments, or anything else.

    What is not given is taken from there. Raises NoSuchRecord, Refused.
    """
    given = {name: value for name, value in fields.items() if value not in ("", None)}
    from_there = _from(session, given)
    kept = {"sort": ADVICE, "due_at": actor.at + WITHIN, **from_there, **given}
    own.check_not_own(session, str(kept.get("agent", "")), actor.person)
    return steps.opening(session, KIND, MOVES, PREFIX, "open", kept, actor)


def listing(
    session: Session, limit: int = 200, overdue_at: datetime | None = None, **wanted: str
) -> Sequence[Coaching]:
    """Those of this agent, sort, state, evaluation, that is due first, first; overdue ones alone
    where a moment is given."""
    asked = {name: value for name, value in wanted.items() if value}
    query = select(Coaching).filter_by(**asked).order_by(Coaching.due_at, Coaching.number)
    if overdue_at is not None:
        query = query.where(Coaching.due_at < overdue_at, Coaching.state.in_(WAITING))
    return session.scalars(query.limit(limit)).all()


def consequence(zone: tzinfo | None = None) -> Callable[[Session, Event], list[Event]]:
    """A function for the books: a call whose judgement stands and is not 通过 is gone through with
    its agent, unless that was arranged before."""

    def on_event(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, RecordStepped) or event.kind != evaluations.KIND:
            return []
        if event.state != evaluations.FINAL or event.action == "comment":
            return []
        row = session.get_one(Evaluation, event.number)
        there = select(Coaching.number).where(Coaching.evaluation == row.number).limit(1)
        if row.verdict == APPROVED or session.scalar(there):
            return []
        number = next_number(session, Coaching.number, PREFIX, event.at, zone)
        changes = {**_of(row), "due_at": event.at + WITHIN}
        return [RecordStepped("", event.at, KIND, number, "open", SYSTEM, OPEN, 0, changes)]

    return on_event


def _of(row: Evaluation) -> dict[str, Any]:
    form = form_of(row.form)
    lost = [
        item.title
        for item in form.items
        if (given := row.answers.get(item.key, {}).get("points")) is not None
        and given < item.points
    ]
    about = "、".join(row.failed or lost)
    return {
        "agent": row.agent,
        "sort": VIOLATION if row.verdict == REJECTED else ADVICE,
        "text": f"质检 {row.number}，{row.score:g} 分：{about or '见评语'}",
        "evaluation": row.number,
        "call_id": row.call_id,
    }


def _from(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    if "evaluation" not in given:
        if "comment" in given:
            raise Refused("a comment is one of an evaluation; expected its number")
        return {}
    row = steps.get(session, Evaluation, str(given["evaluation"]))
    if given.get("agent", row.agent) != row.agent:
        raise Refused(f"{row.number} is about agent {row.agent}")
    about = {"agent": row.agent, "call_id": row.call_id}
    if "comment" not in given:
        return about
    comment = next((one for one in row.comments if one["id"] == given["comment"]), None)
    if comment is None:
        raise Refused(f"{row.number} has no comment {given['comment']}")
    return {**about, "start_ms": comment["start_ms"], "text": comment["text"]}


def _changes(
    session: Session, row: Coaching, action: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    person, at, text = actor.person.strip(), actor.at, given.get("text", "")
    if action in ("acknowledge", "correct"):
        own.check_own(session, row.agent, person)
    elif action in ("confirm", "send_back"):
        own.check_not_own(session, row.agent, person)
    checked = {"checked_at": at, "checked_by": person, "finding": text}
    match action:
        case "acknowledge":
            return {"acknowledged_at": at, "answer": text}
        case "correct":
            return {"corrected_at": at, "correction": text}
        case "confirm":
            return checked
        case "send_back":
            due = given.get("due_at") or at + WITHIN
            return {**checked, "rounds": row.rounds + 1, "due_at": due}
        case "postpone":
            return {"due_at": given["due_at"], "remark": text}
        case _:
            return {"remark": text}


act = steps.acting(Coaching, MOVES, _changes)
"""A step in a coaching. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""
