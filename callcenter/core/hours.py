"""The clock of promises and deadlines: office hours, holidays, and time counted in them. Pure.

Handbook items F4 (nobody is rung in their rest), W14 (a price within 8 hours), K2 (a mail within
one working day).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

Span = tuple[time, time]
"""Open from the first time on the wall until, but without, the second; on one day."""
ALL_WEEK: Mapping[int, tuple[Span, ...]] = {day: ((time(9), time(18)),) for day in range(7)}
_FARTHEST = 366
"""Days that are looked through for an open hour."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When the house is open, by weekday (0 is Monday); `zone` None is this machine's own clock."""

    week: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: ALL_WEEK)
    holidays: Collection[date] = ()
    """Days on which it is shut."""
    workdays: Collection[date] = ()
    """Days on which it is open as on a Monday, whatever day it is (调休)."""
    zone: tzinfo | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether this moment is within office hours."""
        wall = at.astimezone(self.zone)
        return any(start <= wall.time() < end for start, end in self._spans(wall.date()))

    def next_open(self, at: datetime) -> datetime:
        """This moment if the house is open, else when it opens; UTC offset as in `zone`.

        A house that never opens within a year is taken to be open always.
        """
        return next((max(start, at.astimezone(self.zone)) for start, _ in self._ahead(at)), at)

    def after(self, at: datetime, working: timedelta) -> datetime:
        """The moment at which so much time within office hours has passed since `at`."""
        left = working
        for start, end in self._ahead(at):
            begin = max(start, at.astimezone(self.zone))
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return at + working

    def working_day_after(self, at: datetime) -> datetime:
        """When one working day has passed since `at`: as much time within office hours as the day
        has on which the house is open next (K2)."""
        opens = self.next_open(at).astimezone(self.zone)
        spans = self._spans(opens.date())
        long = (self._moment(opens.date(), e) - self._moment(opens.date(), s) for s, e in spans)
        return self.after(at, sum(long, timedelta()))

    def day_end(self, at: datetime, days: int) -> datetime:
        """The end of the calendar day that is `days` after the one of `at`, on the wall."""
        day = at.astimezone(self.zone).date() + timedelta(days=days + 1)
        return self._moment(day, time(0))

    def _spans(self, day: date) -> tuple[Span, ...]:
        if day in self.workdays:
            return self.week.get(0, ())
        return () if day in self.holidays else self.week.get(day.weekday(), ())

    def _ahead(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans that are not over at `at`, for a year."""
        first = at.astimezone(self.zone).date()
        for days in range(_FARTHEST):
            day = first + timedelta(days=days)
            for start, end in self._spans(day):
                opens, shuts = self._moment(day, start), self._moment(day, end)
                if shuts > at:
                    yield opens, shuts

    def _moment(self, day: date, wall: time) -> datetime:
        naive = datetime.combine(day, wall)
        return naive.astimezone() if self.zone is None else naive.replace(tzinfo=self.zone)
