"""Questions about promises and the cards of a call. Reads through the session it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchPromise
from callcenter.store.assist_tables import CardRow, PromiseRow

OFFERED, ACCEPTED, DISMISSED = STATUSES = ("offered", "accepted", "dismissed")
MOST = 200
"""The longest list that one question answers."""


def get(session: Session, promise_id: str) -> PromiseRow:
    """The promise. Raises NoSuchPromise."""
    row = session.get(PromiseRow, promise_id)
    if row is None:
        raise NoSuchPromise(f"no promise {promise_id}")
    return row


def list_promises(
    session: Session,
    *,
    due_before: datetime | None = None,
    status: str | None = None,
    limit: int = 50,
) -> Sequence[PromiseRow]:
    """Promises, the one due first at the top, at most `limit` (1 to MOST).

    `due_before` and `status` keep only what they name; None keeps all.
    """
    query = select(PromiseRow).order_by(PromiseRow.due_at, PromiseRow.promise_id)
    if due_before is not None:
        query = query.where(PromiseRow.due_at < due_before)
    if status is not None:
        query = query.where(PromiseRow.status == status)
    return session.scalars(query.limit(max(1, min(limit, MOST)))).all()


def of_call(session: Session, call_id: str) -> Sequence[PromiseRow]:
    """What was promised in a call, in order."""
    query = select(PromiseRow).where(PromiseRow.call_id == call_id)
    return session.scalars(query.order_by(PromiseRow.start_ms, PromiseRow.promise_id)).all()


def cards_of_call(session: Session, call_id: str) -> Sequence[CardRow]:
    """The cards that were shown in a call, in order."""
    query = select(CardRow).where(CardRow.call_id == call_id)
    return session.scalars(query.order_by(CardRow.id)).all()
