"""The four views: live desk, review queue, all calls, replay. Reads the desk and the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from callcenter.casework import reviews
from callcenter.core.records import Agent
from callcenter.store import calls
from callcenter.store.tables import Call
from callcenter.web.api.models import CallDetailOut
from callcenter.web.api.recording import file_of
from callcenter.web.pages import facts
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

PAGE_CALLS = 50
QUEUE_CALLS = 100


async def agents_of(room: InRoom) -> Sequence[Agent]:
    """The agents; asked on the event loop, where the desk lives."""
    return room.desk.agents()


Agents = Annotated[Sequence[Agent], Depends(agents_of)]


@router.get("/")
async def desk(request: Request, room: InRoom) -> HTMLResponse:
    """The live desk; the calls come over the event stream."""
    return render(
        request, "live.html", agents=room.desk.agents(), notices=tuple(room.desk.notices())
    )


@router.get("/review")
def review(request: Request, session: InSession, agents: Agents) -> HTMLResponse:
    """Flagged calls that nobody judged yet."""
    queue = reviews.queue(session, limit=QUEUE_CALLS)
    return render(request, "review.html", queue=queue, people=facts.names(agents), facts=facts)


@router.get("/calls")
def all_calls(
    request: Request,
    session: InSession,
    agents: Agents,
    before: Annotated[str | None, Query(max_length=128)] = None,
    flagged: bool = False,
) -> HTMLResponse:
    """Every call, newest first."""
    found = calls.list_calls(
        session, limit=PAGE_CALLS, before=before, flagged=True if flagged else None
    )
    return render(
        request,
        "calls.html",
        calls=found,
        older=found[-1].call_id if len(found) == PAGE_CALLS else None,
        first=before is None,
        flagged=flagged,
        people=facts.names(agents),
        facts=facts,
    )


@router.get("/calls/{call_id}")
def replay(
    request: Request, room: InRoom, session: InSession, agents: Agents, call_id: str
) -> HTMLResponse:
    """One call to listen to and read."""
    call = calls.get_call(session, call_id)
    return render(
        request,
        "replay.html",
        call=call,
        data=CallDetailOut.of(call).model_dump(mode="json"),
        sound=sound_of(room, call),
        people=facts.names(agents),
        facts=facts,
    )


def sound_of(room: Room, call: Call) -> str:
    """Whether the recording can be played: whole, missing, waiting or none."""
    if call.recording is not None:
        return "whole" if file_of(room.recordings, call.recording) else "missing"
    return "waiting" if call.answered_at and not call.ended_at else "none"
