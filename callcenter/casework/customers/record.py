"""Customers (客户档案): opened, kept current, classed, allotted, spoken with (U1 to U9).

Reads through the session given. What each step changes is in customer_effects, merging in
customer_merging, lists in customer_lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.complaints.record import OPEN as OPEN_COMPLAINTS
from callcenter.casework.customers.effects import EFFECTS, TAKES, Rules, Wish
from callcenter.casework.customers.fields import FIELDS, tidy
from callcenter.casework.orders import moves as order_moves
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store import calls
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import ACTIVE, Customer
from callcenter.store.order_tables import WorkOrder

KIND, PREFIX = "customer", "CU"
MERGED, ANONYMISED = "merged", "anonymised"

MOVES: Moves = {
    (NOT_YET, "open"): Move(ACTIVE, ("name",)),
    (NOT_YET, "import"): Move(ACTIVE, ("name",)),
    (ACTIVE, "update"): Move(ACTIVE),
    (ACTIVE, "correct_number"): Move(ACTIVE, ("phone",)),
    (ACTIVE, "record_purchase"): Move(ACTIVE, ("amount_fen",)),
    (ACTIVE, "classify"): Move(ACTIVE, ("customer_class", "reason")),
    (ACTIVE, "unclassify"): Move(ACTIVE),
    (ACTIVE, "allot"): Move(ACTIVE, ("agent",), LEADS),
    (ACTIVE, "record_contact"): Move(ACTIVE, ("note",)),
    (ACTIVE, "record_consent"): Move(ACTIVE, ("reference", "to", "purpose")),
    (ACTIVE, "withdraw_consent"): Move(ACTIVE, ("reference",)),
    (ACTIVE, "disclose"): Move(ACTIVE, ("reference", "to", "purpose", "what"), LEADS),
    (ACTIVE, "merge"): Move(MERGED, ("merged_into", "reason"), LEADS),
    (ACTIVE, "anonymise"): Move(ANONYMISED, ("reason",), LEADS),
    (MERGED, "anonymise"): Move(ANONYMISED, ("reason",), LEADS),
}
"""A file is never deleted, for its calls and work orders name it: it is anonymised. The trail keeps
the words of older steps until they are erased there."""


def open_file(
    session: Session,
    fields: Mapping[str, Any],
    actor: Actor,
    rules: Rules,
    action: str = "open",
) -> RecordStepped:
    """Open a customer's file. Raises Refused."""
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise Refused(f"a customer has no {unknown[0]}; expected: {', '.join(FIELDS)}")
    return steps.opening(session, KIND, MOVES, PREFIX, action, filled(fields, rules), actor)


def filled(fields: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """What a new file holds: tidy, and classed by rule. Raises Refused."""
    kept = tidy(fields)
    amounts = (kept.get(name, 0) for name in ("purchases", "amount_fen", "potential_fen"))
    return {**kept, "customer_class": rules.thresholds.classify(*amounts)}


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    rules: Rules,
    seen: int | None = None,
) -> RecordStepped:
    """A step in a customer's file. Raises NoSuchRecord, NoSuchCall, NotNow, Refused."""
    row = steps.get(session, Customer, number)
    wish = Wish(row, action, fields, actor, rules)
    return steps.step(row, MOVES, action, fields, actor, seen, partial(_changes, session, wish))


def _changes(session: Session, wish: Wish) -> dict[str, Any]:
    unknown = sorted(set(wish.given) - set(TAKES[wish.action]))
    if unknown:
        takes = ", ".join(TAKES[wish.action]) or "nothing"
        raise Refused(f"{wish.action} takes no {unknown[0]}; it takes: {takes}")
    if wish.given.get("call_id"):
        calls.get_call(session, wish.given["call_id"], loaded=False)
    if wish.action == "merge":
        _check_other(session, wish)
    if wish.action == "anonymise":
        _check_nothing_open(session, (wish.row.number, *wish.row.absorbed))
    return EFFECTS[wish.action](wish)


def _check_other(session: Session, wish: Wish) -> None:
    other = steps.get(session, Customer, wish.given["merged_into"])
    if other.number == wish.row.number:
        raise Refused("a customer cannot be merged into itself; expected another file's number")
    if other.state != ACTIVE:
        raise Refused(f"customer {other.number} is {other.state}; expected one that is active")


def _check_nothing_open(session: Session, family: Iterable[str]) -> None:
    """Who still waits for us is not forgotten: their work orders and complaints end first."""
    order = select(WorkOrder.number).where(
        WorkOrder.customer_number.in_(family), WorkOrder.state.not_in(order_moves.DONE)
    )
    complaint = select(Complaint.number).where(
        Complaint.customer_number.in_(family), Complaint.state.in_(OPEN_COMPLAINTS)
    )
    found = session.scalar(order.limit(1)) or session.scalar(complaint.limit(1))
    if found is not None:
        raise Refused(f"{found} of this customer is open; it must be closed first")
