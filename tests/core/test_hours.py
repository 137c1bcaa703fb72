from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.hours import Hours

CHINA = ZoneInfo("Asia/Shanghai")
WEEK = {day: ((time(9), time(12)), (time(13), time(18))) for day in range(5)}
HOUSE = Hours(WEEK, holidays={date(2026, 10, 1)}, workdays={date(2026, 10, 10)}, zone=CHINA)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-09-30 09:00", True),
        ("2026-09-30 12:00", False),
        ("2026-09-30 12:59", False),
        ("2026-09-30 17:59", True),
        ("2026-09-30 18:00", False),
        ("2026-10-01 10:00", False),
        ("2026-10-03 10:00", False),
        ("2026-10-10 10:00", True),
    ],
)
def test_open_and_shut(at: str, is_open: bool) -> None:
    assert HOUSE.is_open(wall(at)) is is_open
    assert HOUSE.is_open(wall(at).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-09-30 10:00", "2026-09-30 10:00"),
        ("2026-09-30 12:30", "2026-09-30 13:00"),
        ("2026-09-30 20:00", "2026-10-02 09:00"),
        ("2026-10-02 18:00", "2026-10-05 09:00"),
    ],
)
def test_when_the_house_opens_next(at: str, opens: str) -> None:
    assert HOUSE.next_open(wall(at)) == wall(opens)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-09-29 10:00", "2026-09-30 10:00"),
        ("2026-09-30 15:00", "2026-10-02 15:00"),
        ("2026-09-28 20:00", "2026-09-29 18:00"),
        ("2026-10-02 20:00", "2026-10-05 18:00"),
    ],
)
def test_k2_one_working_day_later(at: str, then: str) -> None:
    assert HOUSE.working_day_after(wall(at)) == wall(then)


@pytest.mark.parametrize(
    ("at", "hours", "then"),
    [
        ("2026-09-29 09:00", 8, "2026-09-29 18:00"),
        ("2026-09-29 10:00", 8, "2026-09-30 10:00"),
        ("2026-09-30 16:00", 8, "2026-10-02 16:00"),
        ("2026-10-02 20:00", 1, "2026-10-05 10:00"),
        ("2026-09-29 11:30", 0.5, "2026-09-29 12:00"),
    ],
)
def test_w14_eight_hours_are_office_hours(at: str, hours: float, then: str) -> None:
    assert HOUSE.after(wall(at), timedelta(hours=hours)) == wall(then)


def test_a_house_that_never_opens_counts_every_hour() -> None:
    shut = Hours({}, zone=UTC)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert shut.next_open(at) == at
    assert shut.after(at, timedelta(hours=8)) == at + timedelta(hours=8)


def test_the_end_of_a_day_is_midnight_on_the_wall() -> None:
    assert HOUSE.day_end(wall("2026-09-30 23:59"), 0) == wall("2026-10-01 00:00")
    assert HOUSE.day_end(wall("2026-09-30 00:00").astimezone(UTC), 3) == wall("2026-10-04 00:00")


moments = st.integers(0, 525_600).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(moments, st.integers(0, 5000), st.integers(0, 5000))
def test_time_adds_up(at: datetime, first: int, second: int) -> None:
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    assert HOUSE.after(HOUSE.after(at, one), two) == HOUSE.after(at, one + two)
    assert HOUSE.after(at, one) >= at + one
