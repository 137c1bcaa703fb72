"""Reads a carrier's bill (话单, CSV), whatever its encoding, delimiter and headings. Pure.

What cannot be read is told with its line, and the rest is read on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from callcenter.core.errors import Refused
from callcenter.core.numbers import is_withheld

DELIMITERS = (",", "\t", ";", "|")
ENCODINGS = ("utf-8-sig", "gb18030")
HEADINGS: dict[str, tuple[str, ...]] = {
    "caller": ("主叫", "主叫号码", "来电号码", "caller", "calling number", "from"),
    "callee": ("被叫", "被叫号码", "callee", "called number", "to"),
    "start": (
        "开始时间",
        "通话时间",
        "起始时间",
        "通话开始时间",
        "呼叫时间",
        "start",
        "start time",
    ),
    "date": ("日期", "通话日期", "date"),
    "duration": ("时长", "通话时长", "计费时长", "duration"),
}
"""What each column may be called; a unit in brackets behind it does not matter."""
NEEDED = ("caller", "start", "duration")
HEADING_WITHIN = 30
"""A bill may begin with so many lines of title before its headings."""
MOST_LINES = 1_000_000
LONGEST_LINE = 10_000
"""Characters."""
LEAST_MOMENT = len("2026-11-22T20:15")
MOST_SECONDS = 7 * 24 * 3600

_NUMBER = re.compile(r"[+0-9][0-9 ().-]{2,30}")
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*"
    r"(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?",
    re.ASCII,
)
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)[ T]?(\d\d)(\d\d)(\d\d)", re.ASCII)
_PLAIN_SECONDS = re.compile(r"(\d{1,7})(?:\.0+)?(?:秒|s)?", re.ASCII)
_COLONS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)
_SPELLED = re.compile(
    r"(?:(\d{1,3})(?:小时|时))?(?:(\d{1,4})(?:分钟|分))?(?:(\d{1,5})秒)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class BillRow:
    """One call as the carrier counted it; `line` is its line in the file, from 1."""

    line: int
    caller_number: str
    callee_number: str
    started_at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that could not be read, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What a bill holds: its calls, and the lines that were passed over."""

    rows: tuple[BillRow, ...]
    problems: tuple[Problem, ...]


def read_bill(content: bytes, zone: tzinfo | None = None) -> Bill:
    """The calls in a bill; times without a zone are in `zone`, None is this machine's own.

    Raises Refused where it is no text, or has no headings that we know.
    """
    lines = _text(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter, at, columns = _headings(lines)
    rows: list[BillRow] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines[at + 1 : at + 1 + MOST_LINES], at + 2):
        if not line.strip(f"{delimiter} \t"):
            continue
        try:
            rows.append(_row(number, _cells(line, delimiter), columns, zone))
        except ValueError as error:
            problems.append(Problem(number, str(error)))
    if len(lines) > at + 1 + MOST_LINES:
        problems.append(Problem(at + 2 + MOST_LINES, f"more than {MOST_LINES} lines; not read"))
    return Bill(tuple(rows), tuple(problems))


def _text(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("the bill is no text; expected CSV in UTF-8 or GB18030")


def _headings(lines: Sequence[str]) -> tuple[str, int, dict[str, int]]:
    """The delimiter, the line of the headings, and which column holds what."""
    for at, line in enumerate(lines[:HEADING_WITHIN]):
        for delimiter in DELIMITERS:
            try:
                columns = _columns(_cells(line, delimiter))
            except ValueError:
                continue
            if all(name in columns for name in NEEDED):
                return delimiter, at, columns
    expected = "; ".join(" / ".join(HEADINGS[name][:2]) for name in NEEDED)
    raise Refused(f"the bill has no headings that are known; expected columns such as {expected}")


def _columns(cells: Sequence[str]) -> dict[str, int]:
    named = [re.sub(r"[（(\[].*", "", cell).strip().lower() for cell in cells]
    found: dict[str, int] = {}
    for name, headings in HEADINGS.items():
        for heading in headings:
            if heading in named and name not in found:
                found[name] = named.index(heading)
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    """A line's cells; each line is read alone, so that an open quote spoils no other."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    try:
        return [_bare(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        raise ValueError(f"not CSV: {error}") from None


def _bare(cell: str) -> str:
    """Without what spreadsheets add to keep a number's digits: ="138…", '138…, a tab."""
    return cell.strip().removeprefix("=").strip("\"'\t ").strip()


def _row(line: int, cells: Sequence[str], columns: dict[str, int], zone: tzinfo | None) -> BillRow:
    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return cells[at] if at < len(cells) else ""

    start = cell("start")
    if not re.search(r"\d{4}\D|\d{8}", start):
        start = f"{cell('date')} {start}".strip()
    return BillRow(
        line,
        _caller(cell("caller")),
        cell("callee")[:64],
        _moment(start, zone),
        _seconds(cell("duration")),
    )


def _caller(cell: str) -> str:
    if is_withheld(cell):
        raise ValueError("the caller's number is empty or withheld here too")
    if not _NUMBER.fullmatch(cell):
        raise ValueError("the caller's number is not a telephone number")
    return cell


def _moment(cell: str, zone: tzinfo | None) -> datetime:
    """When the call started. Raises ValueError."""
    found = _MOMENT.fullmatch(cell) or _PACKED.fullmatch(cell)
    try:
        if found is None and len(cell) < LEAST_MOMENT:
            raise ValueError  # a day alone is no start
        if found is None:
            moment = datetime.fromisoformat(cell)
        else:
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
        return _placed(moment, zone)
    except (ValueError, OverflowError, OSError):
        raise ValueError("the start is no time; expected such as 2026-11-22 20:15:30") from None


def _placed(moment: datetime, zone: tzinfo | None) -> datetime:
    if not 1970 <= moment.year < 9999:  # what local time can be worked out for
        raise ValueError
    if moment.tzinfo is not None:
        return moment
    return moment.astimezone() if zone is None else moment.replace(tzinfo=zone)


def _seconds(cell: str) -> int:
    """How long the call lasted: 65, 65秒, 1:05, 00:01:05, 1分5秒. Raises ValueError."""
    if plain := _PLAIN_SECONDS.fullmatch(cell):
        parts: Sequence[str | None] = (None, None, plain[1])
    elif cell and (found := _COLONS.fullmatch(cell) or _SPELLED.fullmatch(cell)):
        parts = found.groups()
    else:
        raise ValueError("the length is no duration; expected seconds or hh:mm:ss")
    hours, minutes, seconds = (int(part or 0) for part in parts)
    total = hours * 3600 + minutes * 60 + seconds
    if total > MOST_SECONDS:
        raise ValueError("the length is more than a week")
    return total
