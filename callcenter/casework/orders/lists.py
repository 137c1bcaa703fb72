"""Lists and counts of work orders (工单): whose, how many, due when (W12, W15). Reads the session.

Each answer takes a number of queries that does not grow with what is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from callcenter.casework.orders.moves import AWAITING_REPLY, OPEN
from callcenter.core.hours import Hours
from callcenter.core.numbers import plain
from callcenter.store import search
from callcenter.store.order_tables import OrderPromise, WorkOrder
from callcenter.store.spans import earlier, later, within
from callcenter.store.tables import Call

MOST = 1000
"""The longest list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which work orders; what is empty or None asks for nothing."""

    state: str = ""
    type: str = ""
    owner: str = ""
    customer: str = ""
    """The number of a customer's file."""
    phone: str = ""
    """The number that called, or where to ring back."""
    text: str = ""
    """Words that it holds, in any of its texts or numbers (store/search.py)."""
    due_before: datetime | None = None
    alarm: bool = False
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    owners: Collection[str] = ()
    """Any of the names and numbers of one person."""
    promised: AskedPromises | None = None
    """With such a promise in it."""


@dataclass(frozen=True, slots=True)
class AskedPromises:
    """Which promises; what is empty or None asks for nothing."""

    what: str = ""
    due_since: datetime | None = None
    due_until: datetime | None = None
    kept: bool | None = None
    """False: not kept in time, or not yet."""

    def wanted(self) -> list[ColumnElement[bool]]:
        """The question to the database."""
        wanted = within(OrderPromise.due_at, self.due_since, self.due_until)
        if self.what:
            wanted.append(OrderPromise.what == self.what)
        if self.kept is not None:
            kept = func.coalesce(OrderPromise.kept, false()).is_(true())
            wanted.append(kept if self.kept else ~kept)
        return wanted


@dataclass(frozen=True, slots=True)
class OwnersCount:
    """What a person holds, and what was handed over to them in a span of time (W15)."""

    owner: str
    open: int
    overdue: int
    chased: int
    dispatched: int
    last_dispatched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """How the promises of today stand, and where the work orders are."""

    due_today: int
    """Still to be kept today."""
    overdue: int
    """Passed, and not kept yet."""
    kept_today: int
    late_today: int
    """Ended today: in time, and not."""
    alarms: int
    """Open ones that were reported at once (E5, E6)."""
    solved_waiting: int
    """With a solution of which the caller does not know yet (W4)."""
    states: dict[str, int] = field(default_factory=dict)


def find(session: Session, asked: Asked, limit: int = 200, after: str = "") -> Sequence[WorkOrder]:
    """Work orders: newest first; by due time the first due first. `after` is the number that the
    page before ended with; an unknown one begins anew."""
    query = select(WorkOrder).where(*_wanted(session, asked)).limit(max(1, min(limit, MOST)))
    if last := session.get(WorkOrder, after) if after else None:
        query = query.where(_beyond(last, asked))
    return session.scalars(_ordered(query, asked)).all()


def promises(session: Session, asked: AskedPromises, limit: int = 200) -> Sequence[OrderPromise]:
    """Promises in work orders, the one due first at the top."""
    query = select(OrderPromise).where(*asked.wanted())
    ordered = query.order_by(OrderPromise.due_at, OrderPromise.id)
    return session.scalars(ordered.limit(max(1, min(limit, MOST)))).all()


def raised_from(session: Session, number: str) -> Sequence[str]:
    """The work orders that were raised in the reply to this one (W11)."""
    query = select(WorkOrder.number).where(WorkOrder.raised_from == number)
    return session.scalars(query.order_by(WorkOrder.number).limit(MOST)).all()


def calls_in(session: Session, number: str, limit: int = 20) -> Sequence[Call]:
    """Its calls, the newest first."""
    query = select(Call).where(Call.work_order_number == number)
    return session.scalars(query.order_by(Call.rang_at.desc(), Call.call_id).limit(limit)).all()


def calls_of(session: Session, number: str) -> Sequence[str]:
    """The ids of its calls, oldest first."""
    query = select(Call.call_id).where(Call.work_order_number == number)
    return session.scalars(query.order_by(Call.rang_at, Call.call_id).limit(MOST)).all()


