from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.quality.measures import Heard, measured, overlaps, pace, silences
from callcenter.casework.quality.speech import between, interruptions, length, merged, quoted, said
from callcenter.core.records import Hit, Party, Segment, Word
from callcenter.core.scorecards import Item

CALLER, AGENT = Party.CALLER, Party.AGENT
STRETCH = st.tuples(st.integers(0, 500), st.integers(1, 100)).map(lambda s: (s[0], s[0] + s[1]))


def say(party: Party, start_ms: int, text: str, each_ms: int = 200) -> Segment:
    """Each character a word of `each_ms`, one after the other."""
    times = [(start_ms + each_ms * n, start_ms + each_ms * (n + 1)) for n in range(len(text))]
    words = tuple(Word(char, *span) for char, span in zip(text, times, strict=True))
    return Segment(party, start_ms, times[-1][1], text, words)


def ask(measure: str, heard: Heard, **limits: object) -> tuple[float | None, list[int]]:
    """The value, and where its places begin."""
    item = Item("x", "X", 10, measure=measure, **limits)  # type: ignore[arg-type]
    found = measured(item, heard)
    return found.value, [place.start_ms for place in found.places]


CALL = Heard(
    (
        say(AGENT, 1000, "您好佳和客服请问有什么可以帮您"),  # to 4000
        say(CALLER, 4000, "我的冰箱修了三次还是不制冷"),  # to 6600
        say(AGENT, 12_000, "您是说冰箱修了三次还是不制冷对吗"),  # to 15200
        say(CALLER, 15_200, "对啊我要退货你们到底管不管啊"),  # to 18000
        say(AGENT, 16_500, "这个我不知道您别急好不好"),  # to 18900, over the caller for 1500
        say(CALLER, 18_600, "我不急谁急"),  # over the agent for 300
        say(AGENT, 24_000, "我马上报主管今天给您回电再见"),  # to 26800
    ),
    banned=(Hit("flat_no", "banned", AGENT, 16_900, 17_500, "不知道"),),
    elsewhere=((20_000, 23_000),),
    waits=(6000,),
    waited_ms=12_000,
)


def test_r6_silences_are_where_both_are_quiet() -> None:
    assert ask("silence", CALL) == (1, [6600])
    (quiet,) = silences(CALL, 3000)
    assert (quiet.end_ms, quiet.text) == (12_000, "无言等待")
    assert ask("silence", CALL, span_ms=1000) == (3, [0, 6600, 23_000])
    assert [place.start_ms for place in silences(CALL, 400)] == [0, 6600, 19_600, 23_000]


def test_d4_only_who_breaks_in_interrupts() -> None:
    assert ask("overlap", CALL) == (1, [16_500])
    assert [(one.party, one.start_ms, one.end_ms) for one in overlaps(CALL, 200)] == [
        ("agent", 16_500, 18_000),
        ("caller", 18_600, 18_900),
    ]
    assert ask("overlap", CALL, span_ms=1600) == (0, [])


def test_r6_talk_share_and_pace() -> None:
    share, _ = ask("talk_share", CALL)
    assert share == pytest.approx(100 * 11_400 / 17_800, abs=0.1)
    assert ask("pace", CALL)[0] == 300
    assert pace(Heard((say(AGENT, 0, "好"),)), AGENT) is None


def test_d6_d7_banned_words_by_rule() -> None:
    assert ask("banned", CALL) == (1, [16_900])
    assert ask("banned", CALL, words=("hurtful",)) == (0, [])


def test_r6_greeting_and_closing_within_their_time() -> None:
    assert ask("greeting", CALL, words=("您好", "工号", "可以帮您")) == (2, [1000, 3200])
    assert ask("greeting", CALL, words=("可以帮您",), span_ms=2000) == (0, [])
    assert ask("closing", CALL, words=("再见",)) == (1, [26_400])
    assert ask("closing", CALL, words=("您好",), span_ms=5000) == (0, [])


def test_d2_d3_restated_means_in_the_callers_own_words() -> None:
    words = ("您是说", "对吗")
    assert ask("restated", CALL, words=words) == (1, [12_000])
    assert ask("restated", CALL, words=words, span_ms=3000) == (0, [])
    asked = Heard((say(CALLER, 0, "我的冰箱修了三次"), say(AGENT, 2000, "您是说明天对吗")))
    assert ask("restated", asked, words=words) == (0, [])
    silent = Heard((say(CALLER, 0, "喂"), say(AGENT, 2000, "您是说冰箱坏了对吗")))
    assert ask("restated", silent, words=words) == (None, [])


def test_r6_three_rings() -> None:
    assert ask("answered", CALL) == (12, [])
    assert ask("answered", Heard(())) == (None, [])


@pytest.mark.parametrize("measure", ["silence", "overlap", "banned", "talk_share", "pace"])
def test_nothing_is_told_of_a_call_without_a_transcript(measure: str) -> None:
    assert ask(measure, Heard((), elsewhere=((0, 9000),))) == (None, [])


def test_a_segment_without_words_is_one_stretch() -> None:
    bare = Segment(CALLER, 1000, 3000, "你好，在吗？")
    assert said((bare,), CALLER).find("好在") == (1000, 3000)
    assert said((bare,), CALLER).find("，") is None
    assert said((bare,), AGENT).text == ""


def test_r6_a_comment_quotes_what_was_said() -> None:
    assert quoted(CALL.segments, 17_100, 17_500, "agent") == "不知"
    assert quoted(CALL.segments, 16_600, 16_600, "agent") == "这个我不知道您别急好不好"
    assert quoted(CALL.segments, 16_600, 16_800) == "们这个"
    assert quoted(CALL.segments, 10_000, 11_000) == ""


@given(st.lists(STRETCH), st.integers(0, 50))
def test_merged_spans_cover_the_same_and_lie_apart(spans: list[tuple[int, int]], gap: int) -> None:
    found = merged(spans, gap)
    assert all(after[0] - one[1] > gap for one, after in pairwise(found))
    covered = {at for start, end in merged(spans) for at in range(start, end)}
    assert covered == {at for start, end in spans for at in range(start, end)}
    quiet = length(between(merged(spans), 1))
    assert quiet + len(covered) == max((end for _, end in spans), default=0)


@given(st.lists(STRETCH), st.lists(STRETCH), st.integers(1, 40))
def test_an_interruption_is_of_both_at_once(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]], least: int
) -> None:
    one, other = merged(mine), merged(theirs)
    for start, end in interruptions(one, other, least):
        assert end - start >= least
        assert any(a == start and end <= b for a, b in one)
        assert any(a < start and end <= b for a, b in other)
