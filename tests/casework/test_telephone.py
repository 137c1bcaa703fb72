from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat

from callcenter.casework.telephone import Telephone, read
from callcenter.core.errors import Refused
from callcenter.core.numbers import plain

PREFIXES = ("", "0", "+86", "0086", "86", "+86 ", "(+86)")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("138 0000 0001", Telephone("13800000001", "+8613800000001", "mobile")),
        ("010-8888 0001", Telephone("01088880001", "+861088880001", "landline")),
        ("1088880001", Telephone("01088880001", "+861088880001", "landline")),
        ("0755-88880001转12", Telephone("075588880001", "+8675588880001", "landline", "12")),
        ("400-820-0001", Telephone("4008200001", "+864008200001", "service")),
        ("+49 30 123456", Telephone("+4930123456", "+4930123456", "landline")),
        ("+1 415 555 2671", Telephone("+14155552671", "+14155552671", "mobile")),
        ("95588", Telephone("95588", "", "other")),
        ("1001", Telephone("1001", "", "other")),
        ("88880001", Telephone("88880001", "", "other")),
    ],
)
def test_a_number_has_a_kind_and_its_e164_form(written: str, expected: Telephone) -> None:
    assert read(written) == expected


@pytest.mark.parametrize("written", ["", "unknown", "李建国", "12", "1" * 21, "138" + "-" * 60])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="telephone number"):
        read(written)


@given(st.integers(13_800_000_000, 13_999_999_999), st.sampled_from(PREFIXES))
def test_a_mobile_number_is_compared_as_everywhere(number: int, prefix: str) -> None:
    written = f"{prefix}{number}"
    assert read(written).number == plain(written) == str(number)


@given(st.text(max_size=60))
def test_garbage_is_refused_or_compares_to_itself(written: str) -> None:
    try:
        told = read(written)
    except Refused:
        return
    assert plain(told.number) == told.number
    assert not told.e164 or plain(told.e164) == told.number


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_number_is_what_the_library_says(number: str) -> None:
    told = read(number)
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        parsed = PhoneNumber()
    assert bool(told.e164) == phonenumbers.is_valid_number(parsed)
    assert told.e164 in ("", phonenumbers.format_number(parsed, PhoneNumberFormat.E164))
    assert (told.number, told.kind) == (number, "mobile" if told.e164 else "other")
