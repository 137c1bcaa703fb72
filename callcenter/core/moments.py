"""When a spoken time is: 明天下午三点前, 三天内, 下周一, 月底之前. Pure.

The moment said is given in the call's local time; what comes out is never before it. Working days
are Monday to Friday; public holidays are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from callcenter.core.numerals import DIGITS, number

OPENS, CLOSES = time(9), time(18)
A_DAY = time(10)
"""When a day is meant and no hour was said."""
LATE = (CLOSES, time(21), time(23, 59))
"""Today, without an hour: by the end of work, else of the evening, else of the day."""
SOON = timedelta(minutes=30)
"""稍后, 待会儿."""
FURTHEST_DAYS = 400
PARTS = {
    "凌晨": (6, 7), "清晨": (8, 9), "早上": (9, 12), "早晨": (9, 12), "早": (9, 12),
    "上午": (10, 12), "中午": (12, 14), "下午": (15, 18), "傍晚": (18, 19), "晚上": (19, 21),
    "晚": (19, 21), "下班": (17, 18),
}  # fmt: skip
"""When to call where a part of the day is meant, and when that part is over."""
AFTERNOON = ("下午", "傍晚", "晚上", "晚")

_N = r"(?:[0-9]{1,4}|[零〇一二两三四五六七八九十百]{1,5})"
_NUMERAL = "0-9零〇一二两三四五六七八九十百千万"
_WEEK = "(?:周|星期|礼拜)"
_DAY = (
    "今天|今日|当天|今(?=[早晚])|明天|明日|明(?=[早晚])|大后天|后天"
    f"|(?:下下个?|下个?|这个?|本){_WEEK}[一二三四五六日天末]?"
    f"|(?<![{_NUMERAL}每上个]){_WEEK}[一二三四五六日天末]"
    "|(?:这个?|本|下个?)?月[底末]|下个?月(?![0-9一二两三四五六七八九十])"
    rf"|(?<![{_NUMERAL}第])(?:(?:这个?|本|下个?|{_N})月)?{_N}[号日](?![线楼门店机院床桌窗码键内后])"
)
_PART = "(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|(?<!最)晚上|下班|(?<=[今明])[早晚])(?!好)"
_CLOCK = rf"(?<![{_NUMERAL}])(?:{_N}点(?:钟|半|整|{_N}刻|{_N}分?)?|[0-9]{{1,2}}[:：][0-9]{{2}})"
_EDGE = "(?:(?P<before>(?:之|以)?前(?![台天面期往]))|(?:之|以)?[内后](?![台天面期续勤])|左右)?"
_ON = re.compile(
    f"(?=(?:{_DAY})|{_PART}|{_CLOCK})(?P<day>{_DAY})?的?(?P<part>{_PART})?"
    f"的?(?P<clock>{_CLOCK})?{_EDGE}"
)
_LASTS = re.compile(
    rf"(?<![{_NUMERAL}第每前近到至周期拜])"
    rf"(?:(?:{_N}(?:[到至~-]|或者?))?(?P<n>{_N})个?(?P<plus>半)?|(?P<half>半)个?)"
    "(?P<unit>分钟|小时|钟头|刻钟|工作日|天|日(?=[之以]?[内后])|周|星期|礼拜|(?<=个)月)"
    "(?!(?:之|以)?前)(?P<edge>(?:之|以)?[内后](?![台天面期续勤])|左右)?(?!了)"
)
_SOON = re.compile("稍后|待会儿?|等会儿?|过?一会儿|晚点儿?|晚一点")
_SOMEWHAT = ("快", "早", "晚", "慢", "有", "好", "差", "多", "少", "大")
"""Before 一点 these make it no hour: 快一点."""
_MINUTES = {"分钟": 1, "小时": 60, "钟头": 60, "刻钟": 15}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A time in a text: where it stands, and the moment (UTC) that it means."""

    start: int
    end: int
    due_at: datetime
    soon: bool = False
    """True where no time was named, only that it is soon."""


