"""Who is to be followed up, and what follows from what was done (F1, F2, F12, F13, C16, W16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy.orm import Session

from callcenter.casework.complaints import record as complaints
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.follow_ups.record import COMPLAINT, KIND, ORDER, WITHIN
from callcenter.casework.numbering import next_number
from callcenter.casework.orders import calls as work_orders
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.moves import AWAITING_FOLLOW_UP
from callcenter.core.events import Event, RecordStepped
from callcenter.core.numbers import plain
from callcenter.core.people import SYSTEM
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import WorkOrder


def consequence(zone: tzinfo | None = None) -> Callable[[Session, Event], list[Event]]:
    """A function for the books: an order that waits for it or was closed, and a complaint whose
    plan was carried out, is followed up within three days; unless that number has an open
    follow-up. What the customer says then goes into the order or the complaint."""

    def on_event(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, RecordStepped):
            return []
        if event.kind == KIND:
            return _heard(session, event)
        wanted = _wanted(session, event)
        if not wanted or follow_ups.open_for(session, wanted["phone"]) is not None:
            return []
        return [_planned(session, wanted, event.at, zone)]

    return on_event


def _heard(session: Session, step: RecordStepped) -> list[Event]:
    row = session.get_one(FollowUp, step.number)
    if step.action != "reached":
        return []
    if row.reason == ORDER:
        order = session.get(WorkOrder, row.about)
        if order is None or order.state != AWAITING_FOLLOW_UP:
            return []
        return [order_steps.asked(order, bool(row.satisfied), row.result, step.person, step.at)]
    if row.reason != COMPLAINT:
        return []
    about = session.get(Complaint, row.about)
    if about is None or about.state != complaints.IMPLEMENTED:
        return []
    return [complaints.asked(about, bool(row.satisfied), row.result, step.person, step.at)]


def _wanted(session: Session, step: RecordStepped) -> dict[str, Any]:
    """The follow-up that this step calls for; nothing where there is no number to call."""
    if step.kind == work_orders.KIND and _ends_work(step):
        order = session.get_one(WorkOrder, step.number)
        return _of(ORDER, order.number, order.phone or order.caller_number, order.concerned)
    if step.kind == complaints.KIND and step.action == "implement":
        row = session.get_one(Complaint, step.number)
        return _of(COMPLAINT, row.number, row.phone, row.complainant)
    return {}


def _ends_work(step: RecordStepped) -> bool:
    """Whether an order waits for a follow-up from this step on, or was closed without one."""
    if step.state == AWAITING_FOLLOW_UP:
        return step.action in ("wrap_up_solved", "reply_accepted")
    return step.state == work_orders.CLOSED and step.action not in ("followed_up", "correct")


def _of(reason: str, about: str, phone: str, customer: str) -> dict[str, Any]:
    number = plain(phone)
    if not number:
        return {}
    return {"reason": reason, "about": about, "phone": number, "customer": customer}


def _planned(
    session: Session, wanted: dict[str, Any], at: datetime, zone: tzinfo | None
) -> RecordStepped:
    number = next_number(session, FollowUp.number, follow_ups.PREFIX, at, zone)
    changes = {**wanted, "due_at": at + WITHIN}
    return RecordStepped("", at, KIND, number, "plan", SYSTEM, follow_ups.DUE, 0, changes)
