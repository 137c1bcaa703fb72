"""What each step changes in a work order (工单): W1 to W16, E1 to E6, D18, D20. Touches nothing.

What may be done when is order_moves.MOVES; order_steps asks for what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callcenter.casework.orders import promises as order_promises
from callcenter.casework.orders.moves import ENQUIRY, REPAIR
from callcenter.casework.orders.promises import FOLLOW_UP, MAIL, PRICE, REPLY, SPOKEN
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.hours import Hours
from callcenter.core.numbers import plain
from callcenter.core.people import LEADS
from callcenter.store.order_tables import WorkOrder

PRICE_WITHIN = timedelta(hours=8)
"""Of office hours: 必須在8小時內回復客戶電話 (W14)."""
FOLLOW_UP_DAYS = 3
"""Calendar days, the last one wholly: 必须保证在三天之内回访 (F1)."""
MOST = 200
"""Contacts and reports of one work order."""
OUT = "outbound"
FOLLOWED_UP = "follow_up"
"""The word was that of a follow-up, which has a record of its own."""
CHANNELS = (OUT, "inbound", "sms", "mail", "fax", "visit", FOLLOWED_UP)
TICKS = ("announced", "identity_verified", "told")
ALARMS = ("major", "danger")
DETAILS = (
    "type", "priority", "severe", "title", "content", "department", "customer_number", "phone",
    "concerned", "place", "happened_at",
)  # fmt: skip
"""What everybody may fill in and correct."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says: the clock of deadlines, and how much compensation an agent may
    grant, in fen (D20)."""

    hours: Hours = field(default_factory=Hours)
    compensation_fen: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that somebody wants to take."""

    order: WorkOrder
    given: Mapping[str, Any]
    actor: Actor
    rules: Rules

    @property
    def by(self) -> str:
        """The name that signs it."""
        return self.actor.person.strip()

    @property
    def contact(self) -> dict[str, Any]:
        """The word with the caller."""
        return {"channel": OUT, "reached": True, **self.given["contact"]}

    @property
    def at(self) -> datetime:
        """When (UTC)."""
        return self.actor.at


Effect = Callable[[Wish], dict[str, Any]]
"""What a step changes; it may refuse."""


def tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with a telephone number in its plain form."""
    return {name: plain(value or "") if name == "phone" else value for name, value in given.items()}


def _as_given(wish: Wish) -> dict[str, Any]:
    return dict(wish.given)


def _wrap_up(wish: Wish) -> dict[str, Any]:
    given = {name: wish.given[name] for name in DETAILS if name in wish.given}
    if (due_at := wish.given.get("due_at")) is None:
        return given
    return given | _promised(wish, REPLY, due_at)


def _wrap_up_solved(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "solved_at": wish.at, **_to_follow_up(wish, wish.order.promises)}


def _wrap_up_closed(wish: Wish) -> dict[str, Any]:
    done = order_promises.kept(wish.order.promises, wish.at)
    stamps = {"solved_at": wish.at, "closed_at": wish.at}
    return {**wish.given, **stamps, **order_promises.fields(done)}


def _dispatch(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "dispatched_at": wish.at, "dispatched_by": wish.by}


def _accept(wish: Wish) -> dict[str, Any]:
    return {"owner": wish.by, "accepted_at": wish.at}


def _chase(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "chased": wish.order.chased + 1, "chased_at": wish.at}


def _escalate(wish: Wish) -> dict[str, Any]:
    """With the notes and the call, so that nothing begins anew; the supervisor holds it (E1-E3)."""
    to = wish.actor.people.check(wish.given["escalated_to"], LEADS)
    return {
        "escalated_to": to,
        "escalated_at": wish.at,
        "escalated_call": wish.given.get("call_id", ""),
        "owner": to,
        "note": wish.given["note"],
    }


def _solve(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "solved_at": wish.at}


def _propose(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "proposed_by": wish.by, "approved_by": ""}


def _approve(wish: Wish) -> dict[str, Any]:
    order = wish.order
    if not order.proposed_by:
        raise Refused("there is no proposal to approve; expected propose first")
    if wish.by == order.proposed_by:
        raise Refused("nobody approves their own proposal")
    approved = {"approved_by": wish.by, "solution": order.proposal, "solved_at": wish.at}
    return {**wish.given, **approved}


def _send_back(wish: Wish) -> dict[str, Any]:
    if not wish.order.proposed_by:
        raise Refused("there is no proposal to send back; expected propose first")
    return {**wish.given, "proposed_by": "", "approved_by": ""}


def _report(wish: Wish) -> dict[str, Any]:
    """Told at once, not when the order's turn comes (E5, E6)."""
    if wish.given["alarm"] not in ALARMS:
        raise Refused(f"no alarm {wish.given['alarm']!r}; expected {' or '.join(ALARMS)}")
    told = {name: wish.given[name] for name in ("alarm", "told", "note")}
    entry = {"at": order_promises.iso(wish.at), "by": wish.by, **told}
    reports = _longer(wish.order.reports, entry)
    return {"alarm": told["alarm"], "note": told["note"], "priority": "urgent", "reports": reports}


