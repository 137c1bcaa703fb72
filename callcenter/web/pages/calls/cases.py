"""The pages of harassment cases: repeated sources, cases, callers without a number; one case."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment import withheld
from callcenter.web.api.cases import AT_LEAST, DAYS, AtLeast, Days
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()


@router.get("/cases")
def cases(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    days: Days = DAYS,
    at_least: AtLeast = AT_LEAST,
) -> HTMLResponse:
    """What repeats itself, what is being done about it, and the worst calls without a number."""
    return render(
        request,
        "cases/cases.html",
        repeated=harassment_cases.repeated(session, room.now() - timedelta(days=days), at_least),
        cases=harassment_cases.list_cases(session),
        withheld=withheld.worst(session),
        days=days,
        at_least=at_least,
        people=facts.names(agents),
        facts=facts,
    )


@router.get("/cases/{number}")
def case(request: Request, session: InSession, agents: Agents, number: str) -> HTMLResponse:
    """One case: its calls, what was done, and what can be done now."""
    found = harassment_cases.get(session, number)
    return render(
        request,
        "cases/case.html",
        case=found,
        possible=harassment_cases.possible(found.state),
        others=harassment_cases.others(session, found),
        exports=harassment_cases.exports(session, number),
        source_types=harassment_cases.SOURCE_TYPES,
        people=facts.names(agents),
        facts=facts,
    )
