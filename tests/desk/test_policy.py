"""When the desk proposes, and what a call was."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from callcenter.core.records import Frame, Hit, Party, Proposal
from callcenter.desk.policy import Watch, disposition, peak

HIT = Hit("r", "sexual", Party.CALLER, 0, 500, "陪我睡")


def frames(ms: int, loud: int = 0, start_ms: int = 0) -> list[Frame]:
    pcm = array("h", [loud, -loud] * 80).tobytes()
    return [Frame(t * 8, pcm) for t in range(start_ms, start_ms + ms, 20)]


def propose(watch: Watch, said: list[Frame]) -> list[Proposal]:
    return [p for p in map(watch.frame, said) if p]


def test_harassment_is_proposed_once_with_its_evidence():
    watch = Watch(10_000)
    assert watch.hit(HIT, "harassment") == Proposal("sexual", "line_fault", "陪我睡")
    assert watch.hit(HIT, "harassment") is None


def test_a_complaint_is_never_a_reason():
    assert Watch(10_000).hit(HIT, "complaint") is None


def test_a_silent_caller_is_proposed_after_the_set_time_and_not_before():
    watch = Watch(10_000)
    assert not propose(watch, frames(10_000))
    (proposal,) = propose(watch, frames(2_000, start_ms=10_000))
    assert proposal.reason == "silent"
    assert "10 秒" in proposal.evidence


def test_comfort_noise_is_silence_but_a_voice_is_not():
    assert propose(Watch(1_000), frames(2_000, loud=300))
    assert not propose(Watch(1_000), frames(2_000, loud=5_000))


def test_words_end_the_watch_for_silence():
    watch = Watch(1_000)
    assert watch.words_heard() is False
    assert not propose(watch, frames(3_000))


def test_a_caller_who_speaks_after_all_takes_the_proposal_away():
    watch = Watch(1_000)
    assert propose(watch, frames(2_000))
    assert watch.words_heard() is True
    assert watch.proposal is None
    assert watch.hit(HIT, "harassment") is not None
    assert watch.words_heard() is False


def test_peak_of_the_lowest_sample():
    assert peak(Frame(0, array("h", [-32768] + [0] * 159).tobytes())) == 32768


@pytest.mark.parametrize(
    ("groups", "reason", "terminated", "expected"),
    [
        (set(), None, False, "ordinary"),
        ({"suggestion"}, None, False, "suggestion"),
        ({"complaint", "suggestion"}, None, False, "complaint"),
        ({"complaint", "harassment"}, "sexual", False, "suspected"),
        ({"harassment"}, "sexual", True, "harassment"),
        (set(), None, True, "harassment"),
        (set(), "silent", True, "silent"),
        (set(), "silent", False, "ordinary"),
    ],
)
def test_dispositions(groups: set[str], reason: str | None, terminated: bool, expected: str):
    proposal = Proposal(reason, "line_fault", "") if reason else None
    assert disposition(groups, proposal, terminated) == expected


def test_a_slight_hit_is_shown_but_ends_no_call():
    watch = Watch(12_000)
    slight = Hit("flirt", "sexual", Party.CALLER, 0, 900, "你声音真好听", severity=2)
    assert watch.hit(slight, "harassment") is None
    assert watch.hit(replace(slight, severity=3), "harassment") is not None
