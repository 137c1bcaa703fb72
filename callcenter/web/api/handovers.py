"""Handover between shifts: drawn, given, ticked, taken, printed (J1-J11)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session
from starlette.responses import Response

from callcenter.casework import handovers, steps
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.handover_tables import Handover
from callcenter.web.api.base import Line, Text
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, Whole, as_paper
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/handovers", tags=["交接"])


class DrawHandover(Signed):
    """A sheet of what is open of `by`'s; `starts_at` is when the next shift begins."""

    shift: Line
    starts_at: AwareDatetime | None = None


class ActOnHandover(Act):
    """A step; `item` counts from 0."""

    taker: Line = ""
    item: int | None = None
    told_by_voice: bool = False
    sort: Literal["", "temporary", "from_above", "dispute", "special"] = ""
    text: Text = ""
    number: Line = ""
    due_at: AwareDatetime | None = None
    by_voice: bool = False


class HandoverOut(RecordOut):
    """A handover."""

    shift: str
    giver: str
    taker: str
    starts_at: datetime | None
    arrived_at: datetime | None
    items: list[Any]
    log: str
    given_at: datetime | None
    taken_at: datetime | None
    was_early: bool | None = None
    """Whether the taker was there 15 minutes before."""


@router.get("", summary="交接班本", responses=problems(422))
def list_handovers(
    session: InSession, person: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[HandoverOut]:
    """Handovers, newest first; of one person where named."""
    found = handovers.listing(session, person=person, limit=limit)
    return [listed(HandoverOut, handovers.MOVES, row) for row in found]


@router.get("/{number}", summary="一张交接表", responses=problems(404))
def get_handover(session: InSession, number: str) -> HandoverOut:
    """A handover and every step in it."""
    row = steps.get(session, Handover, number)
    shown = whole(HandoverOut, handovers.MOVES, session, handovers.KIND, row)
    shown.was_early = handovers.was_early(row)
    return shown


@router.get("/{number}/paper", summary="打印交接表", responses=problems(404, 422))
def paper(session: InSession, number: str, whole: Whole, form: Form = "pdf") -> Response:
    """The sheet to print and sign."""
    sheet = handovers.paper(steps.get(session, Handover, number))
    return as_paper(sheet, form, number, whole)


@router.post("", summary="开交接表", status_code=201, responses=problems(409, 422, 503))
async def draw(room: InRoom, wanted: DrawHandover) -> HandoverOut:
    """Draw a sheet from what is open."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return handovers.draw(session, wanted.shift, actor, wanted.given().get("starts_at"))

    return await opened(room, wanted.by, made, get_handover)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnHandover) -> HandoverOut:
    """Take a step; `possible` in the handover says which its state allows."""
    return await stepped(room, number, wanted, handovers.act, get_handover)
