"""Calls out, hold and transfer over real SIP and RTP, commanded by the API as a page would."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from callcenter.audio.wav import parse_wav
from callcenter.config import AgentConfig
from callcenter.core.ports import Leg, LineCall
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame
from callcenter.desk.tones import SOFT
from callcenter.sip.line.sip_line import SipLine
from tests.calls.service import AGENT, config_in, running

OTHER = AgentConfig(number="1002", name="小张", voice="none")
TALK = array("h", [6000, 6000, -6000, -6000] * 40).tobytes()


class Telephone:
    """A telephone that picks up, talks, and keeps what it hears; or turns calls away."""

    def __init__(self, line: SipLine, takes: bool) -> None:
        self.line = line
        self.takes = takes
        self.calls: list[LineCall] = []
        self.heard = bytearray()
        self.hung_up = asyncio.Event()
        self._talking: list[asyncio.Task[None]] = []

    @property
    def uri(self) -> str:
        return f"sip:13800138001@127.0.0.1:{self.line.port}"

    def ring(self, call: LineCall) -> None:
        """Somebody calls."""
        if not self.takes:
            call.reject()
            return
        self.calls.append(call)
        call.on_hang_up = self.hung_up.set
        call.on_transfer = self.follow
        self.talk(call.answer())

    def follow(self, target: str) -> None:
        """The other side wants us to call somebody else."""
        self._talking.append(asyncio.create_task(self._dial(target)))

    async def _dial(self, target: str) -> None:
        await self.line.dial(target, "13800138001")

    def talk(self, leg: Leg) -> None:
        self._talking.append(asyncio.create_task(self._talk(leg)))

    async def _talk(self, leg: Leg) -> None:
        start = 0
        while True:
            leg.send(Frame(start, TALK))
            self.heard += leg.receive(start).pcm
            start += FRAME_SAMPLES
            await asyncio.sleep(FRAME_MS / 1000)

    async def hears(self, low: int, high: int) -> None:
        """Wait for a quarter of a second whose loudest sample is between these."""
        async with asyncio.timeout(20):
            while not low <= loudest(bytes(self.heard[-4000:])) <= high:
                await asyncio.sleep(FRAME_MS / 1000)

    async def close(self) -> None:
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        await self.line.close()


def loudest(pcm: bytes) -> int:
    return max(map(abs, array("h", pcm)), default=0)


@asynccontextmanager
async def telephone(takes: bool = True) -> AsyncIterator[Telephone]:
    line = SipLine("phone", "127.0.0.1", 0)
    here = Telephone(line, takes)
    await line.start(here.ring)
    try:
        yield here
    finally:
        await here.close()


async def test_a_call_out_is_held_resumed_and_kept(tmp_path: Path):
    async with running(config_in(tmp_path)) as here, telephone() as callee:
        dialled = await here.post("/calls", number=callee.uri, agent=AGENT.number)
        call_id = dialled["call_id"]
        live = await here.live("talking")
        assert (live["direction"], live["callee_number"]) == ("outbound", "13800138001")
        await callee.hears(0, 50)
        await here.post(f"/calls/{call_id}/hold", agent=AGENT.number)
        await callee.hears(SOFT // 2, 2 * SOFT)
        assert (await here.live("held"))["call_id"] == call_id
        await here.post(f"/calls/{call_id}/resume", agent=AGENT.number)
        await here.post(f"/calls/{call_id}/hangup", agent=AGENT.number)
        await asyncio.wait_for(callee.hung_up.wait(), 10)
        call = await here.ended(call_id)
        assert (call["direction"], call["call_result"], call["ended_by"]) == (
            *("outbound", "answered", "agent"),
        )
        assert [deed["kind"] for deed in call["handling"]] == ["held", "resumed"]
        (sound_came,) = call["quality"]
        assert (sound_came["party"], sound_came["agent"]) == ("caller", "")
        assert sound_came["packets"] > 0
        assert 1 <= sound_came["mos"] <= 4.5
        assert "MOS" in (await here.api.get(f"/calls/{call_id}")).text
        sound = (await here.api.get(f"/api/v1/calls/{call_id}/recording")).content
        theirs, ours = parse_wav(sound, "recording").channels
        assert loudest(theirs) > 5000, "the callee is recorded, on hold too"
        assert SOFT // 2 < loudest(ours) < 2 * SOFT, "and so is the tone they heard"


async def test_keys_go_both_ways_and_are_kept(tmp_path: Path):
    async with running(config_in(tmp_path)) as here, telephone() as callee:
        dialled = await here.post("/calls", number=callee.uri, agent=AGENT.number)
        call_id = dialled["call_id"]
        await here.live("talking")
        await here.post(f"/calls/{call_id}/digits", digits="12#", agent=AGENT.number)
        theirs, heard = callee.calls[0], ""
        async with asyncio.timeout(20):
            while len(heard) < 3:
                heard += theirs.pressed()
                await asyncio.sleep(FRAME_MS / 1000)
        assert heard == "12#"
        theirs.send_digits("0")
        await here.until(lambda: here.live("talking"), lambda call: call["pressed"] == "0")
        await here.post(f"/calls/{call_id}/hangup", agent=AGENT.number)
        call = await here.ended(call_id)
        assert [(deed["kind"], deed["actor"], deed["text"]) for deed in call["handling"]] == [
            ("digits", AGENT.number, "12#"),
            ("pressed", "", "0"),
        ]


async def test_a_callee_who_is_busy_is_told_so(tmp_path: Path):
    async with running(config_in(tmp_path)) as here, telephone(takes=False) as callee:
        dialled = await here.post("/calls", number=callee.uri, agent=AGENT.number)
        await here.until(  # the ledger may be behind
            lambda: here.get("/calls"), lambda told: told["calls"] or None
        )
        call = await here.ended(dialled["call_id"])
        assert (call["call_result"], call["answered_at"]) == ("busy", None)
        assert call["recording"] is None


async def test_a_number_needs_a_registrar_and_says_so(tmp_path: Path):
    async with running(config_in(tmp_path)) as here:
        with pytest.raises(httpx.HTTPStatusError) as refused:
            await here.post("/calls", number="13800138001", agent=AGENT.number)
        answer = refused.value.response
        assert answer.status_code == 409
        assert "needs a registrar" in answer.json()["detail"]
        assert (await here.get("/live"))["calls"] == []


async def test_e1_e2_a_caller_is_transferred_with_notes_and_heard_to_the_end(tmp_path: Path):
    config = config_in(tmp_path)
    config = config.model_copy(update={"agent": (*config.agent, OTHER)})
    async with running(config) as here, telephone() as caller:
        line_call = await caller.line.dial(here.uri, "13800138001")
        caller.talk(line_call.leg)
        call_id = (await here.live("ringing"))["call_id"]
        await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        wish = {"to": OTHER.number, "notes": "要退货，已核对订单"}
        await here.post(f"/calls/{call_id}/transfer", agent=AGENT.number, **wish)
        await caller.hears(SOFT // 2, 2 * SOFT)
        live = await here.live("transferring")
        assert live["transfer"]["notes"] == "要退货，已核对订单"
        await here.post(f"/calls/{call_id}/answer", agent=OTHER.number)
        assert (await here.live("talking"))["agent"] == OTHER.number
        line_call.hang_up()
        call = await here.ended(call_id)
        assert (call["agent"], call["ended_by"]) == (OTHER.number, "caller")
        kinds = [deed["kind"] for deed in call["handling"]]
        assert kinds == ["transfer", "transferred"]


async def test_a_caller_is_sent_on_to_an_outside_telephone(tmp_path: Path):
    async with (
        running(config_in(tmp_path)) as here,
        telephone() as caller,
        telephone() as outside,
    ):
        line_call = await caller.line.dial(here.uri, "13800138001")
        line_call.on_transfer = caller.follow
        caller.talk(line_call.leg)
        call_id = (await here.live("ringing"))["call_id"]
        await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        await here.post(f"/calls/{call_id}/transfer", agent=AGENT.number, number=outside.uri)
        call = await here.ended(call_id)
        assert call["call_result"] == "answered"
        assert [deed["kind"] for deed in call["handling"]] == ["transfer", "transferred"]
        assert outside.calls, "the caller talks with the other telephone now"
