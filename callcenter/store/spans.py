"""Conditions on moments that lists share. Touches nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def within(
    column: Moment, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """From `since` on and before `until`; where one is None that side is open."""
    after = [] if since is None else [column >= since]
    return after if until is None else [*after, column < until]


def earlier(
    column: Moment, number: InstrumentedAttribute[str], at: datetime, last: str
) -> ColumnElement[bool]:
    """What comes after this row in a list with the newest first; by number where moments tie."""
    return and_(column <= at, or_(column < at, number < last))


def later(
    column: Moment, number: InstrumentedAttribute[str], at: datetime, last: str
) -> ColumnElement[bool]:
    """What comes after this row in a list with the earliest first; by number where moments tie."""
    return and_(column >= at, or_(column > at, number > last))
