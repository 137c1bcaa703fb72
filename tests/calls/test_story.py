"""One whole call: held, resumed, transferred with notes, ended by a prompt; and its recording.

The caller is baresip; the rest is the whole service.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.audio.wav import parse_wav
from callcenter.core.ports import AgentVoice, Gone
from callcenter.core.records import FRAME_BYTES, FRAME_MS, Agent
from callcenter.demo.measure import prompt_heard_ms
from callcenter.desk.tones import hold_tone
from callcenter.scripts.book import Book
from tests.audio.tones import purity, tone
from tests.calls import baresip
from tests.calls.service import AGENT, Running, config_in, running
from tests.fakes import FakeLeg

pytestmark = [pytest.mark.external, baresip.needs_baresip]

SUPERVISOR = Agent("1002", "王主管")
CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ = 700, 1100, 1500
NOTES = "要退货，已核对订单；情绪激动"
HOLD_NOTES = hold_tone()[: 34 * FRAME_BYTES]
CLOSE_MS = 40
"""Two frames: a moment falls between two of them, and so does the next."""


def voice(leg: FakeLeg) -> AgentVoice:
    async def opened(gone: Gone) -> FakeLeg:
        return leg

    return opened


async def hears(leg: FakeLeg, frames: int) -> None:
    """Wait until this person has heard so much more of the call."""
    wanted = len(leg.heard) + frames
    async with asyncio.timeout(30):
        while len(leg.heard) < wanted:
            await asyncio.sleep(FRAME_MS / 1000)


async def handled(here: Running, call_id: str, agent: FakeLeg, supervisor: FakeLeg) -> None:
    """The agent answers, holds, resumes and transfers; the supervisor ends the call."""
    await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
    await hears(agent, 35)
    await here.post(f"/calls/{call_id}/hold", agent=AGENT.number)
    await hears(agent, 40)
    await here.post(f"/calls/{call_id}/resume", agent=AGENT.number)
    await hears(agent, 25)
    wish = {"to": SUPERVISOR.number, "notes": NOTES}
    await here.post(f"/calls/{call_id}/transfer", agent=AGENT.number, **wish)
    assert (await here.live("transferring"))["transfer"]["notes"] == NOTES
    await hears(agent, 40)
    await here.post(f"/calls/{call_id}/answer", agent=SUPERVISOR.number)
    theirs = await here.live("talking")
    assert (theirs["agent"], theirs["transfer"]["notes"]) == (SUPERVISOR.number, NOTES)
    assert agent.closed, "the agent is free"
    await hears(supervisor, 25)
    wish = {"prompt": "analysis", "agent": SUPERVISOR.number}
    await here.post(f"/calls/{call_id}/terminate", **wish)


async def test_e1_h10_a_call_is_held_transferred_with_notes_and_sent_to_the_analysis_queue(
    tmp_path: Path,
):
    folder = tmp_path / "baresip"
    folder.mkdir()
    agent, supervisor = FakeLeg(tone(AGENT_HZ, 20)), FakeLeg(tone(SUPERVISOR_HZ, 20))
    voices = ((AGENT, voice(agent)), (SUPERVISOR, voice(supervisor)))
    async with running(config_in(tmp_path), voices) as here:
        says = tone(CALLER_HZ, 40)
        async with baresip.dials(folder, here.uri, says, "13700137003"):
            call_id = (await here.live("ringing"))["call_id"]
            await handled(here, call_id, agent, supervisor)
            call = await here.ended(call_id)
        sound = (await here.api.get(f"/api/v1/calls/{call_id}/recording")).content
    check_books(call)
    theirs, ours = parse_wav(sound, "recording").channels
    check_recording(call, theirs, ours)
    prompt = Book().prompt("analysis")
    assert call["prompts"][0]["sent_ms"] == prompt.file_ms
    assert prompt_heard_ms(baresip.heard(folder), prompt.pcm) == prompt.file_ms


def check_books(call: dict[str, Any]) -> None:
    """Who did what."""
    one, two = AGENT.number, SUPERVISOR.number
    deeds = [(d["kind"], d["actor"], d["other"], d["how"], d["text"]) for d in call["handling"]]
    assert deeds == [
        ("held", one, "", "", ""),
        ("resumed", one, "", "", ""),
        ("transfer", one, two, "blind", NOTES),
        ("transferred", one, two, "", ""),
    ]
    assert (call["agent"], call["call_result"], call["ended_by"]) == (two, "answered", "system")
    decided = [(d["kind"], d["actor"], d["prompt"]) for d in call["decisions"]]
    assert ("confirmed", two, "analysis") in decided
    quality = {(q["party"], q["agent"]): q for q in call["quality"]}
    assert quality["caller", ""]["packets"] > 0


def check_recording(call: dict[str, Any], theirs: bytes, ours: bytes) -> None:
    """Both channels, from answer to end."""

    def since_answer(at: str) -> float:
        answered = datetime.fromisoformat(call["answered_at"])
        return (datetime.fromisoformat(at) - answered).total_seconds() * 1000

    assert len(theirs) == len(ours) == round(call["recording"]["seconds"] * 8000) * 2
    assert abs(milliseconds(ours) - since_answer(call["ended_at"])) <= CLOSE_MS
    # The caller: whole, whether they are talked with, wait or hear the prompt.
    second = 50 * FRAME_BYTES
    for at in range(second // 2, len(theirs) - second, second // 2):
        assert purity(theirs[at : at + second // 2], CALLER_HZ) > 0.9, at
    # What the caller was given to hear, at the moments that the books say.
    held, resumed, asked, given = (since_answer(deed["at"]) for deed in call["handling"])
    prompt = since_answer(call["prompts"][0]["started_at"])
    first = ours.index(HOLD_NOTES)
    again = ours.index(HOLD_NOTES, first + 1)
    played = ours.index(Book().prompt("analysis").pcm)
    for place, at in ((first, held), (again, asked), (played, prompt)):
        assert abs(milliseconds(ours[:place]) - at) <= CLOSE_MS
    for start, end, hz in (
        (0, held, AGENT_HZ),
        (resumed, asked, AGENT_HZ),
        (given, prompt, SUPERVISOR_HZ),
    ):
        assert purity(between(ours, start + CLOSE_MS, end - CLOSE_MS), hz) > 0.9


def milliseconds(pcm: bytes) -> float:
    return len(pcm) / 16


def between(pcm: bytes, start_ms: float, end_ms: float) -> bytes:
    return pcm[int(start_ms) * 16 : int(end_ms) * 16]
