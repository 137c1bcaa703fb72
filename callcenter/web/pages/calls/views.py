"""Three views: live desk, all calls, replay. Reads the desk and the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import AwareDatetime
from starlette.responses import HTMLResponse

from callcenter.casework.orders.moves import MOVES
from callcenter.casework.quality.scorecards import QUALITY
from callcenter.core.errors import ArchiveAway
from callcenter.core.people import AGENT
from callcenter.core.presence import NOT_READY
from callcenter.core.records import Agent
from callcenter.store import calls, promises
from callcenter.store.tables import Call, Transcript
from callcenter.web.access.rights import ORIGINALS
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.calls import CountedCalls
from callcenter.web.api.models import CallDetailOut, TranscriptOut
from callcenter.web.pages import language
from callcenter.web.pages.calls import counted as narrowed
from callcenter.web.pages.calls import facts
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

WRAP_UPS = {
    action: move.needs for (_, action), move in MOVES.items() if action.startswith("wrap_up")
}
"""How a work order leaves its draft, and which fields each way needs."""
PAGE_CALLS = 50
WORDS_AT_ONCE = 60
"""Segments that come with the page as data; static/replay/replay.js cuts so many into words at
once, and of the others takes what their lines say."""


class Asked(TypedDict):
    """What the list of calls is asked for."""

    caller_number: str | None
    agent: str | None
    rang: tuple[datetime | None, datetime | None]
    flagged: bool | None
    counted: calls.Counted


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
        breaks=room.house.breaks,
        not_ready=NOT_READY,
        limits={"after_call": room.house.after_call.total_seconds(), "needs": WRAP_UPS},
    )


@router.get("/calls")
def all_calls(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    counted: Annotated[CountedCalls, Depends()],
    before: Annotated[str | None, Query(max_length=128)] = None,
    flagged: bool = False,
    number: Annotated[str | None, Query(max_length=64)] = None,
    agent: Annotated[str | None, Query(max_length=64)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> HTMLResponse:
    """Every call, those of one caller's number, or those that a figure of a report counts; newest
    first. Raises Refused where such a figure needs a time."""
    asked: Asked = {
        "caller_number": number or None,
        "agent": agent or None,
        "rang": (since, until),
        "flagged": True if flagged else None,
        "counted": counted.of(room, session, since, until),
    }
    found = calls.list_calls(session, limit=PAGE_CALLS, before=before, **asked)
    people = facts.names(agents)
    with language.speaking(language.of(request)):
        told = narrowed.tags(counted, (since, until), room.house.hours.zone)
        told += narrowed.of_agent(people, agent or "")
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "before"]
    return render(
        request,
        "replay/calls.html",
        calls=found,
        older=found[-1].call_id if len(found) == PAGE_CALLS else None,
        first=before is None,
        flagged=flagged,
        told=told,
        many=calls.count_calls(session, **asked) if told else None,
        kept=urlencode(kept, safe=":"),
        people=people,
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
        data=for_script(call, chosen),
        sound=sound_of(room, call),
        originals=may_open(room, call),
        judges=bool(ASKING.get().roles & QUALITY),
        asks=bool(call.source and call.agent and call.ended_at and call.direction == "inbound")
        and AGENT in ASKING.get().roles,
        promises=promises.of_call(session, call_id),
        cards=promises.cards_of_call(session, call_id),
        people=facts.names(agents),
        facts=facts,
    )


def may_open(room: Room, call: Call) -> bool:
    """Whether what was hidden is kept, and this visitor may open it."""
    if room.originals is None or call.recording is None:
        return False
    return bool(ASKING.get().roles & ORIGINALS) and room.originals.count(call.recording.path) > 0


def for_script(call: Call, chosen: Transcript | None) -> dict[str, Any]:
    """What the page's script is given of the call. Of a long one the later segments follow over
    the API (`words_follow`): an hour's are more than a megabyte."""
    data = shown(call, chosen).model_dump(mode="json", exclude={"transcripts"})
    return {**data, "words_follow": chosen is None and len(call.segments) > WORDS_AT_ONCE}


def made_by(call: Call, model: str) -> Transcript:
    """What this model heard in the call; an HTTP 404 where it never did."""
    for transcript in call.transcripts:
        if transcript.model == model:
            return transcript
    raise HTTPException(404, f"call {call.call_id} has no transcript of that model")


def shown(call: Call, chosen: Transcript | None) -> CallDetailOut:
    """The call with the segments and hits of the chosen transcript, or its own."""
    if chosen is None:
        return CallDetailOut.of(call, WORDS_AT_ONCE)
    whole = CallDetailOut.of(call, 0)
    heard = TranscriptOut.model_validate(chosen)
    return whole.model_copy(update={"segments": heard.segments, "hits": heard.hits})


def sound_of(room: Room, call: Call) -> str:
    """Whether the recording can be played: whole, missing, away (with the archive), waiting or
    none."""
    if call.recording is not None:
        try:
            return "whole" if room.recordings.sound(call.recording.path) else "missing"
        except ArchiveAway:
            return "away"
    return "waiting" if call.answered_at and not call.ended_at else "none"
