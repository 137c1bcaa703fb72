"""The time that a report is of: a day, a week or a month on the wall, or chosen days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from callcenter.casework.reports.answering import days, span

NAMES = ("day", "week", "month")
CUSTOM = "custom"
LONGEST = timedelta(days=367)
"""Of days that were chosen."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until, but without, `until`."""

    name: str
    """One of NAMES, or CUSTOM."""
    since: datetime
    until: datetime
    zone: tzinfo | None = None
    """Which clock is on the wall; None is this machine's own."""

    @classmethod
    def of(cls, name: str, at: datetime, zone: tzinfo | None = None) -> Period:
        """The day, week or month that holds this moment."""
        return cls(name, *span(name, at, zone), zone)

    @classmethod
    def chosen(cls, first: date, last: date, zone: tzinfo | None = None) -> Period:
        """From the first day to the last one, both whole; at least a day, LONGEST at most."""
        begin, _ = span("day", _at(first, 12, zone), zone)
        _, end = span("day", _at(max(first, last), 12, zone), zone)
        return cls(CUSTOM, begin, min(end, begin + LONGEST), zone)

    @property
    def before(self) -> Period:
        """The one before it, as long."""
        if self.name != CUSTOM:
            return Period.of(self.name, self.since - timedelta(hours=1), self.zone)
        return Period(CUSTOM, self.since - (self.until - self.since), self.since, self.zone)

    @property
    def after(self) -> Period:
        """The one after it."""
        if self.name != CUSTOM:
            return Period.of(self.name, self.until, self.zone)
        return Period(CUSTOM, self.until, self.until + (self.until - self.since), self.zone)

    @property
    def first(self) -> date:
        """Its first day on the wall."""
        return self.since.astimezone(self.zone).date()

    @property
    def last(self) -> date:
        """Its last day on the wall."""
        return (self.until - timedelta(hours=1)).astimezone(self.zone).date()

    @property
    def text(self) -> str:
        """As its paper says it: 2026-11-01 至 2026-11-30."""
        return days(self.since, self.until, self.zone)

    def days(self) -> Sequence[date]:
        """Every day of it, in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(count)]


def on_the_wall(
    since: datetime,
    until: datetime,
    hour: int | None,
    weekday: int | None,
    zone: tzinfo | None = None,
) -> list[tuple[datetime, datetime]]:
    """The hours of this time that are this hour of the day (0 to 23) and day of the week (0 is
    Monday); None is any. An hour that the clock goes through twice is there twice."""
    first, last = (at.astimezone(zone).date() for at in (since, until))
    hours = (0, 24) if hour is None else (hour, hour + 1)
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if weekday in (None, day.weekday()):
            start, end = (_at(day, clock, zone).astimezone(UTC) for clock in hours)
            found.append((max(start, since), min(end, until)))
    return [(start, end) for start, end in found if start < end]


def _at(day: date, hour: int, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24))
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
