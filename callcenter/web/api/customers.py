"""Customers (U1 to U9): files, the steps in them, duplicates, allotment, a day's work."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework import steps
from callcenter.casework.customers import allotment as customer_allotment
from callcenter.casework.customers import lists as customer_lists
from callcenter.casework.customers import merging as customer_merging
from callcenter.casework.customers import record as customers
from callcenter.casework.customers.effects import Rules
from callcenter.casework.customers.lists import Asked
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.core.numbers import mask
from callcenter.store.customer_tables import Customer
from callcenter.web.api.customer_models import (
    ActOnCustomer,
    AlikeOut,
    AllotCustomers,
    AllottedOut,
    AskedCustomers,
    CustomerOut,
    DailyOut,
    HistoryOut,
    OpenCustomer,
    UnfiledOut,
)
from callcenter.web.api.models import CallOut, problems
from callcenter.web.api.steps import carried_out, opened, read, whole
from callcenter.web.room import InRoom, InSession, InWholeSession, Room

router = APIRouter(prefix="/customers", tags=["客户档案"])

Limit = Annotated[int, Query(ge=1, le=customer_lists.MOST)]


def rules_of(room: Room) -> Rules:
    """What the configuration says about customers."""
    return Rules(room.house.hours, room.house.thresholds)


@router.get("", summary="客户列表", responses=problems(422))
def list_customers(
    room: InRoom,
    session: InSession,
    asked: Annotated[AskedCustomers, Depends()],
    limit: Limit = 200,
) -> list[CustomerOut]:
    """Customers, newest first; overdue ones by due time, changed ones by the time of the change."""
    found = customer_lists.find(session, asked.asked(room.now()), limit)
    return [CustomerOut.shown(row) for row in found]


@router.get("/duplicates", summary="疑似重复客户", responses=problems(422))
def list_duplicates(session: InSession, limit: Limit = 100) -> list[AlikeOut]:
    """Customers with the same number or the same name, to be looked at and merged."""
    return [AlikeOut.shown(alike) for alike in customer_merging.suggestions(session, limit)]


@router.get("/daily", summary="每日客户资料", responses=problems(422))
def daily(
    room: InRoom, session: InSession, day: date | None = None, limit: Limit = 200
) -> DailyOut:
    """What a day brought (U1), and whom their agents should have spoken with by now (U3)."""
    now = room.now()
    wall = datetime.combine(day, time(12)).astimezone(room.house.hours.zone) if day else now
    since, until = room.house.hours.day_end(wall, -1), room.house.hours.day_end(wall, 0)
    new = customer_lists.find(session, Asked(new_since=since, until=until), limit)
    changed = customer_lists.find(session, Asked(changed_since=since, until=until), limit)
    unfiled = customer_lists.unfiled(session, since, until, limit)
    overdue = customer_lists.find(session, Asked(overdue_at=now), limit)
    return DailyOut(
        since=since,
        until=until,
        new=[CustomerOut.shown(row) for row in new],
        changed=[CustomerOut.shown(row) for row in changed],
        unfiled=[
            UnfiledOut(
                number=mask(one.number),
                calls=one.calls,
                last_call_at=one.last_call_at,
                last_call_id=one.last_call_id,
            )
            for one in unfiled
        ],
        overdue=[CustomerOut.shown(row) for row in overdue],
    )


@router.get("/{number}", summary="一份客户档案", responses=problems(404))
def get_customer(session: InSession, number: str) -> CustomerOut:
    """A customer's file, every step in it, and other files that may be the same customer's."""
    row = steps.get(session, Customer, number)
    out = whole(CustomerOut, customers.MOVES, session, customers.KIND, row)
    out.alike = [AlikeOut.shown(alike) for alike in customer_merging.like(session, row)]
    return out


@router.get("/{number}/history", summary="客户往来记录", responses=problems(404, 422))
def get_history(
    room: InRoom,
    session: InWholeSession,
    number: str,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryOut:
    """Calls, work orders and complaints, by any of the customer's numbers (D21, D22)."""
    row = steps.get(session, Customer, number)
    found = customer_lists.history(session, row, room.now(), limit)
    return HistoryOut(
        calls=[CallOut.model_validate(call) for call in found.calls],
        work_orders=[order.number for order in found.orders],
        complaints=[complaint.number for complaint in found.complaints],
        calls_24h=found.calls_24h,
        repeats=found.repeats,
    )


@router.post("", summary="建立客户档案", status_code=201, responses=problems(409, 422, 503))
async def open_file(room: InRoom, wanted: OpenCustomer) -> CustomerOut:
    """Open a file; `alike` in the answer names files that may be the same customer's."""
    fields = wanted.given()

    def made(session: Session, actor: Actor) -> RecordStepped:
        return customers.open_file(session, fields, actor, rules_of(room))

    return await opened(room, wanted.by, made, get_customer)


@router.post("/allotments", summary="分配客户", status_code=201, responses=problems(409, 422, 503))
async def allot(room: InRoom, wanted: AllotCustomers) -> list[AllottedOut]:
    """Allot evenly, with regard to skill; key customers go to who knows most (U2)."""
    skills = {taker.agent: taker.skill for taker in wanted.agents}

    def made() -> list[RecordStepped]:
        with room.store.session() as session:
            actor = Actor(wanted.by, room.now(), accounts.people(session, room.supervisors))
            return customer_allotment.allot(
                session, skills, actor, rules_of(room), wanted.customers
            )

    facts = await run_in_threadpool(made)
    if wanted.apply:
        await asyncio.gather(*(room.desk.record(fact) for fact in facts))
    return [AllottedOut(customer=fact.number, agent=fact.changes["agent"]) for fact in facts]


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnCustomer) -> CustomerOut:
    """Take a step; `possible` in the file says which its state allows."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return customers.act(
            session, number, wanted.action, wanted.given(), actor, rules_of(room), wanted.version
        )

    await carried_out(room, wanted.by, made)
    return await read(room, partial(get_customer, number=number))
