"""The pages of complaints (投诉): the register with its figures, and one complaint. Reads the
session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from callcenter.casework import steps
from callcenter.casework.complaints import lists as complaint_lists
from callcenter.casework.complaints import record as complaints
from callcenter.casework.complaints.lists import Asked, Figures
from callcenter.store import calls, trail
from callcenter.store.complaint_tables import Complaint
from callcenter.store.order_tables import WorkOrder
from callcenter.web.api.complaints import AskedComplaints
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.records import forms, records, stages
from callcenter.web.pages.records.course import course
from callcenter.web.pages.records.crew import crew_of
from callcenter.web.pages.records.deadlines import Deadline
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

MAIN: Mapping[str, tuple[str, ...]] = {
    complaints.RECEIVED: ("acknowledge",),
    complaints.ACKNOWLEDGED: ("found", "refuse"),
    complaints.UNFOUNDED: ("reply", "found"),
    complaints.ASSESSED: ("investigate",),
    complaints.INVESTIGATED: ("propose",),
    complaints.APPROVED: ("implement", "not_accepted"),
    complaints.IMPLEMENTED: ("satisfied", "not_satisfied", "sanction"),
    complaints.FOLLOWED_UP: ("close",),
    complaints.CLOSED: ("improve", "check_improvement", "archive", "reopen"),
}
"""By state, what its stage is there for; plans are decided where they are drawn."""
DECIDING = ("approve", "send_back")
ABOVE = ("tell_more", "report", "correct")
DAYS = 30
"""Of the figures above the register."""
ALIKE_DAYS = 90
STATES = Literal[
    "", "open", "received", "acknowledged", "assessed", "unfounded", "investigated", "approved",
    "implemented", "followed_up", "closed", "archived",
]  # fmt: skip
COUNTED = (
    "channel", "opened_since", "opened_until", "feedback_since", "feedback_until", "judged",
    "founded", "closed", "satisfied", "asked", "in_time", "again",
)  # fmt: skip
Short = Annotated[str, Query(max_length=64)]


@dataclass
class ComplaintsAsked:
    """Which complaints the register shows, besides what a figure of a report counts."""

    state: STATES = ""
    category: Literal[
        "", "quality", "delivery", "attitude", "price", "refund", "repeated", "other"
    ] = ""
    severity: Literal["", "ordinary", "severe", "major"] = ""
    department: Short = ""
    overdue: bool = False
    text: Short = ""
    after: Annotated[str, Query(max_length=40)] = ""

    def question(self, told: AskedComplaints, now: datetime) -> Asked:
        """Both together; what is overdue should have been told by now."""
        state = "" if self.state == "open" else self.state
        states = complaints.OPEN if self.state == "open" else ()
        return replace(told.asked_at(now), state=state, states=states, text=self.text)


@router.get("/complaints")
def register(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    asked: Annotated[ComplaintsAsked, Depends()],
    told: Annotated[AskedComplaints, Depends()],
) -> HTMLResponse:
    """The register, filtered and paged; the figures of the last 30 days."""
    now = room.now()
    wanted = asked.question(told, now)
    found = complaint_lists.find(session, wanted, records.PAGE + 1, asked.after)
    return render(
        request,
        "orders/complaints.html",
        complaints=found[: records.PAGE],
        more=found[records.PAGE - 1].number if len(found) > records.PAGE else "",
        asked=asked,
        kept=records.counted(told, COUNTED),
        clock=lambda row: clock(row, now),
        figures=_figures(session, now, DAYS),
        days=DAYS,
        crew=crew_of(room, session, agents),
    )


@router.get("/complaints/{number}")
def complaint(
    request: Request, room: InRoom, session: InSession, agents: Agents, number: str
) -> HTMLResponse:
    """One complaint: what the customer wants, where it stands, what can be done now."""
    row, now = steps.get(session, Complaint, number), room.now()
    entries = trail.of(session, complaints.KIND, number)
    found = forms.offers(complaints.KIND, complaints.MOVES, row, forms.of_complaint)
    deciding = {one: found.pop(one) for one in DECIDING if one in found}
    order = session.get(WorkOrder, row.work_order_number) if row.work_order_number else None
    return render(
        request,
        "orders/complaint.html",
        row=row,
        order=order,
        plans=[_plan(one, now) for one in row.proposals],
        steps=records.sorted_out(found, MAIN.get(row.state, ()), ABOVE),
        deciding=deciding if row.proposals else {},
        reply=complaints.refusal(row, room.house.phrases),
        stages=stages.of_complaint(row.state, entries),
        clock=clock(row, now),
        clocks=records.clocks(order.promises, now) if order else [],
        course=course("complaint", entries),
        calls=calls.list_calls(session, limit=6, caller_number=row.phone) if row.phone else (),
        alike=_figures(session, now, ALIKE_DAYS, row.category),
        around=records.around_complaint(session, row),
        templates=records.templates(room),
        crew=crew_of(room, session, agents),
        facts=facts,
    )


def clock(row: Complaint, now: datetime) -> Deadline | None:
    """What the stage has to keep: the word to the customer, the inquiry, the plan."""
    if row.state not in complaints.OPEN:
        return None
    due_at = row.feedback_due_at
    if row.state == complaints.ASSESSED:
        due_at = row.investigate_by
    elif row.state == complaints.APPROVED and row.chosen is not None:
        due_at = records.moment(row.proposals[row.chosen]["due_at"])
    return Deadline(due_at, row.opened_at, now) if due_at else None


def _plan(proposal: Mapping[str, str], now: datetime) -> dict[str, object]:
    due_at = records.moment(proposal["due_at"])
    made_at = records.moment(proposal["at"])
    return {**proposal, "clock": Deadline(due_at, made_at, now), "made_at": made_at}


def _figures(session: Session, now: datetime, days: int, category: str = "") -> Figures:
    asked = Asked(category=category, opened_since=now - timedelta(days=days))
    return complaint_lists.figures(session, asked, now)
