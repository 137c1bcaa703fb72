"""The desk as it is now: live calls, agents, notices, and the stream of events."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from callcenter.web.access.visiting import ASKING
from callcenter.web.api.models import Health, Live
from callcenter.web.live import EventStream, stream
from callcenter.web.room import InRoom

router = APIRouter(tags=["实时"])


@router.get("/live", summary="现在的通话")
async def live(room: InRoom) -> Live:
    """Every call that rings or runs now, oldest first; the same as the stream's snapshot."""
    return Live.at_desk(room.desk, room.now(), ASKING.get())


@router.get("/health", summary="状态")
async def health(room: InRoom) -> Health:
    """What the people at the desk must know, and how the lines stand."""
    return Health.of(room.desk)


@router.get(
    "/events",
    summary="事件流（SSE）",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(room: InRoom) -> EventStream:
    """A `snapshot`, then call, partial, segment, gap, hit, card, promise, proposal, withdrawal,
    confirmation, hold, pause, digits, transfer, supervisor, prompt, quality, end, recording,
    redacted, transcript,
    work_order, verdict, agent (where an agent stands) and unattended (空岗) events, each with its
    call_id and time.

    A reader that falls too far behind is cut; it connects again and gets a new snapshot.
    """
    return EventStream(stream(room.desk, room.bus, room.now, visitor=ASKING.get()))
