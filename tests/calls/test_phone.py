"""Agents who take calls at a telephone of their own: one of ours, and baresip."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.config import AgentConfig
from callcenter.core.ports import Dialled, LineCall
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame
from callcenter.sip.line.sip_line import SipLine
from tests.audio.tones import purity, tone
from tests.calls import baresip
from tests.calls.service import AGENT, config_in, phone, running


def at(port: int) -> AgentConfig:
    """The agent, with a telephone at this port."""
    uri = f"sip:1001@127.0.0.1:{port}"
    return AgentConfig(number=AGENT.number, name=AGENT.name, voice="phone", phone=uri)


async def test_a_call_at_the_agents_telephone(tmp_path: Path) -> None:
    """Busy: it rings on. Picked up: bridged. Hung up there: the agent has hung up."""
    rang: asyncio.Queue[LineCall] = asyncio.Queue()
    desk = SipLine("desk", port=0)
    await desk.start(rang.put_nowait)
    async with running(config_in(tmp_path, agent=(at(desk.port),))) as here, phone() as line:
        call = await line.dial(here.uri, "13800138001")
        call_id = (await here.live("ringing"))["call_id"]
        path, body = f"/api/v1/calls/{call_id}/answer", {"agent": AGENT.number}
        answering = asyncio.create_task(here.api.post(path, json=body))
        (await rang.get()).reject()
        refused = await answering
        assert (refused.status_code, "is busy" in refused.json()["detail"]) == (409, True)
        assert (await here.live("ringing"))["call_id"] == call_id
        answering = asyncio.create_task(here.api.post(path, json=body))
        agents = await rang.get()
        assert (await here.get(f"/agents/{AGENT.number}/voice"))["state"] == "ringing"
        agents.answer()
        assert (await answering).json()["state"] == "talking"
        await call.answered()
        agents.hang_up()
        assert (await here.ended(call_id))["ended_by"] == "agent"
    await desk.close()


@pytest.mark.external
@baresip.needs_baresip
async def test_an_agent_with_baresip_hears_and_is_heard(tmp_path: Path) -> None:
    port = baresip.free_port()
    folder = tmp_path / "baresip"
    folder.mkdir()
    async with (
        baresip.picks_up(folder, port, tone(440, 20)),
        running(config_in(tmp_path, agent=(at(port),))) as here,
        phone() as line,
    ):
        call = await line.dial(here.uri, "13800138001")
        call_id = (await here.live("ringing"))["call_id"]
        await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        await call.answered()
        assert await carries(call)
        call.hang_up()
        await here.ended(call_id)
    assert purity(baresip.heard(folder)[-3200:], 600) > 0.9


async def carries(call: Dialled) -> bool:
    """Whether the caller, who says 600 Hz, hears a second of 440 Hz."""
    loop, said, heard = asyncio.get_running_loop(), tone(600, 1), b""
    began, start = loop.time(), 0
    while loop.time() < began + 20:
        heard = (heard + call.leg.receive(start).pcm)[-16000:]
        offset = start * 2 % len(said)
        call.leg.send(Frame(start, said[offset : offset + FRAME_SAMPLES * 2]))
        if len(heard) == 16000 and purity(heard, 440) > 0.9:
            return True
        start += FRAME_SAMPLES
        due = began + start / FRAME_SAMPLES * FRAME_MS / 1000
        await asyncio.sleep(max(0.0, due - loop.time()))
    return False
