"""One call on hold, transferred, joined, dialled: over fakes that keep what they are given."""

from __future__ import annotations

import asyncio
from array import array

import pytest

from callcenter.core import events
from callcenter.core.call import State
from callcenter.core.errors import CallRefused, NotNow, NotTaken
from callcenter.core.records import (
    SILENCE,
    CallerHistory,
    Joined,
    Party,
    Quality,
    Segment,
    Transfer,
)
from callcenter.desk.course import KEYS_FRAMES, MOST_PRESSED
from callcenter.desk.dialling import PATIENCE_FRAMES, Outbound
from callcenter.desk.session import Session
from callcenter.desk.tones import hold_tone, ringing_tone
from tests.desk.test_session import VOICE, Call
from tests.fakes import NOON, FakeLeg, QuietLeg

OTHER = array("h", [900, -900] * 80).tobytes()
THIRD = array("h", [50, -50] * 80).tobytes()
TONE = hold_tone()[:320]
SOUND = Quality(500, 5, 1, 2.5, 40.0, 4.2)


def level(pcm: bytes) -> int:
    return max(array("h", pcm))


def to(target: str, notes: str = "", attended: bool = False, outside: bool = False) -> Transfer:
    return Transfer("1001", target, notes, attended, outside, NOON)


def said(call: Call, kind: type[events.Event]) -> list[events.Event]:
    return [event for event in call.told if isinstance(event, kind)]


# Hold --------------------------------------------------------------------------------------


async def test_on_hold_the_caller_hears_the_tone_at_once_and_the_agent_reaches_nobody():
    call = Call(VOICE * 100).answered()
    call.tick(2)
    call.session.hold("1001")
    call.tick(3)
    heard = [frame.pcm for frame in call.caller.heard]
    assert heard[:2] == [VOICE] * 2
    assert b"".join(heard[2:]) == hold_tone()[:960]
    assert call.session.snapshot().state == "held"
    assert call.last(events.CallHeld) == events.CallHeld("c1", NOON, "1001")


async def test_on_hold_the_caller_is_still_heard_recorded_and_judged():
    call = Call(VOICE * 100).answered()
    call.session.hold("1001")
    call.tick(3)
    ears = call.recogniser.ears
    assert [frame.pcm for frame in ears[Party.CALLER].frames] == [VOICE] * 3
    assert [frame.pcm for frame in ears[Party.AGENT].frames] == [SILENCE] * 3
    recorded = call.recorder.opened[0].frames
    assert all(caller.pcm == VOICE for caller, _ in recorded)
    assert recorded[0][1].pcm == TONE, "the record has what the caller was given to hear"
    assert [frame.pcm for frame in call.agent.heard] == [VOICE] * 3
    call.caller_said("你这个白痴")
    assert call.last(events.TerminationProposed).reason == "insult"
    call.session.terminate("line_fault", "1001")
    call.tick()
    assert call.caller.heard[-1].pcm != hold_tone()[960:1280]


async def test_what_was_held_is_resumed_and_only_that():
    call = Call(VOICE * 100).answered()
    with pytest.raises(NotNow, match="the call is talking: cannot resume"):
        call.session.resume("1001")
    call.session.hold("1001")
    with pytest.raises(NotNow, match="the call is held: cannot hold"):
        call.session.hold("1001")
    with pytest.raises(NotNow, match="no open microphone"):
        call.session.mute(True, "1001")
    call.session.resume("1001")
    call.tick()
    assert call.caller.heard[-1].pcm == VOICE
    assert call.last(events.CallResumed) == events.CallResumed("c1", NOON, "1001")
    assert [type(e).__name__ for e in call.told].count("CallResumed") == 1


async def test_each_hold_begins_its_tone_anew():
    call = Call().answered()
    for _ in range(2):
        call.session.hold("1001")
        call.tick(7)
        assert b"".join(f.pcm for f in call.caller.heard[-7:]) == hold_tone()[: 7 * 320]
        call.session.resume("1001")


# Time --------------------------------------------------------------------------------------


async def test_a_tick_that_was_due_before_the_answer_is_not_of_the_call():
    """After a stall missed ticks are made up: the recording would be longer than the call."""
    call = Call(VOICE * 10).answered()
    now = asyncio.get_running_loop().time()
    call.session.tick(now - 1)
    assert call.recorder.opened[0].frames == []
    call.session.tick(now + 0.02)
    assert len(call.recorder.opened[0].frames) == 1


