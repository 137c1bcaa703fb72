from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.store.excerpts import AROUND, excerpt, spoken_at
from callcenter.store.grams import as_tokens, asked_for, folded, grams

DIGITS = re.compile(r"\d{7,}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我要退款！", "我要退款"),
        ("ＷｉＦｉ 坏了", "wifi坏了"),
        ("WO-20260101-0001", "wo202601010001"),
        ("①②", "12"),
        ("一\n二\t三", "一二三"),
        ("“*?”", ""),
        ("", ""),
    ],
)
def test_marks_and_widths_do_not_count(text: str, shown: str) -> None:
    assert folded(text) == shown


@given(st.text(), st.text(max_size=8))
def test_a_text_has_every_gram_of_what_it_holds(text: str, more: str) -> None:
    whole = folded(text)
    for begin in range(min(len(whole), 12)):
        for end in range(begin + 1, min(len(whole), begin + 6) + 1):
            assert set(asked_for(whole[begin:end])) <= grams(whole)
    assert folded(whole) == whole
    tokens = as_tokens(text + more).split(" ")
    assert set(filter(None, tokens)) == grams(folded(text + more))


def test_one_character_is_asked_for_as_it_is() -> None:
    assert asked_for("退") == ["退"]
    assert asked_for("退款") == ["退款"]
    assert asked_for("要退款") == ["要退", "退款"]
    assert asked_for("") == []


@given(st.text(), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_marks_lie_in_their_excerpt_and_hold_the_word(text: str, given_words: list[str]) -> None:
    words = [word for word in map(folded, given_words) if word]
    found = excerpt(text, words)
    assert len(found.text) <= max(map(len, words), default=0) * 40 + 2 * AROUND + 2
    for begin, end in found.marks:
        assert 0 <= begin < end <= len(found.text)


def test_the_excerpt_is_the_piece_around_the_word() -> None:
    long = "一" * 60 + "我要退 款，谢谢" + "二" * 60
    found = excerpt(long, ["退款"])
    ((begin, end),) = found.marks
    assert found.text[begin:end] == "退 款"
    assert found.text.startswith("…一")
    assert found.text.endswith("二…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打13800000001找我", "请打138****0001找我"),
        ("138 0000 0001", "138 **** 0001"),
        ("010-88880001", "010-****0001"),
        ("WO-20260101-0001", "WO-20260101-0001"),
        ("2026-01-01 12:00", "2026-01-01 12:00"),
        ("卡号6222020200112233445", "卡号622************3445"),
    ],
)
def test_numbers_are_masked_where_they_stand(text: str, shown: str) -> None:
    assert excerpt(text, []).text == shown


@given(st.text(alphabet="0123456789 +-打我", max_size=60))
def test_no_long_number_stays_readable(text: str) -> None:
    assert not DIGITS.search(excerpt(f"我{text}", ["我"]).text)


def test_the_moment_is_that_of_the_word() -> None:
    spoken = [
        {"word": word, "start_ms": 100 * at} for at, word in enumerate(["我", "要", "退款", "吗"])
    ]
    assert spoken_at("退款", spoken, 7) == 200
    assert spoken_at("款吗", spoken, 7) == 200
    assert spoken_at("发票", spoken, 7) == 7
    assert spoken_at("退款", [], 7) == 7
