"""The supervisor's wall board (墙板): the floor at a glance. The figures come over the API."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.web.pages.render import render
from callcenter.web.room import InRoom

router = APIRouter()


@router.get("/wall")
async def wall(request: Request, room: InRoom) -> HTMLResponse:
    """Red flags, everybody who takes calls, the day's figures, what waits for a decision."""
    agents = room.desk.agents()
    return render(
        request,
        "wall/wall.html",
        people={agent.number: agent.name for agent in agents},
        leads=room.supervisors or [agent.number for agent in agents],
        company=room.house.company,
    )
