"""How calls were answered: the formulas (VOCABULARY §3b) that every report and board shares.

Handbook items K1, K2, R2, R4. Reads through the session given.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Share
from callcenter.store.tables import Call

RING = timedelta(seconds=5)
"""A Chinese ring: one second on, four off."""
THREE_RINGS = 3 * RING
"""三声"""
TARGET = timedelta(seconds=20)
"""Of the service level: 20 秒内人工接通率."""
REPEATED = timedelta(hours=24)
"""Who calls again within it was not helped at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a report needs of an inbound call."""

    source: str
    agent: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    blocked: bool
    harassment: bool
    abandoned: bool = False
    """The caller gave up before anybody answered."""
    hotline: str = ""
    """The number that was called."""

    @property
    def waited(self) -> timedelta | None:
        """Until an agent picked up; None where none did."""
        return self.answered_at - self.rang_at if self.answered_at and self.agent else None

    @property
    def talked(self) -> timedelta | None:
        """From answer to end."""
        if self.answered_at is None or self.ended_at is None or not self.agent:
            return None
        return self.ended_at - self.answered_at


@dataclass(frozen=True, slots=True)
class Answered:
    """How the calls among these that were not turned away by a block were answered."""

    offered: int
    answered: int
    quick: int
    """Within three rings."""
    soon: int
    """Within the TARGET."""
    rings: int
    """Until all of them were picked up."""
    waited: timedelta
    talked: Sequence[timedelta]

    @property
    def answer_rate(self) -> Share:
        """接起率: answered ÷ offered."""
        return Share(self.answered, self.offered)

    @property
    def three_rings(self) -> Share:
        """三声内接起率: answered within three rings ÷ answered."""
        return Share(self.quick, self.answered)

    @property
    def level_of_offered(self) -> Share:
        """服务水平（按来电）: answered within 20 s ÷ offered, abandoned ones with them."""
        return Share(self.soon, self.offered)

    @property
    def level_of_answered(self) -> Share:
        """服务水平（按接起）: answered within 20 s ÷ answered."""
        return Share(self.soon, self.answered)

    @property
    def mean_rings(self) -> float | None:
        """平均振铃声数"""
        return self.rings / self.answered if self.answered else None

    @property
    def speed(self) -> timedelta | None:
        """平均应答速度 (ASA)."""
        return self.waited / self.answered if self.answered else None


def answered(lines: Sequence[Line]) -> Answered:
    """Count these calls."""
    offered = [one for one in lines if not one.blocked]
    waits = [one.waited for one in offered if one.waited is not None]
    return Answered(
        len(offered),
        len(waits),
        sum(wait <= THREE_RINGS for wait in waits),
        sum(wait <= TARGET for wait in waits),
        sum(max(1, math.ceil(wait / RING)) for wait in waits),
        sum(waits, timedelta()),
        [one.talked for one in offered if one.talked is not None],
    )


def solved_at_once(lines: Sequence[Line]) -> dict[str, Share]:
    """首次解决率, by the agent who took the call; "" is everybody.

    Of the calls that were taken, with a number and no harassment, those whose caller did not call
    within 24 hours again, whoever took that. Nobody who is still within the 24 hours of the last
    call is counted as coming back.
    """
    calls: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.source and not (one.blocked or one.harassment):
            calls[one.source].append(one)
    taken: dict[str, int] = defaultdict(int)
    again: dict[str, int] = defaultdict(int)
    for of_source in calls.values():
        for at, one in enumerate(of_source):
            if one.waited is not None:
                following = of_source[at + 1 : at + 2]
                back = any(two.rang_at - one.rang_at <= REPEATED for two in following)
                for who in ("", one.agent):
                    taken[who] += 1
                    again[who] += back
    return {"": Share(0, 0)} | {who: Share(n - again[who], n) for who, n in taken.items()}


def inbound(session: Session, since: datetime, until: datetime) -> list[Line]:
    """The inbound calls that rang in this time, in order."""
    asked = select(
        Call.source, Call.agent, Call.rang_at, Call.answered_at, Call.ended_at,
        Call.call_result == "blocked", Call.disposition == "harassment",
        Call.call_result == "abandoned", Call.callee_number,
    )  # fmt: skip
    within = asked.where(
        Call.direction == "inbound", Call.rang_at >= since, Call.rang_at < until
    ).order_by(Call.rang_at)
    return [Line(*row) for row in session.execute(within)]


def mean(spans: Sequence[timedelta]) -> timedelta | None:
    """None of nothing."""
    return sum(spans, timedelta()) / len(spans) if spans else None


def listed(since: datetime, until: datetime, **which: str) -> str:
    """Where the API lists the calls of this time, of this agent and direction."""
    first, last = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (since, until))
    query = urlencode({"since": first, "until": last, **which}, safe=":")
    return f"calls?{query}"


def span(period: str, at: datetime, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """The day, the week from Monday, or the month that holds this moment, on the wall."""
    first = at.astimezone(zone).date()
    if period == "week":
        first -= timedelta(days=first.weekday())
    elif period == "month":
        first = first.replace(day=1)
    after = {
        "day": first + timedelta(days=1),
        "week": first + timedelta(days=7),
        "month": (first + timedelta(days=32)).replace(day=1),
    }[period]
    return _midnight(first, zone), _midnight(after, zone)


def days(since: datetime, until: datetime, zone: tzinfo | None) -> str:
    """The days of a time, as its paper says them."""
    first, last = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (since, until - timedelta(hours=1)))
    return first if first == last else f"{first} 至 {last}"


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, time(0))
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
