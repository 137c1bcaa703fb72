"""A caller on linphone, who puts us on hold, comes back and hangs up."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.core.ports import AgentVoice, Gone
from callcenter.core.records import Agent
from tests.audio.tones import purity, tone
from tests.calls.linphone import linphone, needs_linphone
from tests.calls.service import AGENT, Running, config_in, running
from tests.fakes import FakeLeg
from tests.waiting import until

pytestmark = [pytest.mark.external, needs_linphone]

CALLER_HZ, AGENT_HZ = 700, 1100
WINDOW = 25


def worn(leg: FakeLeg) -> tuple[Agent, AgentVoice]:
    async def opened(gone: Gone) -> FakeLeg:
        return leg

    return AGENT, opened


def hears_caller(leg: FakeLeg) -> bool:
    """Whether the agent heard the caller all through the last half second."""
    last = [frame.pcm for frame in leg.heard[-WINDOW:]]
    return len(last) == WINDOW and purity(b"".join(last), CALLER_HZ) > 0.9


def may_send(here: Running) -> bool:
    """Whether the caller wants to hear us; their own sound, music perhaps, comes either way."""
    (call,) = here.service.lines["main"]._calls.values()
    assert call.leg is not None
    assert call.leg._stream is not None
    return call.leg._stream.may_send


async def test_a_caller_on_linphone_holds_resumes_and_hangs_up(tmp_path: Path):
    folder = tmp_path / "linphone"
    folder.mkdir()
    agent = FakeLeg(tone(AGENT_HZ, 60))
    async with (
        running(config_in(tmp_path), [worn(agent)]) as here,
        linphone(folder, tone(CALLER_HZ, 60), "13800138001") as phone,
    ):
        await phone.calls(here.uri)
        ringing = await here.live("ringing")
        assert ringing["caller_number"] == "13800138001"
        await here.post(f"/calls/{ringing['call_id']}/answer", agent=AGENT.number)
        await phone.told("Media streams established")
        await until(lambda: hears_caller(agent))
        assert may_send(here)
        phone.typed("pause")
        await phone.told("is now paused")
        await until(lambda: not may_send(here))
        assert (await here.live("talking"))["call_id"] == ringing["call_id"]
        phone.typed("resume")
        await phone.told("Media streams established")
        await until(lambda: may_send(here))
        agent.heard.clear()
        await until(lambda: len(agent.heard) > 4 * WINDOW and hears_caller(agent))
        phone.typed("terminate")
        await phone.told("ended (No error)")
        call = await here.ended(ringing["call_id"])
    assert (call["ended_by"], call["call_result"]) == ("caller", "answered")
    theirs = phone.heard()
    parts = [theirs[at : at + 4000] for at in range(0, len(theirs) - 4000, 4000)]
    assert max(purity(part, AGENT_HZ) for part in parts) > 0.9
