"""Agents as they stand (座席状态), their wishes, and the supervisor's board (现场; R4, R5, K3)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from callcenter.casework.reports import day as days
from callcenter.casework.reports import floor as floors
from callcenter.casework.reports.floor import Today
from callcenter.casework.staff import accounts, recovery
from callcenter.core.errors import Refused
from callcenter.core.people import LEADS
from callcenter.core.presence import AgentState
from callcenter.web.access.asking import check_seat
from callcenter.web.access.reach import seen
from callcenter.web.access.visiting import ASKING
from callcenter.web.api import breaks
from callcenter.web.api.live_models import StandingOut
from callcenter.web.api.models import problems
from callcenter.web.api.staff_models import (
    AgentOut,
    ChangeState,
    DayOut,
    FloorOut,
    TodayOut,
    flag,
    waiting,
)
from callcenter.web.api.steps import read
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(tags=["座席"])


@router.get("/agents", summary="座席")
async def agents(room: InRoom) -> list[AgentOut]:
    """Everybody who takes calls here: state, since when, their call, today's figures, and whether
    they are missing (空岗)."""
    return AgentOut.all_of(room.desk, await _today(room))


@router.get("/floor", summary="现场")
async def floor(room: InRoom) -> FloorOut:
    """Agents, calls that wait, red flags, and the service level of today in both variants."""
    today = await _today(room)
    calls = seen(room.desk.live(), ASKING.get().scope)
    harassing = {
        hit.category: room.group(hit.category) == "harassment" for c in calls for hit in c.hits
    }
    flags = [flag(call, harassing) for call in calls]
    return FloorOut(
        at=room.now(),
        agents=AgentOut.all_of(room.desk, today),
        queue=waiting(calls),
        flags=[one for one in flags if one is not None],
        today=TodayOut.of(today.house),
    )


@router.get("/floor/today", summary="今天的走势")
def floor_today(room: InRoom, session: InSession) -> DayOut:
    """Today by quarter of an hour and by hotline, what handling took, and who was harassed."""
    now = room.now()
    return DayOut.today(days.day(session, now, room.house.hours.zone, room.group), now)


@router.post(
    "/agents/{number}/state", summary="就绪、小休、签出", responses=problems(409, 422, 503)
)
async def change_state(room: InRoom, number: str, wanted: ChangeState) -> StandingOut:
    """Be ready, take a break, sign out; in a call that comes after it. A lead may for others."""
    check_seat(number)
    breaks_ = room.house.breaks
    if wanted.state == "break" and wanted.reason not in breaks_:
        raise Refused(f"a break needs its reason; expected one of: {', '.join(breaks_)}")
    own = {number, *(agent.name for agent in room.desk.agents() if agent.number == number)}
    if wanted.by not in own:
        await run_in_threadpool(_check_lead, room, wanted.by)
    await _recovered(room, number, theirs=wanted.by in own)
    reason = wanted.reason if wanted.state == "break" else ""
    by = number if wanted.by in own else wanted.by
    await room.desk.set_state(number, wanted.state, by, reason)
    standing = next(one for one in room.desk.presence() if one.agent == number)
    return StandingOut.model_validate(standing)


async def _recovered(room: Room, number: str, *, theirs: bool) -> None:
    """A recovery break that runs ends by the agent's own wish, and by nobody else's (H23)."""
    state = next((p.state for p in room.desk.presence() if p.agent == number), None)
    if state is AgentState.RECOVERY:
        if not theirs:
            raise Refused(f"agent {number} is on a recovery break, which they end themselves")
        await breaks.done(room, recovery.back, number)


def _check_lead(room: Room, by: str) -> None:
    with room.store.session() as session:
        accounts.people(session, room.supervisors).check(by, LEADS)


async def _today(room: Room) -> Today:
    """Of the calls that who asks may know of."""
    day = (room.now(), room.house.hours.zone, room.house.away)
    return await read(room, lambda session: floors.today(session, *day))
