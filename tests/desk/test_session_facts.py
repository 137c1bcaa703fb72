"""One call's facts: what is known before it, what is noticed in it, what its end decides."""

from __future__ import annotations

from array import array
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.core import events
from callcenter.core.call import Input
from callcenter.core.errors import NotNow
from callcenter.core.lead import LeadCall
from callcenter.core.records import CallerHistory, Party, Segment
from callcenter.scripts.book import Book
from tests.desk.test_session import VOICE, Call
from tests.fakes import NOON, FakeLeg

HISS = array("h", [30, -30] * 80).tobytes()
SYLLABLES = (VOICE * 15 + HISS * 5) * 10
"""Four seconds of speech."""


async def test_h7_what_the_agent_ticks_counts_once_and_only_while_talking():
    call = Call().answered()
    call.tick(250)
    call.session.tick_box("laughter", "1001")
    call.session.tick_box("laughter", "1001")
    ticked = [event for event in call.told if isinstance(event, events.Ticked)]
    assert ticked == [events.Ticked("c1", NOON, "1001", "laughter")]
    hit = call.last(events.HitFound).hit
    assert (hit.category, hit.start_ms, hit.party) == ("prank", 5000, Party.CALLER)
    assert call.session.snapshot().ticked == ("laughter",)
    call.session.terminate("line_fault", "1001")
    with pytest.raises(NotNow, match="no caller to listen to"):
        call.session.tick_box("several_voices", "1001")


async def test_a_caller_who_does_not_answer_two_greetings_is_told_and_proposes_nothing():
    call = Call().answered()
    for at_ms in (500, 4000):
        heard = Segment(Party.AGENT, at_ms, at_ms + 1000, "喂您好听得到吗")
        call.recogniser.ears[Party.AGENT].tell(heard)
    call.caller.says = HISS * 550
    call.tick(499)
    assert "HitFound" not in call.kinds()
    call.tick(51)
    hit = call.last(events.HitFound).hit
    assert (hit.category, hit.start_ms, hit.end_ms) == ("silent", 500, 10_000)
    assert not {"TerminationProposed", "SteerBackOffered"} & set(call.kinds())


async def test_a_caller_who_makes_a_sound_is_not_silent():
    call = Call().answered()
    for at_ms in (500, 4000):
        heard = Segment(Party.AGENT, at_ms, at_ms + 1000, "喂您好听得到吗")
        call.recogniser.ears[Party.AGENT].tell(heard)
    call.caller.says = HISS * 350 + SYLLABLES * 2
    call.tick(700)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert "HitFound" not in call.kinds()


async def test_h5_h6_what_is_known_of_the_caller_is_known_to_the_rules(tmp_path: Path):
    at = NOON.astimezone()
    window = f"{at:%H:%M}-{at + timedelta(minutes=1):%H:%M}"
    pack = 'group = "harassment"\n[[rule]]\nname = "r"\ncategory = "prank"\nany = ["您好"]\n'
    facts = f'time_of_day = "{window}"\ncalls_24h = 3\nwithheld = false\n'
    (tmp_path / "p.toml").write_text(pack + facts, "utf-8")
    for calls, hits in ((2, 0), (3, 1)):
        call = Call(scripts=Book(tmp_path))
        call.session.known(CallerHistory(calls_24h=calls))
        call.answered().caller_said("您好")
        assert call.kinds().count("HitFound") == hits


async def test_what_only_the_end_decides_comes_before_the_end(tmp_path: Path):
    pack = 'group = "complaint"\n[[rule]]\nname = "r"\ncategory = "complaint"\n'
    (tmp_path / "p.toml").write_text(pack + 'any = ["等着瞧"]\nwithin_last_s = 5\n', "utf-8")
    call = Call(scripts=Book(tmp_path)).answered()
    call.caller_said("你们等着瞧")
    call.tick(200)
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.kinds()[-3:] == ["HitFound", "RecordingClosed", "CallEnded"]
    assert call.last(events.CallEnded).disposition == "complaint"


async def test_a_prompt_is_not_the_agents_voice(tmp_path: Path):
    pack = 'group = "harassment"\n[[rule]]\nname = "r"\ncategory = "prank"\noverlap_s = 1\n'
    (tmp_path / "p.toml").write_text(pack, "utf-8")
    for by_agent, hits in ((SYLLABLES, True), (b"", False)):
        call = Call(SYLLABLES * 3, scripts=Book(tmp_path)).answered()
        call.agent.says = by_agent
        if not by_agent:
            call.session.terminate("analysis", "1001")
        call.tick(500)
        assert ("HitFound" in call.kinds()) is hits


async def test_what_the_agent_marks_by_hand_flags_the_call_and_can_be_confirmed():
    call = Call().answered()
    call.tick(100)
    call.session.mark("1001")
    with pytest.raises(NotNow, match="is marked"):
        call.session.mark("1001")
    assert call.last(events.HarassmentMarked) == events.HarassmentMarked("c1", NOON, "1001")
    hit = call.last(events.HitFound).hit
    assert (hit.rule, hit.category, hit.start_ms, hit.party) == (
        "agent", "marked", 2000, Party.CALLER,
    )  # fmt: skip
    assert call.last(events.TerminationProposed).reason == "marked"
    call.session.terminate("line_fault", "1001")
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.last(events.CallEnded).disposition == "harassment"


async def test_a_marked_call_that_nobody_ends_is_suspected_and_a_ringing_one_is_not_marked():
    call = Call()
    call.session.apply(Input.CALLER_MAY_RING)
    with pytest.raises(NotNow, match="cannot be marked"):
        call.session.mark("1001")
    call.answered_now()
    call.session.mark("1001")
    call.line.on_hang_up()
    await call.session.closed.wait()
    assert call.last(events.CallEnded).disposition == "suspected"


async def test_a_supervisor_is_called_once_until_one_comes():
    call = Call()
    call.session.apply(Input.CALLER_MAY_RING)
    with pytest.raises(NotNow, match="no talk to come to"):
        call.session.call_lead("1001", "")
    call.answered_now()
    call.session.call_lead("1001", "要求见主管")
    call.session.call_lead("1001", "again")
    asked = [event for event in call.told if isinstance(event, events.LeadCalled)]
    assert asked == [events.LeadCalled("c1", NOON, "1001", "要求见主管")]
    assert call.session.snapshot().lead_called == LeadCall("1001", NOON, "要求见主管")
    call.session.supervision.join("陈静", "whisper", FakeLeg(b""))
    assert call.session.snapshot().lead_called is None
    call.session.supervision.leave("陈静")
    call.session.call_lead("1001", "")
    call.session.take_over("1002", FakeLeg(b""))
    assert call.session.snapshot().lead_called is None
