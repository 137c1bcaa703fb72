"""The recogniser's JSON becomes segments in call time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.asr.results import Span, joined, segment
from callcenter.core.records import Party, Segment, Word

SPAN = Span(stream_start=8000, call_start=80000, call_end=96000)


def word(text: str, start: float, end: float, **more: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, **more}


def read(result: dict[str, Any], *, final: bool = True) -> Segment | None:
    return segment(Party.CALLER, json.dumps(result), SPAN, final=final, live=True)


def test_words_carry_call_time_and_confidence() -> None:
    words = [word("您好", 1.5, 1.8, conf=0.9), word("吗", 1.8, 2.1, conf=1.00001)]
    assert read({"result": words, "text": "您好 吗"}) == Segment(
        Party.CALLER,
        10500,
        11100,
        "您好吗",
        (Word("您好", 10500, 10800, 0.9), Word("吗", 10800, 11100, 1.0)),
    )


def test_a_partial_result_has_its_own_names() -> None:
    told = read({"partial": "您好", "partial_result": [word("您好", 1.0, 1.4)]}, final=False)
    assert told == Segment(
        Party.CALLER, 10000, 10400, "您好", (Word("您好", 10000, 10400),), final=False
    )


@pytest.mark.parametrize(("result", "final"), [({"text": ""}, True), ({"partial": ""}, False)])
def test_nothing_said_is_nothing_told(result: dict[str, Any], final: bool) -> None:
    assert read(result, final=final) is None


def test_sound_without_a_word_is_left_out() -> None:
    assert read({"result": [word("[unk]", 1.0, 1.2)], "text": "[unk]"}) is None
    told = read({"result": [word("[unk]", 1.0, 1.2), word("好", 1.2, 1.4)], "text": "[unk] 好"})
    assert told is not None
    assert (told.text, told.start_ms) == ("好", 10200)


def test_text_without_word_times_spans_the_utterance() -> None:
    told = read({"text": "您好 吗"})
    assert told == Segment(Party.CALLER, 10000, 12000, "您好吗")


@settings(deadline=None)
@given(st.floats(-1e6, 1e6))
def test_no_time_lies_outside_the_span(seconds: float) -> None:
    assert 10000 <= SPAN.ms(seconds) <= 12000


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["我", "要", "退货"], "我要退货"),
        (["hello", "world"], "hello world"),
        (["我", "要", "ok", "了"], "我要ok了"),
        (["A", "4", "纸"], "A 4纸"),
        ([], ""),
        (["", "<unk>", "好"], "好"),
    ],
)
def test_spaces_stay_between_latin_words_only(words: list[str], text: str) -> None:
    assert joined(words) == text


def test_what_is_not_a_result_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        segment(Party.AGENT, "", SPAN, final=True, live=True)