def _compensate(wish: Wish) -> dict[str, Any]:
    """An agent up to their limit; more is a lead's to grant (D20)."""
    if wish.given["compensation_fen"] > wish.rules.compensation_fen:
        wish.actor.people.check(wish.by, LEADS)
    return {**wish.given, "compensated_by": wish.by}


def _issue(wish: Wish) -> dict[str, Any]:
    """维修单的下发、回访 (W16)."""
    if wish.order.type != REPAIR:
        raise Refused(f"only a repair is issued; this is of type {wish.order.type}")
    given = dict(wish.given)
    due_at = given.pop("due_at", None)
    return {**given, "issued_at": wish.at, **_to_follow_up(wish, wish.order.promises, due_at)}


def _price(wish: Wish) -> dict[str, Any]:
    """Answered within eight hours of office time from when it was asked (W14)."""
    if wish.order.type != ENQUIRY:
        raise Refused(f"only an enquiry asks for a price; this is of type {wish.order.type}")
    if any(one["what"] == PRICE for one in wish.order.promises):
        raise Refused("the price is promised already")
    return _promised(wish, PRICE, wish.rules.hours.after(wish.order.opened_at, PRICE_WITHIN))


def _mail(wish: Wish) -> dict[str, Any]:
    """A mail has come in: 郵件咨詢應在一個工作日內回復 (K2)."""
    received = wish.given["received_at"]
    if received > wish.at:
        raise Refused("a mail cannot have come in later than now")
    due = wish.rules.hours.working_day_after(received)
    came = {"at": order_promises.iso(received), "by": wish.by, "channel": "mail", "reached": True}
    told = {"note": wish.given.get("note", "")}
    contacts = _longer(wish.order.contacts, came | told)
    promised = order_promises.made(wish.order.promises, MAIL, due, wish.by, received)
    return {"contacts": contacts, **order_promises.fields(promised)}


def _promise(wish: Wish) -> dict[str, Any]:
    return _promised(wish, wish.given.get("what", REPLY), wish.given["due_at"])


def _contact(wish: Wish) -> dict[str, Any]:
    return _contacted(wish, SPOKEN)


def _report_progress(wish: Wish) -> dict[str, Any]:
    """On time even with no solution, and a new time is promised (W13)."""
    _check_reached(wish)
    spoken = _contacted(wish, SPOKEN)
    return spoken | _promised(wish, REPLY, wish.given["due_at"], spoken["promises"])


def _reply_accepted(wish: Wish) -> dict[str, Any]:
    _check_reached(wish)
    replied = _contacted(wish, SPOKEN | {"solve"})
    return replied | _to_follow_up(wish, replied["promises"])


def _not_accepted(wish: Wish) -> dict[str, Any]:
    """It is worked on further, and what is proposed next is approved anew (W5, C15)."""
    _check_reached(wish)
    return _contacted(wish, SPOKEN | {FOLLOW_UP}) | {"approved_by": "", "proposed_by": ""}


def _followed_up(wish: Wish) -> dict[str, Any]:
    _check_reached(wish)
    return _contacted(wish, None) | {"closed_at": wish.at}


def _close(wish: Wish) -> dict[str, Any]:
    """Without keeping what still stands."""
    left = order_promises.given_up(wish.order.promises, wish.at)
    return {**wish.given, "closed_at": wish.at, **order_promises.fields(left)}


