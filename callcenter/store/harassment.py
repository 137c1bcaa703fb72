"""Harassing calls by their source, and the numbers that were recovered for withheld ones (H21).

Reads the database through the session it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from callcenter.core.numbers import plain
from callcenter.store import sources
from callcenter.store.case_tables import RecoveredNumber
from callcenter.store.tables import Call


def harassing(
    session: Session, *, withheld: bool, since: datetime | None = None, limit: int | None = None
) -> Sequence[Call]:
    """Calls that are over and were harassment, newest first, with their hits and verdicts.

    `withheld` keeps those that hid their number; otherwise those whose number is known, shown or
    recovered.
    """
    hidden = Call.source == ""
    if not withheld:
        hidden &= Call.call_id.not_in(select(RecoveredNumber.call_id))
    found = select(Call).where(
        sources.harassing(), Call.ended_at.is_not(None), hidden if withheld else ~hidden
    )
    if since is not None:
        found = found.where(Call.rang_at >= since)
    newest = found.order_by(Call.rang_at.desc(), Call.call_id.desc()).limit(limit)
    whole = newest.options(selectinload(Call.hits), selectinload(Call.verdicts))
    return session.scalars(whole).all()


def recovered(
    session: Session, call_ids: Iterable[str] | None = None
) -> Mapping[str, RecoveredNumber]:
    """The number that a person accepted for each of these calls, or for every call that has one."""
    query = select(RecoveredNumber).order_by(RecoveredNumber.id)
    if call_ids is not None:
        query = query.where(RecoveredNumber.call_id.in_(list(call_ids)))
    return {row.call_id: row for row in session.scalars(query)}


def source(call: Call, numbers: Mapping[str, RecoveredNumber]) -> str:
    """The number a call came from, in its plain form: shown or recovered; "" where unknown."""
    row = numbers.get(call.call_id)
    return call.source or (plain(row.caller_number) if row else "")


def from_number(session: Session, number: str, since: datetime | None = None) -> list[str]:
    """Ids of the calls that are over and came from a number, however it is written; oldest first.

    Calls whose number was recovered are among them.
    """
    wanted, numbers = plain(number), recovered(session)
    named = [call_id for call_id, row in numbers.items() if row.caller_number == wanted]
    query = select(Call).where(
        Call.ended_at.is_not(None),
        (Call.source == wanted) | Call.call_id.in_(named),
        sources.came_in(),
    )
    if since is not None:
        query = query.where(Call.rang_at >= since)
    found = session.scalars(query.order_by(Call.rang_at, Call.call_id))
    return [call.call_id for call in found if source(call, numbers) == wanted]
