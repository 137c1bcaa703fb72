"""Phrases that are listened for: the grammar, what counts as found, and the real recogniser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcenter.asr import VoskEngine, bundled
from callcenter.asr.spotting import Calibration, Spotter, calibration, in_words, vocabulary
from callcenter.core.records import Party

from .sound import load, silence

KNOWN = frozenset({"我要", "投诉", "投诉你", "你", "们", "滚", "蛋", "陪", "我", "睡觉"})
EAGER = Calibration(weight=2, confidence=0.6)


def result(*words: tuple[str, float]) -> str:
    entries = [
        {"word": word, "start": at, "end": at + 1.0, "conf": conf}
        for at, (word, conf) in enumerate(words)
    ]
    return json.dumps({"result": entries}, ensure_ascii=False)


def test_the_grammar_holds_each_phrase_by_its_weight_and_anything_else() -> None:
    spotter = Spotter(["我要投诉", "陪我睡觉"], KNOWN, EAGER)
    assert json.loads(spotter.grammar) == ["我要 投诉", "陪 我 睡觉"] * 2 + ["[unk]"]


def test_short_phrases_and_those_with_unknown_words_are_not_listened_for() -> None:
    assert not Spotter(["滚蛋", "火星人", ""], KNOWN, EAGER)


def test_a_phrase_is_found_with_its_time_and_its_weakest_word() -> None:
    spotter = Spotter(["我要投诉"], KNOWN, EAGER)
    raw = result(("[unk]", 1.0), ("我要", 0.9), ("投诉", 0.7), ("[unk]", 0.9))
    assert spotter.found(raw) == [{"word": "我要投诉", "start": 1, "end": 3.0, "conf": 0.7}]


def test_what_is_not_sure_enough_or_not_whole_is_not_found() -> None:
    spotter = Spotter(["我要投诉"], KNOWN, EAGER)
    assert spotter.found(result(("我要", 0.9), ("投诉", 0.5))) == []
    assert spotter.found(result(("我要", 0.9), ("[unk]", 0.9), ("投诉", 0.9))) == []
    assert spotter.found('{"text": ""}') == []


def test_words_are_the_longest_that_are_known() -> None:
    assert in_words("我要投诉你们X", KNOWN) == ("我要", "投诉你", "们", "X")


@pytest.mark.parametrize(
    "content", [None, b"", b"weight = ", b"\xff", b"weight = 1\nconfidence = 0.5\nmore = 1\n"]
)
def test_a_model_without_a_good_file_does_not_spot(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "spotting.toml").write_bytes(content)
    assert calibration(tmp_path) is None


def test_the_bundled_model_spots() -> None:
    found = calibration(bundled())
    assert found is not None
    assert 0.5 <= found.confidence < 1
    assert len(vocabulary(bundled())) > 20_000


def spotted(phrases: tuple[str, ...], name: str, party: Party = Party.CALLER) -> list[str]:
    engine = VoskEngine(bundled(), phrases=lambda: phrases)
    try:
        heard = engine.transcribe(party, silence(0.6) + load(name) + silence(1))
    finally:
        engine.close()
    return [word.word for segment in heard for word in segment.spotted]


def test_the_real_recogniser_finds_what_is_said_and_nothing_else() -> None:
    phrases = ("你声音真好听", "陪我睡觉", "我要退货", "质量太差", "你等着瞧", "叫你们经理来")
    assert "你声音真好听" in spotted(phrases, "harass")
    assert set(spotted(phrases, "harass")) <= {"你声音真好听", "陪我睡觉"}
    assert spotted(phrases, "refund") == ["我要退货"]
    assert spotted(phrases, "order") == []


def test_only_the_caller_is_listened_to() -> None:
    assert spotted(("我要退货",), "refund", Party.AGENT) == []


def test_a_spotted_phrase_lies_where_it_was_said() -> None:
    engine = VoskEngine(bundled(), phrases=lambda: ("我要退货", "我要投诉"))
    try:
        sound = silence(2) + load("refund") + silence(2) + load("refund") + silence(1)
        heard = engine.transcribe(Party.CALLER, sound)
    finally:
        engine.close()
    assert [[word.word for word in segment.spotted] for segment in heard] == [
        ["我要退货", "我要投诉"]
    ] * 2
    for segment in heard:
        first, last = segment.spotted
        assert abs(first.start_ms - segment.words[0].start_ms) <= 150
        assert first.end_ms <= last.start_ms + 150
        assert last.end_ms <= segment.end_ms + 150
