"""What must not stay: numbers are hidden before anything is told, and a pause records nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest

from callcenter.core import events
from callcenter.core.call import Input, State
from callcenter.core.errors import NotNow
from callcenter.core.events import Event
from callcenter.core.numbers_told import KINDS
from callcenter.core.records import FRAME_MS, WIDE_BYTES, Frame, Party, Segment, Word
from callcenter.desk.measures import Measures
from callcenter.desk.session import Session
from tests.desk.test_session import VOICE, Call
from tests.fakes import FakeLeg

SECOND = 1000 // FRAME_MS
MINUTE = 60 * SECOND
E = TypeVar("E", bound=Event)


class PrivateCall(Call):
    """A call in which numbers are hidden."""

    def __init__(self, caller_says: bytes = VOICE * 1000, silence_ms: int = 60_000):
        super().__init__(caller_says, silence_ms=silence_ms)
        parts = replace(self.session._parts, redact=frozenset(KINDS), pause_minutes=1)
        self.session = Session("c1", "main", self.line, parts)

    def said(self, start_ms: int, text: str, party: Party = Party.CALLER, final: bool = True):
        words = tuple(
            Word(c, start_ms + 200 * i, start_ms + 200 * i + 200) for i, c in enumerate(text)
        )
        end = start_ms + 200 * len(text)
        self.recogniser.ears[party].tell(Segment(party, start_ms, end, text, words, final))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]


async def test_a_number_over_two_segments_is_told_without_its_digits():
    call = PrivateCall().answered()
    call.tick(2 * SECOND)
    call.said(0, "我的电话是一五九一二", final=False)
    call.said(0, "我的电话是一五九一二")
    assert [e.segment.text for e in call.of(events.PartialHeard)] == ["我的电话是•••••"] * 2
    assert [s.text for s in call.session.snapshot().segments] == ["我的电话是•••••"]
    assert call.of(events.SegmentHeard) == []
    call.tick(2 * SECOND)
    call.said(2500, "三四五六七八")
    call.tick(15 * SECOND)
    heard = [e.segment.text for e in call.of(events.SegmentHeard)]
    assert heard == ["我的电话是〔手机号〕", "〔续〕"]
    assert [s.text for s in call.session.snapshot().segments] == heard
    hidden = call.of(events.Redacted)
    assert [(e.party, e.kind) for e in hidden] == [("caller", "phone")]
    assert [(h.start_ms, h.end_ms) for h in call.recorder.opened[0].hidden] == [
        (hidden[0].start_ms, hidden[0].end_ms)
    ]
    assert [e.number for e in call.of(events.NumberHeard)] == ["15912345678"]
    others = repr([e for e in call.told if not isinstance(e, events.NumberHeard)])
    assert "345678" not in others
    assert "三四五" not in others


async def test_what_waits_at_the_end_is_told_before_it():
    call = PrivateCall().answered()
    call.tick(2 * SECOND)
    call.said(0, "一三八零零一三八零零零")
    call.line.on_hang_up()
    await call.session.closed.wait()
    kinds = call.kinds()
    assert kinds.index("Redacted") < kinds.index("RecordingClosed") < kinds.index("CallEnded")
    assert [e.segment.text for e in call.of(events.SegmentHeard)] == ["〔手机号〕"]


async def test_rules_hear_the_whole_text_and_quote_no_number():
    call = PrivateCall().answered()
    call.tick(SECOND)
    call.said(0, "你他妈的傻逼一三八零零一三八零零零")
    hits = call.of(events.HitFound)
    assert hits
    assert all("一三八" not in e.hit.text + e.hit.why for e in hits)


async def test_a_pause_records_nothing_and_nobody_listens():
    call = PrivateCall().answered()
    call.tick(5)
    supervisor = FakeLeg()
    call.session.supervision.join("8001", "listen", supervisor)
    call.tick(5)
    call.session.pause("1001", "报卡号")
    call.tick(10)
    shown = call.session.snapshot().paused
    assert shown is not None
    assert (shown.by, shown.why, shown.reminded) == ("1001", "报卡号", False)
    call.session.unpause("8001")
    call.tick(5)
    sounds = [bool(f.pcm.strip(b"\0")) for f, _ in call.recorder.opened[0].frames]
    assert sounds == [True] * 10 + [False] * 10 + [True] * 5
    spoken = [bool(f.pcm.strip(b"\0")) for _, f in call.recorder.opened[0].frames]
    assert spoken == sounds
    for ear in call.recogniser.ears.values():
        assert [bool(f.pcm.strip(b"\0")) for f in ear.frames] == sounds
        assert [f.start for f in ear.frames] == [n * 160 for n in range(25)]
    assert [bool(f.pcm.strip(b"\0")) for f in supervisor.heard] == sounds[5:]
    assert all(f.pcm == VOICE for f in (*call.caller.heard, *call.agent.heard))  # they talk on
    began, ended = call.of(events.PauseStarted)[0], call.of(events.PauseEnded)[0]
    assert (began.agent, began.why, began.start_ms) == ("1001", "报卡号", 200)
    assert (ended.agent, ended.start_ms, ended.end_ms) == ("8001", 200, 400)
    assert call.session.snapshot().paused is None


async def test_asked_twice_is_asked_once_and_only_what_is_recorded_can_be_paused():
    call = PrivateCall()
    call.session.apply(Input.CALLER_MAY_RING)
    with pytest.raises(NotNow, match="nothing to pause"):
        call.session.pause("1001", "x")
    call.answered_now()
    with pytest.raises(NotNow, match="not paused"):
        call.session.unpause("1001")
    call.session.pause("1001", "one")
    call.session.pause("page", "two")
    assert [e.why for e in call.of(events.PauseStarted)] == ["one"]


async def test_keys_that_are_pressed_in_a_pause_are_told_to_nobody():
    call = PrivateCall().answered()
    call.session.pause("1001", "x")
    call.line.keys = "6222"
    call.tick(10)
    call.session.press("123456", "1001")
    assert call.line.log[-1] == "press 123456"
    call.session.unpause("1001")
    call.line.keys = "62220"
    call.tick(10)
    assert call.of(events.DigitsSent) == []
    assert [e.digits for e in call.of(events.DigitsPressed)] == ["622••"]


async def test_a_pause_is_no_silence_and_is_reminded_of_until_somebody_ends_it():
    call = PrivateCall(caller_says=b"", silence_ms=3000).answered()
    call.session.pause("1001", "x")
    call.tick(MINUTE - 10)
    assert call.of(events.PauseReminded) == []
    call.tick(2 * MINUTE + 20)
    assert [e.minutes for e in call.of(events.PauseReminded)] == [1, 2, 3]
    assert call.session.snapshot().paused.reminded
    assert call.of(events.TerminationProposed) == []
    assert not [e for e in call.of(events.HitFound) if e.hit.category == "silent"]
    assert call.session.state is State.TALKING


async def test_a_pause_ends_with_the_call_and_with_a_prompt():
    call = PrivateCall().answered()
    call.session.pause("1001", "x")
    call.tick(50)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert [(e.agent, e.end_ms >= 1000) for e in call.of(events.PauseEnded)] == [("system", True)]
    other = PrivateCall().answered()
    other.session.pause("1001", "x")
    other.session.terminate("line_fault", "1001")
    assert [e.agent for e in other.of(events.PauseEnded)] == ["1001"]


async def test_a_wide_recording_that_begins_with_a_pause_stays_wide():
    class Wide(FakeLeg):
        def receive(self, start: int) -> Frame:
            return Frame(start, VOICE, wide=VOICE * 2)

    call = PrivateCall()
    call.line.leg = Wide()
    call.answered()
    call.session.pause("1001", "x")
    call.tick(1)
    caller, _ = call.recorder.opened[0].frames[0]
    assert caller.wide == bytes(WIDE_BYTES)


def test_after_a_pause_nobody_was_silent():
    measures = Measures()
    measures.resumed(60_000)
    frames = [Frame(60_000 * 8 + n * 160) for n in range(60)]
    noticed = measures.hear(frames, frames)
    assert [(n.kind, n.start_ms, n.amount) for n in noticed] == [("silence", 60_000, 1.0)]
