from __future__ import annotations

import pytest

from callcenter.web.pages import words
from callcenter.web.pages.render import clock, masked, seconds, whole


def test_a_name_without_a_word_is_shown_as_it_is() -> None:
    assert words.word("state", "talking") == "通话中"
    assert words.word("state", "new") == "new"
    assert words.word("state", "") == "—"
    assert words.word("state", None) == "—"


@pytest.mark.parametrize(
    ("name", "text", "hue"),
    [
        ("insult", "骚扰 · 辱骂", "harassment"),
        ("refund", "投诉 · 退款", "complaint"),
        ("suggestion", "建议", ""),
        ("new", "new", ""),
        ("complaint", "投诉", "complaint"),
        ("suspected", "suspected", "harassment"),
    ],
)
def test_a_category_has_a_name_and_a_colour(name: str, text: str, hue: str) -> None:
    assert words.category(name) == text
    assert words.hue(name) == hue


def test_every_word_list_goes_to_the_scripts() -> None:
    assert set(words.WORDS) < set(words.for_scripts())


def test_numbers_and_times_as_people_read_them() -> None:
    assert masked("13800006127") == "138 •••• 6127"
    assert masked("anonymous") == whole("") == "号码隐藏"
    assert whole("13800006127") == "138 0000 6127"
    assert clock(62_999) == "1:02"
    assert clock(None) == "—"
    assert seconds(6800) == "6.8"