def owners(
    session: Session, now: datetime, since: datetime, until: datetime
) -> Sequence[OwnersCount]:
    """Each person's count, the most open ones first; `since` and `until` bound the hand-overs."""
    handed = and_(WorkOrder.dispatched_at >= since, WorkOrder.dispatched_at < until)
    still = _count(_is_open())
    query = (
        select(
            WorkOrder.owner,
            still,
            _count(is_overdue(now)),
            func.sum(case((_is_open(), WorkOrder.chased), else_=0)),
            _count(handed),
            func.max(WorkOrder.dispatched_at),
        )
        .where(or_(_is_open(), handed))
        .group_by(WorkOrder.owner)
        .order_by(still.desc(), WorkOrder.owner)
        .limit(MOST)
    )
    return [OwnersCount(*row) for row in session.execute(query)]


def board(session: Session, now: datetime, hours: Hours) -> Board:
    """What a wall shows; "today" is the house's."""
    start, end = hours.day_end(now, -1), hours.day_end(now, 0)
    stands = OrderPromise.ended_at.is_(None)
    today = and_(OrderPromise.ended_at >= start, OrderPromise.ended_at < end)
    promised = session.execute(
        select(
            _count(and_(stands, OrderPromise.due_at >= now)),
            _count(and_(stands, OrderPromise.due_at < now)),
            _count(and_(today, OrderPromise.kept.is_(True))),
            _count(and_(today, OrderPromise.kept.is_(False))),
        ).where(or_(and_(stands, OrderPromise.due_at < end), today))
    ).one()
    alarms = select(func.count()).where(_is_open(), WorkOrder.alarm != "")
    by_state = select(WorkOrder.state, func.count().label("number")).group_by(WorkOrder.state)
    states = {row.state: row.number for row in session.execute(by_state)}
    return Board(
        *promised,
        alarms=session.scalar(alarms) or 0,
        solved_waiting=states.get(AWAITING_REPLY, 0),
        states=states,
    )


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Open, and a promise in it has passed."""
    return and_(_is_open(), WorkOrder.due_at < now)


def _is_open() -> ColumnElement[bool]:
    return WorkOrder.state.in_(OPEN)


def _count(what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, 1), else_=0)), 0)


def _wanted(session: Session, asked: Asked) -> list[ColumnElement[bool]]:
    same = {
        WorkOrder.state: asked.state,
        WorkOrder.type: asked.type,
        WorkOrder.owner: asked.owner,
        WorkOrder.customer_number: asked.customer,
    }
    wanted = [column == value for column, value in same.items() if value]
    wanted += _promised(asked.promised)
    if asked.owners:
        wanted.append(WorkOrder.owner.in_(asked.owners))
    if number := plain(asked.phone):
        wanted.append(or_(WorkOrder.caller_number == number, WorkOrder.phone == number))
    if asked.text:
        wanted.append(search.says(session, WorkOrder.number, "work_order", asked.text))
    if asked.due_before is not None:
        wanted += [_is_open(), WorkOrder.due_at < asked.due_before]
    wanted += within(WorkOrder.opened_at, asked.opened_since, asked.opened_until)
    if asked.alarm:
        wanted += [_is_open(), WorkOrder.alarm != ""]
    return wanted


def _promised(asked: AskedPromises | None) -> list[ColumnElement[bool]]:
    such = asked.wanted() if asked else []
    if not such:
        return []
    return [WorkOrder.number.in_(select(OrderPromise.number).where(*such))]


def _beyond(last: WorkOrder, asked: Asked) -> ColumnElement[bool]:
    if asked.due_before is not None and last.due_at is not None:
        return later(WorkOrder.due_at, WorkOrder.number, last.due_at, last.number)
    return earlier(WorkOrder.opened_at, WorkOrder.number, last.opened_at, last.number)


def _ordered(query: Select[WorkOrder], asked: Asked) -> Select[WorkOrder]:
    if asked.due_before is not None:
        return query.order_by(WorkOrder.due_at, WorkOrder.number)
    return query.order_by(WorkOrder.opened_at.desc(), WorkOrder.number.desc())
