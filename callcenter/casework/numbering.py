"""Numbers that people read out, such as WO-20261122-0003. Uses the session it is given."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from callcenter.store.facts import ask

DIGITS = 4
"""At least."""


def next_number(
    session: Session,
    column: InstrumentedAttribute[str],
    prefix: str,
    at: datetime,
    zone: tzinfo | None,
) -> str:
    """One more than the last of `column` on this day in `zone`.

    Within the ledger's transaction nobody comes in between.
    """
    day = f"{prefix}-{at.astimezone(zone):%Y%m%d}-"
    last = 0
    for digits in count(DIGITS):
        most = day + "9" * digits
        found = ask(session, _last(column), day=day, most=most, length=len(most))
        last = int(found[0].removeprefix(day)) if found else last
        if last < 10**digits - 1:
            break
    return f"{day}{last + 1:0{DIGITS}d}"


@cache
def _last(column: InstrumentedAttribute[str]) -> Select[Any]:
    """The last number of a day that has this length; an index finds it at once."""
    range_ = (column > bindparam("day"), column <= bindparam("most"))
    long = func.length(column) == bindparam("length")
    return select(column).where(*range_, long).order_by(column.desc()).limit(1)
