"""A call over G.722 through the whole service: its file has 16 kHz, and everything reads it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import wave
from pathlib import Path

import httpx
import pytest

from callcenter.audio.wav import read_wav
from callcenter.config import LineConfig
from callcenter.core.ports import Leg
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Frame
from callcenter.demo.measure import character_error_rate
from callcenter.sip.line.sip_line import SipLine
from tests.calls.service import AGENT, config_in, running, scenario


def form(content: bytes) -> tuple[int, int]:
    with wave.open(io.BytesIO(content)) as file:
        return file.getnchannels(), file.getframerate()


async def says(leg: Leg, pcm: bytes) -> None:
    """As a person does: 20 ms every 20 ms."""
    clock = asyncio.get_running_loop()
    begun = clock.time()
    for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
        leg.send(
            Frame(number * FRAME_SAMPLES, pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
        )
        leg.receive(number * FRAME_SAMPLES)
        await asyncio.sleep(max(0.0, begun + (number + 1) * FRAME_MS / 1000 - clock.time()))


async def test_a_wideband_call_is_recorded_so_and_read_by_everything(tmp_path: Path):
    lines = (LineConfig(port=0, codecs=("G722", "PCMA"), auto_answer=AGENT.number),)
    line = scenario("complaint").caller[0]
    phone = SipLine("callers", "127.0.0.1", 0, codecs=("G722",))
    await phone.start(lambda call: call.reject())
    try:
        async with running(config_in(tmp_path, line=lines)) as here:
            calling = await phone.dial(here.uri, "13800138001")
            await asyncio.wait_for(calling.answered(), 20)
            await says(calling.leg, line.pcm + bytes(8000))
            calling.hang_up()
            (kept,) = await here.until(
                lambda: here.get("/calls"), lambda told: told["calls"] or None
            )
            call = await here.ended(kept["call_id"])
            sound = await here.api.get(f"/api/v1/calls/{call['call_id']}/recording")
            piece = await ranged(here.api, sound.url)
    finally:
        await phone.close()
    assert form(sound.content) == (2, 16_000)
    assert piece == sound.content[44:1044]
    by_caller = "".join(s["text"] for s in call["segments"] if s["party"] == "caller")
    assert character_error_rate(line.text, by_caller) <= 0.05
    file = tmp_path / "recordings" / call["recording"]["path"]
    assert file.read_bytes() == sound.content
    assert hashlib.sha256(sound.content).hexdigest() == call["recording"]["sha256"]
    # Whoever transcribes it afterwards gets 8 kHz, as long as the call.
    assert read_wav(file).seconds == pytest.approx(call["recording"]["seconds"])


async def ranged(api: httpx.AsyncClient, url: httpx.URL) -> bytes:
    answer = await api.get(url, headers={"Range": "bytes=44-1043"})
    assert answer.status_code == 206
    return answer.content
