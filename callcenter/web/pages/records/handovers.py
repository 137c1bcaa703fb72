"""The pages of handovers (交接班): the book by shift, one sheet to confirm and sign (J1-J11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from callcenter.casework import handovers, steps
from callcenter.core.records import Agent
from callcenter.store import trail
from callcenter.store.handover_tables import Handover
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.render import render
from callcenter.web.pages.reports.leads import page_of
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

PAGE = 40
"""Sheets on the list."""
PATHS = {
    handovers.ORDER: "work-orders",
    handovers.COMPLAINT: "complaints",
    handovers.FOLLOW_UP: "follow-ups",
}
Person = Annotated[str, Query(max_length=64)]


@router.get("/handovers")
def book(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    person: Person = "",
    before: AwareDatetime | None = None,
) -> HTMLResponse:
    """The book: what is not signed first, then by shift; the first of them beside it."""
    listed = handovers.listing(session, person=person, limit=PAGE, opened=(None, before))
    waiting = [row for row in handovers.unsigned(session) if _concerns(row, person)]
    chosen = next(iter([*waiting, *listed]), None)
    return _page(request, room, session, agents, listed, waiting, chosen, person, before)


@router.get("/handovers/{number}")
def one(
    request: Request, room: InRoom, session: InSession, agents: Agents, number: str
) -> HTMLResponse:
    """One sheet: each item, who confirmed it, both signatures."""
    chosen = steps.get(session, Handover, number)
    listed = handovers.listing(session, limit=PAGE)
    waiting = handovers.unsigned(session)
    return _page(request, room, session, agents, listed, waiting, chosen, "", None)


def _concerns(row: Handover, person: str) -> bool:
    return person in ("", row.giver, row.taker)


def _page(
    request: Request,
    room: Room,
    session: Session,
    agents: Sequence[Agent],
    listed: Sequence[Handover],
    waiting: Sequence[Handover],
    chosen: Handover | None,
    person: str,
    before: datetime | None,
) -> HTMLResponse:
    visitor, now = ASKING.get(), room.now()
    return render(
        request,
        "handovers/handovers.html",
        waiting=waiting,
        listed=[row for row in listed if row.state == handovers.TAKEN],
        older=listed[-1].opened_at if len(listed) == PAGE else None,
        first=before is None,
        person=person,
        mine=visitor.name,
        chosen=chosen,
        yours=handovers.yours(chosen, visitor.may_sign) if chosen else (),
        left=len(handovers.unticked(chosen)) if chosen else 0,
        early=handovers.was_early(chosen) if chosen else None,
        steps=trail.of(session, handovers.KIND, chosen.number) if chosen else (),
        late_since=handovers.late_since,
        leads=lambda item: _leads(item["sort"], item["number"]),
        moment_of=lambda text: datetime.fromisoformat(text) if text else None,
        now=now,
        takers=[("", "—"), *((name, name) for name in _others(agents, chosen))],
        added=handovers.ADDED,
    )


def _others(agents: Sequence[Agent], chosen: Handover | None) -> list[str]:
    """Who may be the next: everybody else."""
    return [agent.name for agent in agents if chosen and agent.name != chosen.giver]


def _leads(sort: str, number: str) -> str:
    """The page of what an item is about; "" where it has none."""
    return page_of(f"{PATHS[sort]}/{number}") if number and sort in PATHS else ""
