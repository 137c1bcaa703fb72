"""The matcher: partial and final, split anywhere, each phrase once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import Party, Segment, Word
from callcenter.scripts.match import CallListener
from callcenter.scripts.pack import Rule

RULES = (
    Rule("refund", "refund", "complaint", ("退货", "退款")),
    Rule("lewd", "sexual", "harassment", ("陪我睡", "我睡不着")),
    Rule("abuse", "insult", "harassment", ("滚蛋",)),
)
MS = 200


def said(text: str, at: int = 0, final: bool = True, party: Party = Party.CALLER) -> Segment:
    """`text`, 200 ms a character, from character `at` on."""
    return Segment(party, at * MS, (at + len(text)) * MS, text, final=final)


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
    listener = CallListener(())
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
