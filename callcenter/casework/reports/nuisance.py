"""The figures of the harassment report (H6, H12, H17, H24): how often, when and whence it came,
what each rung achieved, what was judged otherwise, and how much each agent had to bear.

Reads through the session given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from callcenter.casework.harassment.exposure import exposure
from callcenter.casework.paper.sheet import Share
from callcenter.casework.reports import ladder
from callcenter.casework.reports.ladder import LadderReport
from callcenter.casework.reports.periods import Period
from callcenter.casework.staff.recovery import Breaks, breaks
from callcenter.core.records import BANNED
from callcenter.store.case_tables import HarassmentCase, RecoveredNumber
from callcenter.store.customers import newest_verdict
from callcenter.store.sources import came_in, nuisance
from callcenter.store.tables import Call, Decision, HitRow

MOST_KINDS = 6
"""The most frequent categories that are followed over time."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True)
class Bearing:
    """What one agent had to bear, and the breaks that were offered for it."""

    agent: str
    calls: int = 0
    abuse: timedelta = timedelta()
    most: timedelta = timedelta()
    """On one day."""
    rest: timedelta = timedelta()
    breaks: Breaks = field(default_factory=Breaks)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Harassing calls by what was heard in them, slot by slot: hours of a day, else days."""

    slots: Sequence[tuple[datetime, datetime]]
    counts: Mapping[str, Sequence[int]]
    """By category, the most frequent first; a call counts once in each."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the report says; `earlier` is of the time before, as long."""

    period: Period
    ladder: LadderReport
    came: tuple[tuple[int, ...], ...]
    """All inbound calls, by weekday and hour."""
    earlier: Share
    """Harassment and blocked, of all inbound calls."""
    to_end: timedelta | None
    """From the proposal to the agent's confirmation, the median."""
    earlier_to_end: timedelta | None
    judged: Share
    """Of the calls ended as harassment and judged since, those that were judged otherwise."""
    complaints: int
    """Of those, complaints."""
    recovered: int
    """Withheld numbers that the carrier's bill gave back."""
    kinds: Kinds
    types: Sequence[tuple[str, int, int]]
    """What people found out about the sources (H8): the type, its sources, their calls."""
    bearing: Sequence[Bearing]

    @property
    def of_all(self) -> Share:
        """Harassment and blocked, of all inbound calls."""
        return Share(self.ladder.calls, sum(map(sum, self.came)))

    @property
    def abuse(self) -> timedelta:
        """Of everybody."""
        return sum((one.abuse for one in self.bearing), timedelta())


def find(session: Session, period: Period, now: datetime, group: Callable[[str], str]) -> Found:
    """Of the calls that rang in this time, as it is known `now`; `group` as Scripts.group."""
    since, until = period.since, period.until
    found = ladder.between(session, since, until, now, period.zone)
    before = period.before
    judged, overturned, complaints = _judged(session, period)
    return Found(
        period,
        found,
        _came(session, period),
        Share(_count(session, before, nuisance()), _count(session, before)),
        _to_end(session, period),
        _to_end(session, before),
        Share(overturned, judged),
        complaints,
        _recovered(session, period),
        _kinds(session, period, group),
        _types(session, found),
        _bearing(session, group, period),
    )


def _in(period: Period) -> tuple[ColumnElement[bool], ...]:
    return Call.rang_at >= period.since, Call.rang_at < period.until, came_in()


