"""Words are found and sounded as they should be; needs jieba's word list."""

from __future__ import annotations

import importlib.util

import pytest

from callcenter.asr.phones import pronounce
from callcenter.asr.train import lexicon
from callcenter.core.errors import MissingPiece

needs_jieba = pytest.mark.skipif(
    importlib.util.find_spec("jieba") is None, reason="jieba is not installed (extra: train)"
)


@needs_jieba
@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("我要投诉你们", "我 要 投诉 你们"),
        ("您好，再见", "您好 再见"),
        ("工号一二三四", "工号 一 二 三 四"),
        ("两千三百六十块", "两 千 三 百 六 十 块"),
        ("一直没有人处理", "一直 没有 人 处理"),
    ],
)
def test_a_sentence_is_cut_into_words(sentence: str, words: str) -> None:
    assert lexicon.Lexicon().cut(sentence) == words.split()


@needs_jieba
def test_words_of_a_site_are_not_cut() -> None:
    site = lexicon.Lexicon(own_words=frozenset({"云雀智能锁"}))
    assert site.cut("我的云雀智能锁坏了") == ["我", "的", "云雀智能锁", "坏", "了"]


@needs_jieba
def test_a_character_is_read_as_in_its_sentence() -> None:
    book = lexicon.Lexicon()
    book.learn("我还没收到")
    book.learn("把钱还给我")
    assert book.readings["还"] == {("hai2",), ("huan2",)}
    book.learn("银行")
    assert book.readings["银行"] == {("yin2", "hang2")}


@needs_jieba
def test_what_cannot_be_said_is_left_out() -> None:
    book = lexicon.Lexicon()
    book.add("无", ("bu4", "shi4"), ("xyz1",))
    assert book.readings["无"] == {("wu2",)}


@needs_jieba
def test_the_lexicon_reaches_every_syllable() -> None:
    book, texts = lexicon.make_lexicon(["我要投诉"], ["云雀锁"], common_words=50, characters=30)
    assert texts == [["我", "要", "投诉"]]
    assert {"云雀锁", "投诉"} <= set(book.readings)
    toneless = {s[0].rstrip("12345") for r in book.readings.values() for s in r if len(s) == 1}
    assert {"zhuang", "nv", "lve", "qiong", "er", "reng", "seng", "zhei"} - toneless <= {"zhei"}
    assert len(toneless) > 390
    assert all(pronounce(s) for r in book.readings.values() for reading in r for s in reading)


def test_without_jieba_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPiece, match="pip install"):
        lexicon.general_frequencies.__wrapped__()
