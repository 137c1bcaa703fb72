"""Calls that people make, put on hold, transfer and join. Goes to the desk."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.access.visiting import ASKING
from callcenter.web.api.about import number_of
from callcenter.web.api.commands import done
from callcenter.web.api.live_models import AskPause, AskTransfer, Command, Dial, Join, Press
from callcenter.web.api.models import Done, problems
from callcenter.web.room import InRoom

router = APIRouter(prefix="/calls", tags=["操作"])


@router.post("", summary="外呼", status_code=201, responses=problems(404, 409, 422, 503))
async def dial(room: InRoom, wish: Dial) -> Done:
    """Call a number for this agent; how it goes comes as events, its result with the call's end."""
    number = await number_of(room, wish.of) if wish.of else wish.number or ""
    call_id = await room.desk.dial(number, wish.agent, wish.line)
    return done(room.desk, call_id)


@router.post("/{call_id}/hold", summary="保持", responses=problems(404, 409, 422))
async def hold(room: InRoom, call_id: str, command: Command) -> Done:
    """The caller waits with the hold tone, and is listened to on."""
    await room.desk.hold(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/resume", summary="取回", responses=problems(404, 409, 422))
async def resume(room: InRoom, call_id: str, command: Command) -> Done:
    """Talk with the caller again, out of a hold or out of a transfer that is under way."""
    await room.desk.resume(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/digits", summary="按键", responses=problems(404, 409, 422))
async def digits(room: InRoom, call_id: str, wish: Press) -> Done:
    """Send the far end these keys, one after the other, in place of the agent's sound."""
    await room.desk.press(call_id, wish.digits, wish.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/transfer", summary="转接", responses=problems(404, 409, 422))
async def transfer(room: InRoom, call_id: str, wish: AskTransfer) -> Done:
    """To an agent, who rings and reads the notes, or to an outside number, by the line."""
    if wish.to is not None:
        how = (wish.agent, wish.notes, wish.attended)
        await room.desk.transfer(call_id, wish.to, *how)
    elif wish.number is not None:
        await room.desk.send_on(call_id, wish.number, wish.agent, wish.notes)
    return done(room.desk, call_id)


@router.post("/{call_id}/hand-over", summary="移交", responses=problems(404, 409, 422))
async def hand_over(room: InRoom, call_id: str, command: Command) -> Done:
    """The agent has talked with the target of an attended transfer: the call is the target's."""
    await room.desk.hand_over(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/pause", summary="安全暂停", responses=problems(404, 409, 422))
async def pause(room: InRoom, call_id: str, wish: AskPause) -> Done:
    """Nothing is recorded, transcribed or shown until it is ended; both talk on. `current` in place
    of the id is the call that `agent` has now. Asked twice is asked once."""
    program = ASKING.get()
    why = f"{wish.why}（{program.name}）" if program.name and program.for_others else wish.why
    await room.desk.pause(call_id, wish.agent, why)
    return done(room.desk, call_id)


@router.post("/{call_id}/unpause", summary="结束安全暂停", responses=problems(404, 409, 422))
async def unpause(room: InRoom, call_id: str, command: Command) -> Done:
    """Recording goes on."""
    await room.desk.unpause(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/join", summary="监听、耳语、强插", responses=problems(404, 409, 422, 503))
async def join(room: InRoom, call_id: str, wish: Join) -> Done:
    """A supervisor joins the call, or changes how; it is recorded who did, and when."""
    await room.desk.join(call_id, wish.mode, wish.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/take-over", summary="接管", responses=problems(404, 409, 422, 503))
async def take_over(room: InRoom, call_id: str, command: Command) -> Done:
    """A supervisor takes the agent's place at once; the agent is free."""
    await room.desk.take_over(call_id, command.agent)
    return done(room.desk, call_id)


@router.post("/{call_id}/leave", summary="退出通话", responses=problems(404, 409, 422))
async def leave(room: InRoom, call_id: str, command: Command) -> Done:
    """The supervisor hears the call no longer."""
    await room.desk.leave(call_id, command.agent)
    return done(room.desk, call_id)
