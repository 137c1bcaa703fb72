"""Whether a number is a customer's, and whose. Reads the database through the session given."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from callcenter.core.records import CustomerFile
from callcenter.store.customer_tables import Customer, CustomerNumber
from callcenter.store.facts import ask
from callcenter.store.tables import Call, Verdict, WorkOrder

DONE = ("closed", "archived")
CUSTOMER_DISPOSITIONS = ("ordinary", "complaint", "suggestion")


def is_known(session: Session, source: str) -> bool:
    """True where this number (in its plain form) is a customer's, who is never blocked by itself
    (H4): it is in a customer's file, or an agent spoke with it before, and the newest verdict is
    that it was no harassment, or the call was an ordinary one and its work order is closed."""
    if not source:
        return False
    return any(ask(session, question, source=source) for question in (_FILED, _KNOWN))


def file_of(session: Session, source: str) -> CustomerFile | None:
    """What the file says in which this number (in its plain form) is; of two the older one."""
    found = ask(session, _FILED, source=source) if source else None
    return CustomerFile(**found._mapping) if found else None


def newest_verdict() -> ColumnElement[str | None]:
    """The verdict that counts for a call; NULL where nobody judged it."""
    newest = select(Verdict.verdict).where(Verdict.call_id == Call.call_id)
    return newest.order_by(Verdict.id.desc()).limit(1).correlate(Call).scalar_subquery()


def _judged_well() -> ColumnElement[bool]:
    return newest_verdict().in_(("complaint", "ordinary"))


def _served() -> ColumnElement[bool]:
    closed = exists().where(WorkOrder.number == Call.work_order_number, WorkOrder.state.in_(DONE))
    return and_(Call.disposition.in_(CUSTOMER_DISPOSITIONS), newest_verdict().is_(None), closed)


_KNOWN = (
    select(Call.call_id)
    .where(Call.source == bindparam("source"), Call.agent != "", or_(_judged_well(), _served()))
    .limit(1)
)
"""Made once: it is asked for each call that rings."""
_FILED = (
    select(Customer.number, Customer.name, Customer.customer_class, Customer.member, Customer.agent)
    .join(CustomerNumber, CustomerNumber.customer_number == Customer.number)
    .where(CustomerNumber.number == bindparam("source"))
    .order_by(CustomerNumber.id)
    .limit(1)
)
