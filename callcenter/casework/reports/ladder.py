"""What each rung of the ladder achieved (H12), when and whence harassment came (H6, H17).

Reads through the session given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.store.sources import came_in, count_attempts, nuisance, was_heard
from callcenter.store.tables import Call, Decision, PromptRow

RUNGS = ("steer_back", "line_fault", "analysis", "block")
"""The card, prompt A, prompt B from an agent, prompt B to a blocked number."""
BACK = timedelta(hours=24)
"""A caller who does not ring again for so long has given up."""
MOST_SOURCES = 50
AT_ONCE = 500
"""Sources that one question names."""


@dataclass(frozen=True, slots=True)
class RungEffect:
    """`used` = gave_up + came_back + open (24 h are not over) + withheld (nobody can tell)."""

    rung: str
    used: int
    gave_up: int
    came_back: int
    open: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Source:
    """A number that harassed: its calls, attempts, prompts played, attempts while blocked."""

    caller_number: str
    calls: int
    attempts: int
    prompts_a: int
    prompts_b: int
    blocked_attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LadderReport:
    """`hours` counts harassing and blocked calls by the hour of day, 0 to 23, local time,
    `weekdays` by the day of the week, 0 is Monday."""

    since: datetime
    until: datetime
    rungs: tuple[RungEffect, ...]
    hours: tuple[int, ...]
    sources: tuple[Source, ...]
    withheld_calls: int
    weekdays: tuple[int, ...] = (0,) * 7
    calls: int = 0
    blocked: int = 0
    heat: tuple[tuple[int, ...], ...] = ((0,) * 24,) * 7
    """By weekday and hour."""
    attempts: tuple[int, ...] = ()
    """Of every source, the most first."""
    top: int = 0
    """Calls of the TOP sources with the most."""


TOP = 5


@dataclass(frozen=True, slots=True)
class _Use:
    call_id: str
    rung: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Ring:
    source: str
    at: datetime
    blocked: bool


def report(
    session: Session, now: datetime, days: int = 30, zone: tzinfo | None = None
) -> LadderReport:
    """The last `days` days; `zone` says what hour it was, None is this machine's own."""
    return between(session, now - timedelta(days=days), now, now, zone)


def between(
    session: Session, since: datetime, until: datetime, now: datetime, zone: tzinfo | None = None
) -> LadderReport:
    """Of the calls that rang from `since` until, but without, `until`, as it is known now."""
    uses = _uses(session, since, until)
    rings = _harassment(session, since, until)
    walls = [ring.at.astimezone(zone) for ring in rings]
    heat = Counter((at.weekday(), at.hour) for at in walls)
    cells = tuple(tuple(heat[day, hour] for hour in range(24)) for day in range(7))
    sources = _sources(rings, uses)
    return LadderReport(
        since,
        until,
        _effects(uses, _rings(session, uses, since), now),
        tuple(map(sum, zip(*cells, strict=True))),
        sources[:MOST_SOURCES],
        sum(not ring.source for ring in rings),
        tuple(map(sum, cells)),
        len(rings),
        sum(ring.blocked for ring in rings),
        cells,
        tuple(one.attempts for one in sources),
        sum(sorted((one.calls for one in sources), reverse=True)[:TOP]),
    )


def used_in(
    session: Session, since: datetime, until: datetime, rung: str, end: str, now: datetime
) -> list[str]:
    """The calls that a figure of a rung counts: those in which it was used, and where `end` is not
    empty, those after which that came: gave_up, came_back, open or withheld."""
    uses = [use for use in _uses(session, since, until) if use.rung == rung]
    rings = _rings(session, uses, since) if end else {}
    return [u.call_id for u in uses if not end or _end(u, rings.get(u.source, ()), now) == end]


def _uses(session: Session, since: datetime, until: datetime) -> list[_Use]:
    """Each rung once in a call, the last time; a call without an agent is a blocked caller's."""
    within = (Call.rang_at >= since, Call.rang_at < until)
    played = session.execute(
        select(Call.call_id, PromptRow.name, Call.source, PromptRow.started_at, Call.agent)
        .join(Call, Call.call_id == PromptRow.call_id)
        .where(*within, was_heard())
    )
    offered = session.execute(
        select(Call.call_id, Call.source, Decision.at)
        .join(Call, Call.call_id == Decision.call_id)
        .where(*within, Decision.kind == "steer_back")
    )
    found = [_Use(c, name if who else "block", source, at) for c, name, source, at, who in played]
    found += [_Use(call, "steer_back", source, at) for call, source, at in offered]
    last = {(use.call_id, use.rung): use for use in sorted(found, key=lambda use: use.at)}
    return list(last.values())


def _rings(session: Session, uses: Iterable[_Use], since: datetime) -> dict[str, list[datetime]]:
    """When each source of these rang, in order."""
    sources = sorted({use.source for use in uses} - {""})
    rings: dict[str, list[datetime]] = defaultdict(list)
    for some in range(0, len(sources), AT_ONCE):
        rang = session.execute(
            select(Call.source, Call.rang_at)
            .where(Call.source.in_(sources[some : some + AT_ONCE]), Call.rang_at >= since)
            .where(came_in())
            .order_by(Call.rang_at)
        )
        for source, at in rang:
            rings[source].append(at)
    return rings


def _effects(
    uses: Iterable[_Use], rings: Mapping[str, Sequence[datetime]], now: datetime
) -> tuple[RungEffect, ...]:
    ends = Counter((use.rung, _end(use, rings.get(use.source, ()), now)) for use in uses)
    return tuple(_effect(rung, ends) for rung in RUNGS)


def _effect(rung: str, ends: Counter[tuple[str, str]]) -> RungEffect:
    outcomes = ("gave_up", "came_back", "open", "withheld")
    counts = {outcome: ends[rung, outcome] for outcome in outcomes}
    return RungEffect(rung, sum(counts.values()), **counts)


def _end(use: _Use, rings: Sequence[datetime], now: datetime) -> str:
    if not use.source:
        return "withheld"
    later = bisect_right(rings, use.at)
    if later < len(rings) and rings[later] - use.at <= BACK:
        return "came_back"
    return "gave_up" if now - use.at > BACK else "open"


def _harassment(session: Session, since: datetime, until: datetime) -> list[_Ring]:
    within = (Call.rang_at >= since, Call.rang_at < until)
    found = session.execute(
        select(Call.source, Call.rang_at, Call.disposition).where(*within, nuisance(), came_in())
    )
    return [_Ring(source, at, what == "blocked") for source, at, what in found]


def _sources(rings: Iterable[_Ring], uses: Iterable[_Use]) -> tuple[Source, ...]:
    """All of them, the worst first; withheld numbers are never counted together."""
    of_source: dict[str, list[_Ring]] = defaultdict(list)
    for ring in rings:
        if ring.source:
            of_source[ring.source].append(ring)
    played = Counter((use.source, use.rung) for use in uses)
    found = [_source(source, theirs, played) for source, theirs in of_source.items()]
    found.sort(key=lambda one: (-one.attempts, one.caller_number))
    return tuple(found)


def _source(source: str, rings: list[_Ring], played: Counter[tuple[str, str]]) -> Source:
    return Source(
        source,
        len(rings),
        count_attempts(ring.at for ring in rings),
        played[source, "line_fault"],
        played[source, "analysis"] + played[source, "block"],
        count_attempts(ring.at for ring in rings if ring.blocked),
        max(ring.at for ring in rings),
    )
