"""Numbers that people read out, such as WO-20261122-0003. Uses the session it is given."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


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
    last = session.scalar(
        select(column)
        .where(column.startswith(day, autoescape=True))
        .order_by(func.length(column).desc(), column.desc())
        .limit(1)
    )
    count = int(last.removeprefix(day)) if last else 0
    return f"{day}{count + 1:04d}"
