"""Whole telephone numbers for who has a reason; who saw which, and why, stands in the trail."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from callcenter.casework import telephone_numbers
from callcenter.core.events import Accessed
from callcenter.web.access.reach import Reach
from callcenter.web.access.visiting import ASKING
from callcenter.web.access.witness import REVEAL
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Signed, read
from callcenter.web.room import InRoom

router = APIRouter(prefix="/reveals", tags=["审计"])


class Reveal(Signed):
    """Of which record, and why."""

    kind: Literal[
        "call", "customer", "work_order", "complaint", "follow_up", "message", "harassment_case"
    ]
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RevealedOut(Out):
    """The record's numbers, whole."""

    numbers: list[str]


@router.post(
    "", summary="显示完整号码", response_model=RevealedOut, responses=problems(403, 404, 422, 503)
)
async def reveal(request: Request, room: InRoom, wanted: Reveal) -> JSONResponse:
    """The whole numbers of a record; written down before they are told."""
    reach: Reach = request.app.state.reach
    is_call = wanted.kind == "call"
    if is_call and not await reach.covers(ASKING.get().scope, wanted.number):
        raise HTTPException(404, f"no call {wanted.number}")

    def ask(session: Session) -> list[str]:
        return telephone_numbers.of(session, wanted.kind, wanted.number)

    numbers = await read(room, ask)
    about = (REVEAL, wanted.kind, wanted.number, wanted.reason)
    call_id = wanted.number if is_call else ""
    await room.desk.record(Accessed(call_id, room.now(), wanted.by, *about))
    return JSONResponse({"numbers": numbers})
