"""A flood from one source slows nobody else's call: real sockets, facts instead of times."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from callcenter.core.ports import LineCall
from callcenter.sip.line.line_calls import InboundCall
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.wires import Access
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.message import Response, parse
from tests.sip.far import tone
from tests.sip.line.test_sip_line import PATIENCE, Phone, carry, coded, talk, told, within
from tests.sip.raw import OFFER, text_request
from tests.waiting import until

STUN = bytes.fromhex("000100002112a442") + bytes(12)


class Flooder:
    """A socket of another address that throws INVITEs, none the same."""

    def __init__(self, to: Address, host: str = "127.0.0.2") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._to = to
        self.thrown = 0

    def throw(self, count: int) -> None:
        for _ in range(count):
            name = f"flood-{self.thrown}"
            data = text_request(body=OFFER, branch=f"z9hG4bK{name}", call_id=name)
            self._socket.sendto(data, self._to)
            self.thrown += 1

    async def flood(self, count: int) -> None:
        """About 5,000 a second, on the same loop as everybody else."""
        for _ in range(count // 50):
            self.throw(50)
            await asyncio.sleep(0.01)  # the flood's own pace

    def say(self, data: bytes) -> None:
        here = str(self._socket.getsockname()[1]).encode()
        self._socket.sendto(data.replace(b":5070", b":" + here), self._to)

    async def hear(self, start: bytes) -> Response:
        """The next response that begins so."""
        self._socket.setblocking(False)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            while not (said := await loop.sock_recv(self._socket, 4096)).startswith(start):
                pass
        heard = parse(said)
        assert isinstance(heard, Response)
        return heard

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
async def near() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("main", port=0, max_calls=20, access=Access(rate=100)))
    await phone.start()
    yield phone
    await phone.line.close()


@pytest.fixture
async def far() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("caller", port=0))
    await phone.start()
    yield phone
    await phone.line.close()


@pytest.fixture
async def flooder(near: Phone) -> AsyncIterator[Flooder]:
    flooder = Flooder(("127.0.0.1", near.line.port))
    yield flooder
    flooder.close()


async def call_from(near: Phone, number: str) -> InboundCall:
    while (call := await near.next_call()).caller_number != number:
        pass
    return call


async def test_a_flood_slows_nobody_elses_call(near: Phone, far: Phone, flooder: Flooder) -> None:
    standing, leg, theirs = await talk(near, far)
    flood = asyncio.create_task(flooder.flood(3000))
    await until(lambda: near.line.state().limited > 0)
    dialled = await far.line.dial(near.address, "13900139000")
    ringing = await call_from(near, "13900139000")
    assert not flood.done(), "it rang while the flood went on"
    second = ringing.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    for there, here in ((theirs.leg, leg), (dialled.leg, second)):
        assert carry(there, here, tone(25)) == coded(tone(25))
        assert carry(here, there, tone(25)) == coded(tone(25))
    gone = told(theirs)
    standing.hang_up()
    await within(gone)
    await flood
    state = near.line.state()
    assert 0 < state.limited < flooder.thrown
    assert state.turned_away == 0
    # Half of the line at most rings for one stranger; one call stands beside.
    assert state.detail == "calls: 11"
    dialled.hang_up()
    await until(lambda: near.line.state().detail == "calls: 10")


async def test_a_machine_that_is_behind_says_so_at_once(far: Phone) -> None:
    behind = [False]
    rung: list[LineCall] = []
    line = SipLine("main", port=0)
    await line.start(rung.append, lambda: behind[0])
    stranger = Flooder(("127.0.0.1", line.port))
    stranger.say(text_request(body=OFFER))
    await until(lambda: len(rung) == 1)
    behind[0] = True
    stranger.say(text_request(body=OFFER, branch="z9hG4bK2", call_id="2"))
    refusal = await stranger.hear(b"SIP/2.0 503")
    assert refusal.first("Retry-After")
    assert line.state().detail == "calls: 1"
    rung[0].answer()
    assert (await stranger.hear(b"SIP/2.0 200")).to.tag
    stranger.close()
    await line.close()


async def test_what_belongs_to_a_call_is_never_limited(near: Phone, flooder: Flooder) -> None:
    flooder.say(text_request(body=OFFER))
    call = await near.next_call()
    call.answer()
    tag = (await flooder.hear(b"SIP/2.0 200")).to.tag
    flooder.throw(150)
    await until(lambda: near.line.state().limited > 0)
    gone = told(call)
    flooder.say(text_request("ACK", to_tag=tag, branch="z9hG4bKa"))
    flooder.say(text_request("BYE", to_tag=tag, cseq=2, branch="z9hG4bKb"))
    await within(gone)


async def test_only_listed_sources_are_heard(far: Phone) -> None:
    near = Phone(SipLine("main", port=0, access=Access(allow=("127.0.0.1/32",))))
    await near.start()
    stranger = Flooder(("127.0.0.1", near.line.port))
    stranger.throw(5)
    await until(lambda: near.line.state().turned_away == 5)
    await talk(near, far)
    assert near.calls.empty()
    stranger.close()
    await near.line.close()


async def test_whom_we_call_is_heard_though_not_listed(far: Phone) -> None:
    near = Phone(SipLine("main", port=0, access=Access(allow=("192.0.2.0/24",))))
    await near.start()
    dialled = await near.line.dial(far.address, "1")
    call = await far.next_call()
    call.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    gone = told(dialled)
    call.hang_up()
    await within(gone)
    assert near.line.state().turned_away == 0
    await near.line.close()


async def test_keep_alives_and_garbage_are_counted(near: Phone, flooder: Flooder) -> None:
    garbage = (b"", b"\r\n\r\n", bytes(4), STUN, b"x" * 65000, b"no SIP at all")
    for data in garbage:
        flooder.say(data)
    await until(lambda: near.line.state().ignored == len(garbage))
    assert near.line.state().limited == 0
