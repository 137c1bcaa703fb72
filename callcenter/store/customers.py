"""Whether a number is a customer's. Reads the database through the session it is given."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from callcenter.store.tables import Call, Verdict, WorkOrder

CLOSED = "closed"
CUSTOMER_DISPOSITIONS = ("ordinary", "complaint", "suggestion")


def is_known(session: Session, source: str) -> bool:
    """True where this number (in its plain form) is a customer's, who is never blocked by itself
    (H4): an agent spoke with it before, and the newest verdict is that it was no harassment, or the
    call was an ordinary one and its work order is closed."""
    if not source:
        return False
    spoken = select(Call.call_id).where(Call.source == source, Call.agent != "")
    return session.scalar(spoken.where(or_(_judged_well(), _served())).limit(1)) is not None


def newest_verdict() -> ColumnElement[str | None]:
    """The verdict that counts for a call; NULL where nobody judged it."""
    newest = select(Verdict.verdict).where(Verdict.call_id == Call.call_id)
    return newest.order_by(Verdict.id.desc()).limit(1).correlate(Call).scalar_subquery()


def _judged_well() -> ColumnElement[bool]:
    return newest_verdict().in_(("complaint", "ordinary"))


def _served() -> ColumnElement[bool]:
    closed = exists().where(WorkOrder.number == Call.work_order_number, WorkOrder.status == CLOSED)
    return and_(Call.disposition.in_(CUSTOMER_DISPOSITIONS), newest_verdict().is_(None), closed)
