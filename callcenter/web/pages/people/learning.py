"""The pages of appraisals (考评) and of coaching (辅导、整改): agents see their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import case, select
from starlette.responses import HTMLResponse

from callcenter.casework.quality import coaching
from callcenter.casework.quality.scorecards import QUALITY
from callcenter.casework.staff import appraisals
from callcenter.core.people import AGENT, LEADS
from callcenter.core.records import Agent
from callcenter.store.appraisal_tables import Appraisal
from callcenter.store.quality_tables import Coaching
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has, offered
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

SHOWN = 100

Short = Annotated[str, Query(max_length=64)]


@router.get("/staff/appraisals")
def all_appraisals(
    request: Request,
    session: InSession,
    agents: Agents,
    agent: Short = "",
    sort: Short = "",
    state: Short = "",
) -> HTMLResponse:
    """Tests, appraisals and trainings, newest first; an agent's own."""
    query = select(Appraisal).order_by(Appraisal.opened_at.desc(), Appraisal.number.desc())
    asked = {"agent": agent, "sort": sort, "state": state}
    query = query.filter_by(**{name: value for name, value in asked.items() if value})
    if mine := _mine():
        query = query.where(Appraisal.agent.in_(mine))
    found = session.scalars(query.limit(SHOWN)).all()
    return render(
        request,
        "staff/appraisals.html",
        appraisals=found,
        possible={one.number: _appraised(one, bool(mine)) for one in found},
        sorts=tuple(appraisals.PERIODS),
        sources=appraisals.SOURCES,
        chosen=asked,
        mine=mine,
        leads=has(*LEADS),
        **_people(agents),
    )


@router.get("/staff/coaching")
def all_coaching(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    agent: Short = "",
    state: Short = "",
) -> HTMLResponse:
    """What agents are shown and put right: what waits before what is done, by when it is due."""
    waits = case((Coaching.state.in_(coaching.WAITING), 0), else_=1)
    query = select(Coaching).order_by(waits, Coaching.due_at, Coaching.number)
    asked = {"agent": agent, "state": state}
    query = query.filter_by(**{name: value for name, value in asked.items() if value})
    if mine := _mine():
        query = query.where(Coaching.agent.in_(mine))
    found = session.scalars(query.limit(SHOWN)).all()
    return render(
        request,
        "staff/coaching.html",
        coachings=found,
        possible={one.number: _coached(one) for one in found},
        waiting=coaching.WAITING,
        way=(coaching.OPEN, coaching.ACKNOWLEDGED, coaching.CORRECTED, coaching.CLOSED),
        chosen=asked,
        mine=mine,
        opens=has(*QUALITY),
        now=room.now(),
        **_people(agents),
    )


def _people(agents: Sequence[Agent]) -> dict[str, Any]:
    return {"agents": agents, "people": facts.names(agents), "facts": facts}


def _mine() -> tuple[str, ...]:
    """The names under which an agent's own records stand; empty for who judges, and may see all."""
    visitor = ASKING.get()
    return () if has(*QUALITY) else tuple(filter(None, (visitor.name, visitor.agent)))


def _appraised(row: Appraisal, own: bool) -> tuple[str, ...]:
    """Who is appraised takes exception; others do not for them."""
    found = offered(appraisals.MOVES, row.state)
    visitor = ASKING.get()
    theirs = own or not visitor.name or row.agent in (visitor.name, visitor.agent)
    return tuple(one for one in found if one != "appeal" or theirs)


def _coached(row: Coaching) -> tuple[str, ...]:
    """Who is coached answers, and who is not looks at it again."""
    visitor = ASKING.get()
    theirs = row.agent in (visitor.name, visitor.agent)
    answers = ("acknowledge", "correct")
    found = offered(coaching.MOVES, row.state)
    if not visitor.name:
        return found
    return tuple(one for one in found if (one in answers) == (theirs and has(AGENT)))
