"""Numbers that people say are hidden; quantities, dates, places and orders' numbers are not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.numbers_told import CARD, ID, KINDS, PHONE, is_card, is_id
from callcenter.core.records import Party, Segment, Word
from callcenter.core.redaction import DOT, MARGIN_MS, Redactor, redacted

CALLER, AGENT = Party.CALLER, Party.AGENT
CHAR_MS = 250


def said(party: Party, start_ms: int, text: str, final: bool = True) -> Segment:
    """A segment with a word for each character."""
    words = tuple(
        Word(char, start_ms + i * CHAR_MS, start_ms + (i + 1) * CHAR_MS)
        for i, char in enumerate(text)
    )
    return Segment(party, start_ms, start_ms + CHAR_MS * len(text), text, words, final)


def texts(*segments: Segment) -> list[str]:
    return [one.text for one in redacted(segments).segments]


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        ("我的电话是一三八零零一三八零零零麻烦了", "我的电话是〔手机号〕麻烦了"),
        ("你记一下幺三八洞洞幺三八洞洞洞", "你记一下〔手机号〕"),
        ("要三八零灵一三吧零零零", "〔手机号〕"),
        ("一三八嗯零零一三那个八零零零对吧", "〔手机号〕对吧"),
        ("13800138000", "〔手机号〕"),
        ("座机零幺零八二三四五六七八", "座机〔电话号码〕"),
        ("身份证是三三零一零六一九八五零三一二二一三X", "身份证是〔身份证号〕"),
        ("卡号六二二二零二幺二三四五六七八九零幺二三", "卡号〔银行卡号〕"),
        ("六二二二零二一二三四五六七八九零一二三", "〔银行卡号〕"),
    ],
)
def test_a_number_is_hidden_however_it_is_said(heard: str, kept: str):
    assert texts(said(CALLER, 0, heard)) == [kept]


@pytest.mark.parametrize(
    "heard",
    [
        "一共一千三百八十块零五毛",
        "二零二六年十一月二十三日下午三点四十五分",
        "我住在中山路一百二十三号八栋二单元五零三室",
        "订单号是二零二六一一二三零零一八您查一下",
        "尾号八八六六的那个",
        "你们的热线是四零零八二零八八二零吧",
        "我要打幺二三幺五投诉你们",
        "三三两两的来了七八个人",
        "一二三四五六七八九数了一遍",
        "等了一下又一下，十万火急",
        "二百五",
    ],
)
def test_ordinary_talk_stays(heard: str):
    assert texts(said(CALLER, 0, heard)) == [heard]


def test_an_orders_number_that_is_an_id_cards_is_hidden_all_the_same():
    """What proves itself, whatever is said of it."""
    proved = said(CALLER, 0, "单号是一一零一零五一九四九一二三一零零二X")
    assert texts(proved) == ["单号是〔身份证号〕"]
    assert texts(said(CALLER, 0, "订单号幺三八零零幺三八零零零")) == ["订单号〔手机号〕"]


def test_a_number_in_pieces_by_both_is_one():
    """The agent reads back, the caller goes on; each party's first piece has the name."""
    pieces = (
        said(CALLER, 0, "一三八"),
        said(AGENT, 1500, "一三八"),
        said(CALLER, 3000, "零零一三"),
        said(AGENT, 5000, "零零一三对吗"),
        said(CALLER, 7000, "对八零零零"),
    )
    settled = redacted(pieces)
    assert [one.text for one in settled.segments] == [
        "〔手机号〕",
        "〔手机号〕",
        "〔续〕",
        "〔续〕对吗",
        "对〔续〕",
    ]
    assert [(one.kind, one.digits) for one in settled.numbers] == [(PHONE, "13800138000")]
    spans = [(one.party, one.start_ms, one.end_ms) for one in settled.hidden]
    assert spans == [
        (CALLER, 0, 4000 + MARGIN_MS),
        (CALLER, 7250 - MARGIN_MS, 8250 + MARGIN_MS),
        (AGENT, 1500 - MARGIN_MS, 2250 + MARGIN_MS),
        (AGENT, 5000 - MARGIN_MS, 6000 + MARGIN_MS),
    ]


def test_words_keep_their_times_and_a_word_across_an_edge_is_cut():
    words = (
        Word("电话一三八", 0, 1000),
        Word("零零一三八零零零", 1000, 3000),
        Word("谢谢", 3000, 3400),
    )
    kept = redacted([Segment(CALLER, 0, 3400, "电话一三八零零一三八零零零谢谢", words)]).segments[0]
    assert kept.text == "电话〔手机号〕谢谢"
    assert [one.word for one in kept.words] == ["电话", "〔手机号〕", "谢谢"]
    assert kept.words[1].start_ms == 400
    assert kept.words[1].end_ms == 3000


def test_without_times_of_words_the_whole_segment_is_silenced():
    heard = Segment(AGENT, 1000, 9000, "给您回一三八零零一三八零零零", ())
    span = redacted([heard]).hidden[0]
    assert (span.start_ms, span.end_ms) == (1000 - MARGIN_MS, 9000 + MARGIN_MS)


