"""A secure pause in a real call: a page's token asks for it, and the recording is silent there."""

from __future__ import annotations

import asyncio
from array import array
from pathlib import Path
from typing import Any

import httpx

from callcenter.audio.wav import read_wav
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame
from tests.calls.service import AGENT, Running, config_in, phone, running

TALK = array("h", [6000, 6000, -6000, -6000] * 40).tobytes()


async def talk(call: Any, heard: bytearray) -> None:
    """Somebody who talks without a pause, and hears."""
    start = 0
    while True:
        call.leg.send(Frame(start, TALK))
        heard += call.leg.receive(start).pcm
        start += FRAME_SAMPLES
        await asyncio.sleep(FRAME_MS / 1000)


async def grown(run: Running, call_id: str, by: int) -> None:
    """Wait until the recording has grown by so many bytes."""
    folder = Path(run.config.recordings)

    def size() -> int:
        return sum(file.stat().st_size for file in folder.glob(f"*/*/*/{call_id}.wav"))

    before = size()
    async with asyncio.timeout(20):
        while size() < before + by:
            await asyncio.sleep(0.05)  # between two looks, not instead of one


async def test_a_page_pauses_the_call_that_its_agent_has(tmp_path: Path) -> None:
    async with running(config_in(tmp_path)) as run, phone() as telephone:
        call = await telephone.dial(run.uri, "13800138001")
        call_id = (await run.live("ringing"))["call_id"]
        await run.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        await call.answered()
        talking = asyncio.create_task(talk(call, bytearray()))
        await grown(run, call_id, 48_000)
        doors = run.service.doors
        assert doors is not None
        token = {"Authorization": f"Bearer {doors.make_token('pay', ('pause',), 1, 'tests')}"}
        async with httpx.AsyncClient(base_url=run.service.web_url, headers=token) as page:
            where = "/api/v1/calls/current"
            asked = await page.post(f"{where}/pause", json={"agent": AGENT.number, "why": "付款页"})
            assert asked.is_success, asked.text
            assert (await run.live("talking"))["paused"]["why"] == "付款页（pay）"
            await grown(run, call_id, 48_000)
            assert (await page.post(f"{where}/unpause", json={"agent": AGENT.number})).is_success
        await grown(run, call_id, 48_000)
        talking.cancel()
        call.hang_up()
        kept = await run.ended(call_id)
    gaps = [gap for gap in kept["gaps"] if gap["reason"] == "pause"]
    assert {gap["party"] for gap in gaps} == {"caller", "agent"}
    first, last = gaps[0]["start_ms"] * 8, gaps[0]["end_ms"] * 8
    file = Path(run.config.recordings, kept["recording"]["path"])
    caller, agent = (array("h", side) for side in read_wav(file).channels)
    assert not any(caller[first:last])
    assert not any(agent[first:last])
    assert max(caller[:first]) > 4000
    assert max(caller[last:]) > 4000
