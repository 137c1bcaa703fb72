"""Steps that people take in work orders (工单), as facts for the ledger. Reads the session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.orders.effects import ACTIONS, DETAILS, FOLLOWED_UP, Rules, Wish, tidy
from callcenter.casework.orders.moves import KIND, MOVES, PREFIX, TYPES
from callcenter.casework.steps import Actor
from callcenter.core.errors import NoSuchWorkOrder, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.numbers import plain
from callcenter.core.people import LEADS, People
from callcenter.store.customers import file_of
from callcenter.store.order_tables import WorkOrder

SOLVING = ("solve", "wrap_up_solved", "wrap_up_closed")


def get(session: Session, number: str) -> WorkOrder:
    """The work order. Raises NoSuchWorkOrder."""
    order = session.get(WorkOrder, number, populate_existing=True)
    if order is None:
        raise NoSuchWorkOrder(f"no work order {number}")
    return order


def open_order(session: Session, given: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Open a work order without a call. Raises Refused."""
    _check_taken("open", given, (*DETAILS, "caller_number"))
    return _opening(session, "open", given, actor)


def raise_new(
    session: Session, number: str, given: Mapping[str, Any], actor: Actor
) -> RecordStepped:
    """What a caller newly asks for in the reply to this work order gets one of its own (W11).

    Raises NoSuchWorkOrder, Refused.
    """
    before = get(session, number)
    _check_taken("raise_new", given, DETAILS)
    same = ("caller_number", "customer_number", "phone", "concerned")
    kept = {name: getattr(before, name) for name in same}
    return _opening(session, "raise_new", {**kept, **given, "raised_from": number}, actor)


def act(
    session: Session,
    number: str,
    action: str,
    given: Mapping[str, Any],
    actor: Actor,
    rules: Rules,
    seen: int | None = None,
) -> RecordStepped:
    """A step in a work order. Raises NoSuchWorkOrder, NotNow, Refused."""
    order = get(session, number)
    wish = Wish(order, tidy(given), actor, rules)

    def changes() -> dict[str, Any]:
        takes, effect = ACTIONS[action]
        _check_taken(action, given, takes)
        _check_severe(wish, action)
        return effect(wish)

    known = {name: getattr(order, name) for name in DETAILS} | dict(given)
    return steps.step(order, MOVES, action, known, actor, seen, changes)


def asked(
    order: WorkOrder, satisfied: bool, result: str, person: str, at: datetime
) -> RecordStepped:
    """What a follow-up heard of this work order, which waits for one (C16, W16)."""
    action = "followed_up" if satisfied else "not_satisfied"
    given = {"contact": {"channel": FOLLOWED_UP, "note": result}}
    wish = Wish(order, given, Actor(person, at, People({})), Rules())
    _, effect = ACTIONS[action]
    stands = (MOVES[order.state, action].to, order.version)
    return RecordStepped("", at, KIND, order.number, action, person, *stands, effect(wish))


def _opening(
    session: Session, action: str, given: Mapping[str, Any], actor: Actor
) -> RecordStepped:
    if given.get("type") not in TYPES:
        raise Refused(
            f"a work order cannot be a {given.get('type')!r}; expected {', '.join(TYPES)}"
        )
    caller = plain(given.get("caller_number", ""))
    fields = {"owner": actor.person.strip(), "phone": caller} | tidy(given)
    fields["caller_number"] = caller
    if not fields.get("customer_number") and (file := file_of(session, fields["phone"] or caller)):
        fields["customer_number"] = file.number
    return steps.opening(session, KIND, MOVES, PREFIX, action, fields, actor)


def _check_taken(action: str, given: Mapping[str, Any], takes: tuple[str, ...]) -> None:
    strange = sorted(set(given) - set(takes))
    if strange:
        raise Refused(f"{action} does not take {strange[0]}; it takes: {', '.join(takes) or '-'}")


def _check_severe(wish: Wish, action: str) -> None:
    """A severe one is proposed by the agent and approved by a lead, who alone may close it without
    or say that it is none (E4)."""
    order, severe = wish.order, wish.given.get("severe")
    if action in SOLVING and (order.severe or severe):
        raise Refused("a severe work order is solved by a proposal that a lead approves (E4)")
    unapproved = action == "close" and not order.approved_by
    if order.severe and (unapproved or severe is False):
        wish.actor.people.check(wish.by, LEADS)
