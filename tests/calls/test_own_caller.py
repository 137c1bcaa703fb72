"""Whole calls from our own caller, driven through the API as a page would."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.app import now
from callcenter.asr.models import bundled
from callcenter.audio.wav import parse_wav
from callcenter.config import LineConfig, RecognitionConfig, WebConfig
from callcenter.core.errors import PortInUse
from callcenter.core.ports import Gone, Leg
from callcenter.demo.caller import Caller
from callcenter.demo.measure import character_error_rate, prompt_heard_ms
from callcenter.demo.scenarios import Expected
from callcenter.demo.talker import Talker, TalkerLeg
from callcenter.desk import backfill
from callcenter.scripts.book import Book
from callcenter.store import directory
from tests.calls.service import AGENT, config_in, phone, running, scenario


def talks_at_once(name: str, leaves: bool = False):
    """The scenario's caller, saying everything without waiting for an agent."""
    expect = Expected("caller" if leaves else "system", "", (), (), "")
    return replace(scenario(name), agent=(), expect=expect)


async def test_a_harassing_call_from_ring_to_evidence(tmp_path: Path):
    async with running(config_in(tmp_path)) as here, phone() as line:
        caller = Caller(talks_at_once("harassment"))
        calling = asyncio.create_task(caller.call(line, here.uri))
        call_id = (await here.live("ringing"))["call_id"]
        await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        live = await here.until(
            lambda: here.live("talking"), lambda call: call if call["proposal"] else None
        )
        assert live["proposal"]["reason"] == "sexual"
        await here.until(lambda: here.live("talking"), lambda call: len(call["segments"]) or None)
        await here.post(f"/calls/{call_id}/terminate", prompt="line_fault", agent=AGENT.number)
        await asyncio.wait_for(calling, 60)
        call = await here.ended(call_id)

        prompt = Book().prompt("line_fault")
        (played,) = call["prompts"]
        assert played["sent_ms"] == played["file_ms"] == prompt.file_ms
        assert prompt_heard_ms(bytes(caller.heard), prompt.pcm) == prompt.file_ms
        assert (call["ended_by"], call["disposition"]) == ("system", "harassment")
        by_caller = "".join(s["text"] for s in call["segments"] if s["party"] == "caller")
        assert character_error_rate("小姐，你声音真好听，今天晚上陪我睡觉吧。", by_caller) <= 0.05
        found = {hit["category"] for hit in call["hits"]}
        assert found == {"sexual", "likely_harassment"}
        assert [(d["kind"], d["actor"]) for d in call["decisions"]] == [
            ("steer_back", "system"),
            ("proposed", "system"),
            ("confirmed", AGENT.number),
        ]

        sound = (await here.api.get(f"/api/v1/calls/{call_id}/recording")).content
        assert hashlib.sha256(sound).hexdigest() == call["recording"]["sha256"]
        caller_channel, agent_channel = parse_wav(sound, "recording").channels
        assert len(caller_channel) == len(agent_channel)
        assert prompt_heard_ms(agent_channel, prompt.pcm) == prompt.file_ms
        assert (await here.get(f"/calls/{call_id}/work-order"))["type"] == "enquiry"
        metrics = (await here.api.get("/metrics")).text
        assert 'callcenter_terminations_total{prompt="line_fault"} 1.0' in metrics
        assert "callcenter_live_calls 0.0" in metrics


async def test_the_event_stream_tells_a_call_as_it_happens(tmp_path: Path):
    seen: list[str] = []

    async def listen(here, started: asyncio.Event) -> None:
        async with here.api.stream("GET", "/api/v1/events", timeout=60) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    seen.append(line.removeprefix("event:").strip())
                    started.set()
                if seen and seen[-1] == "end":
                    return

    lines = (LineConfig(port=0, auto_answer=AGENT.number),)
    async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
        started = asyncio.Event()
        listening = asyncio.create_task(listen(here, started))
        await asyncio.wait_for(started.wait(), 10)
        await Caller(talks_at_once("complaint", leaves=True)).call(line, here.uri)
        await asyncio.wait_for(listening, 20)
    assert seen[0] == "snapshot"
    assert seen.index("call") < seen.index("hit") < seen.index("end")
    assert "segment" in seen


async def test_a_second_call_from_a_number_hangs_on_its_open_work_order(tmp_path: Path):
    lines = (LineConfig(port=0, auto_answer=AGENT.number),)
    async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
        for _ in range(2):
            await Caller(talks_at_once("enquiry", leaves=True)).call(line, here.uri)
            live = await here.until(
                lambda: here.get("/live"), lambda told: not told["calls"] or None
            )
            assert live
        calls = await here.until(
            lambda: here.get("/calls"),
            lambda told: told["calls"] if all(c["ended_at"] for c in told["calls"]) else None,
        )
        assert len(calls) == 2
        assert len({call["work_order_number"] for call in calls}) == 1


