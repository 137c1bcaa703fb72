"""今天的走势 (R2, R4, R5): the calls of a day by quarter of an hour and by hotline, what handling
them took, who was harassed for how long. Reads the session given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework.harassment.exposure import Exposure, exposure
from callcenter.casework.reports.answering import Answered, Line, answered, inbound, span
from callcenter.core.presence import AgentState
from callcenter.store.staff_tables import AgentSpan
from callcenter.store.tables import Call

Key = TypeVar("Key", bound=Hashable)
SLOT_MINUTES = 15
MOST_HOTLINES = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Some calls of the day: those of a quarter of an hour, of a hotline, or all."""

    counted: Answered
    abandoned: int
    """The caller hung up before anybody answered."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day so far; quarters in order, only those in which a call came; hotlines busiest first,
    at most MOST_HOTLINES."""

    whole: Part
    wrapped: timedelta
    """话后整理 of these calls, together."""
    quarters: Sequence[tuple[datetime, Part]]
    hotlines: Sequence[tuple[str, Part]]
    harassed: Sequence[Exposure]
    """For care, not for judging anybody (H24)."""


def day(session: Session, now: datetime, zone: tzinfo | None, group: Callable[[str], str]) -> Day:
    """The day on the wall that holds `now`; `group` as Scripts.group; seven queries at most."""
    since, until = span("day", now, zone)
    calls = [one for one in inbound(session, since, until) if not one.blocked]
    hotlines = _parts(calls, lambda one: one.hotline)
    return Day(
        _part(calls),
        _wrapped(session, since, until),
        sorted(_parts(calls, lambda one: _quarter(one.rang_at, zone)).items()),
        sorted(hotlines.items(), key=lambda each: -each[1].counted.offered)[:MOST_HOTLINES],
        [one for one in exposure(session, group, since, zone) if one.calls],
    )


def _parts(calls: Sequence[Line], key: Callable[[Line], Key]) -> dict[Key, Part]:
    parts: dict[Key, list[Line]] = defaultdict(list)
    for one in calls:
        parts[key(one)].append(one)
    return {name: _part(mine) for name, mine in parts.items()}


def _part(calls: Sequence[Line]) -> Part:
    return Part(answered(calls), sum(one.abandoned for one in calls))


def _quarter(at: datetime, zone: tzinfo | None) -> datetime:
    wall = at.astimezone(zone)
    return wall.replace(minute=wall.minute - wall.minute % SLOT_MINUTES, second=0, microsecond=0)


def _wrapped(session: Session, since: datetime, until: datetime) -> timedelta:
    spans = (AgentSpan.state == AgentState.WRAP_UP.value, AgentSpan.since >= since)
    calls = (Call.direction == "inbound", Call.rang_at >= since, Call.rang_at < until)
    asked = (
        select(func.sum(AgentSpan.lasted_ms))
        .join(Call, Call.call_id == AgentSpan.call_id)
        .where(*spans, *calls)
    )
    return timedelta(milliseconds=int(session.scalar(asked) or 0))
