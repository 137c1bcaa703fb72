"""Numbers as they are read out, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callcenter.core.numerals import RUN, SAYINGS, in_digits, number, read_out

NAMES = "零一二三四五六七八九"


def aloud(value: int) -> str:
    """A number as a person reads it, by groups of four digits."""
    groups = []
    for unit in ("", "万", "亿"):
        value, group = divmod(value, 10_000)
        groups.append((group, unit))
    said = ""
    for group, unit in reversed(groups):
        if group:
            said += thousands(f"{group:04}", first=not said) + unit
    return said[1:] if said.startswith("一十") else said


def thousands(digits: str, *, first: bool) -> str:
    said = "".join(
        NAMES[int(digit)] + unit if digit != "0" else "零"
        for digit, unit in zip(digits, ("千", "百", "十", ""), strict=True)
    )
    said = said.rstrip("零")
    while "零零" in said:
        said = said.replace("零零", "零")
    return said.lstrip("零") if first else said


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("幺二三", "123"),
        ("一百二十", "120"),
        ("二零二六年", "2026年"),
        ("二〇二六年十二月", "2026年12月"),
        ("我的电话是幺三八零零一三八零零零", "我的电话是13800138000"),
        ("订单号是九五二七", "订单号是9527"),
        ("一共两千五", "一共2500"),
        ("两百块", "200块"),
        ("一百零五", "105"),
        ("一万零五百", "10500"),
        ("一万二", "12000"),
        ("三亿五", "350000000"),
        ("十五", "15"),
        ("一十五", "15"),
        ("两万零三", "20003"),
        ("房间三百二十一和五零六", "房间321和506"),
    ],
)
def test_numbers_become_digits(said: str, written: str) -> None:
    assert in_digits(said) == written


@pytest.mark.parametrize(
    "said",
    [
        "",
        "等一下",
        "一个",
        "三级保养",
        "十分抱歉",
        "千万不要",
        "万一",
        "成千上万",
        "二三十个",
        "十几个",
        "三三两两",
        "半斤八两",
        "七七八八",
        "一五一十",
        "你这个二百五",
        "十万火急",
        "九九八十一",
        "星期一二三",
        "三八",
        "一一说明",
        "百分之百",
        "一百零零五",
        "一千五十",
        "两十",
        "五万亿亿",
        "十十",
        "一万万",
        "幺百",
    ],
)
def test_what_is_no_number_stays(said: str) -> None:
    assert in_digits(said) == said


@given(st.integers(11, 10**12 - 1))
def test_reading_aloud_and_back_is_identity(value: int) -> None:
    assert in_digits(aloud(value)) == str(value)
    assert in_digits(f"一共{aloud(value)}元") == f"一共{value}元"


@given(st.integers(1, 10))
def test_small_numbers_stay_words(value: int) -> None:
    assert in_digits(aloud(value)) == aloud(value)


@given(st.text("0123456789", min_size=3, max_size=20), st.booleans())
def test_digit_by_digit_and_back_is_identity(digits: str, yao: bool) -> None:
    said = "".join(NAMES[int(digit)] for digit in digits)
    assume(said not in SAYINGS)
    assert in_digits(said.replace("一", "幺") if yao else said) == digits


@given(st.text("零〇一二三四五六七八九幺两十百千万亿年月个下分abc1 ", max_size=30))
def test_twice_is_once_and_nothing_else_changes(text: str) -> None:
    once = in_digits(text)
    assert in_digits(once) == once
    kept = "年月个下分abc "
    assert [char for char in once if char in kept] == [char for char in text if char in kept]


@given(st.text(max_size=30))
def test_a_text_without_numbers_is_returned_as_it_is(text: str) -> None:
    assume(not RUN.search(text))
    assert in_digits(text) == text


@given(st.text("零〇一二三四五六七八九幺两十百千万亿", min_size=1, max_size=12))
def test_a_run_is_a_number_or_nothing(run: str) -> None:
    found = number(run)
    assert found is None or found.isdecimal()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("我的电话是幺三八零零幺三八零零零", ["13800138000"]),
        ("订单号二零二六零七幺五对吗尾号九九八八", ["20260715", "9988"]),
        ("一共一千二百块", []),
        ("三五个吧", []),
        ("", []),
    ],
)
def test_numbers_that_are_read_out(text: str, numbers: list[str]) -> None:
    assert read_out(text) == numbers
