"""Behind a carrier's proxy: registered with a digest, called through it, ended along its route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from callcenter.core.errors import CallRefused
from callcenter.core.ports import LineCall
from callcenter.core.records import Frame
from callcenter.sip.line.line_calls import DialledCall, InboundCall
from callcenter.sip.line.pyvoip_line import PyVoipLine
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.registration import Registrar
from tests.calls.kamailio import PASSWORD, PATIENCE, Carrier, carrier, needs_kamailio
from tests.waiting import until

pytestmark = [pytest.mark.external, needs_kamailio]
HOUSE, CALLER = "6018", "13800138001"


@dataclass
class Phone:
    """A line at the carrier, and the calls that come to it."""

    line: SipLine
    calls: asyncio.Queue[InboundCall]

    async def next_call(self) -> InboundCall:
        return await asyncio.wait_for(self.calls.get(), PATIENCE)


@asynccontextmanager
async def phone(
    at: Carrier, number: str, expires: int = 300, kind: type[SipLine] = SipLine
) -> AsyncIterator[Phone]:
    """A line that is registered as `number`."""
    registrar = Registrar("127.0.0.1", at.port, number, PASSWORD, expires)
    here = Phone(kind(number, port=0, registrar=registrar), asyncio.Queue())

    def take(call: LineCall) -> None:
        here.calls.put_nowait(cast(InboundCall, call))

    await here.line.start(take)
    try:
        await until(lambda: bool(here.line.state().registered))
        yield here
    finally:
        await here.line.close()


async def talk(house: Phone, caller: Phone) -> tuple[InboundCall, DialledCall]:
    """A call from `caller` to the house by its number, answered, with sound both ways."""
    dialled = await caller.line.dial(HOUSE, CALLER)
    call = await house.next_call()
    leg = call.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    assert (call.caller_number, call.callee_number) == (CALLER, HOUSE)
    for start in range(0, 4000, 160):
        leg.send(Frame(start, b"\x10\x10" * 160))
        dialled.leg.send(Frame(start, b"\x10\x10" * 160))
    assert not leg.receive(0).lost
    assert not dialled.leg.receive(0).lost
    return call, dialled


def gone(call: InboundCall | DialledCall) -> asyncio.Event:
    """Set when the other side hangs up."""
    told = asyncio.Event()
    call.on_hang_up = told.set
    return told


@pytest.mark.parametrize("kind", [SipLine, PyVoipLine])
async def test_a_call_through_the_proxy_is_ended_along_its_route_from_both_sides(
    tmp_path: Path, kind: type[SipLine]
) -> None:
    async with (
        carrier(tmp_path) as at,
        phone(at, HOUSE, kind=kind) as house,
        phone(at, CALLER) as caller,
    ):
        assert house.line.state().registered
        assert house.line.state().detail == "for 300 s"
        call, dialled = await talk(house, caller)
        # The first INVITE is met with 407, the second brings the digest.
        assert len(at.seen("INVITE")) == 2
        over = gone(call)
        dialled.hang_up()
        await asyncio.wait_for(over.wait(), PATIENCE)
        await asyncio.wait_for(dialled.over(), PATIENCE)

        call, dialled = await talk(house, caller)
        over = gone(dialled)
        call.hang_up()
        await asyncio.wait_for(over.wait(), PATIENCE)

        by_caller, by_house = at.seen("BYE")
        assert (by_caller[0], by_house[0]) == (caller.line.port, house.line.port)
        for _, route in (by_caller, by_house, *at.seen("ACK")[-2:]):
            assert route.startswith(f"<sip:127.0.0.1:{at.port};lr")
        assert "404" not in at.log()
    assert [port for port, _ in at.seen("REGISTER")].count(house.line.port) >= 3, "it said goodbye"


async def test_a_call_is_held_resumed_and_cancelled_through_the_proxy(tmp_path: Path) -> None:
    async with carrier(tmp_path) as at, phone(at, HOUSE) as house, phone(at, CALLER) as caller:
        call, dialled = await talk(house, caller)
        for on in (True, False):
            call.hold(on)
            await until(lambda on=on: dialled.leg.send(Frame(0)) is not on)  # type: ignore[misc]
        call.hang_up()
        second = await caller.line.dial(HOUSE, CALLER)
        ringing = await house.next_call()
        over = gone(ringing)
        second.hang_up()
        await asyncio.wait_for(over.wait(), PATIENCE)
        with pytest.raises(CallRefused) as refused:
            await asyncio.wait_for(second.answered(), PATIENCE)
        assert refused.value.code == 487


async def test_a_registrar_that_restarts_gets_the_line_back(tmp_path: Path) -> None:
    async with (
        carrier(tmp_path) as at,
        phone(at, HOUSE, expires=2) as house,
        phone(at, CALLER) as caller,
    ):
        await at.stop()
        await at.start()
        await at.has_told(f"SAVED {HOUSE} at ")
        # It did forget: whoever registers for longer is not known to it yet.
        forgotten = await house.line.dial(CALLER, HOUSE)
        with pytest.raises(CallRefused) as away:
            await asyncio.wait_for(forgotten.answered(), PATIENCE)
        assert away.value.code == 480
        call, dialled = await talk(house, caller)
        assert house.line.state().registered
        over = gone(call)
        dialled.hang_up()
        await asyncio.wait_for(over.wait(), PATIENCE)


async def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    async with carrier(tmp_path) as at:
        registrar = Registrar("127.0.0.1", at.port, HOUSE, "wrong")
        line = SipLine("main", port=0, registrar=registrar)
        await line.start(lambda call: call.reject())
        try:
            await until(lambda: "refused: 401" in line.state().detail)
            assert line.state().registered is False
            assert "SAVED" not in at.log()
        finally:
            await line.close()
