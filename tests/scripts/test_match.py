"""The matcher: partial and final, split anywhere, each phrase once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.core.records import Hit, Party, Segment, Word
from callcenter.scripts import book
from callcenter.scripts.match import CallListener, Matcher
from callcenter.scripts.pack import parse_pack
from tests.scripts.rules import found, listener, said, texts

PACKS = [
    ("complaint", "refund", "refund", ["退货", "退款"]),
    ("harassment", "lewd", "sexual", ["陪我睡", "我睡不着"]),
    ("harassment", "abuse", "insult", ["滚蛋"]),
]
RULES = Matcher(
    rule
    for group, name, category, phrases in PACKS
    for rule in parse_pack(
        f'group = "{group}"\n[[rule]]\nname = "{name}"\ncategory = "{category}"\n'
        f"phrases = {phrases}",
        "p.toml",
    )
)
BOOK = book.Book()


def test_offsets_are_those_of_the_words():
    (hit,) = CallListener(RULES).heard(said("我要退货啊"))
    assert (hit.rule, hit.category, hit.text) == ("refund", "refund", "退货")
    assert (hit.start_ms, hit.end_ms) == (400, 800)


def test_partial_and_final_count_once():
    listener = CallListener(RULES)
    assert len(listener.heard(said("我要退货", final=False))) == 1
    assert not listener.heard(said("我要退货我", final=False))
    assert not listener.heard(said("我要退货我说", final=True))


def test_the_same_phrase_said_again_is_a_second_hit():
    listener = CallListener(RULES)
    assert len(listener.heard(said("退货退货"))) == 2
    assert len(listener.heard(said("退货", at=10))) == 1


def test_a_phrase_may_run_over_two_segments_but_not_over_a_long_pause():
    listener = CallListener(RULES)
    assert not listener.heard(said("你滚"))
    assert len(listener.heard(said("蛋", at=4))) == 1
    listener = CallListener(RULES)
    assert not listener.heard(said("你滚"))
    assert not listener.heard(said("蛋", at=100))


def test_the_agent_is_not_judged():
    assert not CallListener(RULES).heard(said("退货", party=Party.AGENT))


def test_no_rules_no_hits():
    listener = CallListener(Matcher(()))
    assert not listener.heard(said("退货"))
    assert not listener.heard(said("退货", at=5))


TEXT = st.text(alphabet="我要退货款陪睡不着滚蛋你", min_size=1, max_size=30)


@given(TEXT, st.data())
def test_splitting_a_segment_anywhere_never_changes_the_hits(text: str, data: st.DataObject):
    cut = data.draw(st.integers(0, len(text)))
    whole = CallListener(RULES).heard(said(text))
    listener = CallListener(RULES)
    parts = [*listener.heard(said(text[:cut])), *listener.heard(said(text[cut:], at=cut))]
    assert sorted(parts, key=lambda hit: (hit.start_ms, hit.rule)) == sorted(
        whole, key=lambda hit: (hit.start_ms, hit.rule)
    )


@given(TEXT)
def test_hearing_a_sentence_grow_gives_the_same_hits_as_hearing_it_whole(text: str):
    listener = CallListener(RULES)
    grown = [h for n in range(1, len(text)) for h in listener.heard(said(text[:n], final=False))]
    grown += listener.heard(said(text))
    whole = CallListener(RULES).heard(said(text))
    assert {(h.rule, h.start_ms) for h in grown} == {(h.rule, h.start_ms) for h in whole}


def spotted(text: str, *words: Word) -> Segment:
    return Segment(Party.CALLER, 0, 4000, text, spotted=words)


def test_a_spotted_phrase_is_a_hit_whatever_the_text_says():
    (hit,) = CallListener(RULES).heard(spotted("小几声", Word("陪我睡", 800, 1500, 0.9)))
    assert (hit.rule, hit.text, hit.start_ms, hit.spotted) == ("lewd", "陪我睡", 800, True)


def test_a_phrase_that_is_read_and_spotted_is_one_hit_and_read():
    listener = CallListener(RULES)
    told = Segment(Party.CALLER, 0, 600, "陪我睡", spotted=(Word("陪我睡", 0, 600),))
    (hit,) = listener.heard(told)
    assert not hit.spotted


def test_a_phrase_that_is_written_in_an_innocent_context_is_not_spotted_either():
    told = Segment(Party.CALLER, 0, 1000, "胸围量的是", spotted=(Word("胸围", 0, 400),))
    body = 'phrases = ["胸围"]\ninnocent = ["胸围量"]'
    assert not listener(body).heard(told)
    later = Segment(Party.CALLER, 0, 2000, "胸围量的是", spotted=(Word("胸围", 1900, 2000),))
    assert texts(listener(body).heard(later)) == ["胸围"]
    assert not listener(f"{body}\nspot = false").heard(later)


def test_a_hit_says_how_why_how_surely_and_how_severe():
    (hit,) = listener('phrases = ["找你们领导"]\nseverity = 4\nwhy = "要找上级"').heard(
        said("找你们，嗯灵导")
    )
    assert (hit.operator, hit.severity, hit.text) == ("sound", 4, "找你们，嗯灵导")
    assert 0.5 < hit.score < 1
    assert hit.why == "要找上级：“找你们，嗯灵导”听起来像“找你们领导”"
    (hit,) = listener('phrases = ["退货"]').heard(said("退货"))
    assert (hit.operator, hit.score, hit.severity, hit.why) == ("any", 1, 3, "规则 r：“退货”")


# Chinese as it is heard -------------------------------------------------------------------

SUPPORTED = 'phrases = ["滚蛋"]\nsupport = ["你给我"]'


def test_two_syllables_by_sound_need_support():
    assert found(SUPPORTED, "你给我滚单") == ["滚单"]
    assert not found(SUPPORTED, "帮我开个滚单")
    assert not found('phrases = ["滚蛋"]', "你给我滚单")


@pytest.mark.parametrize("text", ["你声音真好挺", "你森音真好听", "你声音真的好听", "妳聲音真好聽"])
def test_longer_phrases_are_found_by_sound(text: str):
    assert found('phrases = ["你声音真好听"]', text) == [text]


def test_three_syllables_need_support_where_one_is_only_confused():
    assert found('phrases = ["不要脸"]', "不要练") == ["不要练"]
    assert not found('phrases = ["不要脸"]', "不要念")
    assert found('phrases = ["不要脸"]\nsupport = ["臭"]', "臭不要念") == ["不要念"]


@pytest.mark.parametrize("body", ['phrases = ["=找领导"]', 'phrases = ["找领导"]\nsound = false'])
def test_what_is_meant_as_it_is_written_is_not_found_by_sound(body: str):
    assert found(body, "找领导") == ["找领导"]
    assert not found(body, "找灵导")


def test_six_syllables_may_lose_one_but_not_the_first_or_last():
    assert found('phrases = ["你的声音真好听"]', "你的声真好听") == ["你的声真好听"]
    assert not found('phrases = ["你的声音真好听"]', "的声音真好听")


def test_numbers_and_fillers_do_not_matter():
    assert found('phrases = ["打过三次"]', "我打嗯过3次了") == ["打嗯过3次"]
    assert found('phrases = ["一二三一五"]', "要找12315") == ["12315"]


def test_a_short_phrase_does_not_run_over_the_end_of_a_sentence():
    assert not found('phrases = ["上了你"]', "车上了，你们来")
    assert found('phrases = ["我要退款"]', "我要，退款")


def test_a_sound_counts_when_the_segment_is_finished():
    one = listener('phrases = ["找你们领导"]')
    assert not one.heard(said("找你们灵导", final=False))
    assert len(one.heard(said("找你们灵导"))) == 1


# Contexts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "innocent", "text"),
    [
        ("黄色", "黄色封面", "我要黄色封面的那本"),
        ("三级", "三级保养", "车要做三级保养"),
        ("打火", "打火机", "打火机坏了"),
        ("内衣", "内衣*尺码", "内衣的尺码偏小"),
    ],
)
def test_a_phrase_in_an_innocent_context_does_not_count(phrase: str, innocent: str, text: str):
    body = f'phrases = ["{phrase}"]\ninnocent = ["{innocent}"]'
    assert not found(body, text)
    assert found(body, phrase) == [phrase]
    assert found(body, f"{text}你看{phrase}") == [phrase]


def test_in_a_partial_a_phrase_waits_for_what_may_make_it_innocent():
    one = listener('phrases = ["内衣"]\ninnocent = ["内衣*尺码"]')
    assert not one.heard(said("内衣", final=False))
    assert not one.heard(said("内衣的尺", final=False))
    assert not one.heard(said("内衣的尺码"))
    assert one.heard(said("你穿的内衣好不好看呀你说", at=20, final=False))


def test_a_phrase_waits_only_for_words_that_could_still_make_it_innocent():
    body = 'phrases = ["打炮"]\ninnocent = ["打炮仗", "打炮*眼机"]'
    assert not listener(body).heard(said("打炮", final=False))
    assert not listener(body).heard(said("打炮仗", final=False))
    assert not listener(body).heard(said("打炮出来的", final=False))
    assert listener(body).heard(said("打炮出来的好不好", final=False))
    only = 'phrases = ["打炮"]\ninnocent = ["打炮仗", "去打炮"]'
    assert listener(only).heard(said("打炮吗", final=False))


def test_where_the_speaker_pauses_nothing_waits():
    body = 'phrases = ["打炮"]\ninnocent = ["打炮仗"]'
    assert listener(body).heard(replace(said("打炮", final=False), settled=True))
    by_sound = 'phrases = ["给我滚蛋吧"]'
    assert not listener(by_sound).heard(said("给我滚单吧", final=False))
    assert listener(by_sound).heard(replace(said("给我滚单吧", final=False), settled=True))


def test_the_agent_is_judged_by_rules_for_the_agent_only():
    agent = said("不知道", party=Party.AGENT)
    assert texts(listener('phrases = ["不知道"]\nparty = "agent"').heard(agent)) == ["不知道"]
    assert texts(listener('phrases = ["不知道"]\nparty = "either"').heard(agent)) == ["不知道"]
    assert not listener('phrases = ["不知道"]\nparty = "agent"').heard(said("不知道"))


# Anything may be heard --------------------------------------------------------------------

MIXED = st.text(alphabet=st.characters(), max_size=60) | st.text(
    alphabet="你他妈滚蛋退货内衣洗，嗯那个😀\x00a1一ｶ投訴\u202e", max_size=80
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MIXED, st.booleans(), st.sampled_from(Party)), max_size=5))
def test_nothing_that_is_said_is_an_error(parts: list[tuple[str, bool, Party]]):
    one = BOOK.listener()
    at = 0
    for text, final, party in parts:
        for hit in one.heard(said(text, at, final, party)):
            assert 0 < hit.score <= 1
            assert at - 100 <= hit.start_ms // 200
        at += len(text)
    assert isinstance(list(one.closed(at * 200)), list)


@pytest.mark.parametrize("text", ["滚蛋", "投诉", "你", "打了三次", "😀\x00", "他妈的"])
def test_ten_thousand_characters_are_heard(text: str):
    long = (text * 10_000)[:10_000]
    hits: list[Hit] = list(BOOK.listener().heard(said(long)))
    assert all(hit.end_ms <= 2_000_000 for hit in hits)
