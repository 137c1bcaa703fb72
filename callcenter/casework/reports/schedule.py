"""When reports are due (R1): each once its day, week or month is over, at a time on the wall. Pure.

What was missed while the machine was off is due at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta, tzinfo

from callcenter.casework.reports.answering import span

MOST_MISSED = {"day": 31, "week": 5, "month": 3}
"""How far back what was missed is made up for."""


def due(
    period: str,
    at: time,
    now: datetime,
    built: Collection[datetime],
    zone: tzinfo | None = None,
) -> list[datetime]:
    """When the periods begin whose report is due, the oldest first.

    `at` is when it is due on the first day after its period; `built` are the beginnings of those
    that were built already. Where none was, only the last one is due: nobody waits for the past.
    """
    ready = [since for since, until in _over(period, now, zone) if _ready(until, at, now, zone)]
    if not built:
        return ready[:1]
    missed = (since for since in ready if since > max(built))
    return sorted(missed)


def _over(period: str, now: datetime, zone: tzinfo | None) -> Iterator[tuple[datetime, datetime]]:
    """Periods that are over, the last one first."""
    begin, _ = span(period, now, zone)
    for _ in range(MOST_MISSED[period]):
        since, until = span(period, begin - timedelta(hours=1), zone)
        yield since, until
        begin = since


def _ready(until: datetime, at: time, now: datetime, zone: tzinfo | None) -> bool:
    wall = datetime.combine(until.astimezone(zone).date(), at)
    return now >= (wall.astimezone() if zone is None else wall.replace(tzinfo=zone))