def _count(session: Session, period: Period, *which: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(Call).where(*_in(period), *which)
    return session.scalar(counted) or 0


def _came(session: Session, period: Period) -> tuple[tuple[int, ...], ...]:
    rang = session.scalars(select(Call.rang_at).where(*_in(period)))
    hours = Counter(at.replace(minute=0, second=0, microsecond=0) for at in rang)
    cells = [[0] * 24 for _ in range(7)]
    for start, count in hours.items():
        wall = start.astimezone(period.zone)
        cells[wall.weekday()][wall.hour] += count
    return tuple(map(tuple, cells))


def _to_end(session: Session, period: Period) -> timedelta | None:
    proposed, confirmed = Decision.kind == "proposed", Decision.kind == "confirmed"
    start = func.min(Decision.at).filter(proposed)
    end = func.min(Decision.at).filter(confirmed)
    asked = (
        select(start, end)
        .join(Call, Call.call_id == Decision.call_id)
        .where(*_in(period), or_(proposed, confirmed))
        .group_by(Call.call_id)
        .having(end >= start)
    )
    spans = [(end - start).total_seconds() for start, end in session.execute(asked)]
    return timedelta(seconds=median(spans)) if spans else None


def _judged(session: Session, period: Period) -> tuple[int, int, int]:
    """How many were judged since, how many otherwise, and how many of those as a complaint."""
    ended = (*_in(period), Call.disposition == "harassment")
    told = Counter(session.scalars(select(newest_verdict()).where(*ended)))
    judged = told.total() - told[None]
    return judged, judged - told["harassment"], told["complaint"]


def _recovered(session: Session, period: Period) -> int:
    withheld = (*_in(period), Call.source == "", nuisance())
    given = select(RecoveredNumber.call_id)
    asked = select(func.count()).select_from(Call).where(*withheld, Call.call_id.in_(given))
    return session.scalar(asked) or 0


def _kinds(session: Session, period: Period, group: Callable[[str], str]) -> Kinds:
    asked = (
        select(Call.rang_at, HitRow.category)
        .join(HitRow, HitRow.call_id == Call.call_id)
        .where(*_in(period), nuisance(), HitRow.category != BANNED)
        .distinct()
        .add_columns(Call.call_id)
    )
    slots = _slots(period)
    starts = {start: n for n, (start, _) in enumerate(slots)}
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(slots))
    for at, category, _ in session.execute(asked):
        if group(category) == "harassment":
            counts[category][starts[_slot(at, period)]] += 1
    often = sorted(counts.items(), key=lambda one: (-sum(one[1]), one[0]))[:MOST_KINDS]
    return Kinds(slots, dict(often))


def _slots(period: Period) -> Sequence[tuple[datetime, datetime]]:
    """The hours of a day, else the days."""
    if period.first == period.last:
        hours = round((period.until - period.since) / HOUR)
        return [(period.since + n * HOUR, period.since + (n + 1) * HOUR) for n in range(hours)]
    found, start = [], period.since
    while start < period.until:
        end = Period.of("day", start + DAY + 2 * HOUR, period.zone).since
        found.append((start, min(end, period.until)))
        start = end
    return found


def _slot(at: datetime, period: Period) -> datetime:
    if period.first == period.last:
        return period.since + (at - period.since) // HOUR * HOUR
    return Period.of("day", at, period.zone).since


def _types(session: Session, found: LadderReport) -> Sequence[tuple[str, int, int]]:
    numbers = {one.caller_number: one.calls for one in found.sources}
    query = select(HarassmentCase.caller_number, HarassmentCase.source_type).where(
        HarassmentCase.caller_number.in_(list(numbers))
    )
    known = dict(session.execute(query.order_by(HarassmentCase.opened_at)).all())
    sources: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for number, count in numbers.items():
        sources[known.get(number, "unknown")] += 1
        calls[known.get(number, "unknown")] += count
    return [(name, sources[name], count) for name, count in calls.most_common()]


def _bearing(session: Session, group: Callable[[str], str], period: Period) -> Sequence[Bearing]:
    """Who had to bear most first."""
    of_agent: dict[str, Bearing] = {}
    for day in exposure(session, group, period.since, period.zone, period.until):
        one = of_agent.setdefault(day.agent, Bearing(day.agent))
        abuse = timedelta(seconds=day.abuse_seconds)
        one.calls, one.abuse, one.most = (
            one.calls + day.calls,
            one.abuse + abuse,
            max(one.most, abuse),
        )
        one.rest += timedelta(seconds=day.break_seconds)
    for agent, offered in breaks(session, period.since, period.until).items():
        of_agent.setdefault(agent, Bearing(agent)).breaks = offered
    return sorted(of_agent.values(), key=lambda one: (-one.abuse, one.agent))