# Keys --------------------------------------------------------------------------------------


async def test_the_agent_presses_keys_and_who_did_is_told():
    call = Call()
    with pytest.raises(NotNow, match="the call is screening: there is nobody to press keys for"):
        call.session.press("1", "1001")
    call.answered()
    call.session.press("12#", "1001")
    assert call.line.log[-1] == "press 12#"
    assert said(call, events.DigitsSent) == [events.DigitsSent("c1", NOON, "1001", "12#")]
    call.line.broken = True
    with pytest.raises(NotNow, match="the far end takes no digits"):
        call.session.press("3", "1001")
    assert len(said(call, events.DigitsSent)) == 1


async def test_keys_that_the_far_end_presses_are_told_and_shown_up_to_a_bound():
    call = Call().answered()
    for keys in ("1", "2#"):
        call.line.keys = keys
        call.tick(KEYS_FRAMES)
    assert said(call, events.DigitsPressed) == [
        events.DigitsPressed("c1", NOON, "1"),
        events.DigitsPressed("c1", NOON, "2#"),
    ]
    assert call.session.snapshot().pressed == "12#"
    for _ in range(10):
        call.line.keys = "7" * 64
        call.tick(KEYS_FRAMES)
    assert len(call.session.snapshot().pressed) == MOST_PRESSED
    call.session.hang_up("1001")
    await call.session.closed.wait()


async def test_the_last_key_before_a_hang_up_is_told_too():
    call = Call().answered()
    call.line.keys = "9"
    call.line.on_hang_up()
    await call.session.closed.wait()
    kinds = [type(event) for event in call.told]
    assert kinds.index(events.DigitsPressed) < kinds.index(events.CallEnded)


# Transfer ----------------------------------------------------------------------------------


async def test_e1_e2_a_blind_transfer_gives_the_call_and_its_record_to_the_target():
    call = Call(VOICE * 100).answered()
    call.caller_said("我要退货")
    call.session.transfer(to("1002", "要退货，已核对订单"))
    call.tick(2)
    assert call.caller.heard[-2].pcm == TONE
    live = call.session.snapshot()
    assert (live.state, live.agent) == ("transferring", "1001")
    assert live.transfer is not None
    assert live.transfer.notes == "要退货，已核对订单"
    target = FakeLeg(OTHER * 10)
    call.session.answer("1002", target)
    call.tick()
    assert call.caller.heard[-1].pcm == OTHER
    assert target.heard[-1].pcm == VOICE
    assert call.agent.closed
    live = call.session.snapshot()
    assert (live.state, live.agent) == ("talking", "1002")
    assert live.transfer is not None
    assert live.transfer.notes == "要退货，已核对订单", "the target reads it all along"
    assert [segment.text for segment in live.segments] == ["我要退货"]
    assert live.hits, "nobody has to begin again"
    assert call.last(events.TransferDone) == events.TransferDone("c1", NOON, "1001", "1002")
    call.session.hang_up("1002")
    await call.session.closed.wait()
    assert len(call.recorder.opened) == 1, "one recording from its first word to its last"
    assert target.closed


async def test_only_the_target_can_answer_and_others_cannot():
    call = Call().answered()
    call.session.transfer(to("1002"))
    with pytest.raises(NotNow, match="not to agent 1003"):
        call.session.answer("1003", FakeLeg())
    assert call.session.state is State.TRANSFERRING


async def test_a_transfer_without_an_answer_comes_back_to_the_agent():
    call = Call(VOICE * 2000).answered()
    call.session.transfer(to("1002"))
    call.tick(999)
    assert call.session.state is State.TRANSFERRING
    call.tick()
    assert call.session.state is State.TALKING
    assert call.last(events.TransferReturned) == events.TransferReturned(
        "c1", NOON, "1002", "no_answer"
    )
    call.tick()
    assert call.caller.heard[-1].pcm != TONE
    assert not call.agent.closed
    assert call.session.snapshot().transfer is None


@pytest.mark.parametrize(("who", "why"), [("1002", "declined"), ("1001", "taken_back")])
async def test_a_transfer_that_rings_is_turned_away_or_taken_back(who: str, why: str):
    call = Call().answered()
    call.session.transfer(to("1002"))
    if why == "declined":
        call.session.hang_up(who)
    else:
        call.session.resume(who)
    assert call.session.state is State.TALKING
    assert call.last(events.TransferReturned).why == why
    assert call.line.log == ["answer"], "the caller has not been hung up on"


