"""The whole telephone numbers of a record, for who has a reason to see them. Reads the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchRecord
from callcenter.store.case_tables import HarassmentCase
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Call


def _far(call: Call) -> list[str]:
    return [call.callee_number if call.direction == "outbound" else call.caller_number]


HELD: Mapping[str, tuple[type[Any], Callable[[Any], list[str]]]] = {
    "call": (Call, _far),
    "customer": (Customer, lambda row: [one["number"] for one in row.numbers]),
    "work_order": (WorkOrder, lambda row: [row.phone, row.caller_number]),
    "complaint": (Complaint, lambda row: [row.phone]),
    "follow_up": (FollowUp, lambda row: [row.phone]),
    "message": (Message, lambda row: [row.to]),
    "harassment_case": (HarassmentCase, lambda row: [row.caller_number]),
}
"""By kind of record, where its numbers stand."""


def of(session: Session, kind: str, number: str) -> list[str]:
    """The numbers of this record, each once. Raises NoSuchRecord."""
    table, numbers = HELD[kind]
    row = session.get(table, number)
    if row is None:
        raise NoSuchRecord(f"no {kind} {number}")
    return list(dict.fromkeys(one for one in numbers(row) if one))
