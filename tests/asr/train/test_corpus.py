"""The corpus is large, written once, in hanzi only, and what is held out stays out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest

from callcenter.asr.train import corpus


def test_there_are_enough_sentences_and_none_twice() -> None:
    lines = corpus.sentences()
    assert len(lines) >= 1500
    assert len(set(lines)) == len(lines)


def test_sentences_are_hanzi_with_commas() -> None:
    learnt = [*corpus.sentences(), *corpus.later_sentences(), *corpus.expanded()]
    lines = [*learnt, *corpus.held_out(), *corpus.independent(), *corpus.tuning()]
    assert [line for line in lines if not re.fullmatch("[\u4e00-\u9fff，]+", line)] == []


def pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


@cache
def learnt_with() -> dict[str, set[str]]:
    """What is learnt, by each pair of characters in it."""
    lines = (*corpus.sentences(), *corpus.later_sentences(), *corpus.expanded())
    having: dict[str, set[str]] = defaultdict(set)
    for text in map(corpus.plain, lines):
        for pair in pairs(text):
            having[pair].add(text)
    return having


@pytest.mark.parametrize("kept_apart", [corpus.held_out, corpus.independent, corpus.tuning])
def test_what_is_for_measuring_is_not_learnt(kept_apart: Callable[[], list[str]]) -> None:
    assert len(kept_apart()) >= 70
    for line in map(corpus.plain, kept_apart()):
        own = pairs(line)
        shared = Counter(text for pair in own for text in learnt_with().get(pair, ()))
        alike = [text for text, n in shared.items() if n > 0.6 * (len(own) + len(pairs(text)) - n)]
        assert alike == [], line


def test_every_phrase_that_the_packs_listen_for_is_learnt() -> None:
    lines = corpus.product_lines()
    assert {"投诉", "打死你", "我建议", "您好，请问有人吗"} <= set(lines)


def test_templates_are_filled_the_same_each_time() -> None:
    assert corpus.expanded() == corpus.expanded()
    assert len(corpus.expanded(3)) < len(corpus.expanded())
    assert not [line for line in corpus.expanded() if "<" in line or "|" in line]


def test_a_slot_without_a_list_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "templates.txt").write_text("# remark\na = 甲|乙\n<a>和<b>\n", "utf-8")
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="no list is named 'b'"):
        corpus.expanded()


def test_numbers_are_read_out_digit_by_digit() -> None:
    lines = corpus.number_lines(200, Random(3))
    assert lines == corpus.number_lines(200, Random(3))
    assert {character for line in lines for character in line} == set("零一二三四五六七八九幺")
    assert not [line for line in lines if "幺" in line and "一" in line]


def test_pauses_are_not_expected_in_a_transcript() -> None:
    assert corpus.plain("您好，再见。") == "您好再见"
