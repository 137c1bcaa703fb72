"""Shifts (排班): planned singly or out of a table, changed, cancelled, listed by day and week."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework import steps
from callcenter.casework.staff import accounts, shift_table, shifts
from callcenter.casework.staff.shift_table import Checked
from callcenter.casework.staff.shifts import Rules
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.staff_tables import Shift
from callcenter.web.api.customer_models import ProblemOut
from callcenter.web.api.models import problems
from callcenter.web.api.staff_models import (
    ActOnShift,
    ExchangeShifts,
    ImportShifts,
    PlanShift,
    ShiftImportOut,
    ShiftOut,
)
from callcenter.web.api.steps import listed, opened, read, stepped, whole
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/shifts", tags=["排班"])


@router.get("", summary="排班表", responses=problems(422))
def list_shifts(
    room: InRoom,
    session: InSession,
    day: date | None = None,
    days: Annotated[int, Query(ge=1, le=31)] = 1,
    agent: str = "",
) -> list[ShiftOut]:
    """The planned shifts that reach into so many days from `day` (today) on, in order."""
    zone = room.house.hours.zone
    first = datetime.combine(day or room.now().astimezone(zone).date(), time(0))
    since = first.astimezone() if zone is None else first.replace(tzinfo=zone)
    found = shifts.listing(session, since, since + timedelta(days=days), agent)
    return [listed(ShiftOut, shifts.MOVES, row) for row in found]


@router.get("/{number}", summary="一个班次", responses=problems(404))
def get_shift(session: InSession, number: str) -> ShiftOut:
    """A shift and every step in it."""
    row = steps.get(session, Shift, number)
    return whole(ShiftOut, shifts.MOVES, session, shifts.KIND, row)


@router.post("", summary="排班", status_code=201, responses=problems(409, 422, 503))
async def plan(room: InRoom, wanted: PlanShift) -> ShiftOut:
    """Plan a shift; a lead does."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return shifts.plan(session, wanted.given(), actor, _rules(room))

    return await opened(room, wanted.by, made, get_shift)


@router.post("/import", summary="导入排班表", status_code=201, responses=problems(409, 422, 503))
async def import_shifts(room: InRoom, wanted: ImportShifts) -> ShiftImportOut:
    """Plan every good line of a table with 工号, 日期, 开始, 结束, 班次, 备注; `atomic`: nothing is
    written unless every line is good."""
    async with room.importing:
        checked, facts = await run_in_threadpool(_read, room, wanted)
        await asyncio.gather(*(room.desk.record(fact) for fact in facts))
    told = [ProblemOut.model_validate(problem) for problem in checked.problems]
    return ShiftImportOut(rows=checked.rows, written=len(facts), problems=told)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnShift) -> ShiftOut:
    """Change or cancel it; a lead does."""
    return await stepped(room, number, wanted, partial(shifts.act, rules=_rules(room)), get_shift)


@router.post(
    "/{number}/exchange", summary="换班", status_code=201, responses=problems(404, 409, 422, 503)
)
async def exchange(room: InRoom, number: str, wanted: ExchangeShifts) -> list[ShiftOut]:
    """Two agents take each other's shift, both or neither; a lead signs."""
    await room.desk.record(await run_in_threadpool(_exchanged, room, number, wanted))
    both = (number, wanted.other)
    return [await read(room, partial(get_shift, number=one)) for one in both]


def _exchanged(room: Room, number: str, wanted: ExchangeShifts) -> RecordStepped:
    with room.store.session() as session:
        people = accounts.people(session, room.supervisors)
        actor = Actor(wanted.by, room.now(), people, room.house.hours.zone)
        return shifts.exchange(session, number, wanted.other, actor, wanted.version)


def _read(room: Room, wanted: ImportShifts) -> tuple[Checked, list[RecordStepped]]:
    with room.store.session() as session:
        people = accounts.people(session, room.supervisors)
        actor = Actor(wanted.by, room.now(), people, room.house.hours.zone)
        people.check(wanted.by, shifts.MOVES["", "plan"].by)
        checked = shift_table.check(session, wanted.content, _rules(room))
        if wanted.atomic and checked.problems:
            return checked, []
        return checked, shifts.plan_all(session, checked.drafts, actor)


def _rules(room: Room) -> Rules:
    return Rules([agent.number for agent in room.desk.agents()], room.house.hours.zone)
