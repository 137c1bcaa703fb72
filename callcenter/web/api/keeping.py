"""How long things are kept: the terms and what would go, holds, erasures and their certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.keeping import erasures, holds, overdue
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.keeping_tables import Erasure, Hold
from callcenter.web.api.base import Line, Out
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, as_paper
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(tags=["保留与删除"])

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class TermOut(Out):
    """How long a class of calls keeps a part, how many lose it now, and how many are held."""

    of_class: Literal["ordinary", "complaint", "harassment"]
    part: Literal["sound", "words", "record"]
    days: int
    """0: for good."""
    goes: int
    held: int


class RetentionOut(Out):
    """The house's terms, and what they would do now; `carried_out`: whether they do it daily."""

    carried_out: bool
    at: str
    terms: list[TermOut]
    held_by: dict[str, int]
    """How many calls each reason holds: placed, case, complaint, unfinished."""


class PlaceHold(Signed):
    """`about` is a call's id, a telephone number, or the number of a customer or a case."""

    subject: Literal["call", "source", "customer", "case"]
    about: Line
    reason: Reason


class ActOnHold(Act):
    """lift, with a remark why."""

    action: Literal["lift"]
    remark: str = Field("", max_length=2000)


class HoldOut(RecordOut):
    """A hold."""

    subject: str
    about: str
    reason: str
    remark: str


class AskErasure(Signed):
    """`about` is a telephone number or a customer's; `reason` says who asked, how, on what
    ground."""

    subject: Literal["number", "customer"]
    about: Line
    reason: Reason


class ActOnErasure(Act):
    """approve; refuse, with a decision why. A second person does it."""

    action: Literal["approve", "refuse"]
    decision: str = Field("", max_length=2000)


class ErasureOut(RecordOut):
    """An erasure; `erased` counts by kind what is gone."""

    subject: str
    about: str
    reason: str
    decided_by: str
    decision: str
    done_at: datetime | None
    erased: dict[str, Any]
    certificate_sha256: str


@router.get("/retention", summary="保留期限与预览")
def retention(room: InRoom, session: InSession) -> RetentionOut:
    """What would go if it were carried out now; changes nothing."""
    house = room.house
    found = overdue.foresee(session, house.terms, room.now())
    return RetentionOut(
        carried_out=house.clears_at is not None,
        at=f"{house.clears_at:%H:%M}" if house.clears_at else "",
        terms=[TermOut.model_validate(one) for one in found],
        held_by=dict(overdue.held_by(session)),
    )


@router.get("/holds", summary="法律保全", responses=problems(422))
def list_holds(session: InSession, standing: bool | None = None) -> list[HoldOut]:
    """Holds, newest first; those that stand, or were lifted, where asked for."""
    return [listed(HoldOut, holds.MOVES, row) for row in holds.listing(session, standing)]


@router.get("/holds/{number}", summary="一项保全", responses=problems(404))
def get_hold(session: InSession, number: str) -> HoldOut:
    """A hold and every step in it."""
    return whole(HoldOut, holds.MOVES, session, holds.KIND, steps.get(session, Hold, number))


@router.post("/holds", summary="加保全", status_code=201, responses=problems(409, 422, 503))
async def place_hold(room: InRoom, wanted: PlaceHold) -> HoldOut:
    """From now on nothing of it is removed."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return holds.place(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_hold)


@router.post(
    "/holds/{number}/actions",
    summary="解除保全",
    status_code=201,
    responses=problems(404, 409, 422, 503),
)
async def act_on_hold(room: InRoom, number: str, wanted: ActOnHold) -> HoldOut:
    """Lift it."""
    return await stepped(room, number, wanted, holds.act, get_hold)


@router.get("/erasures", summary="个人信息删除", responses=problems(422))
def list_erasures(
    session: InSession,
    state: Annotated[Literal["", "asked", "refused", "approved", "done"], Query()] = "",
) -> list[ErasureOut]:
    """Erasures, newest first."""
    return [listed(ErasureOut, erasures.MOVES, row) for row in erasures.listing(session, state)]


@router.get("/erasures/{number}", summary="一次删除", responses=problems(404))
def get_erasure(session: InSession, number: str) -> ErasureOut:
    """An erasure and every step in it."""
    row = steps.get(session, Erasure, number)
    return whole(ErasureOut, erasures.MOVES, session, erasures.KIND, row)


@router.get("/erasures/{number}/certificate", summary="删除证明", responses=problems(404, 422))
def certificate(session: InSession, number: str, form: Form = "pdf") -> Response:
    """What was erased, when, by whom; for who asked for it."""
    sheet = erasures.certificate(session, steps.get(session, Erasure, number))
    return as_paper(sheet, form, number)


@router.post("/erasures", summary="申请删除", status_code=201, responses=problems(409, 422, 503))
async def ask_erasure(room: InRoom, wanted: AskErasure) -> ErasureOut:
    """Ask for it; a second person approves."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return erasures.ask(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_erasure)


@router.post(
    "/erasures/{number}/actions",
    summary="批准或不批准",
    status_code=201,
    responses=problems(404, 409, 422, 503),
)
async def act_on_erasure(room: InRoom, number: str, wanted: ActOnErasure) -> ErasureOut:
    """Approve or refuse it; what is approved is carried out within a minute."""
    return await stepped(room, number, wanted, erasures.act, get_erasure)