def test_a_second_number_can_be_told_from_the_first_by_two_digits():
    first, second = "一三八零零一三八零零零", "一五九零零二四六一二三"
    told = texts(
        said(CALLER, 0, first),
        said(CALLER, 20_000, "另一个是" + second),
        said(AGENT, 40_000, first),
    )
    assert told == ["〔手机号〕", "另一个是〔手机号…23〕", "〔手机号〕"]


def test_only_the_kinds_that_are_asked_for():
    both = (
        said(CALLER, 0, "电话一三八零零一三八零零零"),
        said(CALLER, 30_000, "卡号六二二二零二一二三四五六七八九零一二三"),
    )
    found = redacted(both, {CARD})
    assert [one.text for one in found.segments] == [both[0].text, "卡号〔银行卡号〕"]
    assert redacted(both, ()).segments == both


def test_a_segment_waits_as_long_as_its_digits_may_be_part_of_a_number():
    redactor = Redactor()
    first, other = said(CALLER, 0, "电话一三八零零"), said(CALLER, 2000, "你记一下")
    redactor.heard(first)
    redactor.heard(other)
    redactor.heard(said(AGENT, 2500, "您说"))
    freed = redactor.settle(4000)
    assert [one.text for one in freed.segments] == ["您说"]
    assert list(redactor.waiting) == [first, other]  # what follows waits behind: no holes
    redactor.heard(said(CALLER, 5000, "一三八零零零"))
    assert redactor.settle(6000).segments == ()
    settled = redactor.settle(20_000)
    assert [one.text for one in settled.segments] == ["电话〔手机号〕", "你记一下", "〔续〕"]
    assert redactor.settle(math.inf).segments == ()


def test_digits_that_become_no_number_are_told_as_they_were():
    redactor = Redactor()
    redactor.heard(said(CALLER, 0, "一共三八五"))
    assert redactor.shown(redactor.waiting[0]).text == f"一共{DOT * 3}"
    assert [one.text for one in redactor.settle(20_000).segments] == ["一共三八五"]


def test_what_is_still_being_said_hides_digits_from_the_third_on_or_while_a_number_is_told():
    redactor = Redactor()
    assert redactor.shown(said(CALLER, 0, "电话一三", final=False)).text == "电话一三"
    assert redactor.shown(said(CALLER, 0, "电话一三八", final=False)).text == f"电话{DOT * 3}"
    redactor.heard(said(CALLER, 0, "电话一三八零零"))
    redactor.settle(2000)
    assert redactor.shown(said(CALLER, 3000, "一三", final=False)).text == DOT * 2
    assert redactor.shown(said(CALLER, 60_000, "一三", final=False)).text == "一三"


def test_a_quotation_shows_no_number():
    assert Redactor().in_text("我打一三八零零一三八零零零骂你") == f"我打{DOT * 11}骂你"
    assert Redactor().in_text("我打幺幺零") == "我打幺幺零"
    assert Redactor(()).in_text("一三八零零") == "一三八零零"


def test_of_many_keys_the_beginning_is_told():
    redactor = Redactor()
    assert redactor.keys(CALLER, "6", 0) == "6"
    assert redactor.keys(CALLER, "222", 500) == f"22{DOT}"
    assert redactor.keys(CALLER, "02#", 900) == DOT * 2 + "#"
    assert redactor.keys(AGENT, "12#", 950) == "12#", "each by themselves"
    assert redactor.keys(CALLER, "1", 60_000) == "1"


@pytest.mark.parametrize("digits", ["11010519491231002X", "53010219200508011X"])
def test_an_id_card_proves_itself(digits: str):
    assert is_id(digits)
    assert not is_id(digits[:-1] + "5")


def test_a_card_proves_itself():
    assert is_card("6222021234567890128") != is_card("6222021234567890129")
    assert not is_card("12345")


TALK = st.text("一二三四五六七八九零幺两洞拐要是吧嗯那个电话卡号我你1 8X点年十百", max_size=40)


@given(st.lists(st.tuples(st.sampled_from(Party), st.integers(0, 20_000), TALK), max_size=6))
def test_nothing_is_lost_whatever_is_said(told: list[tuple[Party, int, str]]):
    segments = [said(party, start, text) for party, start, text in told]
    redactor, freed = Redactor(KINDS), []
    for at, one in enumerate(segments):
        redactor.shown(one)
        redactor.heard(one)
        freed += redactor.settle(at * 5000).segments
    freed += redactor.settle(math.inf).segments
    assert sorted((s.party, s.start_ms, s.end_ms) for s in freed) == sorted(
        (s.party, s.start_ms, s.end_ms) for s in segments
    )
    for one in freed:
        assert all(word.start_ms <= word.end_ms for word in one.words)
    assert {ID, CARD, PHONE} == set(KINDS)
