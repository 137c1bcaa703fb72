"""Times for words that the engine has not settled yet."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr.guess import Guess
from callcenter.core.records import Word


def test_the_first_word_begins_where_the_voice_does() -> None:
    assert Guess().words(["您好"], 240, 600, 800) == (Word("您好", 240, 600),)


def test_the_last_word_shares_its_time_with_the_new_ones() -> None:
    guess = Guess()
    guess.words(["我"], 240, 400, 600)
    assert guess.words(["我", "要", "退货"], 240, 1000, 1200) == (
        Word("我", 240, 430),
        Word("要", 430, 620),
        Word("退货", 620, 1000),
    )
    assert guess.words(["我", "要", "退货", "啊"], 240, 1200, 1400)[:2] == (
        Word("我", 240, 430),
        Word("要", 430, 620),
    )


def test_after_a_pause_the_next_word_begins_where_the_voice_comes_back() -> None:
    guess = Guess()
    guess.words(["我"], 240, 400, 600)
    assert guess.words(["我", "要"], 1500, 1800, 2000)[1] == Word("要", 1500, 1800)


def test_a_word_that_is_taken_back_makes_room() -> None:
    guess = Guess()
    guess.words(["你们", "的", "传真"], 0, 900, 1000)
    words = guess.words(["你们", "的", "产品"], 0, 1200, 1400)
    assert [word.word for word in words] == ["你们", "的", "产品"]
    assert words[2].end_ms == 1200
    assert guess.words([], 0, 1300, 1500) == ()


def test_a_word_known_before_its_end_lasts_a_while() -> None:
    assert Guess().words(["投诉"], 500, 510, 2000) == (Word("投诉", 500, 700),)
    assert Guess().words(["投诉"], 500, 510, 600) == (Word("投诉", 500, 600),)


TEXTS = st.lists(st.text("甲乙丙", min_size=1, max_size=3), max_size=5)


@given(st.lists(st.tuples(TEXTS, st.integers(0, 400), st.integers(0, 400)), max_size=6))
def test_words_are_in_order_and_never_outside_the_sound(steps: list) -> None:
    guess, heard = Guess(), 0
    for texts, ahead, onset in steps:
        heard += 500
        words = guess.words(texts, max(heard - onset, 0), heard - ahead, heard)
        assert [word.word for word in words] == texts
        times = [ms for word in words for ms in (word.start_ms, word.end_ms)]
        assert all(a <= b for a, b in pairwise(times))
        assert all(0 <= ms <= heard for ms in times)
