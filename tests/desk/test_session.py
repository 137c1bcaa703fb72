"""One call, tick by tick, over fakes that keep what they are given."""

from __future__ import annotations

from array import array

import pytest

from callcenter.core import events
from callcenter.core.call import Input, State
from callcenter.core.errors import NotNow
from callcenter.core.records import CallerHistory, Gap, Party, Segment
from callcenter.desk.parts import Parts
from callcenter.desk.session import Session
from callcenter.scripts.book import Book
from tests.fakes import NOON, FakeLeg, FakeLineCall, FakeRecogniser, FakeRecorder

BOOK = Book()
VOICE = array("h", [4000, -4000] * 80).tobytes()


class Call:
    """A session with everything around it."""

    def __init__(
        self,
        caller_says: bytes = b"",
        ready: bool = True,
        silence_ms: int = 60_000,
        scripts: Book = BOOK,
    ):
        self.told: list[events.Event] = []
        self.caller = FakeLeg(caller_says)
        self.agent = FakeLeg(VOICE * 1000)
        self.line = FakeLineCall(leg=self.caller)
        self.recogniser = FakeRecogniser(ready)
        self.recorder = FakeRecorder()
        parts = Parts(
            self.recorder, self.recogniser, scripts, self.told.append, lambda: NOON, silence_ms
        )
        self.session = Session("c1", "main", self.line, parts)

    def answered(self) -> Call:
        self.session.apply(Input.CALLER_MAY_RING)
        return self.answered_now()

    def answered_now(self) -> Call:
        self.session.answer("1001", self.agent)
        return self

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.session.tick()

    def caller_said(self, text: str, final: bool = True) -> None:
        self.recogniser.ears[Party.CALLER].tell(Segment(Party.CALLER, 0, 2000, text, final=final))

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.told]

    def last(self, kind: type[events.Event]) -> events.Event:
        return next(event for event in reversed(self.told) if isinstance(event, kind))


async def test_an_ordinary_call_from_ring_to_end():
    call = Call(VOICE * 3).answered()
    call.tick(5)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.kinds() == ["CallRang", "CallAnswered", "RecordingClosed", "CallEnded"]
    assert call.told[-1] == events.CallEnded("c1", NOON, "caller", "answered", "ordinary")
    assert call.line.log == ["answer"]
    assert call.agent.closed
    assert call.caller.closed


async def test_both_sides_are_bridged_recorded_and_heard():
    call = Call(VOICE).answered()
    call.tick(2)
    assert [f.pcm == VOICE for f in call.agent.heard] == [True, False]
    assert [f.pcm == VOICE for f in call.caller.heard] == [True, True]
    recorded = call.recorder.opened[0].frames
    assert [(c.pcm == VOICE, a.pcm == VOICE) for c, a in recorded] == [(True, True), (False, True)]
    assert [c.start for c, _ in recorded] == [0, 160]
    ears = call.recogniser.ears
    assert [len(ears[party].frames) for party in Party] == [2, 2]


async def test_harassment_is_proposed_and_nothing_happens_until_a_person_confirms():
    call = Call().answered()
    call.caller_said("今天晚上陪我睡觉", final=False)
    call.caller_said("今天晚上陪我睡觉吧")
    call.tick(100)
    assert call.kinds().count("HitFound") == 1
    proposed = call.last(events.TerminationProposed)
    assert proposed == events.TerminationProposed("c1", NOON, "sexual", "line_fault", "陪我睡")
    assert call.session.state is State.TALKING
    assert call.session.snapshot().proposal is not None
    assert not call.line.log[1:]


