"""The page of follow-up calls (回访): who is to be called when, and the one in hand. Reads the
session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from callcenter.casework import steps
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.core.hours import Hours
from callcenter.core.people import LEADS
from callcenter.core.talks import Talk, spoken
from callcenter.store import trail
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Call
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has
from callcenter.web.pages.records import forms, records
from callcenter.web.pages.records.course import course
from callcenter.web.pages.records.crew import crew_of, own_names
from callcenter.web.pages.records.deadlines import Deadline
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

MAIN: Mapping[str, tuple[str, ...]] = {
    follow_ups.DUE: ("allot",),
    follow_ups.ALLOTTED: ("begin",),
    follow_ups.CALLING: ("reached", "not_reached", "release"),
    follow_ups.UNREACHABLE: ("allot",),
}
"""By state, what it is there for; who cannot be reached gets a message besides."""
OWN = ("begin", "message")
"""Steps with a form of their own."""
LONG = 200
FAR = timedelta(days=3660)
PAST = timedelta(days=7)
"""So far back go those that are done."""
KINDS: Mapping[str, type[WorkOrder] | type[Complaint] | type[Customer]] = {
    follow_ups.ORDER: WorkOrder,
    follow_ups.COMPLAINT: Complaint,
    follow_ups.MEMBER: Customer,
    follow_ups.LAPSED: Customer,
}
FOLDERS = {
    "order": "orders",
    "complaint": "complaints",
    "member": "customers",
    "lapsed": "customers",
}
"""What a follow-up is about, and where that is shown."""
COUNTED = ("plan", "state", "due_since", "due_until", "in_time", "satisfied")
Short = Annotated[str, Query(max_length=64)]


@dataclass
class FollowUpsAsked:
    """Which follow-ups the list shows."""

    view: Literal["", "overdue", "today", "missed", "unallotted", "done"] = ""
    agent: Short = ""
    reason: Literal["", "order", "complaint", "member", "lapsed", "other"] = ""
    mine: bool = False
    plan: Short = ""
    state: Short = ""
    overdue: bool = False
    due_since: AwareDatetime | None = None
    due_until: AwareDatetime | None = None
    in_time: bool | None = None
    satisfied: bool | None = None

    @property
    def counted(self) -> dict[str, str]:
        """What a figure of a report counts."""
        return records.counted(self, COUNTED)

    def found(self, session: Session, now: datetime, hours: Hours) -> Sequence[FollowUp]:
        """The first of them, the most urgent at the top."""
        own = own_names() if self.mine else ()
        agent = own[0] if own else self.agent
        what: dict[str, Any] = {"agent": agent, "reason": self.reason, "limit": LONG}
        if self.counted:
            due = (self.due_since, self.due_until)
            what |= {"in_time": self.in_time, "satisfied": self.satisfied, "plan": self.plan}
            what |= {"state": self.state, "due_before": now if self.overdue else None}
            return follow_ups.listing(session, due=due, **what)
        match self.view:
            case "unallotted":
                return follow_ups.listing(session, state=follow_ups.DUE, **what)
            case "done":
                since = (now - PAST, None)
                rows = follow_ups.listing(session, state=follow_ups.DONE, due=since, **what)
                return rows[::-1]
            case "overdue":
                return follow_ups.listing(session, due_before=now, **what)
            case "today":
                return follow_ups.listing(session, due_before=hours.day_end(now, 0), **what)
        rows = follow_ups.listing(session, due_before=now + FAR, **what)
        return [row for row in rows if row.tries] if self.view == "missed" else rows


@router.get("/follow-ups")
def due(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    asked: Annotated[FollowUpsAsked, Depends()],
) -> HTMLResponse:
    """Who is to be called, by day; the first of them beside it."""
    found = asked.found(session, room.now(), room.house.hours)
    return _page(request, room, session, agents, asked, found, found[0] if found else None)


@router.get("/follow-ups/{number}")
def follow_up(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    number: str,
    asked: Annotated[FollowUpsAsked, Depends()],
) -> HTMLResponse:
    """The same with this one beside it."""
    row = steps.get(session, FollowUp, number)
    found = asked.found(session, room.now(), room.house.hours)
    return _page(request, room, session, agents, asked, found, row)


def _page(
    request: Request,
    room: Room,
    session: Session,
    agents: Agents,
    asked: FollowUpsAsked,
    found: Sequence[FollowUp],
    row: FollowUp | None,
) -> HTMLResponse:
    now, hours = room.now(), room.house.hours
    return render(
        request,
        "orders/follow_ups.html",
        days=_by_day(found, now, hours),
        count=len(found),
        most=LONG,
        asked=asked,
        kept=asked.counted,
        row=row,
        clock=lambda one: Deadline(one.due_at, one.opened_at, now),
        leads=has(*LEADS),
        crew=crew_of(room, session, agents),
        templates=records.templates(room),
        **(_one(room, session, row, hours.is_open(now)) if row else {}),
    )


def _one(room: Room, session: Session, row: FollowUp, is_open: bool) -> dict[str, Any]:
    found = forms.offers(follow_ups.KIND, follow_ups.MOVES, row, forms.of_follow_up)
    table = KINDS.get(row.reason)
    calls = [session.get(Call, call_id) for call_id in row.calls[-records.MOST :]]
    return {
        "steps": records.sorted_out(
            {name: one for name, one in found.items() if name not in OWN},
            MAIN.get(row.state, ()),
            ("postpone", "cancel"),
        ),
        "begins": "begin" in found,
        "messages": "message" in found,
        "theirs": not own_names() or row.agent in own_names(),
        "talk": _talk(room, row),
        "open_now": is_open,
        "about": session.get(table, row.about) if table and row.about else None,
        "folder": FOLDERS.get(row.reason, ""),
        "calls": [call for call in calls if call is not None],
        "course": course("follow_up", trail.of(session, follow_ups.KIND, row.number)),
    }


def _talk(room: Room, row: FollowUp) -> Talk | None:
    talk = room.house.talks.get(row.reason)
    known = {"agent": row.agent, "customer": row.customer, "about": row.about}
    return spoken(talk, {**room.house.letterhead, **known}) if talk else None


def _by_day(
    found: Sequence[FollowUp], now: datetime, hours: Hours
) -> list[tuple[str, list[FollowUp]]]:
    """The list under the days on which it is due, on the house's wall."""
    today = now.astimezone(hours.zone).date()
    near = {today: "today", today + timedelta(days=1): "tomorrow"}

    def name(row: FollowUp) -> str:
        if row.due_at < now and row.state in follow_ups.OPEN:
            return "late"
        day = row.due_at.astimezone(hours.zone).date()
        return near.get(day, f"{day:%m-%d}")

    return [(day, list(rows)) for day, rows in groupby(found, name)]
