"""The service as a process: ended kindly, killed in mid-call, with a headset on a real card."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.wav import Sound, read_wav
from callcenter.commands.transcribe import listen
from callcenter.demo.caller import Caller
from callcenter.demo.measure import character_error_rate
from tests.audio.pulse import PulseServer, pulse_server  # noqa: F401 — a fixture
from tests.calls.process import Served, served
from tests.calls.service import phone, scenario
from tests.calls.test_own_caller import talks_at_once

RAW = ("--format=s16le", "--rate=8000", "--channels=1", "--raw", "--latency-msec=50")


async def live_segments(here: Served, count: int) -> str:
    """The id of the live call once it has this many segments."""
    async with here.api() as api:
        async with asyncio.timeout(60):
            while True:
                calls = (await api.get("/api/v1/live")).json()["calls"]
                if calls and len(calls[0]["segments"]) >= count:
                    return str(calls[0]["call_id"])
                await asyncio.sleep(0.05)


async def kept(here: Served, call_id: str) -> dict:
    """The call as it is kept, once transcribed."""
    async with here.api() as api:
        async with asyncio.timeout(60):
            while True:
                call = (await api.get(f"/api/v1/calls/{call_id}")).json()
                if call["ended_at"] and call["transcribed"]:
                    return call
                await asyncio.sleep(0.05)


async def test_a_service_that_is_told_to_stop_ends_its_calls_and_writes_them(tmp_path: Path):
    async with phone() as line:
        async with served(tmp_path) as here:
            calling = asyncio.create_task(Caller(talks_at_once("complaint")).call(line, here.uri))
            call_id = await live_segments(here, 1)
            here.process.terminate()
            await asyncio.wait_for(calling, 20)
            assert await asyncio.wait_for(here.process.wait(), 20) == 0
        async with served(tmp_path) as here:
            call = await kept(here, call_id)
    assert (call["ended_by"], call["call_result"]) == ("system", "answered")
    assert call["recording"]["sha256"]
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


async def test_kill_9_in_mid_call_loses_at_most_the_last_second(tmp_path: Path):
    async with phone() as line:
        async with served(tmp_path) as here:
            caller = Caller(talks_at_once("complaint"))
            calling = asyncio.create_task(caller.call(line, here.uri))
            call_id = await live_segments(here, 1)
            here.process.kill()
            await here.process.wait()
            heard_seconds = len(caller.heard) / 16000
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
        (file,) = (tmp_path / "recordings").glob("*/*/*/*.wav")
        assert file.stem == call_id
        assert read_wav(file).seconds >= heard_seconds - 1.2
        async with served(tmp_path) as here:
            call = await kept(here, call_id)
    assert (call["ended_by"], call["call_result"]) == ("system", "interrupted")
    assert call["recording"]["seconds"] == pytest.approx(read_wav(file).seconds)
    assert "".join(segment["text"] for segment in call["segments"])


@pytest.mark.external
async def test_an_agent_with_a_headset_talks_and_listens(
    tmp_path: Path,
    pulse_server: PulseServer,  # noqa: F811
):
    """The agent's mouth and ear are PulseAudio's null sinks; the caller is ours.

    A virtual sound card on a machine that stalls drops sound: it has three tries.
    """
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        by_agent, in_the_ear, at_the_caller = await talk_by_headset(folder, pulse_server)
        if by_agent <= 0.1 and in_the_ear <= 0.15 and at_the_caller <= 0.1:
            break
    assert by_agent <= 0.1
    assert in_the_ear <= 0.15
    assert at_the_caller <= 0.1


async def talk_by_headset(folder: Path, server: PulseServer) -> tuple[float, float, float]:
    """The error rates of the agent's transcript, in the agent's ear and at the caller's."""
    greeting = scenario("enquiry").agent[0]
    async with phone() as line:
        async with served(folder, "headset", "pulse", server.env) as here:
            ear = folder / "ear.raw"
            with ear.open("wb") as out:
                recorder = subprocess.Popen(
                    ["parec", "--device=ear.monitor", *RAW], env=server.env, stdout=out
                )
            try:
                caller = Caller(talks_at_once("complaint"))
                calling = asyncio.create_task(caller.call(line, here.uri))
                call_id = await live_segments(here, 2)
                await asyncio.to_thread(
                    subprocess.run,
                    ["pacat", "--playback", "--device=mic", *RAW],
                    input=greeting.pcm + bytes(16000),
                    env=server.env,
                    check=True,
                )
                await live_segments(here, 3)
            finally:
                recorder.terminate()
                recorder.wait(10)
            here.process.terminate()
            await asyncio.wait_for(calling, 20)
            await here.process.wait()
        async with served(folder) as here:
            call = await kept(here, call_id)
    by_agent = "".join(s["text"] for s in call["segments"] if s["party"] == "agent")
    engine = VoskEngine()
    in_the_ear = "".join(s.text for s in listen(engine, Sound((whole(ear.read_bytes()),))))
    at_the_caller = "".join(s.text for s in listen(engine, Sound((bytes(caller.heard),))))
    engine.close()
    said = "你们的产品质量太差了，我要退货，我要投诉你们。你们什么态度，我要找你们领导。"
    return (
        character_error_rate(greeting.text, by_agent),
        character_error_rate(said, in_the_ear),
        character_error_rate(greeting.text, at_the_caller),
    )


def whole(raw: bytes) -> bytes:
    return raw[: len(raw) // 2 * 2]
