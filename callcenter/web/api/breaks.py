"""Recovery breaks: an agent takes the one offered, and comes back. Goes to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework.staff import recovery
from callcenter.core.events import RecoveryBreakEnded, RecoveryBreakTaken
from callcenter.web.api.models import BreakOut, problems
from callcenter.web.room import InRoom, Room

router = APIRouter(prefix="/agents/{number}", tags=["座席"])

Fact = RecoveryBreakTaken | RecoveryBreakEnded


@router.post("/break", summary="开始恢复休息", responses=problems(422, 503))
async def take(room: InRoom, number: str) -> BreakOut | None:
    """Take the break that confirmed harassment brought: no calls meanwhile, counted in no KPI."""
    return await done(room, recovery.take, number)


@router.post("/back", summary="休息结束", responses=problems(422, 503))
async def back(room: InRoom, number: str) -> BreakOut | None:
    """The agent is back, or does without the break offered."""
    return await done(room, recovery.back, number)


async def done(
    room: Room, decide: Callable[[Session, str, datetime], Fact], number: str
) -> BreakOut | None:
    """Write the fact; the agent's break after it, None where there is none."""

    def fact() -> Fact:
        with room.store.session() as session:
            return decide(session, number, room.now())

    await room.desk.record(await run_in_threadpool(fact))
    mine = [each for each in room.desk.breaks() if each.agent == number]
    return BreakOut.model_validate(mine[0]) if mine else None
