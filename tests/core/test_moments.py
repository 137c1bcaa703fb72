from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.moments import count, moments

HERE = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 11, 22, 10, 40, tzinfo=HERE)
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin")
SPOKEN = st.text(
    alphabet="今明后天大早晚上中下午凌晨班周星期礼拜一二两三十百0123456789点半刻整钟分号日月底末这本个"
    "之以前内小时工作了第稍待会儿到:：x，",
    max_size=24,
)


def local(text: str, said_at: datetime = SUNDAY) -> list[str]:
    return [f"{one.due_at.astimezone(HERE):%m-%d %H:%M}" for one in moments(text, said_at)]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("明天", "11-23 10:00"),
        ("后天下午两点二十分", "11-24 14:20"),
        ("大后天", "11-25 10:00"),
        ("今天", "11-22 18:00"),
        ("今晚", "11-22 19:00"),
        ("明早九点", "11-23 09:00"),
        ("今天下班前", "11-22 17:00"),
        ("下午三点前", "11-22 15:00"),
        ("三点", "11-22 15:00"),
        ("九点半", "11-22 21:30"),
        ("十一点整", "11-22 11:00"),
        ("15:30", "11-22 15:30"),
        ("中午一点一刻", "11-22 13:15"),
        ("上午十点", "11-23 10:00"),
        ("周三下午三点一刻", "11-25 15:15"),
        ("星期天下午", "11-22 15:00"),
        ("下周一上午", "11-23 10:00"),
        ("下下周一", "11-30 10:00"),
        ("周五之前", "11-26 18:00"),
        ("周末", "11-28 10:00"),
        ("下个星期", "11-27 18:00"),
        ("本周内", "11-22 18:00"),
        ("25号", "11-25 10:00"),
        ("三号", "12-03 10:00"),
        ("十二月一号", "12-01 10:00"),
        ("下个月五号", "12-05 10:00"),
        ("月底之前", "11-30 18:00"),
        ("下个月", "12-31 18:00"),
        ("半小时后", "11-22 11:10"),
        ("一个半小时以后", "11-22 12:10"),
        ("三刻钟", "11-22 11:25"),
        ("二十四小时内", "11-23 10:40"),
        ("三天内", "11-25 10:40"),
        ("两三天", "11-25 10:40"),
        ("一个工作日内", "11-23 10:40"),
        ("三到五个工作日", "11-27 10:40"),
        ("一周内", "11-29 10:40"),
        ("一个月之内", "12-22 10:40"),
        ("稍后", "11-22 11:10"),
    ],
)
def test_w12_a_time_said_on_a_sunday_morning(text: str, due: str) -> None:
    assert local(text) == [due]


NO_TIMES = [
    "三天前",
    "三天之前",
    "等了三天",
    "第三天了",
    "上周三",
    "快一点",
    "早一点",
    "有一点",
    "上午好",
    "最晚上门",
    "二十五点",
    "三点八十分",
    "二月三十号",
    "八千零一号",
    "九百天后",
    "一号线",
    "几点",
    "五天了",
    "三",
]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_over_or_is_no_time_is_left_out(text: str) -> None:
    assert local(text) == []


def test_a_time_that_has_passed_today_is_the_next_one() -> None:
    late = SUNDAY.replace(hour=19, minute=30)
    assert local("下午三点", late) == ["11-23 15:00"]
    assert local("今天", late) == ["11-22 21:00"]
    assert local("今天下午", late) == []
    assert local("星期天下午", late) == ["11-29 15:00"]
    assert local("明天之前", late) == ["11-23 10:00"]


def test_working_days_are_monday_to_friday_within_hours() -> None:
    friday_night = datetime(2026, 11, 27, 23, 10, tzinfo=HERE)
    assert local("一个工作日内", friday_night) == ["11-30 18:00"]
    assert local("三天内", friday_night) == ["11-30 18:00"]


def test_the_call_is_in_its_own_zone() -> None:
    said = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    [here] = moments("明天上午", said.astimezone(HERE))
    assert here.due_at == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    [there] = moments("明天上午", said)
    assert there.due_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_two_times_stand_in_order() -> None:
    assert local("明天或者下周三") == ["11-23 10:00", "11-25 10:00"]


@pytest.mark.parametrize(
    ("run", "value"), [("三", 3), ("两", 2), ("十", 10), ("二十", 20), ("24", 24), ("三五", 5)]
)
def test_small_numbers_are_read(run: str, value: int) -> None:
    assert count(run) == value


@given(SPOKEN, st.datetimes(EARLIEST, LATEST), st.sampled_from(ZONES))
def test_never_raises_and_is_always_after_it_was_said(text: str, at: datetime, zone: str) -> None:
    said_at = at.replace(tzinfo=ZoneInfo(zone))
    end = 0
    for spoken in moments(text, said_at):
        assert spoken.due_at > said_at.astimezone(UTC)
        assert spoken.due_at < said_at.astimezone(UTC) + timedelta(days=800)
        assert end <= spoken.start < spoken.end <= len(text)
        end = spoken.end
