"""The supervisor's page on blocks and what the ladder achieved. Reads the store."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.casework.harassment import exposure
from callcenter.casework.reports import ladder as ladder_report
from callcenter.web.api.blocks import listed
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

DAYS = 30


@router.get("/blocks")
def blocks(request: Request, room: InRoom, session: InSession, agents: Agents) -> HTMLResponse:
    """What waits for a supervisor, the blocks in force, the ladder's figures of 30 days."""
    since = room.now() - timedelta(days=DAYS)
    return render(
        request,
        "cases/blocks.html",
        listed=listed(room, session),
        report=ladder_report.report(session, room.now(), DAYS),
        exposure=exposure.exposure(session, room.group, since),
        supervisors=room.supervisors,
        days=DAYS,
        people=facts.names(agents),
        facts=facts,
    )
