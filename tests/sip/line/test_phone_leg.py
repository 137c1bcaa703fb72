"""The agent's telephone, as another line of ours on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.core.errors import NotNow
from callcenter.core.ports import Leg, LineCall
from callcenter.core.records import FRAME_SAMPLES, Frame, VoiceState
from callcenter.sip.line.phone_leg import Phone
from callcenter.sip.line.sip_line import SipLine
from tests.audio.tones import purity, tone
from tests.waiting import until


class House:
    """Our line, the agent's telephone, and what rings at it."""

    def __init__(self) -> None:
        self.line = SipLine("house", port=0)
        self.far = SipLine("desk", port=0)
        self.rang: asyncio.Queue[LineCall] = asyncio.Queue()
        self.told: list[str] = []
        self.gone: list[str] = []

    def phone(self, ring_seconds: float = 20.0) -> Phone:
        number = f"sip:1001@127.0.0.1:{self.far.port}"
        return Phone(self.line, number, "95000", ring_seconds, self._tell)

    def hung_up(self) -> None:
        self.gone.append("gone")

    def _tell(self, state: VoiceState) -> None:
        self.told.append(state.state)


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    here = House()
    await here.line.start(lambda call: call.reject())
    await here.far.start(here.rang.put_nowait)
    try:
        yield here
    finally:
        await here.line.close()
        await here.far.close()


async def heard(says: Leg, hears: Leg, hz: float) -> bool:
    """Whether a tone goes from one leg to the other within five seconds."""
    sound, got = tone(hz, 0.02 * 25), b""
    for number in range(250):
        at = number % 25 * FRAME_SAMPLES * 2
        says.send(Frame(number * FRAME_SAMPLES, sound[at : at + FRAME_SAMPLES * 2]))
        says.receive(number * FRAME_SAMPLES)
        got = (got + hears.receive(number * FRAME_SAMPLES).pcm)[-6400:]
        if len(got) == 6400 and purity(got, hz) > 0.9:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_telephone_that_is_picked_up_is_bridged_and_may_hang_up() -> None:
    async with house() as here:
        opening = asyncio.create_task(here.phone().open(here.hung_up))
        ringing = await here.rang.get()
        assert ringing.caller_number == "95000"
        assert here.told == ["ringing"]
        far = ringing.answer()
        near = await opening
        assert await heard(far, near, 440)
        assert await heard(near, far, 600)
        assert here.gone == []
        ringing.hang_up()
        await until(lambda: here.gone == ["gone"])
        near.close()
        near.close()
        assert not near.send(Frame(0))
        assert here.told == ["ringing", "connected", "idle"]


async def test_closing_hangs_the_telephone_up_and_nobody_is_gone() -> None:
    async with house() as here:
        opening = asyncio.create_task(here.phone().open(here.hung_up))
        ringing = await here.rang.get()
        ended: list[str] = []
        ringing.on_hang_up = lambda: ended.append("by us")
        ringing.answer()
        (await opening).close()
        await until(lambda: ended == ["by us"])
        assert here.gone == []


async def test_a_busy_telephone_and_one_that_nobody_picks_up() -> None:
    async with house() as here:
        opening = asyncio.create_task(here.phone().open(here.hung_up))
        (await here.rang.get()).reject()
        with pytest.raises(NotNow, match="is busy"):
            await opening
        phone = here.phone(0.1)
        opening = asyncio.create_task(phone.open(here.hung_up))
        ringing, ended = await here.rang.get(), asyncio.Event()
        ringing.on_hang_up = ended.set
        with pytest.raises(NotNow, match="was not picked up within 0 s"):
            await opening
        await asyncio.wait_for(ended.wait(), 10)
        assert phone.state().state == "idle"
        assert "was not picked up" in phone.state().detail


async def test_a_telephone_rings_no_more_when_nobody_waits_for_it() -> None:
    async with house() as here:
        opening = asyncio.create_task(here.phone().open(here.hung_up))
        ringing, ended = await here.rang.get(), asyncio.Event()
        ringing.on_hang_up = ended.set
        opening.cancel()
        await asyncio.wait_for(ended.wait(), 10)
        assert here.told == ["ringing", "idle"]


async def test_a_telephone_that_cannot_be_dialled() -> None:
    async with house() as here:
        phone = Phone(here.line, "1001", "95000", 20.0, lambda state: None)
        with pytest.raises(NotNow, match=r"telephone 1001 cannot be rung: .*registrar"):
            await phone.open(here.hung_up)
