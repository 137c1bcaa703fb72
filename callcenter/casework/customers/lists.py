"""Lists of customers: found, due to be spoken with, new and changed; and one's history (D21, U1).

Reads the session; each answer takes a number of queries that does not grow with what is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, false, func, or_, select
from sqlalchemy.orm import Session

from callcenter.core.numbers import plain
from callcenter.store import search
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import ACTIVE, Customer, CustomerNumber
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import WorkOrder
from callcenter.store.sources import DAY, came_in, harassing
from callcenter.store.tables import Call

MOST = 1000
"""The longest list."""
REPEATS = 3
"""我已经打过三次电话了 (D22): so many calls within a day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which customers; what is empty or None asks for nothing."""

    text: str = ""
    """Words that the file holds, in any of its texts or numbers (store/search.py)."""
    phone: str = ""
    customer_class: str = ""
    member: bool | None = None
    agent: str = ""
    state: str = ""
    unallotted: bool = False
    overdue_at: datetime | None = None
    """Whom their agent should have spoken with by then, and did not (U3)."""
    new_since: datetime | None = None
    changed_since: datetime | None = None
    until: datetime | None = None
    """New or changed before then."""
    lapsed_since: datetime | None = None
    """Who bought once, and not since then (F13)."""


@dataclass(frozen=True, slots=True)
class History:
    """What there was with a customer, by any of their numbers, newest first."""

    calls: Sequence[Call]
    orders: Sequence[WorkOrder]
    complaints: Sequence[Complaint]
    calls_24h: int
    """How often they called within the last day."""
    follow_ups: Sequence[FollowUp] = ()

    @property
    def repeats(self) -> bool:
        """Whether this is one who calls again and again (D22)."""
        return self.calls_24h >= REPEATS


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A number that an agent spoke with, and that is in no file (U1)."""

    number: str
    calls: int
    last_call_at: datetime
    last_call_id: str


def find(session: Session, asked: Asked, limit: int = 200, skip: int = 0) -> Sequence[Customer]:
    """Customers: newest first; who is overdue, the first due first. `skip` passes over as many."""
    query = select(Customer).where(*_wanted(session, asked)).limit(max(1, min(limit, MOST)))
    query = query.offset(skip) if skip else query
    if asked.overdue_at is not None:
        query = query.order_by(Customer.contact_due_at, Customer.number)
    elif asked.changed_since is not None:
        query = query.order_by(Customer.changed_at.desc(), Customer.number.desc())
    else:
        query = query.order_by(Customer.opened_at.desc(), Customer.number.desc())
    return session.scalars(query).all()


def unfiled(
    session: Session, since: datetime, until: datetime, limit: int = 200
) -> Sequence[Unfiled]:
    """Callers of a span of time who should have a file and have none, the newest first."""
    newest = func.max(Call.rang_at)
    filed = exists().where(CustomerNumber.number == Call.source)
    query = (
        select(Call.source, func.count(), newest, func.max(Call.call_id))
        .where(Call.rang_at >= since, Call.rang_at < until, Call.source != "", Call.agent != "")
        .where(~filed, ~func.coalesce(harassing(), false()), Call.answered_at.is_not(None))
        .group_by(Call.source)
        .order_by(newest.desc(), Call.source)
        .limit(max(1, min(limit, MOST)))
    )
    return [Unfiled(*row) for row in session.execute(query)]


def history(session: Session, customer: Customer, now: datetime, limit: int = 50) -> History:
    """What there was with this customer (D21)."""
    numbers = [one["number"] for one in customer.numbers]
    files = [customer.number, *customer.absorbed]
    calls = select(Call).where(Call.source.in_(numbers))
    orders = select(WorkOrder).where(
        or_(WorkOrder.customer_number.in_(files), WorkOrder.caller_number.in_(numbers))
    )
    complaints = select(Complaint).where(
        or_(Complaint.customer_number.in_(files), Complaint.phone.in_(numbers))
    )
    lately = select(func.count()).where(
        Call.source.in_(numbers), Call.rang_at > now - DAY, came_in()
    )
    follow_ups = select(FollowUp).where(or_(FollowUp.about.in_(files), FollowUp.phone.in_(numbers)))
    newest = (Call.rang_at.desc(), Call.call_id.desc())
    return History(
        session.scalars(calls.order_by(*newest).limit(limit)).all(),
        session.scalars(orders.order_by(WorkOrder.opened_at.desc()).limit(limit)).all(),
        session.scalars(complaints.order_by(Complaint.opened_at.desc()).limit(limit)).all(),
        session.scalar(lately) or 0,
        session.scalars(follow_ups.order_by(FollowUp.due_at.desc()).limit(limit)).all(),
    )


def lapsed_since(now: datetime, days: int) -> datetime:
    """The moment since which somebody has not bought for so many days."""
    return now - timedelta(days=days)


def _wanted(session: Session, asked: Asked) -> list[ColumnElement[bool]]:
    same = {
        Customer.customer_class: asked.customer_class,
        Customer.agent: asked.agent,
        Customer.state: asked.state,
    }
    wanted = [column == value for column, value in same.items() if value]
    if asked.member is not None:
        wanted.append(Customer.member.is_(asked.member))
    if number := plain(asked.phone):
        held = select(CustomerNumber.customer_number).where(CustomerNumber.number == number)
        wanted.append(Customer.number.in_(held))
    if asked.text:
        wanted.append(search.says(session, Customer.number, "customer", asked.text))
    return wanted + _due(asked) + _dated(asked)


def _due(asked: Asked) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.unallotted:
        wanted += [Customer.state == ACTIVE, Customer.agent == ""]
    if asked.overdue_at is not None:
        wanted += [
            Customer.state == ACTIVE,
            Customer.contacted_at.is_(None),
            Customer.contact_due_at < asked.overdue_at,
        ]
    return wanted


def _dated(asked: Asked) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    for column, since in (
        (Customer.opened_at, asked.new_since),
        (Customer.changed_at, asked.changed_since),
    ):
        if since is not None:
            wanted.append(column >= since)
            wanted += [column < asked.until] if asked.until is not None else []
    if asked.lapsed_since is not None:
        wanted += [Customer.state == ACTIVE, Customer.last_purchase_at < asked.lapsed_since]
    return wanted
