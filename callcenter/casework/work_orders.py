"""Work orders (工单): each answered call hangs on one. Reads and adds through the session given.

The links themselves are written by the books, from the WorkOrderLinked facts that come from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.numbering import next_number
from callcenter.core.errors import NoSuchWorkOrder, Refused
from callcenter.core.events import CallAnswered, CallEnded, Event, WorkOrderLinked
from callcenter.core.numbers import plain
from callcenter.store import calls
from callcenter.store.tables import Call, HitRow, WorkOrder

ENQUIRY, SUGGESTION, COMPLAINT = "enquiry", "suggestion", "complaint"
TYPES = (ENQUIRY, SUGGESTION, COMPLAINT)
DRAFT, OPEN, CLOSED = "draft", "open", "closed"
SYSTEM = "system"
"""`linked_by` where no person chose the link."""
NEW = ""
"""The number in a WorkOrderLinked fact that asks for a new work order."""

Group = Callable[[str], str]
"""What a category counts as: core.ports.Scripts.group."""


def consequence(
    group: Group, zone: tzinfo | None = None
) -> Callable[[Session, Event], list[Event]]:
    """The rules below as one function for the books.

    `zone` says which day a number names; None is this machine's own.
    """

    def on_event(session: Session, event: Event) -> list[Event]:
        if isinstance(event, CallAnswered):
            return _on_answered(session, event, zone)
        if isinstance(event, CallEnded):
            return _on_ended(session, event, group)
        if isinstance(event, WorkOrderLinked):
            return _on_linked(session, event, zone)
        return []

    return on_event


def get(session: Session, number: str) -> WorkOrder:
    """The work order. Raises NoSuchWorkOrder."""
    order = session.get(WorkOrder, number)
    if order is None:
        raise NoSuchWorkOrder(f"no work order {number}")
    return order


def open_for(session: Session, number: str) -> WorkOrder | None:
    """The newest work order of this caller that is not closed; never one for a withheld number.

    One that a correction left without any call does not count.
    """
    caller = plain(number)
    if not caller:
        return None
    return session.scalar(
        select(WorkOrder)
        .where(
            WorkOrder.caller_number == caller,
            WorkOrder.status.in_((DRAFT, OPEN)),
            WorkOrder.calls.any(),
        )
        .order_by(WorkOrder.created_at.desc(), WorkOrder.number.desc())
        .limit(1)
    )


def list_orders(session: Session, *, limit: int = 50) -> Sequence[WorkOrder]:
    """Work orders, newest first."""
    newest = select(WorkOrder).order_by(WorkOrder.created_at.desc(), WorkOrder.number.desc())
    return session.scalars(newest.limit(limit)).all()


def check_link(session: Session, call_id: str, number: str) -> tuple[Call, WorkOrder]:
    """The call and the work order of a link that a person wants.

    Raises NoSuchCall, NoSuchWorkOrder.
    """
    return calls.get_call(session, call_id, loaded=False), get(session, number)


def relink(
    session: Session,
    call_id: str,
    number: str | None,
    *,
    by: str,
    at: datetime,
    type: str | None = None,
) -> WorkOrderLinked:
    """The fact that a person links this call to `number`, None for a new work order.

    `type` corrects the work order's type too; None leaves it, and makes a new one an enquiry. To be
    sent through the ledger: a new one gets its number there. Raises NoSuchCall, NoSuchWorkOrder,
    and Refused for an unknown type or a link without a person's name.
    """
    person = by.strip()
    if person in ("", SYSTEM):
        raise Refused("a link is corrected by a person; expected their name")
    if type is not None and type not in TYPES:
        raise Refused(f"a work order cannot be a {type!r}; expected {', '.join(TYPES)}")
    if number is None:
        calls.get_call(session, call_id, loaded=False)
        return WorkOrderLinked(call_id, at, NEW, type or ENQUIRY, person)
    _, order = check_link(session, call_id, number)
    return WorkOrderLinked(call_id, at, order.number, type or order.type, person)


def _on_answered(session: Session, event: CallAnswered, zone: tzinfo | None) -> list[Event]:
    """A call that an agent took hangs on the caller's open work order, else on a new draft."""
    call = calls.get_call(session, event.call_id, loaded=False)
    if not event.agent or call.work_order_number is not None:
        return []
    order = open_for(session, call.source) or _draft(session, call, event.at, zone)
    return [WorkOrderLinked(event.call_id, event.at, order.number, order.type, SYSTEM)]


def _on_ended(session: Session, event: CallEnded, group: Group) -> list[Event]:
    """What was heard proposes the type of a draft that this call opened and nobody corrected."""
    call = calls.get_call(session, event.call_id, loaded=False)
    order = call.work_order
    if order is None or not _is_own_draft(session, call, order):
        return []
    heard = _type_heard(session, call.call_id, group) or order.type
    if heard == order.type:
        return []
    return [WorkOrderLinked(event.call_id, event.at, order.number, heard, SYSTEM)]


def _on_linked(session: Session, event: WorkOrderLinked, zone: tzinfo | None) -> list[Event]:
    """A person asked for a new work order: here it is."""
    if event.number != NEW:
        return []
    call = calls.get_call(session, event.call_id, loaded=False)
    order = _draft(session, call, event.at, zone, event.type)
    return [WorkOrderLinked(event.call_id, event.at, order.number, order.type, event.linked_by)]


def _draft(
    session: Session, call: Call, at: datetime, zone: tzinfo | None, type: str = ENQUIRY
) -> WorkOrder:
    order = WorkOrder(
        number=next_number(session, WorkOrder.number, "WO", at, zone),
        created_at=at,
        caller_number=call.source,
        agent=call.agent,
        type=type,
        status=DRAFT,
    )
    session.add(order)
    session.flush()
    return order


def _is_own_draft(session: Session, call: Call, order: WorkOrder) -> bool:
    corrected = select(Call.call_id).where(
        Call.work_order_number == order.number, Call.work_order_linked_by != SYSTEM
    )
    return (
        order.status == DRAFT
        and order.created_at == call.answered_at
        and session.scalar(corrected.limit(1)) is None
    )


def _type_heard(session: Session, call_id: str, group: Group) -> str | None:
    categories = session.scalars(
        select(HitRow.category).where(HitRow.call_id == call_id).distinct()
    )
    groups = {_group_of(category, group) for category in categories}
    return next((type for type in (COMPLAINT, SUGGESTION) if type in groups), None)


def _group_of(category: str, group: Group) -> str:
    try:
        return group(category)
    except KeyError:
        return ""  # the pack was changed during the call and has this category no more
