from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.numbers import group, is_withheld, mask, plain

WITHHELD = ["", "  ", "anonymous", "Anonymous", "unavailable", "restricted", "withheld"]
DIALLED = st.from_regex(r"(\+|00)?[0-9 ()-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("13800000001", "13800000001"),
        ("+8613800000001", "13800000001"),
        ("008613800000001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("+86 (10) 8888.0001", "01088880001"),
        ("+867558888001", "07558888001"),
        ("013800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("+86 0138 0000 0001", "13800000001"),
        ("01012345678", "01012345678"),
        ("861088880001", "861088880001"),
        ("+864008200001", "4008200001"),
        ("+4930123456", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("1001", "1001"),
        ("110", "110"),
        (" alice ", "alice"),
        ("sip:alice@host", "sip:alice@host"),
    ],
)
def test_numbers_are_compared_in_one_form(written: str, compared: str) -> None:
    assert plain(written) == compared
    assert not is_withheld(written)


@pytest.mark.parametrize("number", WITHHELD)
def test_a_withheld_number_is_none(number: str) -> None:
    assert is_withheld(number)
    assert (plain(number), group(number), mask(number)) == ("", "", "withheld")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812340001", "138****0001"),
        ("+8613812340001", "138****0001"),
        ("01088880001", "010****0001"),
        ("075588880001", "075*****0001"),
        ("4008200001", "40******01"),
        ("8001234", "80***34"),
        ("95588", "****8"),
        ("110", "**0"),
        ("1", "*"),
        ("alice", "****e"),
    ],
)
def test_the_middle_is_hidden(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800000001", "138 0000 0001"),
        ("+8613800000001", "138 0000 0001"),
        ("138****0001", "138 **** 0001"),
        ("01088880001", "010 8888 0001"),
        ("02188880001", "021 8888 0001"),
        ("075588880001", "0755 8888 0001"),
        ("07558880001", "0755 888 0001"),
        ("4008200001", "400 820 0001"),
        ("+4930123456", "+4930123456"),
        ("1001", "1001"),
        ("alice", "alice"),
    ],
)
def test_digits_stand_in_groups(number: str, shown: str) -> None:
    assert group(number) == shown


@given(st.one_of(DIALLED, st.text()))
def test_whatever_the_wire_says_is_hidden_and_never_raises(number: str) -> None:
    shown, whole = mask(number), plain(number)
    group(number)
    if whole:
        assert len(shown) == len(whole)
        assert shown.count("*") >= (len(whole) + 1) // 3


@given(DIALLED)
def test_the_compared_form_compares_to_itself(number: str) -> None:
    assert plain(plain(number)) == plain(number)