async def test_an_attended_transfer_lets_them_talk_while_the_caller_waits():
    call = Call(VOICE * 100).answered()
    call.session.transfer(to("1002", attended=True))
    target = FakeLeg(OTHER * 10)
    call.session.answer("1002", target)
    call.tick(2)
    assert call.session.snapshot().state == "consulting"
    assert [frame.pcm for frame in target.heard] == [VOICE] * 2
    assert [frame.pcm for frame in call.agent.heard[-2:]] == [OTHER] * 2
    assert b"".join(f.pcm for f in call.caller.heard[-2:]) == hold_tone()[:640]
    ears = call.recogniser.ears
    assert [frame.pcm for frame in ears[Party.CALLER].frames[-2:]] == [VOICE] * 2
    assert [frame.pcm for frame in ears[Party.AGENT].frames[-2:]] == [SILENCE] * 2
    assert call.session.has("1001")
    assert call.session.has("1002")
    call.session.hand_over()
    call.tick()
    assert call.session.snapshot().agent == "1002"
    assert call.caller.heard[-1].pcm == OTHER
    assert (call.agent.closed, target.closed) == (True, False)
    assert not call.session.has("1001")
    assert [e.to for e in said(call, events.TransferConsulted)] == ["1002"]


async def test_an_attended_transfer_is_taken_back_or_left_by_the_target():
    for leave, state in ((False, State.TALKING), (True, State.HELD)):
        call = Call().answered()
        call.session.transfer(to("1002", attended=True))
        target = FakeLeg()
        call.session.answer("1002", target)
        if leave:
            call.session.hang_up("1002")
        else:
            call.session.resume("1001")
        assert (call.session.state, target.closed) == (state, True)
        assert not call.session.has("1002")
        assert not call.agent.closed


async def test_the_notes_that_brought_a_call_outlive_a_transfer_that_failed():
    call = Call().answered()
    call.session.transfer(to("1002", "先前的留言"))
    call.session.answer("1002", FakeLeg())
    call.session.transfer(Transfer("1002", "1003", "另一条", False, False, NOON))
    call.session.resume("1002")
    transfer = call.session.snapshot().transfer
    assert transfer is not None
    assert transfer.notes == "先前的留言"


async def test_a_caller_on_hold_can_be_transferred_and_leave_at_any_time():
    for attended in (False, True):
        call = Call().answered()
        call.session.hold("1001")
        call.session.transfer(to("1002", attended=attended))
        target = FakeLeg()
        if attended:
            call.session.answer("1002", target)
        call.line.on_hang_up()
        await call.session.closed.wait()
        assert call.last(events.CallEnded).ended_by == "caller"
        assert (call.agent.closed, target.closed) == (True, attended)


async def test_an_outside_transfer_ends_our_call_when_the_line_says_so():
    call = Call(VOICE * 100).answered()
    call.session.transfer(to("01088880001", outside=True))
    call.tick()
    assert call.caller.heard[-1].pcm == TONE
    assert call.line.log == ["answer", "transfer to 01088880001"]
    with pytest.raises(NotNow, match="the call is sending_on: cannot resume"):
        call.session.resume("1001")
    call.line.told(True, "")
    await call.session.closed.wait()
    assert call.line.log[-1] == "hang up"
    done = call.last(events.TransferDone)
    assert (done.to, done.outside) == ("01088880001", True)
    assert call.last(events.CallEnded).call_result == "answered"


async def test_an_outside_transfer_that_fails_brings_the_caller_back():
    call = Call(VOICE * 100).answered()
    call.session.transfer(to("01088880001", outside=True))
    call.line.told(False, "486 Busy Here")
    assert call.session.state is State.TALKING
    assert call.last(events.TransferReturned).why == "486 Busy Here"
    call.line.broken = True
    with pytest.raises(NotNow, match="takes no transfers"):
        call.session.transfer(to("01088880001", outside=True))
    assert call.session.state is State.TALKING
    call.tick()
    assert call.caller.heard[-1].pcm == VOICE


async def test_news_of_an_outside_transfer_after_the_caller_has_left_harm_nothing():
    for answered in (True, False):
        call = Call().answered()
        call.session.transfer(to("01088880001", outside=True))
        call.line.on_hang_up()
        await call.session.closed.wait()
        call.line.told(answered, "gone")
        assert len(said(call, events.TransferDone)) == answered
        assert not said(call, events.TransferReturned)