async def test_a_confirmed_termination_plays_every_frame_before_the_hang_up():
    call = Call(VOICE * 10_000).answered()
    call.caller_said("你这个白痴")
    call.tick(10)
    call.session.terminate("line_fault", "1001")
    prompt = BOOK.prompt("line_fault")
    frames = -(-len(prompt.pcm) // 320)
    for _ in range(frames):
        assert call.line.log == ["answer"]
        call.tick()
    sent = b"".join(f.pcm for f in call.caller.heard[10:])
    assert sent[: len(prompt.pcm)] == prompt.pcm
    call.tick(50)
    assert call.line.log == ["answer", "hang up"]
    await call.session.closed.wait()
    assert call.last(events.PromptEnded) == events.PromptEnded(
        "c1", NOON, "line_fault", prompt.file_ms, prompt.file_ms
    )
    ended = call.last(events.CallEnded)
    assert (ended.ended_by, ended.disposition) == ("system", "harassment")


async def test_h11_a_prompt_waits_while_lost_time_is_made_up():
    call = Call(VOICE * 10_000).answered()
    call.tick(10)
    call.session.terminate("line_fault", "1001")
    call.tick(5)
    for _ in range(40):
        call.session.tick(hurried=True)
    call.tick(500)
    prompt = BOOK.prompt("line_fault")
    sent = b"".join(f.pcm for f in call.caller.heard[10:])
    silence = bytes(40 * 320)
    assert sent.startswith(prompt.pcm[: 5 * 320] + silence + prompt.pcm[5 * 320 : 50 * 320])
    assert call.last(events.PromptEnded).sent_ms == prompt.file_ms


async def test_h10_the_microphone_is_cut_while_a_prompt_plays():
    call = Call(VOICE * 10_000).answered()
    call.tick(5)
    heard = len(call.agent.heard)
    call.session.terminate("analysis", "1001")
    call.tick(50)
    assert all(frame.pcm != VOICE for frame in call.caller.heard[5:])
    assert len(call.agent.heard) == heard, "the agent need not listen on"
    assert not call.agent.closed, "for two seconds it can be undone"
    call.tick(50)
    assert all(frame.pcm != VOICE for frame in call.caller.heard[5:])
    assert len(call.agent.heard) == heard
    assert call.agent.closed
    by_agent = call.recogniser.ears[Party.AGENT].frames
    assert [f.pcm == VOICE for f in by_agent] == [True] * 5 + [False] * 100
    assert len(call.recogniser.ears[Party.CALLER].frames) == 105, "evidence is still heard"


async def test_a_caller_who_leaves_during_the_prompt_leaves_its_true_length():
    call = Call().answered()
    call.session.terminate("line_fault", "1001")
    call.tick(10)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.last(events.PromptEnded).sent_ms == 200
    assert call.last(events.CallEnded).ended_by == "caller"
    assert call.line.log == ["answer"]


async def test_a_blocked_caller_hears_the_analysis_prompt_and_no_agent():
    call = Call()
    call.session.apply(Input.CALLER_IS_BLOCKED)
    assert list(call.recogniser.ears) == [Party.CALLER]
    call.tick(1000)
    await call.session.closed.wait()
    ended = call.last(events.CallEnded)
    assert (ended.call_result, ended.disposition, ended.ended_by) == ("blocked",) * 2 + ("system",)
    assert call.last(events.PromptEnded).sent_ms == BOOK.prompt("analysis").file_ms
    assert call.last(events.CallAnswered).agent == ""


async def test_a_silent_caller_is_proposed_and_speaking_takes_it_back():
    call = Call(silence_ms=1000).answered()
    call.tick(60)
    assert call.last(events.TerminationProposed).reason == "silent"
    call.caller_said("喂您好")
    assert call.kinds()[-1] == "ProposalWithdrawn"
    assert call.session.snapshot().proposal is None


async def test_the_last_words_come_before_the_end():
    call = Call().answered()
    ear = call.recogniser.ears[Party.CALLER]
    ear.last_words = [Segment(Party.CALLER, 0, 900, "我要投诉")]
    call.session.apply(Input.AGENT_HANGS_UP)
    await call.session.closed.wait()
    assert call.kinds()[-4:] == ["SegmentHeard", "HitFound", "RecordingClosed", "CallEnded"]
    assert call.last(events.CallEnded).disposition == "complaint"
    assert "TerminationProposed" not in call.kinds()


async def test_a_gap_leaves_the_call_to_be_transcribed_later():
    call = Call(ready=False).answered()
    call.recogniser.ears[Party.CALLER].gap(Gap(Party.CALLER, 0, 500, "no model"))
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.last(events.GapLeft).gap.end_ms == 500
    assert call.last(events.CallEnded).transcribed is False


async def test_a_caller_who_gives_up_is_abandoned_and_a_turned_away_one_rejected():
    call = Call()
    call.session.apply(Input.CALLER_MAY_RING)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.last(events.CallEnded).call_result == "abandoned"
    call = Call()
    call.session.apply(Input.CALLER_MAY_RING)
    call.session.apply(Input.AGENT_HANGS_UP)
    await call.session.closed.wait()
    assert call.last(events.CallEnded).call_result == "rejected"
    assert call.line.log == ["reject"]


async def test_partials_are_shown_until_the_final():
    call = Call().answered()
    call.caller_said("您", final=False)
    call.caller_said("您好", final=False)
    assert [s.text for s in call.session.snapshot().partials] == ["您好"]
    call.caller_said("您好吗")
    live = call.session.snapshot()
    assert (live.partials, [s.text for s in live.segments]) == ((), ["您好吗"])


async def test_a_ticking_session_that_is_not_answered_does_nothing():
    call = Call()
    call.tick(3)
    assert not call.recorder.opened
    with pytest.raises(NotNow):
        call.session.terminate("line_fault", "1001")


async def test_trouble_at_the_end_still_ends_the_call():
    call = Call().answered()

    async def broken() -> None:
        raise RuntimeError("the ear broke")

    call.recogniser.ears[Party.CALLER].close = broken
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.kinds()[-1] == "CallEnded"


async def test_a_muted_agent_is_not_heard_but_hears():
    call = Call(VOICE * 10).answered()
    call.session.mute(True, "1001")
    call.tick(2)
    call.session.mute(False, "1001")
    call.tick(1)
    assert [frame.pcm == VOICE for frame in call.caller.heard] == [False, False, True]
    assert [frame.pcm == VOICE for frame in call.agent.heard] == [True, True, True]
    assert call.session.snapshot().muted is False
    call.session.terminate("line_fault", "1001")
    with pytest.raises(NotNow, match="no open microphone"):
        call.session.mute(True, "1001")


async def test_what_still_waits_in_the_leg_at_the_hang_up_is_kept():
    call = Call(VOICE * 4).answered()
    call.tick(1)
    call.line.on_hang_up()
    recorded = call.recorder.opened[0].frames
    assert [frame.pcm == VOICE for frame, _ in recorded[:5]] == [True] * 4 + [False]
    assert len(call.recogniser.ears[Party.CALLER].frames) == len(recorded)
    assert [frame.start for frame, _ in recorded] == [160 * n for n in range(len(recorded))]


async def test_an_undone_termination_gives_both_their_voices_back():
    call = Call(VOICE * 10_000).answered()
    call.caller_said("你这个白痴")
    call.session.terminate("line_fault", "1001")
    call.tick(99)
    call.session.undo("王芳")
    assert call.session.state is State.TALKING
    assert call.kinds()[-2:] == ["TerminationUndone", "PromptEnded"]
    assert call.last(events.TerminationUndone) == events.TerminationUndone("c1", NOON, "王芳")
    assert call.last(events.PromptEnded).sent_ms == 99 * 20
    heard = len(call.agent.heard)
    call.tick(3)
    assert [frame.pcm for frame in call.caller.heard[-3:]] == [VOICE] * 3
    assert len(call.agent.heard) == heard + 3
    live = call.session.snapshot()
    assert (live.rung, live.proposal is not None) == ("proposed", True)
    call.session.apply(Input.AGENT_HANGS_UP)
    await call.session.closed.wait()
    assert call.last(events.CallEnded).disposition == "suspected"


async def test_after_two_seconds_nothing_can_be_undone():
    call = Call().answered()
    call.session.terminate("analysis", "1001")
    call.tick(100)
    assert call.agent.closed
    with pytest.raises(NotNow, match="too late to undo"):
        call.session.undo("1001")
    with pytest.raises(NotNow, match="cannot undo"):
        Call().answered().session.undo("1001")


async def test_a_blocked_call_has_nothing_to_undo():
    call = Call()
    call.session.apply(Input.CALLER_IS_BLOCKED)
    call.tick()
    with pytest.raises(NotNow, match="too late to undo"):
        call.session.undo("1001")


async def test_a_termination_can_be_confirmed_again_after_it_was_undone():
    call = Call().answered()
    call.session.terminate("line_fault", "1001")
    call.tick(10)
    call.session.undo("1001")
    call.tick(500)
    call.session.terminate("line_fault", "1001")
    call.tick(99)
    assert not call.agent.closed, "the two seconds begin anew"
    call.tick(1000)
    await call.session.closed.wait()
    assert call.last(events.CallEnded).disposition == "harassment"


async def test_not_harassment_takes_the_proposal_back_and_names_who_said_so():
    call = Call().answered()
    with pytest.raises(NotNow, match="no proposal to dismiss"):
        call.session.dismiss("1001")
    call.caller_said("你这个白痴")
    call.session.dismiss("1001")
    assert call.last(events.ProposalDismissed) == events.ProposalDismissed("c1", NOON, "1001")
    live = call.session.snapshot()
    assert (live.proposal, live.rung) == (None, "cleared")


async def test_h2_a_flirt_is_answered_with_words_to_say():
    call = Call().answered()
    call.caller_said("你声音真好听")
    offered = call.last(events.SteerBackOffered)
    assert (offered.reason, offered.evidence) == ("sexual", "你声音真好听")
    live = call.session.snapshot()
    assert (live.rung, live.proposal) == ("steer_back", None)
    assert live.steer_back is not None
    assert live.steer_back.say == offered.say


async def test_h5_the_history_of_the_number_is_told_with_the_ring():
    call = Call()
    history = CallerHistory(calls_24h=4, attempts=2, prompts_a=3)
    call.session.known(history)
    call.session.apply(Input.CALLER_MAY_RING)
    assert call.kinds() == ["CallRang", "HistoryFound"]
    assert call.session.snapshot().history == history
    call.session.answer("1001", call.agent)
    call.caller_said("你这个白痴")
    assert call.last(events.TerminationProposed).prompt == "analysis"