def moments(text: str, said_at: datetime) -> list[Spoken]:
    """The times named in a text, in order. `said_at` is when it was said, in the call's own zone.

    What is over, or is no time at all (三十号 of a February, 二十五点), is left out.
    """
    found: list[Spoken] = []
    taken = 0
    for spoken in sorted(_all(text, said_at), key=lambda one: (one.start, -one.end)):
        if spoken.start >= taken:
            found.append(spoken)
            taken = spoken.end
    return found


def _all(text: str, said_at: datetime) -> Iterator[Spoken]:
    for shape, due_of in _READERS:
        for match in shape.finditer(text):
            due = _worked_out(due_of, match, said_at)
            if due is not None and due > said_at.astimezone(UTC):
                yield Spoken(match.start(), match.end(), due, shape is _SOON)


def _worked_out(due_of: _DueOf, match: re.Match[str], said_at: datetime) -> datetime | None:
    try:
        return due_of(match, said_at)
    except (ValueError, OverflowError):  # no such day, or beyond the calendar
        return None


def count(run: str) -> int | None:
    """The number that a run of characters is: 三, 两, 十五, 24; of 两三 the larger one."""
    if run.isdigit():
        return int(run)
    digits = number(run)
    if digits is not None:
        return int(digits)
    if run == "十":
        return 10
    ones = [2 if char == "两" else DIGITS.get(char) for char in run]
    return ones[-1] if len(ones) <= 2 else None


# So long from now ---------------------------------------------------------------------------


def _after(match: re.Match[str], said_at: datetime) -> datetime | None:
    amount = 0.5 if match["half"] else count(match["n"])
    if amount is None or (not match["edge"] and match.string[: match.start()].endswith("了")):
        return None  # 等了三天 is over; 好了三天内 is not
    amount += 0.5 if match["plus"] else 0
    unit = match["unit"]
    if unit in _MINUTES:
        return said_at.astimezone(UTC) + timedelta(minutes=amount * _MINUTES[unit])
    if unit == "工作日":
        return _local(said_at, _working_day(said_at.date(), round(amount)), _in_hours(said_at))
    days = round(amount * _DAYS[unit]) or 1
    if days > FURTHEST_DAYS:
        return None
    return _local(said_at, said_at.date() + timedelta(days), _in_hours(said_at))


def _soon(match: re.Match[str], said_at: datetime) -> datetime:
    return said_at.astimezone(UTC) + SOON


def _working_day(day: date, after: int) -> date:
    if after > FURTHEST_DAYS:
        raise ValueError("too far")
    while after > 0:
        day += timedelta(1)
        after -= day.weekday() < 5
    return day


def _in_hours(said_at: datetime) -> time:
    """The clock of the moment, within the hours in which customers are called (F4)."""
    return min(max(said_at.time().replace(tzinfo=None), OPENS), CLOSES)


# At a day and an hour -----------------------------------------------------------------------


def _on(match: re.Match[str], said_at: datetime) -> datetime | None:
    """The first moment to come that the words can mean."""
    if match["clock"] == "一点" and match.string[: match.start()].endswith(_SOMEWHAT):
        return None
    today, now = said_at.date(), said_at.astimezone(UTC)
    days = list(_dates(match["day"] or "", today))
    if match["before"] and not (match["part"] or match["clock"]):
        sooner = [day - timedelta(1) for day, usual in days if day > today and usual is None]
        days = [(day, CLOSES) for day in sooner] + days
    for day, usual in days:
        for hour in _hours(match, usual, day == today):
            due = _local(said_at, day, hour)
            if due > now:
                return due
    return None


def _hours(match: re.Match[str], usual: time | None, today: bool) -> list[time]:
    """The hours that can be meant, the likeliest first."""
    part = match["part"]
    if match["clock"]:
        return _clock(match["clock"], part)
    if part:
        return [time(hour) for hour in PARTS[part]]
    if usual is not None:
        return [usual]
    return list(LATE) if today else [A_DAY]


