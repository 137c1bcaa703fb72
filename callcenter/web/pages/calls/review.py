"""The review page (审核): flagged calls, who has claimed them, approvals, what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from callcenter.casework.harassment import blocks
from callcenter.casework.reviews import claims
from callcenter.casework.reviews import queue as reviews
from callcenter.core.people import LEADS
from callcenter.store import calls
from callcenter.store.tables import Call
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages import words
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

MOST = 100
Show = Literal["waiting", "mine", "observed", "asked", "judged"]
Group = Annotated[str, Query(max_length=40)]


@router.get("/review")
def review(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    show: Show = "waiting",
    group: Group = "",
) -> HTMLResponse:
    """What waits for a verdict, what is in somebody's hands, what agents ask for."""
    at = room.now()
    lists = _lists(session, at)
    found = _judged(session, at) if show == "judged" else lists[show]
    shown = [call for call in found if not group or group in _groups(call)]
    visitor = ASKING.get()
    proposals = {row.call_id: row for row in blocks.proposals(session) if row.call_id}
    return render(
        request,
        "review/review.html",
        show=show,
        group=group,
        queue=shown,
        counts={name: len(each) for name, each in lists.items()},
        agreement=reviews.agreement(session, _midnight(at)),
        standing=claims.standing(session, [call.call_id for call in shown], at),
        proposals=proposals if show == "asked" else {},
        leads=not visitor.name or bool(visitor.roles & LEADS),
        people=facts.names(agents),
        blocked=reviews.why_blocked(session, shown),
        facts=facts,
    )


def _lists(session: Session, at: datetime) -> dict[str, Sequence[Call]]:
    """Every list that is short enough to be counted by reading it."""
    name = ASKING.get().name
    held = claims.standing(session, claims.claimed(session, at, MOST), at)
    mine = [one for one, how in held.items() if not name or how.person == name]
    asked = [row.call_id for row in blocks.proposals(session) if row.call_id]
    return {
        "waiting": reviews.queue(session, limit=MOST),
        "mine": _unjudged(session, mine),
        "observed": _unjudged(session, claims.observed(session, MOST)),
        "asked": _newest_first(calls.of_ids(session, asked)),
    }


def _unjudged(session: Session, call_ids: Sequence[str]) -> Sequence[Call]:
    return _newest_first([one for one in calls.of_ids(session, call_ids) if not one.verdicts])


def _newest_first(found: Sequence[Call]) -> Sequence[Call]:
    return sorted(found, key=lambda call: call.rang_at, reverse=True)


def _judged(session: Session, at: datetime) -> Sequence[Call]:
    return reviews.judged(session, _midnight(at), limit=MOST)


def _midnight(at: datetime) -> datetime:
    """When this day began, by this machine's own clock."""
    return at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def _groups(call: Call) -> set[str]:
    """What a call was flagged for: the groups of its hits, else what it closed as."""
    hit = {words.group(hit.category) for hit in call.hits} - {""}
    return hit or {words.hue(call.disposition) or "other"}
