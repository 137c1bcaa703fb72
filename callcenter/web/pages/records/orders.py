"""The pages of work orders (工单): the register, and one order. Reads the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from starlette.responses import HTMLResponse

from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders import moves, steps
from callcenter.casework.orders.lists import Asked, AskedPromises
from callcenter.core.hours import Hours
from callcenter.store import trail
from callcenter.web.access.rights import DESK
from callcenter.web.api.order_models import AskedOrderPromises, State
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has
from callcenter.web.pages.records import forms, records, stages
from callcenter.web.pages.records.course import course
from callcenter.web.pages.records.crew import crew_of, own_names
from callcenter.web.pages.records.deadlines import Deadline
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

MAIN: Mapping[str, tuple[str, ...]] = {
    moves.DRAFT: ("wrap_up", "wrap_up_solved", "wrap_up_closed"),
    moves.PENDING: ("accept", "solve", "propose", "issue"),
    moves.IN_PROGRESS: ("solve", "propose", "issue"),
    moves.AWAITING_REPLY: ("reply_accepted", "reply_not_accepted", "report_progress"),
    moves.AWAITING_FOLLOW_UP: ("followed_up", "not_satisfied"),
    moves.CLOSED: ("archive", "reopen"),
}
"""By state, what its stage is there for."""
DECIDING = ("approve", "send_back")
"""Of a proposal, where there is one."""
ABOVE = ("chase", "dispatch", "contact")

COUNTED = ("what", "due_since", "due_until", "kept")
OPENED = ("opened_since", "opened_until")
"""What figures of reports count."""
Short = Annotated[str, Query(max_length=64)]


@dataclass
class OrdersAsked:
    """Which work orders the register shows."""

    state: State = ""
    type: Literal["", "enquiry", "suggestion", "complaint", "repair"] = ""
    owner: Short = ""
    due: Literal["", "overdue", "today"] = ""
    mine: bool = False
    alarm: bool = False
    text: Short = ""
    opened_since: AwareDatetime | None = None
    opened_until: AwareDatetime | None = None
    after: Annotated[str, Query(max_length=40)] = ""

    def question(self, told: AskedOrderPromises, now: datetime, hours: Hours) -> Asked:
        """With the promises that a figure of a report counts; today ends with the house's day."""
        return Asked(
            state=self.state,
            type=self.type,
            owner=self.owner,
            text=self.text,
            due_before={"overdue": now, "today": hours.day_end(now, 0)}.get(self.due),
            alarm=self.alarm,
            opened_since=self.opened_since,
            opened_until=self.opened_until,
            owners=own_names() if self.mine else (),
            promised=AskedPromises(**asdict(told)),
        )


@router.get("/orders")
def orders(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    asked: Annotated[OrdersAsked, Depends()],
    told: Annotated[AskedOrderPromises, Depends()],
) -> HTMLResponse:
    """The register, filtered and paged; how today's promises stand."""
    now, hours = room.now(), room.house.hours
    wanted = asked.question(told, now, hours)
    found = order_lists.find(session, wanted, records.PAGE + 1, asked.after)
    return render(
        request,
        "orders/orders.html",
        orders=found[: records.PAGE],
        more=found[records.PAGE - 1].number if len(found) > records.PAGE else "",
        asked=asked,
        kept=records.counted(told, COUNTED) | records.counted(asked, OPENED),
        clock=lambda row: clock(row, now),
        board=order_lists.board(session, now, hours),
        crew=crew_of(room, session, agents),
        writes=has(*DESK),
    )


@router.get("/orders/{number}")
def order(
    request: Request, room: InRoom, session: InSession, agents: Agents, number: str
) -> HTMLResponse:
    """One work order: its stages, what can be done now, its clocks, what was done."""
    row, now = steps.get(session, number), room.now()
    entries = trail.of(session, moves.KIND, number)
    found = forms.offers(moves.KIND, moves.MOVES, row, forms.of_order)
    deciding = DECIDING if row.proposed_by and not row.approved_by else ()
    sorted_out = records.sorted_out(found, MAIN.get(row.state, ()), ABOVE)
    return render(
        request,
        "orders/order.html",
        row=row,
        steps=_without(sorted_out),
        deciding=[found[one] for one in deciding if one in found],
        stages=stages.of_order(row.state, entries),
        clocks=records.clocks(row.promises, now),
        clock=clock(row, now),
        course=course("order", entries),
        calls=order_lists.calls_in(session, number),
        raised=order_lists.raised_from(session, number),
        around=records.around_order(session, row),
        templates=records.templates(room),
        script=_script(room, row.concerned, row.title),
        crew=crew_of(room, session, agents),
        writes=has(*DESK),
        facts=facts,
    )


def clock(row: object, now: datetime) -> Deadline | None:
    """When the first promise of an open order is due."""
    due_at, state = getattr(row, "due_at", None), getattr(row, "state", "")
    if due_at is None or state in moves.DONE:
        return None
    return Deadline(due_at, getattr(row, "opened_at", now), now)


def _without(found: records.Steps) -> records.Steps:
    """Approving and sending back stand beside the proposal, nowhere else."""
    kept = tuple(one for one in found.more if one.action not in DECIDING)
    return replace(found, more=kept)


def _script(room: Room, concerned: str, title: str) -> dict[str, str]:
    """What is said at each tick of a call out (W8 to W10)."""
    known = {"hotline": room.house.hotline, "agent": "……", "name": concerned, "title": title}
    filled = {name: text or "……" for name, text in known.items()}
    said = ((tick, room.house.phrases.get(tick, "")) for tick, _ in moves.SCRIPT)
    return {tick: text.format_map(filled) for tick, text in said}
