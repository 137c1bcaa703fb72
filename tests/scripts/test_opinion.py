"""The judge's opinion in a call: of finished sentences of the caller only, where it is sure."""

from __future__ import annotations

from dataclasses import replace

from callcenter.core.records import Noticed, Party, Segment, Word
from callcenter.scripts.book import Book
from callcenter.scripts.judge import Judge
from callcenter.scripts.opinion import SURE, SecondOpinion
from tests.scripts.rules import listener


class FixedJudge:
    """Is as sure of harassment as it is told to be, for a reason that it is told."""

    def __init__(self, harassment: float, *reasons: str) -> None:
        self._scores = {"harassment": harassment, "complaint": 0.05, "ordinary": 0.05}
        self._reasons = list(reasons)

    def score(self, text: str) -> dict[str, float]:
        return self._scores

    def reasons(self, text: str, n: int = 3) -> list[str]:
        return self._reasons


WORDS = (Word("你今晚", 0, 600), Word("穿什么", 600, 1200), Word("呀", 1200, 1400))
SAID = Segment(Party.CALLER, 0, 1400, "你今晚穿什么呀", WORDS)


def opinion(judge: FixedJudge) -> SecondOpinion:
    return SecondOpinion(listener('phrases = ["退货"]'), judge)


def test_what_it_is_sure_of_is_a_hit_with_its_reason_and_the_time_of_that():
    (hit,) = opinion(FixedJudge(0.93, "穿什么", "今晚")).heard(SAID)
    assert (hit.rule, hit.category, hit.operator) == ("judge", "likely_harassment", "judge")
    assert (hit.start_ms, hit.end_ms, hit.text) == (600, 1200, "你今晚穿什么呀")
    assert (hit.score, hit.severity) == (0.93, 2)
    assert hit.why == "统计判断：像是骚扰（93%），主要凭 “穿什么”、“今晚”"


def test_without_a_place_it_is_about_all_that_was_said():
    bare = replace(SAID, words=())
    for reasons, said in (((), SAID), (("别的",), SAID), (("穿什么",), bare)):
        (hit,) = opinion(FixedJudge(0.9, *reasons)).heard(said)
        assert (hit.start_ms, hit.end_ms) == (0, 1400)


def test_it_is_silent_where_it_is_not_sure_not_asked_or_has_nothing_to_read():
    assert not opinion(FixedJudge(SURE - 0.01)).heard(SAID)
    sure = opinion(FixedJudge(1.0))
    assert not sure.heard(replace(SAID, final=False))
    assert not sure.heard(replace(SAID, party=Party.AGENT))
    assert not sure.heard(replace(SAID, text="", words=()))


def test_the_rules_are_asked_as_ever():
    both = opinion(FixedJudge(0.0))
    (hit,) = both.heard(Segment(Party.CALLER, 0, 400, "我要退货"))
    assert hit.text == "退货"
    assert not both.noticed(Noticed("laughter", Party.CALLER, 0, 1000))
    assert not both.closed(5000)


def test_a_book_with_the_shipped_judge_tells_lewd_talk_without_a_listed_word():
    book = Book(judge=Judge.open())
    hits = book.listener().heard(Segment(Party.CALLER, 0, 3000, "你现在穿的什么呀跟我形容一下"))
    assert [book.group(hit.category) for hit in hits if hit.rule == "judge"] == ["harassment"]
    assert not book.listener().heard(Segment(Party.CALLER, 0, 400, "喂你好"))
    assert book.weigh((), ["喂", "你好"]).label == "ordinary"
