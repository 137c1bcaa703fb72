"""How long things are kept (保留与删除): the terms, holds, erasures. Reads the store."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.casework.keeping import erasures, holds
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.keeping import retention
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import offered
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()


@router.get("/staff/keeping")
def keeping(
    request: Request, room: InRoom, session: InSession, agents: Agents, counted: bool = False
) -> HTMLResponse:
    """What would go, what is held, whose wish waits for a second person.

    What would go is counted over every call: the page asks for that once it is there.
    """
    return render(
        request,
        "staff/keeping.html",
        kept=retention(room, session) if counted else None,
        days=room.house.terms.days,
        at=room.house.clears_at,
        holds=holds.listing(session),
        erasures=erasures.listing(session),
        may_hold={state: offered(holds.MOVES, state) for state in (holds.STANDING, holds.LIFTED)},
        may_decide=offered(erasures.MOVES, erasures.ASKED),
        own=ASKING.get().name,
        people=facts.names(agents),
        facts=facts,
    )
