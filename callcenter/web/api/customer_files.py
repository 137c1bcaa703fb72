"""Customers as files: a table read in, line by line, and all of them taken out (U1, U8)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from callcenter.casework.customers import exchange as customer_exchange
from callcenter.casework.customers import importing as customer_import
from callcenter.casework.customers.exchange import File
from callcenter.casework.customers.importing import Checked
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, NumberTaken
from callcenter.core.events import RecordStepped
from callcenter.web.api.customer_models import (
    ExchangeOut,
    ExportCustomers,
    ImportCustomers,
    ImportReportOut,
    ProblemOut,
)
from callcenter.web.api.customers import rules_of
from callcenter.web.api.models import problems
from callcenter.web.api.steps import TRIES, carried_out, listed
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/customers", tags=["客户档案"])

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Batch = Sequence[Mapping[str, Any]]


@router.get("/exchanges", summary="导入导出记录", responses=problems(422))
def list_exchanges(
    session: InSession, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[ExchangeOut]:
    """Files of customers that came in and went out, newest first."""
    found = customer_exchange.listing(session, limit)
    return [listed(ExchangeOut, customer_exchange.MOVES, row) for row in found]


@router.post("/import", summary="导入客户", status_code=201, responses=problems(409, 413, 422, 503))
async def import_customers(room: InRoom, wanted: ImportCustomers) -> ImportReportOut:
    """Open a file for every good line. `atomic`: nothing is written unless every line is good.

    Where writing itself breaks off, what was written stays, and the same table may be sent again:
    who is in a file already is passed over.
    """
    if room.importing.locked():
        raise NotNow("another table of customers is being read; wait until it is done")
    async with room.importing:
        checked = await run_in_threadpool(_checked, room, wanted)
        written = 0
        if not (wanted.atomic and checked.count):
            written = await _write_all(room, wanted, checked)

        def made(session: Session, actor: Actor) -> RecordStepped:
            what = (session, wanted.content, checked, written, actor)
            return customer_exchange.imported(*what)

        number = await carried_out(room, wanted.by, made)
    return ImportReportOut(
        number=number,
        rows=checked.rows,
        written=written,
        passed_over=checked.rows - written,
        problem_count=checked.count,
        problems=[ProblemOut.model_validate(problem) for problem in checked.problems],
    )


@router.post("/export", summary="导出客户", responses=problems(409, 422, 503))
async def export_customers(room: InRoom, wanted: ExportCustomers) -> Response:
    """Every standing customer; that the file went out stands in the audit trail."""

    def file() -> File:
        with room.store.session() as session:
            accounts.people(session, room.supervisors).check(
                wanted.by, customer_exchange.MOVES["", "export"].by
            )
            return customer_exchange.export(session, wanted.form)

    made = await run_in_threadpool(file)

    def fact(session: Session, actor: Actor) -> RecordStepped:
        return customer_exchange.exported(session, made, wanted.purpose, actor)

    number = await carried_out(room, wanted.by, fact)
    name = f'attachment; filename="{number}.{wanted.form}"'
    headers = {"Content-Disposition": name}
    return Response(made.content, media_type=KINDS[wanted.form], headers=headers)


def _checked(room: Room, wanted: ImportCustomers) -> Checked:
    with room.store.session() as session:
        _actor(room, session, wanted.by)
        return customer_import.check(session, wanted.content, rules_of(room))


def _actor(room: Room, session: Session, by: str) -> Actor:
    people = accounts.people(session, room.supervisors)
    people.check(by)
    return Actor(by, room.now(), people)


async def _write_all(room: Room, wanted: ImportCustomers, checked: Checked) -> int:
    """How many were written."""
    batches = customer_import.batches(wanted.content, checked, rules_of(room))
    written = 0
    while (batch := await run_in_threadpool(next, batches, None)) is not None:
        await _write(room, wanted.by, batch)
        written += len(batch)
    return written


async def _write(room: Room, by: str, batch: Batch) -> None:
    """Open these files; who lost the number to somebody else gets the next one."""
    for tries in range(TRIES):
        facts = await run_in_threadpool(partial(_opened, room, by, batch))
        done = await asyncio.gather(
            *(room.desk.record(fact) for fact in facts), return_exceptions=True
        )
        failed = [error for error in done if isinstance(error, BaseException)]
        worse = [error for error in failed if not isinstance(error, NumberTaken)]
        if worse or (failed and tries == TRIES - 1):
            raise (worse or failed)[0]
        if not failed:
            return
        batch = [
            fields
            for fields, error in zip(batch, done, strict=True)
            if isinstance(error, BaseException)
        ]


def _opened(room: Room, by: str, batch: Batch) -> list[RecordStepped]:
    with room.store.session() as session:
        return customer_import.opened(session, batch, _actor(room, session, by))
