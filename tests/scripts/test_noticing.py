"""Whatever a call brings, in whatever order: no error, and finds that make sense."""

from __future__ import annotations

from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import TICKS, CallerHistory, Hit, Known, Noticed, Party, Segment
from callcenter.scripts.match import CallListener, Matcher
from callcenter.scripts.pack import parse_pack

RULES = [
    "silence = {after_greetings = 1, seconds = 2}",
    "silence = {after_greetings = 3, seconds = 5}\nlast_verdict = 'harassment'",
    "overlap_s = 3\nrepeat = 2",
    "loud = {rise_db = 6, seconds = 2}\nparty = 'either'",
    "loud = {dbfs = -10}\nparty = 'agent'\nwithin_last_s = 30",
    "pace = 7\nnot = {any = ['您好']}",
    "ticked = ['laughter', 'several_voices']",
    "and = [{ticked = ['laughter']}, {any = ['宝贝']}, {time_of_day = '22:00-06:00'}]",
    "or = [{overlap_s = 9}, {silence = {after_greetings = 1, seconds = 9}}]",
]
PACK = 'group = "harassment"\ngreetings = ["您好", "喂"]\n' + "".join(
    f"[[rule]]\nname = 'r{i}'\ncategory = 'prank'\n{body}\n" for i, body in enumerate(RULES)
)
MATCHER = Matcher(parse_pack(PACK, "p.toml"))

KINDS = ("silence", "overlap", "rise", "level", "pace", *TICKS, "unheard of")
MS = st.integers(0, 600_000)
PARTIES = st.sampled_from(Party)
SEGMENTS = st.builds(
    Segment, PARTIES, MS, MS, st.sampled_from(["您好", "喂您好听得到吗", "宝贝你在不在家里呀", ""])
)
NOTICES = st.builds(Noticed, st.sampled_from(KINDS), PARTIES, MS, MS, st.floats(width=32))
KNOWN = st.builds(
    Known,
    st.none() | st.builds(CallerHistory, last_verdict=st.sampled_from(["", "harassment"])),
    st.none() | st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.none() | st.booleans(),
)


def play(listener: CallListener, what: Segment | Noticed | int) -> list[Hit]:
    if isinstance(what, Segment):
        return list(listener.heard(what))
    if isinstance(what, Noticed):
        return list(listener.noticed(what))
    return list(listener.closed(what))


@given(KNOWN, st.lists(SEGMENTS | NOTICES | MS, max_size=30))
def test_any_order_of_events_gives_hits_that_have_a_place(
    known: Known, events: list[Segment | Noticed | int]
):
    listener = CallListener(MATCHER, known)
    told = [hit for event in events for hit in play(listener, event)]
    for hit in told:
        assert hit.start_ms >= 0
        assert hit.text.startswith("〔") or "宝贝" in hit.text
    again = [hit for event in events for hit in play(listener, event)]
    assert {hit.rule for hit in again} <= {f"r{i}" for i in range(len(RULES))}


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(0, 120), st.integers(0, 60))
def test_silence_is_never_told_of_a_caller_who_answers(greets: list[int], end: int, spoke: int):
    """However the greetings fall: where silence is told, its five seconds hold no word."""
    listener = CallListener(MATCHER)
    for at in sorted(greets):
        listener.heard(Segment(Party.AGENT, at * 1000, at * 1000 + 900, "喂您好"))
    word = Segment(Party.CALLER, spoke * 1000, spoke * 1000 + 500, "在")
    listener.heard(word)
    end_ms = max(end, spoke + 1, *greets, 0) * 1000
    for hit in listener.closed(end_ms):
        assert hit.start_ms < hit.end_ms <= end_ms
        assert hit.end_ms <= word.start_ms or hit.start_ms >= word.start_ms - 900
