"""How long each agent was abused, per day (H24). Reads through the session given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from callcenter.store.ladder_tables import BreakRow
from callcenter.store.spans import within
from callcenter.store.tables import Call, HitRow

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
    for call, seconds in abused(session, group, since, until):
        abuse[_key(call.rang_at, call.agent, zone)].append(seconds)
    breaks = _breaks(session, since, zone, until)
    days = [
        Exposure(
            day, agent, len(abuse[day, agent]), round(sum(abuse[day, agent])), breaks[day, agent]
        )
        for day, agent in {*abuse, *breaks}
    ]
    return sorted(days, key=lambda one: (-one.day.toordinal(), one.agent))


def abused(
    session: Session, group: Callable[[str], str], since: datetime, until: datetime | None = None
) -> Iterator[tuple[Call, float]]:
    """The calls in which an agent had to bear abuse, and its seconds."""
    known = session.scalars(select(HitRow.category).distinct())
    abusing = [name for name in known if name != SILENT and group(name) == "harassment"]
    for call in _calls(session, abusing, since, until):
        seconds = _abuse_seconds(call, group)
        if seconds is not None:
            yield call, seconds


def _calls(
    session: Session, abusing: Sequence[str], since: datetime, until: datetime | None
) -> Iterable[Call]:
    return session.scalars(
        select(Call)
        .where(*within(Call.rang_at, since, until))
        .where(Call.agent != "", Call.ended_at.is_not(None))
        .where(Call.hits.any(HitRow.category.in_(abusing)))
        .options(selectinload(Call.hits), selectinload(Call.verdicts), selectinload(Call.decisions))
    )


def _abuse_seconds(call: Call, group: Callable[[str], str]) -> float | None:
    """None where there was none, or a person says so."""
    starts = [
        hit.start_ms
        for hit in call.hits
        if hit.party == "caller" and hit.category != SILENT and group(hit.category) == "harassment"
    ]
    if not starts or _cleared(call) or call.answered_at is None or call.ended_at is None:
        return None
    began = call.answered_at + timedelta(milliseconds=min(starts))
    return max(0.0, (call.ended_at - began).total_seconds())


def _cleared(call: Call) -> bool:
    """A reviewer judged it otherwise, or the agent did and nobody confirmed it."""
    if call.verdicts:
        return call.verdicts[-1].verdict != "harassment"
    dismissed = any(decision.kind == "dismissed" for decision in call.decisions)
    return dismissed and call.disposition != "harassment"


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
