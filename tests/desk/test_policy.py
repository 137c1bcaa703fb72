"""When the desk proposes, and what a call was."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from callcenter.core.records import CallerHistory, Frame, Hit, Party, Proposal, SteerBack
from callcenter.desk.policy import STEER_BACK, TABLE, Cue, Offer, Rung, Watch, disposition, peak

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


def slight(start_ms: int = 0, text: str = "你声音真好听") -> Hit:
    return Hit("flirt", "sexual", Party.CALLER, start_ms, start_ms + 900, text, severity=2)


def test_h2_a_slight_hit_is_steered_back_first_and_ends_no_call():
    watch = Watch(12_000)
    card = watch.hit(slight(), "harassment")
    assert card == SteerBack("sexual", STEER_BACK, "你声音真好听")
    assert (watch.rung, watch.proposal) == (Rung.STEER_BACK, None)
    assert watch.hit(replace(slight(), severity=3), "harassment") is not None


def test_h3_a_caller_who_goes_on_after_the_card_is_proposed():
    watch = Watch(12_000)
    watch.hit(slight(), "harassment")
    assert watch.hit(slight(800), "harassment") is None, "still the same breath"
    again = watch.hit(slight(6_000, "陪我聊聊"), "harassment")
    assert again == Proposal("sexual", "line_fault", "陪我聊聊")
    assert watch.rung is Rung.PROPOSED


def test_h12_prompt_a_is_proposed_until_it_was_tried_often_enough_then_b():
    for played, prompt in ((0, "line_fault"), (2, "line_fault"), (3, "analysis")):
        watch = Watch(12_000, prompt_a_tries=3)
        watch.known(CallerHistory(prompts_a=played))
        assert watch.hit(HIT, "harassment") == Proposal("sexual", prompt, "陪我睡")


def test_h1_complaint_in_the_same_call_keeps_harassment_at_prompt_a():
    watch = Watch(12_000, prompt_a_tries=1)
    watch.known(CallerHistory(prompts_a=5))
    assert watch.hit(replace(HIT, category="quality"), "complaint") is None
    assert watch.hit(HIT, "harassment") == Proposal("sexual", "line_fault", "陪我睡")


def test_a_number_that_harassed_before_is_under_suspicion_and_still_steered_back():
    for history in (CallerHistory(last_verdict="harassment"), CallerHistory(prompts_b=1)):
        watch = Watch(12_000)
        watch.known(history)
        assert watch.rung is Rung.SUSPICION
        assert isinstance(watch.hit(slight(), "harassment"), SteerBack)
    watch = Watch(12_000)
    watch.known(CallerHistory(calls_24h=9, last_verdict="complaint"))
    assert watch.rung is Rung.NONE


def test_a_silence_that_a_rule_found_is_left_to_the_watch_for_silence():
    watch = Watch(12_000)
    for severity in (2, 3):
        silent = Hit("silent_caller", "silent", Party.CALLER, 0, 9_000, "", severity=severity)
        assert watch.hit(silent, "harassment") is None
    assert watch.rung is Rung.NONE


def test_what_the_agent_says_is_no_rung():
    assert Watch(12_000).hit(replace(HIT, party=Party.AGENT), "harassment") is None


def test_after_not_harassment_only_a_grave_hit_proposes_again():
    watch = Watch(12_000)
    watch.hit(HIT, "harassment")
    assert watch.dismiss() is True
    assert watch.dismiss() is False, "there is nothing left to take back"
    assert watch.hit(slight(9_000), "harassment") is None
    assert watch.hit(HIT, "harassment") is not None


def test_a_dismissed_silence_is_not_proposed_again():
    watch = Watch(1_000)
    assert propose(watch, frames(2_000))
    assert watch.dismiss() is True
    assert not propose(watch, frames(5_000, start_ms=2_000))


def test_a_confirmation_that_is_undone_stands_where_it_stood():
    watch = Watch(12_000)
    watch.hit(HIT, "harassment")
    watch.confirm("line_fault")
    assert watch.rung is Rung.LINE_FAULT
    assert watch.hit(HIT, "harassment") is None
    watch.undo()
    assert watch.rung is Rung.PROPOSED
    assert watch.proposal == Proposal("sexual", "line_fault", "陪我睡")


def test_a_person_may_confirm_what_the_desk_did_not_propose():
    watch = Watch(12_000)
    watch.confirm("analysis")
    assert watch.rung is Rung.ANALYSIS
    watch.undo()
    assert watch.rung is Rung.NONE


def test_a_silent_caller_who_speaks_during_the_prompt_was_silent_all_the_same():
    watch = Watch(1_000)
    propose(watch, frames(2_000))
    watch.confirm("line_fault")
    assert watch.words_heard() is False
    assert disposition(set(), watch.proposal, terminated=True) == "silent"


def test_the_ladder_never_goes_beyond_a_proposal_without_a_person():
    beyond = {Rung.CONFIRMED, Rung.LINE_FAULT, Rung.ANALYSIS}
    for (rung, cue), (after, offer) in TABLE.items():
        if after is Rung.CONFIRMED:
            assert cue is Cue.CONFIRM
        assert (after in beyond) == (cue is Cue.CONFIRM or rung is Rung.CONFIRMED)
        assert (offer is Offer.PROPOSAL) == (after in (Rung.PROPOSED, Rung.SILENT))
