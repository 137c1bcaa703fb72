"""The part of the agent's desk that says what they have to do today. Asked for again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from callcenter.casework.staff import own_day
from callcenter.core.records import Agent, LiveCall
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.records.deadlines import spell
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()


async def at_desk(room: InRoom) -> tuple[Sequence[Agent], Sequence[LiveCall]]:
    """Who takes calls and which run; asked on the event loop, where the desk lives."""
    return room.desk.agents(), room.desk.live()


AtDesk = Annotated[tuple[Sequence[Agent], Sequence[LiveCall]], Depends(at_desk)]


@router.get("/parts/today")
def today(
    request: Request,
    room: InRoom,
    session: InSession,
    desk: AtDesk,
    agent: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """What `agent` has to do today; who is logged in, where none is named."""
    agents, live = desk
    now = room.now()
    who = names(agent or ASKING.get().agent or ASKING.get().name, agents)
    running = {call.work_order for call in live if call.work_order}
    tasks = own_day.due(session, who, room.house.hours.day_end(now, 0))
    return render(
        request,
        "agent/today.html",
        who=who,
        tasks=tasks,
        drafts=own_day.drafts(session, who, running),
        most=own_day.MOST,
        now=now,
        late=[task for task in tasks if task.due_at < now],
        spell=spell,
    )


def names(who: str, agents: Sequence[Agent]) -> set[str]:
    """Under what records may be this person's: their number and their name."""
    both = {
        one
        for agent in agents
        if who in (agent.number, agent.name)
        for one in (agent.number, agent.name)
    }
    return both or {who}
