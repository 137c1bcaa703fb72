"""Lists of complaints: what stands where, what a figure of a report counts. Reads the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from callcenter.casework.complaints.record import OPEN
from callcenter.store.complaint_tables import Complaint
from callcenter.store.spans import within

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


def find(session: Session, asked: Asked, limit: int = 200) -> Sequence[Complaint]:
    """Complaints, newest first."""
    newest = (Complaint.opened_at.desc(), Complaint.number.desc())
    query = select(Complaint).where(*_named(asked), *_dated(asked), *_judged(asked))
    return session.scalars(query.order_by(*newest).limit(max(1, min(limit, MOST)))).all()


def _named(asked: Asked) -> list[ColumnElement[bool]]:
    same = {
        Complaint.state: asked.state,
        Complaint.category: asked.category,
        Complaint.channel: asked.channel,
        Complaint.severity: asked.severity,
        Complaint.department: asked.department,
    }
    return [column == ("" if value == NOBODY else value) for column, value in same.items() if value]


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
