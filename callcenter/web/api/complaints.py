"""Complaints through their six stages, and their statistics (C1-C20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.complaints import lists as complaint_lists
from callcenter.casework.complaints import record as complaints
from callcenter.casework.complaints import statistics as complaint_statistics
from callcenter.casework.complaints.lists import Asked
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.complaint_tables import Complaint
from callcenter.web.api.base import Line, Text
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, Whole, as_paper
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/complaints", tags=["投诉"])

Category = Literal["quality", "delivery", "attitude", "price", "refund", "repeated", "other"]
Channel = Literal["phone", "mail", "visit", "online"]
Severity = Literal["ordinary", "severe", "major"]


class RegisterComplaint(Signed):
    """顾客投诉登记表; of a call where `call_id` names one."""

    complainant: Line
    content: Text
    wanted: Text
    category: Category
    channel: Channel = "phone"
    severity: Severity = "ordinary"
    call_id: Line = ""
    work_order_number: Line = ""
    customer_number: Line = ""
    company: Line = ""
    phone: Line = ""
    address: Line = ""


class ActOnComplaint(Act):
    """A step; `possible` says which the state allows, a refusal what it needs."""

    process_told: Text = ""
    feedback_due_at: AwareDatetime | None = None
    judgement: Text = ""
    reply: Text = ""
    department: Line = ""
    investigate_by: AwareDatetime | None = None
    cause: Text = ""
    responsible: Line = ""
    impact: Text = ""
    loss_fen: Annotated[int | None, Field(ge=0, le=10**12)] = None
    measures: Text = ""
    cost_fen: Annotated[int | None, Field(ge=0, le=10**12)] = None
    measure: Text = ""
    owner: Line = ""
    due_at: AwareDatetime | None = None
    chosen: int | None = None
    remark: Text = ""
    customer_signature: Line = ""
    feedback: Text = ""
    sanction: Text = ""
    summary: Text = ""
    improvement: int | None = None
    result: Text = ""
    to: Line = ""
    work_order_number: Line = ""
    customer_number: Line = ""
    complainant: Line = ""
    company: Line = ""
    phone: Line = ""
    address: Line = ""
    channel: Channel = "phone"
    category: Category = "other"
    severity: Severity = "ordinary"
    content: Text = ""
    wanted: Text = ""


class ComplaintOut(RecordOut):
    """A complaint; money in fen."""

    work_order_number: str
    call_id: str
    customer_number: str
    complainant: str
    company: str
    phone: str
    address: str
    channel: str
    category: str
    severity: str
    content: str
    wanted: str
    process_told: str
    feedback_due_at: datetime | None
    reported_to: list[Any]
    founded: bool | None
    judged_at: datetime | None
    judgement: str
    reply: str
    department: str
    investigate_by: datetime | None
    cause: str
    responsible: str
    impact: str
    loss_fen: int
    proposals: list[Any]
    chosen: int | None
    signed_by: str
    remark: str
    customer_signature: str
    feedback: str
    sanction: str
    satisfied: bool | None
    rounds: int
    summary: str
    closed_at: datetime | None
    improvements: list[Any]
    suggested_reply: str = ""
    """While it is unfounded: what may be said to the customer."""


@dataclass
class AskedComplaints:
    """Which complaints a list shows; `department` "-" asks for those that none has."""

    state: str = ""
    department: str = ""
    category: str = ""
    channel: str = ""
    severity: str = ""
    overdue: bool = False
    opened_since: AwareDatetime | None = None
    opened_until: AwareDatetime | None = None
    feedback_since: AwareDatetime | None = None
    feedback_until: AwareDatetime | None = None
    judged: bool | None = None
    founded: bool | None = None
    closed: bool | None = None
    satisfied: bool | None = None
    asked: bool | None = None
    in_time: bool | None = None
    again: bool | None = None

    def asked_at(self, now: datetime) -> Asked:
        """The question; what is overdue should have been told by now."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        overdue = given.pop("overdue")
        return Asked(**given, overdue_at=now if overdue else None)


@router.get("", summary="投诉列表", responses=problems(422))
def list_complaints(
    room: InRoom,
    session: InSession,
    asked: Annotated[AskedComplaints, Depends()],
    limit: Annotated[int, Query(ge=1, le=complaint_lists.MOST)] = 200,
) -> list[ComplaintOut]:
    """Complaints, newest first; `overdue`: whose customer should have heard from us by now."""
    found = complaint_lists.find(session, asked.asked_at(room.now()), limit)
    return [listed(ComplaintOut, complaints.MOVES, row) for row in found]


@router.get("/statistics", summary="顾客投诉分类统计表", responses=problems(422))
def statistics(
    room: InRoom,
    session: InSession,
    whole: Whole,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """Complaints by class, department and channel, of the last 30 days unless told otherwise."""
    end = until or room.now()
    begin = since or end - timedelta(days=30)
    return as_paper(complaint_statistics.sheet(session, begin, end), form, "complaints", whole)


@router.get("/{number}", summary="一件投诉", responses=problems(404))
def get_complaint(room: InRoom, session: InSession, number: str) -> ComplaintOut:
    """A complaint and every step in it."""
    row = steps.get(session, Complaint, number)
    shown = whole(ComplaintOut, complaints.MOVES, session, complaints.KIND, row)
    if row.state == complaints.UNFOUNDED:
        shown.suggested_reply = complaints.refusal(row, room.house.phrases)
    return shown


@router.post("", summary="登记投诉", status_code=201, responses=problems(404, 409, 422, 503))
async def register(room: InRoom, wanted: RegisterComplaint) -> ComplaintOut:
    """Write a complaint down."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return complaints.register(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, partial(get_complaint, room))


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnComplaint) -> ComplaintOut:
    """Take a step; `possible` in the complaint says which its state allows."""
    return await stepped(room, number, wanted, complaints.act, partial(get_complaint, room))
