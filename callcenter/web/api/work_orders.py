"""Work orders: what is kept of them, the steps people take, and what a call hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework.orders import calls as work_orders
from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders import moves as order_moves
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.effects import Rules
from callcenter.casework.orders.lists import AskedPromises
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped, WorkOrderLinked
from callcenter.store import calls
from callcenter.web.api.models import LinkedWorkOrderOut, LinkWorkOrder, problems
from callcenter.web.api.order_models import (
    ActOnOrder,
    AskedOrderPromises,
    AskedOrders,
    BoardOut,
    MoveOut,
    OpenOrder,
    OrderPromiseOut,
    OwnersCountOut,
    StandardOut,
    TickOut,
    WorkOrderOut,
)
from callcenter.web.api.steps import carried_out, read, whole
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(tags=["工单"])

Limit = Annotated[int, Query(ge=1, le=order_lists.MOST)]


@router.get("/work-orders", summary="工单列表", responses=problems(422))
def list_orders(
    room: InRoom, session: InSession, asked: Annotated[AskedOrders, Depends()], limit: Limit = 200
) -> list[WorkOrderOut]:
    """Work orders: newest first; where a time is asked for, the first due first."""
    now = room.now()
    found = order_lists.find(session, asked.asked(now), limit)
    return [WorkOrderOut.shown(order, now) for order in found]


@router.get("/work-orders/board", summary="工单看板")
def get_board(room: InRoom, session: InSession) -> BoardOut:
    """How today's promises stand, and how many work orders are in which state (W12)."""
    return BoardOut.model_validate(order_lists.board(session, room.now(), room.house.hours))


@router.get("/work-orders/promises", summary="承诺与时限", responses=problems(422))
def list_promises(
    session: InSession, asked: Annotated[AskedOrderPromises, Depends()], limit: Limit = 200
) -> list[OrderPromiseOut]:
    """What was promised in work orders, the one due first at the top (W12, K2)."""
    found = order_lists.promises(session, AskedPromises(**asdict(asked)), limit)
    return [OrderPromiseOut.model_validate(one) for one in found]


@router.get("/work-orders/owners", summary="每人的工单数", responses=problems(422))
def list_owners(
    room: InRoom,
    session: InSession,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[OwnersCountOut]:
    """What each person holds, and what was handed over to them; today's where no time is given."""
    now = room.now()
    until = until or room.house.hours.day_end(now, 0)
    since = since or until - timedelta(days=1)
    found = order_lists.owners(session, now, since, until)
    return [OwnersCountOut.model_validate(one) for one in found]


@router.get("/work-orders/standard", summary="工单标准")
def get_standard(room: InRoom) -> StandardOut:
    """What each step needs and where it leads (W7), and what is said in a call out (W6)."""
    return StandardOut(
        moves=[
            MoveOut(state=state, action=action, to=move.to, needs=move.needs, by=sorted(move.by))
            for (state, action), move in order_moves.MOVES.items()
        ],
        script=[
            TickOut(tick=tick, item=item, say=room.house.phrases.get(tick, ""))
            for tick, item in order_moves.SCRIPT
        ],
    )


@router.get("/work-orders/{number}", summary="一张工单", responses=problems(404))
def get_order(room: InRoom, session: InSession, number: str) -> WorkOrderOut:
    """A work order with its calls, every step in it, and what was raised from it."""
    return shown(room, number, session)


@router.post(
    "/work-orders",
    summary="新建工单",
    status_code=201,
    responses=problems(404, 409, 422, 503),
)
async def open_order(room: InRoom, wanted: OpenOrder) -> WorkOrderOut:
    """Open a work order without a call, or, `raised_from` another, what is newly asked for."""
    given = wanted.given()
    given.pop("raised_from", None)

    def made(session: Session, actor: Actor) -> RecordStepped:
        if wanted.raised_from:
            return order_steps.raise_new(session, wanted.raised_from, given, actor)
        return order_steps.open_order(session, given, actor)

    number = await carried_out(room, wanted.by, made)
    return await read(room, partial(shown, room, number))


@router.post(
    "/work-orders/{number}/actions",
    summary="办理工单",
    status_code=201,
    responses=problems(404, 409, 422, 503),
)
async def act(room: InRoom, number: str, wanted: ActOnOrder) -> WorkOrderOut:
    """Take a step; `possible` in the work order says which its state allows."""
    rules = Rules(room.house.hours, room.house.compensation_fen)

    def made(session: Session, actor: Actor) -> RecordStepped:
        what = (wanted.action, wanted.given(), actor, rules, wanted.version)
        return order_steps.act(session, number, *what)

    await carried_out(room, wanted.by, made)
    return await read(room, partial(shown, room, number))


def shown(room: Room, number: str, session: Session) -> WorkOrderOut:
    """The whole work order. Raises NoSuchWorkOrder."""
    order = order_steps.get(session, number)
    out = whole(WorkOrderOut, order_moves.MOVES, session, order_moves.KIND, order)
    out.overdue = out.is_overdue(room.now())
    out.calls = list(order_lists.calls_of(session, number))
    out.raised = list(order_lists.raised_from(session, number))
    return out


@router.put("/calls/{call_id}/work-order", summary="改关联工单", responses=problems(404, 422, 503))
async def link(room: InRoom, call_id: str, wanted: LinkWorkOrder) -> LinkedWorkOrderOut | None:
    """Hang the call on another work order, or with a null number on a new one."""
    fact = await run_in_threadpool(wanted_link, room, call_id, wanted)
    await room.desk.record(fact)
    return await run_in_threadpool(linked, room, call_id)


def wanted_link(room: Room, call_id: str, wanted: LinkWorkOrder) -> WorkOrderLinked:
    """The correction as a fact. Raises NoSuchCall, NoSuchWorkOrder and Refused."""
    with room.store.session() as session:
        return work_orders.relink(
            session, call_id, wanted.number, by=wanted.agent, at=room.now(), type=wanted.type
        )


def linked(room: Room, call_id: str) -> LinkedWorkOrderOut | None:
    """What the call hangs on now."""
    with room.store.session() as session:
        return LinkedWorkOrderOut.of(calls.get_call(session, call_id))
