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
from callcenter.store.ladder_tables import BlockDecision
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
    midnight = room.house.hours.day_end(at, -1)
    proposals = blocks.proposals(session)
    waiting = reviews.queue(session, limit=MOST)
    elsewhere = _elsewhere(session, at, proposals)
    if show == "waiting":
        found = waiting
    elif show == "judged":
        found = reviews.judged(session, midnight, limit=MOST)
    else:
        found = _newest_first(calls.of_ids(session, elsewhere[show]))
    shown = [call for call in found if not group or group in _groups(call)]
    visitor = ASKING.get()
    return render(
        request,
        "review/review.html",
        show=show,
        group=group,
        queue=shown,
        counts={"waiting": len(waiting), **{name: len(ids) for name, ids in elsewhere.items()}},
        agreement=reviews.agreement(session, midnight),
        standing=claims.standing(session, [call.call_id for call in shown], at),
        proposals={row.call_id: row for row in proposals if show == "asked"},
        leads=not visitor.name or bool(visitor.roles & LEADS),
        people=facts.names(agents),
        blocked=reviews.why_blocked(session, shown),
        facts=facts,
    )


def _elsewhere(
    session: Session, at: datetime, proposals: Sequence[BlockDecision]
) -> dict[str, list[str]]:
    """The calls of the lists that are not simply what waits, by their ids."""
    name = ASKING.get().name
    held = claims.standing(session, claims.claimed(session, at, MOST), at)
    mine = [one for one, how in held.items() if not name or how.person == name]
    observed = claims.observed(session, MOST)
    done = reviews.with_verdict(session, [*mine, *observed])
    return {
        "mine": [one for one in mine if one not in done],
        "observed": [one for one in observed if one not in done],
        "asked": [row.call_id for row in proposals if row.call_id],
    }


def _newest_first(found: Sequence[Call]) -> Sequence[Call]:
    return sorted(found, key=lambda call: call.rang_at, reverse=True)


def _groups(call: Call) -> set[str]:
    """What a call was flagged for: the groups of its hits, else what it closed as."""
    hit = {words.group(hit.category) for hit in call.hits} - {""}
    return hit or {words.hue(call.disposition) or "other"}
