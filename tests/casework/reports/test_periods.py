"""Which time a report is of, and which hours of it are which hour on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.reports.periods import LONGEST, Period, on_the_wall

HERE = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
"""Where the clock is put forward and back."""
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "first", "last", "before", "after"),
    [
        ("day", "2026-11-22", "2026-11-22", "2026-11-21", "2026-11-23"),
        ("week", "2026-11-16", "2026-11-22", "2026-11-09", "2026-11-23"),
        ("month", "2026-11-01", "2026-11-30", "2026-10-01", "2026-12-01"),
    ],
)
def test_a_period_and_those_beside_it(
    name: str, first: str, last: str, before: str, after: str
) -> None:
    period = Period.of(name, NOON, HERE)
    told = [period.first, period.last, period.before.first, period.after.first]
    assert [day.isoformat() for day in told] == [first, last, before, after]
    assert (period.before.until, period.after.since) == (period.since, period.until)


def test_chosen_days_are_whole_and_not_too_many() -> None:
    period = Period.chosen(date(2026, 11, 3), date(2026, 11, 9), HERE)
    assert period.text == "2026-11-03 至 2026-11-09"
    assert len(period.days()) == 7
    assert period.before.text == "2026-10-27 至 2026-11-02"
    assert period.after.first == date(2026, 11, 10)
    assert Period.chosen(date(2026, 11, 3), date(2026, 11, 1), HERE).text == "2026-11-03"
    long = Period.chosen(date(1990, 1, 1), date(2026, 1, 1), HERE)
    assert long.until - long.since == LONGEST


def test_an_hour_that_the_clock_goes_through_twice_is_there_twice() -> None:
    since, until = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 26, 22, tzinfo=UTC)
    found = on_the_wall(since, until, 2, None, BERLIN)
    assert [(end - start) / HOUR for start, end in found] == [2, 1]
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert on_the_wall(spring, spring + 20 * HOUR, 2, None, BERLIN) == []


@given(
    st.integers(0, 24 * 270),
    st.integers(0, 24 * 12),
    st.sampled_from([HERE, BERLIN, UTC]),
)
def test_every_moment_lies_in_its_own_hour_and_in_no_other(
    start: int, hours: int, zone: ZoneInfo
) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC) + start * HOUR
    until = since + 13 * 24 * HOUR
    moment = since + hours * HOUR
    wall = moment.astimezone(zone)

    def holds(hour: int | None, weekday: int | None) -> bool:
        spans = on_the_wall(since, until, hour, weekday, zone)
        return any(a.astimezone(UTC) <= moment < b.astimezone(UTC) for a, b in spans)

    assert holds(wall.hour, wall.weekday())
    assert holds(wall.hour, None)
    assert holds(None, wall.weekday())
    assert not holds((wall.hour + 1) % 24, None)
    assert not holds(None, (wall.weekday() + 1) % 7)
