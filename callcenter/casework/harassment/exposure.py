"""How long each agent was abused, per day (H24). Reads through the session given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from callcenter.store.customers import newest_verdict
from callcenter.store.ladder_tables import BreakRow
from callcenter.store.spans import within
from callcenter.store.tables import Call, Decision, HitRow

Key = tuple[date, str]
SILENT = "silent"
"""A caller who says nothing is a nuisance, but abuses nobody."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One agent's day: calls with abuse, its seconds, and the seconds of recovery taken."""

    day: date
    agent: str
    calls: int
    abuse_seconds: int
    break_seconds: int


def exposure(
    session: Session,
    group: Callable[[str], str],
    since: datetime,
    zone: tzinfo | None = None,
    until: datetime | None = None,
) -> list[Exposure]:
    """Per agent and day since then and before `until`, newest day first.

    Abuse lasts from the caller's first harassing words to the end of the call; a call that a person
    judged otherwise does not count. `group` as Scripts.group; `zone` says which day it was, None is
    this machine's own.
    """
    abuse: dict[Key, list[float]] = defaultdict(list)
    for one in abused(session, group, since, until):
        abuse[_key(one.rang_at, one.agent, zone)].append(one.seconds)
    breaks = _breaks(session, since, zone, until)
    days = [
        Exposure(
            day, agent, len(abuse[day, agent]), round(sum(abuse[day, agent])), breaks[day, agent]
        )
        for day, agent in {*abuse, *breaks}
    ]
    return sorted(days, key=lambda one: (-one.day.toordinal(), one.agent))


class Borne(NamedTuple):
    """A call in which an agent had to bear abuse, and its seconds."""

    call_id: str
    agent: str
    rang_at: datetime
    seconds: float


def abused(
    session: Session, group: Callable[[str], str], since: datetime, until: datetime | None = None
) -> Iterator[Borne]:
    """The calls with abuse that no person judged otherwise; two queries, whatever is kept."""
    known = session.scalars(select(HitRow.category).distinct())
    abusing = [name for name in known if name != SILENT and group(name) == "harassment"]
    heard = (
        select(
            Call.call_id,
            Call.agent,
            Call.rang_at,
            Call.answered_at,
            Call.ended_at,
            func.min(HitRow.start_ms),
        )
        .join(HitRow, HitRow.call_id == Call.call_id)
        .where(*within(Call.rang_at, since, until))
        .where(Call.agent != "", Call.answered_at.is_not(None), Call.ended_at.is_not(None))
        .where(HitRow.party == "caller", HitRow.category.in_(abusing), ~_cleared())
        .group_by(Call.call_id)
    )
    for call_id, agent, rang, answered, ended, start_ms in session.execute(heard):
        if answered is not None and ended is not None:
            began = answered + timedelta(milliseconds=start_ms)
            yield Borne(call_id, agent, rang, max(0.0, (ended - began).total_seconds()))


def _cleared() -> ColumnElement[bool]:
    """A reviewer judged it otherwise, or the agent did and nobody confirmed it."""
    verdict = newest_verdict()
    dismissed = Call.decisions.any(Decision.kind == "dismissed")
    by_agent = and_(verdict.is_(None), dismissed, Call.disposition != "harassment")
    return or_(and_(verdict.is_not(None), verdict != "harassment"), by_agent)


def _breaks(
    session: Session, since: datetime, zone: tzinfo | None, until: datetime | None
) -> dict[Key, int]:
    taken: dict[Key, int] = defaultdict(int)
    for row in session.scalars(select(BreakRow).where(*within(BreakRow.taken_at, since, until))):
        if row.taken_at is not None and row.ended_at is not None:
            seconds = round((row.ended_at - row.taken_at).total_seconds())
            taken[_key(row.taken_at, row.agent, zone)] += seconds
    return taken


def _key(at: datetime, agent: str, zone: tzinfo | None) -> Key:
    return at.astimezone(zone).date(), agent
