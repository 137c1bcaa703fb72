"""The four views: live desk, review queue, all calls, replay. Reads the desk and the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from callcenter.casework.quality.scorecards import QUALITY
from callcenter.casework.reviews import queue as reviews
from callcenter.core.records import Agent
from callcenter.store import calls, promises
from callcenter.store.recordings import file_of
from callcenter.store.tables import Call, Transcript
from callcenter.web.access.asking import ASKING
from callcenter.web.api.models import CallDetailOut, TranscriptOut
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
    agents = room.desk.agents()
    numbers = {agent.number for agent in agents}
    return render(
        request,
        "agent/live.html",
        agents=agents,
        supervisors=[name for name in room.supervisors if name not in numbers],
        named=room.supervisors,
        notices=tuple(room.desk.notices()),
    )


@router.get("/review")
def review(request: Request, session: InSession, agents: Agents) -> HTMLResponse:
    """Flagged calls that nobody judged yet."""
    queue = reviews.queue(session, limit=QUEUE_CALLS)
    known = {"people": facts.names(agents), "blocked": reviews.why_blocked(session, queue)}
    return render(request, "review/review.html", queue=queue, facts=facts, **known)


@router.get("/calls")
def all_calls(
    request: Request,
    session: InSession,
    agents: Agents,
    before: Annotated[str | None, Query(max_length=128)] = None,
    flagged: bool = False,
    number: Annotated[str | None, Query(max_length=64)] = None,
) -> HTMLResponse:
    """Every call, or those of one caller's number, newest first."""
    found = calls.list_calls(
        session,
        limit=PAGE_CALLS,
        before=before,
        caller_number=number or None,
        flagged=True if flagged else None,
    )
    return render(
        request,
        "replay/calls.html",
        calls=found,
        older=found[-1].call_id if len(found) == PAGE_CALLS else None,
        first=before is None,
        flagged=flagged,
        number=number or "",
        people=facts.names(agents),
        facts=facts,
    )


@router.get("/calls/{call_id}")
def replay(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    call_id: str,
    transcript: Annotated[str | None, Query(max_length=4096)] = None,
) -> HTMLResponse:
    """One call to listen to and read; `transcript` names the model whose text is shown."""
    call = calls.get_call(session, call_id)
    chosen = None if transcript is None else made_by(call, transcript)
    return render(
        request,
        "replay/replay.html",
        call=call,
        chosen=chosen,
        data=shown(call, chosen).model_dump(mode="json", exclude={"transcripts"}),
        sound=sound_of(room, call),
        judges=bool(ASKING.get().roles & QUALITY),
        promises=promises.of_call(session, call_id),
        cards=promises.cards_of_call(session, call_id),
        people=facts.names(agents),
        facts=facts,
    )


def made_by(call: Call, model: str) -> Transcript:
    """What this model heard in the call; an HTTP 404 where it never did."""
    for transcript in call.transcripts:
        if transcript.model == model:
            return transcript
    raise HTTPException(404, f"call {call.call_id} has no transcript of that model")


def shown(call: Call, chosen: Transcript | None) -> CallDetailOut:
    """The call with the segments and hits of the chosen transcript, or its own."""
    whole = CallDetailOut.of(call)
    if chosen is None:
        return whole
    heard = TranscriptOut.model_validate(chosen)
    return whole.model_copy(update={"segments": heard.segments, "hits": heard.hits})


def sound_of(room: Room, call: Call) -> str:
    """Whether the recording can be played: whole, missing, waiting or none."""
    if call.recording is not None:
        return "whole" if file_of(room.recordings, call.recording) else "missing"
    return "waiting" if call.answered_at and not call.ended_at else "none"
