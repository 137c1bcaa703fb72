"""Conditions on moments that lists share. Touches nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def within(
    column: Moment, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """From `since` on and before `until`; where one is None that side is open."""
    after = [] if since is None else [column >= since]
    return after if until is None else [*after, column < until]
