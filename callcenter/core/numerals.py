"""Numbers that a caller reads out, written as digits: 幺二三 → 123, 一百二十 → 120. Pure.

Conservative: in everyday Chinese most number characters are not numbers (一下, 三级保养, 千万别). A
run of them is rewritten, as a whole or not at all, where it is

- three or more bare digits, as telephone, order and year numbers are read: 幺三八, 二零二六, or
- a number of eleven or more with its units, read as people read it: 十二, 一百零五, 两千五.

What is also a saying stays (七七八八, 十万火急), and so does a 二百五.
"""

from __future__ import annotations

import re

DIGITS = {**{char: value for value, char in enumerate("零一二三四五六七八九")}, "〇": 0, "幺": 1}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10_000, "亿": 100_000_000}
CHARACTERS = "零〇一二三四五六七八九幺两十百千万亿"
RUN = re.compile(f"[{CHARACTERS}]{{2,}}")
SAYINGS = ("七七八八", "二百五", "十万火急", "十万八千里", "一五一十")
WEEKDAY = ("星期", "礼拜", "周")
"""星期一二三 is three days."""
LEAST_DIGITS = 3
LEAST_READ_OUT = 4
LIMIT = 10**12

_SAYING = re.compile(f"(?<![{CHARACTERS}])({'|'.join(SAYINGS)})(?![{CHARACTERS}])")


def in_digits(text: str) -> str:
    """The text with the numbers in it as digits; everything else as it was."""
    pieces = _SAYING.split(text)
    return "".join(
        piece if piece in SAYINGS else RUN.sub(_rewritten, piece) for piece in pieces if piece
    )


def read_out(text: str) -> list[str]:
    """The telephone, order and account numbers in a text: four or more bare digits in a row."""
    numbers = (number(run) for run in RUN.findall(text) if all(char in DIGITS for char in run))
    return [digits for digits in numbers if digits and len(digits) >= LEAST_READ_OUT]


def number(run: str) -> str | None:
    """The digits of a run of number characters, or None where it is not a number by the rule."""
    if all(char in DIGITS for char in run):
        return "".join(str(DIGITS[char]) for char in run) if len(run) >= LEAST_DIGITS else None
    plain = _with_last_unit(_without_pairs(run))
    value = _value(plain)
    return str(value) if 10 < value < LIMIT and plain == read(value) else None


def read(value: int) -> str:
    """How a number from 1 to 10^12 − 1 is read: 10500 → 一万零五百."""
    said = ""
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        group, value = divmod(value, size)
        if group:
            gap = "零" if said and group < 1000 else ""
            said += gap + _read_group(group) + unit
    return said.removeprefix("一") if said.startswith("一十") else said


def _rewritten(match: re.Match[str]) -> str:
    run = match[0]
    if match.string[: match.start()].endswith(WEEKDAY):
        return run
    return number(run) or run


def _read_group(group: int) -> str:
    """1 to 9999, with every 一 said."""
    said, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = group // size % 10
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + unit
        gap = not digit
    return said


def _without_pairs(run: str) -> str:
    """两百 is 二百; anywhere else 两 is no digit. 一十五 at the start is 十五."""
    run = re.sub("两(?=[百千万亿])", "二", run)
    return run.removeprefix("一") if run.startswith("一十") else run


def _with_last_unit(run: str) -> str:
    """一百二 is 一百二十, 两万五 is 两万五千."""
    if not re.search("[百千万亿][一二三四五六七八九]$", run):
        return run
    return run + {"百": "十", "千": "百", "万": "千", "亿": "千万"}[run[-2]]


def _value(run: str) -> int:
    """What the units add up to; the caller checks that the run reads like that."""
    total = group = digit = 0
    for char in run:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in SMALL:
            group, digit = group + (digit or 1) * SMALL[char], 0
        elif char in LARGE:
            total, group, digit = total + (group + digit) * LARGE[char], 0, 0
    return total + group + digit