def _reopen(wish: Wish) -> dict[str, Any]:
    return {**wish.given, "closed_at": None, "approved_by": "", "proposed_by": ""}


def _promised(
    wish: Wish, what: str, due_at: datetime, promises: order_promises.Promises | None = None
) -> dict[str, Any]:
    if due_at <= wish.at and what != PRICE:
        raise Refused("what is promised cannot be due before now; expected a later time")
    before = wish.order.promises if promises is None else promises
    call_id = wish.given.get("call_id", "")
    return order_promises.fields(
        order_promises.made(before, what, due_at, wish.by, wish.at, call_id)
    )


def _to_follow_up(
    wish: Wish, promises: order_promises.Promises, due_at: datetime | None = None
) -> dict[str, Any]:
    """A follow-up is due within three days, unless one is already."""
    if any(one["what"] == FOLLOW_UP and order_promises.stands(one) for one in promises):
        return order_promises.fields(promises)
    due_at = due_at or wish.rules.hours.day_end(wish.at, FOLLOW_UP_DAYS)
    return _promised(wish, FOLLOW_UP, due_at, promises)


def _contacted(wish: Wish, keeps: frozenset[str] | None) -> dict[str, Any]:
    """The contact on the record; where the caller is reached, these kinds of promises, or all, are
    kept."""
    contact = wish.contact
    if contact["channel"] not in CHANNELS:
        raise Refused(f"no channel {contact['channel']!r}; expected {', '.join(CHANNELS)}")
    ticked = all(contact.get(tick) is not None for tick in TICKS)
    if contact["channel"] == OUT and contact["reached"] and not ticked:
        raise Refused(f"a call out needs its ticks: {', '.join(TICKS)} (W8 to W10)")
    entry = {"at": order_promises.iso(wish.at), "by": wish.by, **contact}
    promises = wish.order.promises
    if contact["reached"]:
        promises = order_promises.kept(promises, wish.at, keeps)
    note = {"note": wish.given["note"]} if "note" in wish.given else {}
    contacts = _longer(wish.order.contacts, entry)
    return {"contacts": contacts, **note, **order_promises.fields(promises)}


def _check_reached(wish: Wish) -> None:
    contact = wish.contact
    if not contact["reached"]:
        raise Refused("nobody was reached; a try is recorded as contact")
    if contact["channel"] == OUT and not contact.get("identity_verified"):
        raise Refused("the caller's identity is verified before they are told anything (W9)")


def _longer(entries: list[Any], new: dict[str, Any]) -> list[Any]:
    if len(entries) >= MOST:
        raise Refused(f"a work order holds {MOST} of these at most; raise a new one")
    return [*entries, new]


ACTIONS: Mapping[str, tuple[tuple[str, ...], Effect]] = {
    "wrap_up": ((*DETAILS, "due_at", "call_id"), _wrap_up),
    "wrap_up_solved": ((*DETAILS, "solution"), _wrap_up_solved),
    "wrap_up_closed": ((*DETAILS, "solution"), _wrap_up_closed),
    "dispatch": (("owner", "department", "note"), _dispatch),
    "accept": ((), _accept),
    "chase": (("note",), _chase),
    "escalate": (("escalated_to", "note", "call_id"), _escalate),
    "solve": (("solution", "note"), _solve),
    "propose": (("proposal", "note"), _propose),
    "approve": (("note",), _approve),
    "send_back": (("note",), _send_back),
    "report": (("alarm", "told", "note"), _report),
    "compensate": (("compensation_fen", "note"), _compensate),
    "issue": (("issued_to", "due_at", "note"), _issue),
    "price": ((), _price),
    "mail": (("received_at", "note"), _mail),
    "promise": (("due_at", "what", "call_id"), _promise),
    "contact": (("contact", "note"), _contact),
    "report_progress": (("contact", "due_at", "note"), _report_progress),
    "reply_accepted": (("contact", "note"), _reply_accepted),
    "reply_not_accepted": (("contact", "note"), _not_accepted),
    "followed_up": (("contact", "note"), _followed_up),
    "not_satisfied": (("contact", "note"), _not_accepted),
    "close": (("note",), _close),
    "reopen": (("note",), _reopen),
    "archive": (("note",), _as_given),
    "correct": (DETAILS, _as_given),
}
"""What each action takes, and what it changes."""
