"""Who has claimed which flagged call (认领), so that no two people judge the same one.

Reads through the session given; what people decide comes out as facts for the ledger. A claim
lapses by itself; a call that is put aside to be watched (观察) waits for no verdict meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS, QA
from callcenter.core.steps import NOT_YET, Move, Moves, find
from callcenter.store import calls
from callcenter.store.review_tables import Review

KIND = "review"
WAITING, CLAIMED, OBSERVED = "waiting", "claimed", calls.OBSERVED
CLAIM, PUT_BACK, OBSERVE = "claim", "put_back", "observe"
LASTS = timedelta(minutes=15)
"""How long a claim holds unless it is renewed."""
_REVIEWERS = LEADS | {QA}

MOVES: Moves = {
    (NOT_YET, CLAIM): Move(CLAIMED, by=_REVIEWERS),
    (WAITING, CLAIM): Move(CLAIMED, by=_REVIEWERS),
    (OBSERVED, CLAIM): Move(CLAIMED, by=_REVIEWERS),
    (CLAIMED, CLAIM): Move(CLAIMED, by=_REVIEWERS),
    (CLAIMED, PUT_BACK): Move(WAITING, by=_REVIEWERS),
    (CLAIMED, OBSERVE): Move(OBSERVED, ("note",), _REVIEWERS),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a call stands: claimed until then or observed, by whom, and what is watched."""

    state: str
    person: str
    since: datetime
    until: datetime | None
    note: str


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> RecordStepped:
    """Claim the call `number` names, put it back, or put it aside to be watched.

    Raises NoSuchCall, NotNow (who holds it), ChangedMeanwhile, Refused.
    """
    call = calls.get_call(session, number, loaded=False)
    if call.ended_at is None:
        raise Refused(f"call {number} is not over; it can be reviewed when it has ended")
    row = session.get(Review, number, populate_existing=True)
    if row is None:
        return _first(number, action, actor)
    check_free(session, number, actor.person, actor.at)
    if action != CLAIM and row.changed_by != actor.person.strip():
        raise NotNow(f"call {number} is not claimed by {actor.person.strip()}; possible: claim")
    changes = {
        "claimed_until": actor.at + LASTS if action == CLAIM else None,
        "note": fields.get("note", "").strip(),
    }
    return steps.step(row, MOVES, action, fields, actor, seen, lambda: changes)


def check_free(session: Session, call_id: str, person: str, at: datetime) -> None:
    """Raises NotNow where somebody else has claimed this call."""
    held = standing(session, [call_id], at).get(call_id)
    if held and held.state == CLAIMED and held.until and held.person != person.strip():
        raise NotNow(
            f"call {call_id} was claimed by {held.person} at {held.since:%H:%M:%S} UTC; "
            f"it is free again at {held.until:%H:%M:%S} UTC at the latest"
        )


def standing(session: Session, call_ids: Collection[str], at: datetime) -> dict[str, Standing]:
    """Where these calls stand, by call_id; those that wait, or whose claim has lapsed, are not
    among them."""
    rows = select(Review).where(Review.number.in_(call_ids), Review.state != WAITING)
    return {row.number: _standing(row) for row in session.scalars(rows) if not _lapsed(row, at)}


def claimed(session: Session, at: datetime, limit: int) -> list[str]:
    """The call_ids of every claim that holds now, the newest first."""
    query = select(Review.number).where(Review.state == CLAIMED, Review.claimed_until > at)
    return list(session.scalars(query.order_by(Review.changed_at.desc()).limit(limit)))


def observed(session: Session, limit: int) -> list[str]:
    """The call_ids of what is watched, the newest first."""
    query = select(Review.number).where(Review.state == OBSERVED)
    return list(session.scalars(query.order_by(Review.changed_at.desc()).limit(limit)))


def _first(call_id: str, action: str, actor: Actor) -> RecordStepped:
    move = find(MOVES, f"call {call_id}", NOT_YET, action)
    person = actor.people.check(actor.person, move.by)
    changes = {"claimed_until": actor.at + LASTS, "note": ""}
    return RecordStepped("", actor.at, KIND, call_id, action, person, move.to, 0, changes)


def _standing(row: Review) -> Standing:
    return Standing(row.state, row.changed_by, row.changed_at, row.claimed_until, row.note)


def _lapsed(row: Review, at: datetime) -> bool:
    return row.claimed_until is not None and row.claimed_until <= at
