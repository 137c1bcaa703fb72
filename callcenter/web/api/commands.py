"""What a person commands in a live call, and judges of a kept one. Goes to the desk."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool

from callcenter.casework.harassment import marking
from callcenter.casework.reviews import judging
from callcenter.casework.reviews.judging import Judgement
from callcenter.core.events import Event
from callcenter.core.people import LEADS
from callcenter.core.ports import Desk
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.live_models import CallLead
from callcenter.web.api.models import (
    Command,
    Done,
    GiveVerdict,
    Mute,
    Terminate,
    Tick,
    VerdictOut,
    problems,
)
from callcenter.web.api.steps import read
from callcenter.web.room import InRoom, Room

router = APIRouter(prefix="/calls/{call_id}", tags=["操作"])


@router.post("/answer", summary="接听", responses=problems(404, 409, 422, 503))
async def answer(room: InRoom, call_id: str, command: Command) -> Done:
    """Connect a ringing call to this agent."""
    await room.desk.answer(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/hangup", summary="挂机", responses=problems(404, 409, 422, 503))
async def hangup(room: InRoom, call_id: str, command: Command) -> Done:
    """End the call, or turn a ringing one away."""
    await room.desk.hang_up(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/terminate", summary="确认终止", responses=problems(404, 409, 422, 503))
async def terminate(room: InRoom, call_id: str, command: Terminate) -> Done:
    """Cut the agent's microphone, play the prompt to its end, hang up; `agent` confirmed it."""
    await room.desk.terminate(call_id, command.prompt, command.agent)
    return done(room.desk, call_id)


@router.post("/undo", summary="撤销终止", responses=problems(404, 409, 422, 503))
async def undo(room: InRoom, call_id: str, command: Command) -> Done:
    """Within two seconds: stop the prompt, open the agent's microphone again."""
    await room.desk.undo(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/dismiss", summary="不是骚扰", responses=problems(404, 409, 422, 503))
async def dismiss(room: InRoom, call_id: str, command: Command) -> Done:
    """Take the desk's proposal back; `agent` says that it is no harassment."""
    await room.desk.dismiss(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/mark", summary="标记骚扰", responses=problems(404, 409, 422, 503))
async def mark(room: InRoom, call_id: str, command: Command) -> Done:
    """`agent` says that it is harassment, in the call or after it: it is flagged, and waits for a
    reviewer."""
    if any(call.call_id == call_id for call in room.desk.live()):
        await room.desk.mark(call_id, command.agent)
        return done(room.desk, call_id)
    asked = partial(marking.facts, call_id=call_id, by=command.agent, at=room.now())
    for fact in await read(room, asked):
        await room.desk.record(fact)
    return done(room.desk, call_id)


@router.post("/call-lead", summary="请主管", responses=problems(404, 409, 422, 503))
async def call_lead(room: InRoom, call_id: str, command: CallLead) -> Done:
    """The agent asks a supervisor to come into the call; the wall shows it until one comes."""
    await room.desk.call_lead(call_id, command.agent, command.reason)
    return done(room.desk, call_id)


@router.post("/mute", summary="静音", responses=problems(404, 409, 422, 503))
async def mute(room: InRoom, call_id: str, command: Mute) -> Done:
    """Switch the agent's microphone off, or on again."""
    await room.desk.mute(call_id, command.muted, command.agent)
    return done(room.desk, call_id)


@router.post("/tick", summary="勾选背景声", responses=problems(404, 409, 422, 503))
async def tick(room: InRoom, call_id: str, command: Tick) -> Done:
    """The agent hears laughter or several voices behind the caller; it counts once a call."""
    await room.desk.tick_box(call_id, command.what, command.agent)
    return done(room.desk, call_id)


@router.post(
    "/verdict", summary="判定", status_code=201, responses=problems(403, 404, 409, 422, 503)
)
async def verdict(room: InRoom, call_id: str, judgement: GiveVerdict) -> VerdictOut:
    """What a reviewer judges of a call that is over, and what a lead does about its caller; the
    newest verdict counts. 409 while somebody else has claimed the call."""
    visitor = ASKING.get()
    beyond = judgement.block_days is not None or judgement.to_case
    if beyond and visitor.name and not visitor.roles & LEADS:
        raise HTTPException(403, "a block or a case is decided by a lead")
    facts = await run_in_threadpool(judged, room, call_id, judgement)
    for fact in facts:
        await room.desk.record(fact)
    return VerdictOut.model_validate(facts[0])


def judged(room: Room, call_id: str, judgement: GiveVerdict) -> list[Event]:
    """The judgement as facts, the verdict first. Raises NoSuchCall, NotNow and Refused."""
    wish = Judgement(**judgement.model_dump())
    with room.store.session() as session:
        return judging.facts(session, call_id, wish, room.now(), room.supervisors)


def done(desk: Desk, call_id: str) -> Done:
    """How the call stands after the command."""
    states = {call.call_id: call.state for call in desk.live()}
    return Done(call_id=call_id, state=states.get(call_id, "ended"))