# Supervisors -------------------------------------------------------------------------------


async def test_a_listening_supervisor_hears_both_and_nobody_hears_them():
    call = Call(VOICE * 100).answered()
    quiet = FakeLeg(OTHER * 100)
    call.session.supervision.join("1009", "listen", quiet)
    call.tick(3)
    assert [level(frame.pcm) for frame in quiet.heard] == [8000] * 3
    assert [frame.pcm for frame in call.caller.heard] == [VOICE] * 3
    assert [frame.pcm for frame in call.agent.heard] == [VOICE] * 3
    assert len(quiet.says) == len(OTHER) * 100, "never even asked"


async def test_a_supervisor_takes_the_call_over_and_the_agent_is_free():
    call = Call(VOICE * 100).answered()
    call.tick()
    call.session.take_over("1009", FakeLeg(OTHER * 100))
    call.tick()
    assert (call.session.state, call.session.agent) == (State.TALKING, "1009")
    assert call.caller.heard[-1].pcm == OTHER, "no hold tone in between"
    assert call.agent.closed
    assert not call.session.has("1001")
    (begun,), (done,) = said(call, events.TransferStarted), said(call, events.TransferDone)
    assert (begun.agent, begun.to, begun.notes) == ("1009", "1009", "接管")
    assert (done.agent, done.to) == ("1001", "1009")
    with pytest.raises(NotNow, match="1009 has this call already"):
        call.session.take_over("1009", FakeLeg())


async def test_a_whisper_reaches_the_agent_alone_and_is_not_recorded():
    call = Call(VOICE * 100).answered()
    call.session.supervision.join("1009", "whisper", FakeLeg(OTHER * 100))
    call.tick(2)
    assert [frame.pcm for frame in call.caller.heard] == [VOICE] * 2
    assert [level(frame.pcm) for frame in call.agent.heard] == [4900] * 2
    assert [agent.pcm for _, agent in call.recorder.opened[0].frames] == [VOICE] * 2


async def test_a_barge_reaches_both_and_is_recorded_on_the_agent_s_side():
    call = Call(VOICE * 100).answered()
    barging = FakeLeg(OTHER * 100)
    call.session.supervision.join("1009", "barge", barging)
    call.tick(2)
    assert [level(frame.pcm) for frame in call.caller.heard] == [4900] * 2
    assert [level(frame.pcm) for frame in call.agent.heard] == [4900] * 2
    recorded = call.recorder.opened[0].frames
    assert [caller.pcm for caller, _ in recorded] == [VOICE] * 2
    assert [level(agent.pcm) for _, agent in recorded] == [4900] * 2
    assert [level(frame.pcm) for frame in barging.heard] == [8000] * 2, "not their own voice"
    call.session.mute(True, "1001")
    call.tick()
    assert call.caller.heard[-1].pcm == OTHER, "the agent's mute is the agent's alone"


async def test_on_hold_and_under_a_prompt_nobody_barges_in_on_the_caller():
    call = Call(VOICE * 100).answered()
    call.session.supervision.join("1009", "barge", FakeLeg(OTHER * 100))
    call.session.hold("1001")
    call.tick()
    assert call.caller.heard[-1].pcm == TONE
    assert level(call.agent.heard[-1].pcm) == 4900
    call.session.terminate("analysis", "1001")
    call.tick()
    prompt = call.session._parts.scripts.prompt("analysis").pcm
    assert call.caller.heard[-1].pcm == prompt[:320]


async def test_who_listened_and_when_is_told_and_everybody_leaves_at_the_end():
    call = Call().answered()
    leg = FakeLeg()
    call.session.supervision.join("王芳", "listen", leg)
    call.session.supervision.join("王芳", "whisper")
    assert call.session.snapshot().joined == (Joined("王芳", "whisper", NOON),)
    assert call.session.has("王芳")
    with pytest.raises(NotNow, match="李主管 is not in call c1"):
        call.session.supervision.leave("李主管")
    call.session.hang_up("1001")
    await call.session.closed.wait()
    assert leg.closed
    told = [event for event in call.told if isinstance(event, events.SupervisorJoined)]
    assert [(event.person, event.mode) for event in told] == [
        ("王芳", "listen"),
        ("王芳", "whisper"),
    ]
    assert call.kinds().index("SupervisorLeft") < call.kinds().index("CallEnded")
    assert not call.session.has("王芳")


# Calls out ---------------------------------------------------------------------------------


