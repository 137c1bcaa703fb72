"""What the pages of one work order and one complaint have in common. Reads the session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.messages import record as messages
from callcenter.core.messages import SMS
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder
from callcenter.web.pages.records.deadlines import Deadline
from callcenter.web.pages.records.forms import Offer
from callcenter.web.room import Room

MOST = 20
"""Of each kind of what belongs to a record."""
PAGE = 50
"""Rows of a list at a time."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps offered: those of the stage, those with a button above, and the rest."""

    main: tuple[Offer, ...]
    above: tuple[Offer, ...]
    more: tuple[Offer, ...]

    @property
    def apart(self) -> tuple[Offer, ...]:
        """Each of which has a window of its own."""
        return self.above + self.more


def sorted_out(found: Mapping[str, Offer], main: Sequence[str], above: Sequence[str]) -> Steps:
    """The steps by where they stand on the page; `main` and `above` are actions, in order."""
    first = _those(found, main)
    second = _those(found, (one for one in above if one not in main))
    named = {*main, *above}
    rest = _those(found, (one for one in found if one not in named))
    return Steps(first, second, rest)


@dataclass(frozen=True, slots=True)
class Around:
    """What belongs to a record: who it is about, and what else there is of it."""

    customer: Customer | None
    complaints: Sequence[Complaint]
    follow_ups: Sequence[FollowUp]
    messages: Sequence[Message]


def around_order(session: Session, row: WorkOrder) -> Around:
    """Of a work order."""
    of = select(Complaint).where(Complaint.work_order_number == row.number)
    complaints = session.scalars(of.order_by(Complaint.number).limit(MOST)).all()
    return _around(session, row.number, row.customer_number or "", complaints)


def around_complaint(session: Session, row: Complaint) -> Around:
    """Of a complaint."""
    return _around(session, row.number, row.customer_number, ())


def templates(room: Room) -> list[dict[str, Any]]:
    """The short messages that can be written, and what each asks for besides the letterhead."""
    own = room.house.letterhead
    return [
        {
            "name": one.name,
            "text": one.text.format_map(dict.fromkeys(one.fields, "……") | own),
            "fields": sorted(one.fields - own.keys(), key=one.text.find),
        }
        for one in room.house.templates.values()
        if one.channel == SMS
    ]


def counted(asked: object, names: Sequence[str]) -> dict[str, str]:
    """Of these questions those that were asked, as an address has them."""
    given = {name: getattr(asked, name) for name in names}
    return {name: _asked(value) for name, value in given.items() if value not in ("", None)}


def _asked(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def moment(text: str) -> datetime:
    """A moment as JSON keeps it."""
    return datetime.fromisoformat(text)


def clocks(promises: Iterable[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The promises that stand, the one due first at the top, each with its clock."""
    standing = [one for one in promises if one["ended_at"] is None]
    standing.sort(key=lambda one: str(one["due_at"]))
    return [{**one, "clock": _clock(one, now)} for one in standing]


def _clock(promise: Mapping[str, Any], now: datetime) -> Deadline:
    return Deadline(moment(promise["due_at"]), moment(promise["made_at"]), now)


def _those(found: Mapping[str, Offer], actions: Iterable[str]) -> tuple[Offer, ...]:
    return tuple(found[action] for action in actions if action in found)


def _around(
    session: Session, number: str, customer: str, complaints: Sequence[Complaint]
) -> Around:
    return Around(
        session.get(Customer, customer) if customer else None,
        complaints,
        follow_ups.listing(session, about=number, limit=MOST),
        messages.listing(session, about=number, limit=MOST),
    )
