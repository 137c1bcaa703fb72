"""Work orders, and a person's correction of what a call hangs on."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from callcenter.casework import work_orders
from callcenter.core.events import WorkOrderLinked
from callcenter.store import calls
from callcenter.web.api.models import (
    LinkedWorkOrderOut,
    LinkWorkOrder,
    WorkOrderWithCallsOut,
    problems,
)
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(tags=["工单"])


@router.get("/work-orders/{number}", summary="一张工单", responses=problems(404))
def get_order(session: InSession, number: str) -> WorkOrderWithCallsOut:
    """A work order and the ids of its calls."""
    return WorkOrderWithCallsOut.whole(work_orders.get(session, number))


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
