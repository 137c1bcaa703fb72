"""Lists of complaints: what stands where, what a figure of a report counts. Reads the session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from callcenter.casework.complaints.record import OPEN
from callcenter.store import search
from callcenter.store.complaint_tables import Complaint
from callcenter.store.spans import earlier, within

MOST = 1000
NOBODY = "-"
"""Asks for those that no department has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which complaints; what is empty or None asks for nothing."""

    state: str = ""
    department: str = ""
    category: str = ""
    channel: str = ""
    severity: str = ""
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    feedback_since: datetime | None = None
    """Whose customer should hear from us from then on, until, but without, the next."""
    feedback_until: datetime | None = None
    overdue_at: datetime | None = None
    """Open, and the customer should have heard by then."""
    judged: bool | None = None
    founded: bool | None = None
    closed: bool | None = None
    satisfied: bool | None = None
    asked: bool | None = None
    """Whether the customer was asked if they are satisfied."""
    in_time: bool | None = None
    """Judged in the time that the customer was told."""
    again: bool | None = None
    """Went round again."""
    text: str = ""
    """Words that it holds, in any of its texts or numbers (store/search.py)."""
    states: Collection[str] = ()
    """Any of these."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Complaints of a time, as 顾客投诉分类统计表 counts them."""

    number: int
    judged: int
    founded: int
    closed: int
    asked: int
    """How many customers were asked if they are satisfied."""
    satisfied: int
    overdue: int
    """Open, and the customer should have heard."""


def find(session: Session, asked: Asked, limit: int = 200, after: str = "") -> Sequence[Complaint]:
    """Complaints, newest first; `after` is the number that the page before ended with."""
    newest = (Complaint.opened_at.desc(), Complaint.number.desc())
    query = select(Complaint).where(*_named(asked), *_dated(asked), *_judged(asked))
    if asked.text:
        query = query.where(search.says(session, Complaint.number, "complaint", asked.text))
    if last := session.get(Complaint, after) if after else None:
        query = query.where(
            earlier(Complaint.opened_at, Complaint.number, last.opened_at, last.number)
        )
    return session.scalars(query.order_by(*newest).limit(max(1, min(limit, MOST)))).all()


def figures(session: Session, asked: Asked, now: datetime) -> Figures:
    """How many of those asked for are what, in one question."""
    late = Complaint.state.in_(OPEN) & (Complaint.feedback_due_at < now)
    counted = (
        Complaint.founded.is_not(None),
        Complaint.founded.is_(True),
        Complaint.closed_at.is_not(None),
        Complaint.satisfied.is_not(None),
        Complaint.satisfied.is_(True),
        late,
    )
    sums = (func.coalesce(func.sum(case((what, 1), else_=0)), 0) for what in counted)
    query = select(func.count(), *sums).select_from(Complaint)
    query = query.where(*_named(asked), *_dated(asked), *_judged(asked))
    return Figures(*session.execute(query).one())


def _named(asked: Asked) -> list[ColumnElement[bool]]:
    same = {
        Complaint.state: asked.state,
        Complaint.category: asked.category,
        Complaint.channel: asked.channel,
        Complaint.severity: asked.severity,
        Complaint.department: asked.department,
    }
    wanted = [
        column == ("" if value == NOBODY else value) for column, value in same.items() if value
    ]
    return [*wanted, Complaint.state.in_(asked.states)] if asked.states else wanted


def _dated(asked: Asked) -> list[ColumnElement[bool]]:
    wanted = within(Complaint.opened_at, asked.opened_since, asked.opened_until)
    wanted += within(Complaint.feedback_due_at, asked.feedback_since, asked.feedback_until)
    if asked.overdue_at is not None:
        wanted += [Complaint.state.in_(OPEN), Complaint.feedback_due_at < asked.overdue_at]
    return wanted


def _judged(asked: Asked) -> list[ColumnElement[bool]]:
    is_so: list[tuple[bool | None, ColumnElement[bool]]] = [
        (asked.judged, Complaint.founded.is_not(None)),
        (asked.founded, Complaint.founded.is_(True)),
        (asked.closed, Complaint.closed_at.is_not(None)),
        (asked.satisfied, Complaint.satisfied.is_(True)),
        (asked.asked, Complaint.satisfied.is_not(None)),
        (asked.in_time, Complaint.judged_at <= Complaint.feedback_due_at),
        (asked.again, Complaint.rounds > 0),
    ]
    return [holds if wanted else ~holds for wanted, holds in is_so if wanted is not None]