class Out(Call):
    """A call that agent 1001 makes."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = QuietLeg()
        self.line.leg = self.caller
        outbound = Outbound("95000", "13800138001")
        self.session = Session("c1", "main", self.line, self.session._parts, outbound)
        self.session.dial("1001", self.agent, self.caller)


async def test_a_call_out_rings_is_answered_recorded_and_listened_to():
    call = Out()
    rang = call.last(events.CallRang)
    assert (rang.caller_number, rang.callee_number) == ("95000", "13800138001")
    assert (rang.direction, rang.agent) == ("outbound", "1001")
    live = call.session.snapshot()
    assert (live.state, live.direction, live.agent) == ("dialling", "outbound", "1001")
    assert live.far_number == "13800138001"
    call.tick(2)
    assert b"".join(frame.pcm for frame in call.agent.heard) == ringing_tone()[:640]
    call.caller.says = OTHER
    call.tick()
    assert call.agent.heard[-1].pcm == OTHER, "early media takes the tone's place"
    assert not call.recorder.opened
    call.session.callee()
    call.caller.says = VOICE * 2
    call.tick(2)
    assert call.caller.heard[-1].pcm == VOICE
    recorded = call.recorder.opened[0].frames
    assert [caller.start for caller, _ in recorded] == [0, 160], "offsets count from the answer"
    call.recogniser.ears[Party.CALLER].tell(Segment(Party.CALLER, 0, 900, "我要投诉"))
    call.session.hang_up("1001")
    await call.session.closed.wait()
    assert call.line.log == ["hang up"]
    ended = call.last(events.CallEnded)
    assert (ended.call_result, ended.disposition) == ("answered", "complaint")


@pytest.mark.parametrize("why", NotTaken)
async def test_why_a_call_out_was_not_taken_is_told_apart(why: NotTaken):
    call = Out()
    call.session.callee(CallRefused(486, "as they say", why))
    await call.session.closed.wait()
    ended = call.last(events.CallEnded)
    assert (ended.call_result, ended.disposition, ended.ended_by) == (why.value, "", "caller")
    assert call.agent.closed
    assert call.caller.closed
    assert call.line.log == []


async def test_a_call_out_that_the_agent_gives_up_is_cancelled():
    call = Out()
    call.session.hang_up("1001")
    call.session.callee(CallRefused(487, "cancelled", NotTaken.UNREACHABLE))
    await call.session.closed.wait()
    ended = call.last(events.CallEnded)
    assert (ended.call_result, ended.ended_by) == ("cancelled", "agent")
    assert call.line.log == ["hang up"]


async def test_a_call_out_that_rings_for_ever_is_given_up():
    call = Out()
    call.tick(PATIENCE_FRAMES - 1)
    assert call.session.state is State.DIALLING
    call.tick()
    await call.session.closed.wait()
    assert call.last(events.CallEnded).call_result == "no_answer"
    assert call.line.log == ["hang up"]


async def test_a_silent_callee_is_no_silent_caller():
    call = Out()
    call.session.callee()
    call.tick(3100)
    assert "TerminationProposed" not in call.kinds()


async def test_what_is_kept_of_the_number_is_told_with_a_call_out():
    call = Call()
    outbound = Outbound("95000", "13800138001")
    session = Session("c2", "main", call.line, call.session._parts, outbound)
    session.known(CallerHistory(calls_24h=2))
    session.dial("1001", call.agent, call.caller)
    assert call.kinds()[-2:] == ["CallRang", "HistoryFound"]


# How the sound came ------------------------------------------------------------------------


async def test_the_quality_of_each_leg_that_came_over_a_network_is_told_once():
    call = Call(VOICE * 10)
    call.caller.measured = SOUND
    call.answered()
    call.session.hang_up("1001")
    await call.session.closed.wait()
    told = said(call, events.QualityMeasured)
    assert told == [events.QualityMeasured("c1", NOON, "caller", "", SOUND)]
    assert call.kinds()[-1] == "CallEnded"


async def test_each_agent_s_quality_is_told_under_their_number():
    call = Call()
    call.agent.measured = SOUND
    call.answered()
    call.session.transfer(to("1002"))
    call.session.answer("1002", FakeLeg(measured=SOUND))
    call.session.hang_up("1002")
    await call.session.closed.wait()
    told = said(call, events.QualityMeasured)
    assert [(event.party, event.agent) for event in told] == [("agent", "1001"), ("agent", "1002")]
