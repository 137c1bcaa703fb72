"""What calls do to work orders (工单): each answered one hangs on one. Reads the session given.

Links are WorkOrderLinked facts; what opens or changes an order is a step in it, signed by a person
or by the system. What people do with orders themselves is order_steps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from callcenter.casework.numbering import next_number
from callcenter.casework.orders import promises as order_promises
from callcenter.casework.orders.moves import CLOSED as CLOSED
from callcenter.casework.orders.moves import (
    COMPLAINT,
    DONE,
    DRAFT,
    ENQUIRY,
    PREFIX,
    SUGGESTION,
    TYPES,
)
from callcenter.casework.orders.moves import KIND as KIND
from callcenter.casework.orders.steps import get as get
from callcenter.core.errors import Refused
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    Event,
    PromiseDecided,
    RecordStepped,
    TransferDone,
    WorkOrderLinked,
)
from callcenter.core.numbers import plain
from callcenter.core.people import SYSTEM
from callcenter.store import calls, promises
from callcenter.store.customers import file_of
from callcenter.store.facts import ask, ask_all
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Call, Handling, HitRow

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
        if isinstance(event, PromiseDecided):
            return _on_promised(session, event)
        if isinstance(event, TransferDone):
            return _on_transferred(session, event)
        return []

    return on_event


def open_for(session: Session, number: str) -> WorkOrder | None:
    """The newest work order of this caller that is not closed; never one for a withheld number.

    One that a correction left without any call does not count.
    """
    found = _open_order(session, plain(number))
    return None if found is None else session.get(WorkOrder, found.number)


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
    call = ask(session, _CALL, call=event.call_id)
    if call is None or not event.agent or call.work_order_number is not None:
        return []
    found = _open_order(session, call.source)
    if found is not None:
        return [WorkOrderLinked(event.call_id, event.at, found.number, found.type, SYSTEM)]
    return _draft(session, event, call, ENQUIRY, SYSTEM, zone)


def _on_ended(session: Session, event: CallEnded, group: Group) -> list[Event]:
    """What was heard proposes the type of a draft that this call opened and nobody corrected."""
    heard = _type_heard(session, event.call_id, group)
    if heard is None:
        return []
    call = calls.get_call(session, event.call_id, loaded=False)
    order = call.work_order
    if order is None or order.type == heard or not _is_own_draft(session, call, order):
        return []
    return [WorkOrderLinked(event.call_id, event.at, order.number, heard, SYSTEM)]


def _on_linked(session: Session, event: WorkOrderLinked, zone: tzinfo | None) -> list[Event]:
    """A person asked for a new work order: here it is; or the link changes its type."""
    if event.number == NEW:
        call = ask(session, _CALL, call=event.call_id)
        return _draft(session, event, call, event.type, event.linked_by, zone) if call else []
    order = ask(session, _ORDER, call=event.call_id)
    if order is None or order.type == event.type:
        return []
    if (order.number, order.work_order_linked_by) != (event.number, event.linked_by):
        return []  # the system does not undo what a person linked
    return [_step(order, "retype", event.linked_by, event.at, {"type": event.type})]


def _on_promised(session: Session, event: PromiseDecided) -> list[Event]:
    """What a person takes as a promise is one of the call's work order (W12)."""
    row = promises.get(session, event.promise_id)
    decision = (row.status, row.decided_at, row.decided_by)
    order = ask(session, _ORDER, call=event.call_id)
    if order is None or decision != (promises.ACCEPTED, event.at, event.person):
        return []
    before = get(session, order.number).promises
    if order.state in DONE or any(one["promise_id"] == row.promise_id for one in before):
        return []
    heard = (row.call_id, row.promise_id)
    made = order_promises.made(before, row.what, row.due_at, event.person, event.at, *heard)
    return [_step(order, "promise", event.person, event.at, order_promises.fields(made))]


def _on_transferred(session: Session, event: TransferDone) -> list[Event]:
    """Whoever has the call has its work order, with the notes: nothing begins anew (E1, E2)."""
    order = ask(session, _ORDER, call=event.call_id)
    if order is None or event.outside or order.state in DONE or order.owner == event.to:
        return []
    told = ask(session, _NOTES, call=event.call_id)
    changes = {"owner": event.to, "note": told.text if told else ""}
    return [_step(order, "transfer", event.agent or SYSTEM, event.at, changes)]


def _open_order(session: Session, source: str) -> Row[tuple[str, str]] | None:
    """Number and type of the work order that `open_for` finds."""
    return ask(session, _OPEN_ORDER, source=source) if source else None


def _draft(
    session: Session, event: Event, call: Row[Any], type: str, person: str, zone: tzinfo | None
) -> list[Event]:
    """A new work order for this call, as `_CALL` finds it, and the link to it."""
    number = next_number(session, WorkOrder.number, PREFIX, event.at, zone)
    file = file_of(session, call.source)
    fields = {
        "type": type,
        "caller_number": call.source,
        "phone": call.source,
        "owner": call.agent,
        **({"customer_number": file.number} if file else {}),
    }
    opened = RecordStepped("", event.at, KIND, number, "open", person, DRAFT, 0, fields)
    return [opened, WorkOrderLinked(event.call_id, event.at, number, type, person)]


def _step(
    order: Row[Any], action: str, person: str, at: datetime, changes: dict[str, Any]
) -> RecordStepped:
    """A step that follows from a fact, in the order as `_ORDER` finds it; it stays in its state."""
    stands = (order.state, order.version)
    return RecordStepped("", at, KIND, order.number, action, person, *stands, changes)


def _is_own_draft(session: Session, call: Call, order: WorkOrder) -> bool:
    corrected = select(Call.call_id).where(
        Call.work_order_number == order.number, Call.work_order_linked_by != SYSTEM
    )
    return (
        order.state == DRAFT
        and order.opened_at == call.answered_at
        and session.scalar(corrected.limit(1)) is None
    )


def _type_heard(session: Session, call_id: str, group: Group) -> str | None:
    categories = ask_all(session, _CATEGORIES, call=call_id)
    groups = {_group_of(found.category, group) for found in categories}
    return next((type for type in (COMPLAINT, SUGGESTION) if type in groups), None)


def _group_of(category: str, group: Group) -> str:
    try:
        return group(category)
    except KeyError:
        return ""  # the pack was changed during the call and has this category no more


_CALL = select(Call.agent, Call.source, Call.work_order_number).where(
    Call.call_id == bindparam("call")
)
_CATEGORIES = select(HitRow.category).where(HitRow.call_id == bindparam("call")).distinct()
_ORDER = select(
    WorkOrder.number,
    WorkOrder.type,
    WorkOrder.state,
    WorkOrder.version,
    WorkOrder.owner,
    Call.work_order_linked_by,
).where(Call.call_id == bindparam("call"), WorkOrder.number == Call.work_order_number)
_NOTES = (
    select(Handling.text)
    .where(Handling.call_id == bindparam("call"), Handling.kind == "transfer")
    .order_by(Handling.id.desc())
    .limit(1)
)
_OPEN_ORDER = (
    select(WorkOrder.number, WorkOrder.type)
    .where(
        WorkOrder.caller_number == bindparam("source"),
        *(WorkOrder.state != done for done in DONE),
        select(Call.call_id).where(Call.work_order_number == WorkOrder.number).exists(),
    )
    .order_by(WorkOrder.opened_at.desc(), WorkOrder.number.desc())
    .limit(1)
)
"""Questions that calls bring; made once, or making them would cost more than the answer."""