def _clock(clock: str, part: str | None) -> list[time]:
    """Raises ValueError for an hour that no day has."""
    hour, minute = _hour_and_minute(clock)
    if part in AFTERNOON or (part == "中午" and hour < 3):
        return [time(hour + 12 if hour < 12 else hour, minute)]
    if part or hour > 12:
        return [time(hour, minute)]
    later = time((hour + 12) % 24, minute)
    return [later] if hour < 7 else [time(hour, minute), *([later] if hour < 12 else [])]


def _hour_and_minute(clock: str) -> tuple[int, int]:
    said_hour, said_minute = re.split("[点:：]", clock, maxsplit=1)
    hour = count(said_hour)
    if said_minute in ("", "钟", "整"):
        minute: int | None = 0
    elif said_minute == "半":
        minute = 30
    else:
        minute = count(said_minute.rstrip("刻分"))
        minute = minute * 15 if minute and said_minute.endswith("刻") else minute
    if hour is None or minute is None:
        raise ValueError(clock)
    return hour, minute


def _dates(day: str, today: date) -> Iterator[tuple[date, time | None]]:
    """The dates that can be meant, the nearest first, and the hour where the words imply one."""
    near = {"今": 0, "当": 0, "明": 1, "后": 2, "大": 3}
    if not day:
        yield from ((today + timedelta(n), None) for n in (0, 1))
    elif day[0] in near:
        yield today + timedelta(near[day[0]]), None
    elif day[-1] in "号日" and "周" not in day and "期" not in day and "拜" not in day:
        yield from _dated(day, today)
    elif "月" in day:
        yield from _month_ends(day, today)
    else:
        yield from _weekdays(day, today)


def _weekdays(day: str, today: date) -> Iterator[tuple[date, time | None]]:
    monday = today - timedelta(today.weekday())
    at = "一二三四五六日".find(day[-1].replace("天", "日").replace("末", "六"))
    if day.startswith(("下", "这", "本")):
        monday += timedelta(7 * (len(day) - len(day.lstrip("下"))))
        if at >= 0:
            yield monday + timedelta(at), None
        else:  # the week as a whole: by its last working day
            yield from ((monday + timedelta(n), CLOSES) for n in (4, 6))
    else:
        yield from ((monday + timedelta(at + 7 * n), None) for n in (0, 1))


def _month_ends(day: str, today: date) -> Iterator[tuple[date, time | None]]:
    """A month without a day is over on its last one."""
    months = (1,) if day.startswith("下") else (0, 1)
    for n in months:
        yield _first(today, n + 1) - timedelta(1), CLOSES


def _dated(day: str, today: date) -> Iterator[tuple[date, time | None]]:
    month, _, number_said = day[:-1].rpartition("月")
    nth = count(number_said)
    if nth is None:
        return
    named = count(month) if month and month[0] not in "这本下" else None
    if named is not None:
        yield from ((date(today.year + n, named, nth), None) for n in (0, 1))
    elif month:
        yield _first(today, month.startswith("下")).replace(day=nth), None
    else:
        yield from ((_first(today, n).replace(day=nth), None) for n in (0, 1))


def _first(today: date, months: int) -> date:
    """The first day of this month, or of one that follows it."""
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, 1)


def _local(said_at: datetime, day: date, at: time) -> datetime:
    """A day and an hour by the clock on the wall of the call, as UTC."""
    return datetime.combine(day, at, said_at.tzinfo).astimezone(UTC)


_DueOf = Callable[[re.Match[str], datetime], datetime | None]
_READERS: tuple[tuple[re.Pattern[str], _DueOf], ...] = (
    (_ON, _on),
    (_LASTS, _after),
    (_SOON, _soon),
)
