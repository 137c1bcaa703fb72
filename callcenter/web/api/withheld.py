"""Harassing calls without a number (H20), and the carrier's bill that names them (H21)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from callcenter.casework.harassment import withheld
from callcenter.casework.harassment.bill import Bill, read_bill
from callcenter.core.events import BillLineMatched, NumberRecovered
from callcenter.web.api.case_models import (
    AcceptNumber,
    ImportBill,
    ImportedOut,
    RecoveredNumberOut,
    WithheldOut,
)
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/withheld", tags=["隐藏号码"])

TOLD_MOST = 100


@router.get("", summary="隐藏号码的骚扰来电", responses=problems(422))
def list_withheld(
    session: InSession, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> list[WithheldOut]:
    """The worst calls without a number, newest first, with the bill lines that may be theirs."""
    return [WithheldOut.of(one) for one in withheld.worst(session, limit=limit)]


@router.post("/bill", summary="导入话单", status_code=201, responses=problems(413, 422, 503))
async def import_bill(room: InRoom, wanted: ImportBill) -> ImportedOut:
    """Join a bill on start and length. Only the lines that fit are kept, and none is chosen."""
    read, found = await run_in_threadpool(offered, room, wanted)
    for fact in found:
        await room.desk.record(fact)
    return ImportedOut(
        lines=len(read.rows),
        offered=len(found),
        calls=len({fact.call_id for fact in found}),
        problems=[f"line {one.line}: {one.reason}" for one in read.problems[:TOLD_MOST]],
        passed_over=len(read.problems),
    )


@router.post(
    "/{call_id}/number", summary="认定号码", status_code=201, responses=problems(404, 422, 503)
)
async def accept(room: InRoom, call_id: str, wanted: AcceptNumber) -> RecoveredNumberOut:
    """Take a bill line for the call; the call's own caller_number stays as it was."""
    fact = await run_in_threadpool(accepted, room, call_id, wanted)
    await room.desk.record(fact)
    return RecoveredNumberOut.model_validate(fact)


def offered(room: Room, wanted: ImportBill) -> tuple[Bill, Sequence[BillLineMatched]]:
    """The bill, and its lines that fit as facts. Raises Refused."""
    read = read_bill(wanted.content)
    sha256 = hashlib.sha256(wanted.content).hexdigest()
    with room.store.session() as session:
        found = withheld.offered(
            session, read.rows, bill_sha256=sha256, by=wanted.by, at=room.now()
        )
    return read, found


def accepted(room: Room, call_id: str, wanted: AcceptNumber) -> NumberRecovered:
    """The acceptance as a fact. Raises NoSuchCall and Refused."""
    with room.store.session() as session:
        return withheld.accept(session, call_id, wanted.line, by=wanted.by, at=room.now())