async def test_a_blocked_caller_never_reaches_the_agent(tmp_path: Path):
    opened: list[str] = []

    async def voice(gone: Gone) -> Leg:
        opened.append("opened")
        return TalkerLeg(Talker((), opens=False))

    lines = (LineConfig(port=0, auto_answer=AGENT.number),)
    config = config_in(tmp_path, line=lines)
    blocked = scenario("blocked")
    async with running(config, [(AGENT, voice)]) as here, phone() as line:
        with here.service.store.session(write=True) as session:
            directory.add_block(
                session,
                blocked.caller_number,
                by="王芳",
                reason="骚扰",
                at=now(),
            )
        caller = Caller(blocked)
        await caller.call(line, here.uri)
        (call,) = (await here.get("/calls"))["calls"]
        call = await here.ended(call["call_id"])
    assert not opened
    assert (call["call_result"], call["disposition"], call["agent"]) == ("blocked", "blocked", "")
    prompt = Book().prompt("analysis")
    assert prompt_heard_ms(bytes(caller.heard), prompt.pcm) == prompt.file_ms


async def test_without_a_model_calls_are_taken_recorded_and_transcribed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backfill, "LOOK_SECONDS", 0.2)
    model = tmp_path / "model"
    config = config_in(
        tmp_path,
        line=(LineConfig(port=0, auto_answer=AGENT.number),),
        recognition=RecognitionConfig(model=str(model)),
    )
    async with running(config) as here, phone() as line:
        (notice,) = (await here.get("/health"))["notices"]
        assert str(model) in notice
        assert "model" in (await here.api.get("/")).text
        await Caller(talks_at_once("complaint", leaves=True)).call(line, here.uri)
        (call,) = (await here.get("/calls"))["calls"]
        call = await here.ended(call["call_id"])
        assert call["recording"]["seconds"] > 5
        assert not call["segments"]
        model.symlink_to(bundled(), target_is_directory=True)
        call = await here.until(
            lambda: here.get(f"/calls/{call['call_id']}"),
            lambda told: told if told["transcribed"] else None,
        )
    text = "".join(s["text"] for s in call["segments"])
    said = "你们的产品质量太差了，我要退货，我要投诉你们。你们什么态度，我要找你们领导。"
    assert character_error_rate(said, text) <= 0.05
    assert not any(segment["live"] for segment in call["segments"])
    assert {"quality", "refund"} <= {hit["category"] for hit in call["hits"]}


async def test_garbage_on_every_port_disturbs_no_call(tmp_path: Path):
    lines = (LineConfig(port=0, auto_answer=AGENT.number),)
    async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
        calling = asyncio.create_task(
            Caller(talks_at_once("enquiry", leaves=True)).call(line, here.uri)
        )
        await here.live("talking")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rude:
            for size in [0, 1, 2, 12, 100, 1400, 60_000] * 20:
                rude.sendto(secrets.token_bytes(size), ("127.0.0.1", here.port))
            for start in (b"INVITE sip:x SIP/2.0\r\n\r\n", b"BYE\r\n", b"SIP/2.0 999 \xff\r\n\r\n"):
                rude.sendto(start, ("127.0.0.1", here.port))
        await asyncio.wait_for(calling, 60)
        (call,) = (await here.get("/calls"))["calls"]
        call = await here.ended(call["call_id"])
    text = "".join(s["text"] for s in call["segments"])
    assert character_error_rate("您好，我想问一下我的订单什么时候发货？谢谢您，再见。", text) <= 0.1


async def test_a_taken_port_is_named(tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}"):
            async with running(config_in(tmp_path, line=(LineConfig(port=port),))):
                pass
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}/tcp"):
            async with running(config_in(tmp_path, web=WebConfig(port=port))):
                pass


@pytest.mark.parametrize("engine", ["own", "pyvoip"])
async def test_an_unanswered_caller_can_be_turned_away_or_give_up(tmp_path: Path, engine: str):
    lines = (LineConfig(port=0, engine=engine),)
    async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
        call = await line.dial(here.uri, "13800138001")
        live = await here.live("ringing")
        await here.post(f"/calls/{live['call_id']}/hangup", agent=AGENT.number)
        with pytest.raises(Exception, match="486"):
            await asyncio.wait_for(call.answered(), 10)
        assert (await here.ended(live["call_id"]))["call_result"] == "rejected"
        call = await line.dial(here.uri, "13800138001")
        live = await here.live("ringing")
        call.hang_up()
        assert (await here.ended(live["call_id"]))["call_result"] == "abandoned"
        with contextlib.suppress(Exception):
            await asyncio.wait_for(call.answered(), 10)
