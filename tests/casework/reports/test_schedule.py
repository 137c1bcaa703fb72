from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.reports.answering import span
from callcenter.casework.reports.schedule import MOST_MISSED, due

CHINA = ZoneInfo("Asia/Shanghai")
EIGHT = time(8)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("period", "now", "built", "expected"),
    [
        ("day", "2026-11-22 07:59", ["2026-11-20"], []),
        ("day", "2026-11-22 08:00", ["2026-11-20"], ["2026-11-21"]),
        ("day", "2026-11-22 08:00", ["2026-11-21"], []),
        ("day", "2026-11-22 09:00", ["2026-11-18"], ["2026-11-19", "2026-11-20", "2026-11-21"]),
        ("day", "2026-11-22 07:00", ["2026-11-18"], ["2026-11-19", "2026-11-20"]),
        ("day", "2026-11-22 09:00", [], ["2026-11-21"]),
        ("week", "2026-11-23 07:00", ["2026-11-09"], []),
        ("week", "2026-11-23 08:00", ["2026-11-09"], ["2026-11-16"]),
        ("month", "2026-12-01 08:00", ["2026-10-01"], ["2026-11-01"]),
        ("month", "2026-12-31 08:00", ["2026-11-01"], []),
    ],
)
def test_r1_when_a_report_is_due(
    period: str, now: str, built: list[str], expected: list[str]
) -> None:
    found = due(period, EIGHT, wall(now), [wall(day) for day in built], CHINA)
    assert found == [wall(day) for day in expected]


@given(
    st.sampled_from(sorted(MOST_MISSED)),
    st.integers(0, 5_000_000).map(lambda minutes: EPOCH + timedelta(minutes=minutes)),
    st.integers(0, 400),
)
def test_what_is_built_is_due_no_more(period: str, now: datetime, days: int) -> None:
    before = [span(period, now - timedelta(days=days), CHINA)[0]]
    found = due(period, EIGHT, now, before, CHINA)
    assert len(found) <= MOST_MISSED[period]
    assert found == sorted(set(found))
    assert all(since > before[0] and span(period, since, CHINA)[1] <= now for since in found)
    assert due(period, EIGHT, now, [*before, *found], CHINA) == []
