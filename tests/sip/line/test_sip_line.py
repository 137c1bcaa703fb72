"""Whole lines on loopback: calls both ways with sound, registering, garbage, closing."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from callcenter.core.errors import CallRefused, NoSuchCall, NotNow, PortInUse
from callcenter.core.ports import LineCall
from callcenter.core.records import Frame
from callcenter.sip.errors import BadHeader
from callcenter.sip.line.addresses import reachable
from callcenter.sip.line.line_calls import DialledCall, InboundCall
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.replies import reply
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.sip.far import tone
from tests.sip.raw import OFFER, text_request
from tests.sip.registrar import TinyRegistrar
from tests.sip.signal.test_message import GOLDEN, TORTURED
from tests.waiting import until

PATIENCE = 10.0


class Phone:
    """A line and the calls that came in on it."""

    def __init__(self, line: SipLine) -> None:
        self.line = line
        self.calls: asyncio.Queue[InboundCall] = asyncio.Queue()

    async def start(self) -> None:
        await self.line.start(self._take)

    def _take(self, call: LineCall) -> None:
        self.calls.put_nowait(cast(InboundCall, call))

    async def next_call(self) -> InboundCall:
        return await asyncio.wait_for(self.calls.get(), PATIENCE)

    @property
    def address(self) -> tuple[str, int, str]:
        return ("127.0.0.1", self.line.port, "95000")


@pytest.fixture
async def near() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("main", port=0, max_calls=3))
    await phone.start()
    yield phone
    await phone.line.close()


@pytest.fixture
async def far() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("caller", port=0))
    await phone.start()
    yield phone
    await phone.line.close()


def told(call: InboundCall | DialledCall) -> asyncio.Event:
    """Set when the other side of this call hangs up."""
    event = asyncio.Event()
    call.on_hang_up = event.set
    return event


async def within(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE)


async def talk(near: Phone, far: Phone) -> tuple[InboundCall, RtpLeg, DialledCall]:
    dialled = await far.line.dial(near.address, "13800138001")
    call = await near.next_call()
    leg = call.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    return call, leg, dialled


async def refusal(dialled: DialledCall) -> tuple[int, str]:
    with pytest.raises(CallRefused) as caught:
        await asyncio.wait_for(dialled.answered(), PATIENCE)
    await asyncio.wait_for(dialled.over(), PATIENCE)
    return caught.value.code, caught.value.reason


def carry(sender: RtpLeg, receiver: RtpLeg, frames: list[Frame]) -> list[bytes]:
    """Speak all frames, a tick each; what the other end heard without the silence."""
    heard: list[Frame] = []
    for frame in frames:
        assert sender.send(frame)
        heard.append(receiver.receive(frame.start))
    while receiver.buffered_ms:
        heard.append(receiver.receive(0))
    return [f.pcm for f in heard if not f.lost]


def coded(frames: list[Frame], codec: str = "PCMU") -> list[bytes]:
    return [g711.decode(g711.encode(f.pcm, codec), codec) for f in frames]


async def test_a_call_with_sound_both_ways(near: Phone, far: Phone) -> None:
    call, leg, dialled = await talk(near, far)
    assert (call.caller_number, call.callee_number) == ("13800138001", "95000")
    assert near.line.state().detail == "calls: 1"
    low, high = tone(50), tone(50, 700)
    assert carry(dialled.leg, leg, low) == coded(low)
    assert carry(leg, dialled.leg, high) == coded(high)
    gone = told(call)
    dialled.hang_up()
    dialled.hang_up()
    await within(gone)
    await asyncio.wait_for(dialled.over(), PATIENCE)
    assert leg.receive(0).lost


async def test_all_that_was_said_before_a_hang_up_can_still_be_heard(
    near: Phone, far: Phone
) -> None:
    call, leg, dialled = await talk(near, far)
    prompt = tone(40)
    heard: list[Frame] = []
    for frame in prompt:
        leg.send(frame)
        heard.append(dialled.leg.receive(frame.start))
    gone = told(dialled)
    call.hang_up()
    await within(gone)
    while dialled.leg.buffered_ms:
        heard.append(dialled.leg.receive(0))
    assert [f.pcm for f in heard if not f.lost] == coded(prompt)


@pytest.mark.parametrize("codecs", [("PCMA",), ("PCMU",)])
async def test_each_codec(far: Phone, codecs: tuple[str, ...]) -> None:
    near = Phone(SipLine("main", port=0, codecs=codecs))
    await near.start()
    _, leg, dialled = await talk(near, far)
    assert carry(dialled.leg, leg, tone(20)) == coded(tone(20), codecs[0])
    await near.line.close()


async def test_no_common_codec() -> None:
    near, far = (
        Phone(SipLine("a", port=0, codecs=("PCMU",))),
        Phone(SipLine("b", port=0, codecs=("PCMA",))),
    )
    await near.start()
    await far.start()
    dialled = await far.line.dial(near.address, "1")
    assert await refusal(dialled) == (488, "Not Acceptable Here")
    assert near.calls.empty()
    await near.line.close()
    await far.line.close()


async def test_busy(near: Phone, far: Phone) -> None:
    dialled = await far.line.dial(f"sip:95000@localhost:{near.line.port}", "1")
    call = await near.next_call()
    call.reject()
    call.reject()
    assert await refusal(dialled) == (486, "Busy Here")
    with pytest.raises(NoSuchCall):
        call.answer()


async def test_a_cancelled_call(near: Phone, far: Phone) -> None:
    dialled = await far.line.dial(near.address, "1")
    call = await near.next_call()
    gone = told(call)
    dialled.hang_up()
    await within(gone)
    assert await refusal(dialled) == (487, "Request Terminated")
    with pytest.raises(NoSuchCall):
        call.answer()
    call.hang_up()


async def test_a_call_is_answered_once(near: Phone, far: Phone) -> None:
    call, leg, _ = await talk(near, far)
    with pytest.raises(NotNow):
        call.answer()
    assert leg.send(Frame(0))


async def test_a_full_line(near: Phone, far: Phone) -> None:
    for _ in range(3):
        await far.line.dial(near.address, "1")
        await near.next_call()
    code, _ = await refusal(await far.line.dial(near.address, "1"))
    assert code == 503


async def test_a_port_that_is_taken(near: Phone) -> None:
    second = SipLine("second", port=near.line.port)
    with pytest.raises(PortInUse, match=rf"line second: cannot use 127.0.0.1:{near.line.port}"):
        await second.start(lambda call: None)
    assert second.state().detail == "closed"
    await second.close()


async def test_dialling_what_cannot_be_dialled(far: Phone) -> None:
    with pytest.raises(BadHeader):
        await far.line.dial("nonsense", "1")
    closed = SipLine("closed", port=0)
    with pytest.raises(NotNow, match="closed"):
        await closed.dial(("127.0.0.1", 5060, "x"), "1")


async def test_a_taker_that_fails_turns_the_caller_away(far: Phone) -> None:
    def fail(call: LineCall) -> None:
        raise RuntimeError("no desk")

    line = SipLine("broken", port=0)
    await line.start(fail)
    dialled = await far.line.dial(("127.0.0.1", line.port, "x"), "1")
    assert (await refusal(dialled))[0] == 486
    await line.close()


async def test_a_listener_that_fails_harms_no_other_call(near: Phone, far: Phone) -> None:
    def fail() -> None:
        raise RuntimeError("no session")

    call, _, dialled = await talk(near, far)
    call.on_hang_up = fail
    dialled.hang_up()
    second, _, _ = await talk(near, far)
    assert second.caller_number == "13800138001"


async def test_rtp_ports_come_from_the_range_and_run_out(far: Phone) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1] // 2 * 2
    near = Phone(SipLine("main", port=0, rtp_ports=(free, free + 1)))
    await near.start()
    _, leg, _ = await talk(near, far)
    assert leg.port == free
    await far.line.dial(near.address, "1")
    call = await near.next_call()
    with pytest.raises(PortInUse, match="RTP"):
        call.answer()
    await near.line.close()


async def test_closing_hangs_up_and_turns_away(far: Phone) -> None:
    near = Phone(SipLine("main", port=0))
    await near.start()
    _, leg, talking = await talk(near, far)
    ringing = await far.line.dial(near.address, "1")
    await near.next_call()
    gone = told(talking)
    await near.line.close()
    await within(gone)
    assert (await refusal(ringing))[0] == 486
    assert not leg.send(Frame(0))
    await near.line.close()


async def test_closing_frees_whoever_waits(near: Phone) -> None:
    far = Phone(SipLine("caller", port=0))
    await far.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        dialled = await far.line.dial(("127.0.0.1", deaf.getsockname()[1], "x"), "1")
        await far.line.close()
    assert await refusal(dialled) == (487, "the line was closed")
    call = InboundCall("1", "2", _never, lambda: None, lambda: None)
    call.line_closed()
    call.ended()


async def test_a_closed_line_takes_no_commands(far: Phone) -> None:
    near = Phone(SipLine("main", port=0))
    await near.start()
    await far.line.dial(near.address, "1")
    call = await near.next_call()
    await near.line.close()
    call.reject()
    call.hang_up()
    with pytest.raises(NoSuchCall, match="closed"):
        call.answer()


class Hand:
    """A far end by hand: a plain SIP socket, and one for sound."""

    def __init__(self, port: int) -> None:
        self.sip, self.rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
        for sock in (self.sip, self.rtp):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
        self.to = ("127.0.0.1", port)
        self.offer = OFFER.replace("4000", str(self.rtp.getsockname()[1]))

    def send(self, data: bytes) -> None:
        here = str(self.sip.getsockname()[1]).encode()
        self.sip.sendto(data.replace(b":5070", b":" + here), self.to)

    async def wait_for(self, start: bytes) -> Request | Response:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            while not (data := await loop.sock_recv(self.sip, 4096)).startswith(start):
                pass
        return parse(data)

    def close(self) -> None:
        self.sip.close()
        self.rtp.close()


async def test_a_late_offer_hold_and_resume(near: Phone) -> None:
    hand = Hand(near.line.port)
    hand.send(text_request())
    call = await near.next_call()
    leg = call.answer()
    assert not leg.send(Frame(0))
    tag = (await hand.wait_for(b"SIP/2.0 200")).to.tag
    hand.send(text_request("ACK", to_tag=tag, branch="z9hG4bKa", body=hand.offer))
    await until(lambda: leg.send(Frame(0)))
    for cseq, direction, flows in ((2, "sendonly", False), (3, "sendrecv", True)):
        body = f"{hand.offer}a={direction}\r\n"
        hand.send(text_request(to_tag=tag, cseq=cseq, branch=f"z9hG4bK{cseq}", body=body))
        ok = await hand.wait_for(b"SIP/2.0 200")
        assert f"m=audio {leg.port} ".encode() in ok.body
        assert leg.send(Frame(0)) is flows
        hand.send(text_request("ACK", to_tag=tag, cseq=cseq, branch=f"z9hG4bKa{cseq}"))
    gone = told(call)
    hand.send(text_request("BYE", to_tag=tag, cseq=4, branch="z9hG4bK4"))
    await within(gone)
    hand.close()


async def test_a_bye_goes_by_the_recorded_route_and_again_until_it_is_confirmed(
    near: Phone,
) -> None:
    hand, proxy = Hand(near.line.port), Hand(near.line.port)
    by = proxy.sip.getsockname()[1]
    hand.send(text_request(body=hand.offer, extra=(f"Record-Route: <sip:127.0.0.1:{by};lr>",)))
    call = await near.next_call()
    call.answer()
    tag = (await hand.wait_for(b"SIP/2.0 200")).to.tag
    await hand.wait_for(b"SIP/2.0 200")
    hand.send(text_request("ACK", to_tag=tag, branch="z9hG4bKa"))
    call.hang_up()
    first, second = await proxy.wait_for(b"BYE"), await proxy.wait_for(b"BYE")
    assert first == second
    assert first.every("Route") == [f"<sip:127.0.0.1:{by};lr>"]
    assert isinstance(first, Request)
    proxy.sip.sendto(bytes(reply(first, 200)), proxy.to)
    await until(lambda: near.line.state().detail == "calls: 0")
    hand.close()
    proxy.close()


def _never() -> RtpLeg:
    raise AssertionError


def thrower(port: int) -> tuple[socket.socket, Callable[[bytes], None]]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock, lambda data: cast(None, sock.sendto(data, ("127.0.0.1", port)))


async def test_garbage_on_the_sip_port(near: Phone, far: Phone) -> None:
    dice = random.Random(4475)
    sock, throw = thrower(near.line.port)
    for data in (b"", b"\0", b"x" * 65000, b"\r\n\r\n", b"INVITE sip: SIP/2.0\r\n\r\n"):
        throw(data)
    for seed in (GOLDEN, TORTURED, text_request(body=OFFER)) * 40:
        damaged = bytearray(seed)
        for _ in range(4):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        throw(bytes(damaged))
        await asyncio.sleep(0)
    for _ in range(50):
        throw(dice.randbytes(dice.randrange(200)))
    sock.setblocking(False)
    throw(GOLDEN)
    loop = asyncio.get_running_loop()
    while b"SIP/2.0 200" not in await asyncio.wait_for(loop.sock_recv(sock, 4096), PATIENCE):
        pass
    sock.close()
    for _ in range(near.calls.qsize()):
        near.calls.get_nowait().reject()
    call, _, _ = await talk(near, far)
    assert call.caller_number == "13800138001"


async def test_garbage_on_the_rtp_port(near: Phone, far: Phone) -> None:
    _, leg, dialled = await talk(near, far)
    dice = random.Random(3550)
    sock, throw = thrower(leg.port)
    for data in (b"", b"\0", b"\x80" * 65000, *(dice.randbytes(i) for i in range(60))):
        throw(data)
    leg.receive(0)
    sock.close()
    frames = tone(30)
    assert len(carry(dialled.leg, leg, frames)) <= 30
    assert leg.stats.ignored >= 30


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_registering_with_a_digest(algorithm: str) -> None:
    registrar = TinyRegistrar("1001", "secret", algorithm)
    await registrar.start()
    line = SipLine(
        "main", port=0, registrar=Registrar("127.0.0.1", registrar.port, "1001", "secret")
    )
    assert line.state().registered is None
    await line.start(lambda call: call.reject())
    assert line.state().registered is False
    while not registrar.bindings:
        await within(registrar.changed)
        registrar.changed.clear()
    assert registrar.bindings == {"sip:1001@127.0.0.1": f"<sip:1001@127.0.0.1:{line.port}>"}
    async with asyncio.timeout(PATIENCE):
        while not line.state().registered:
            await asyncio.sleep(0)
    assert line.state().detail == "for 300 s"
    await line.close()
    assert registrar.bindings == {}
    await registrar.close()


async def test_a_wrong_password_is_told() -> None:
    registrar = TinyRegistrar("1001", "secret")
    await registrar.start()
    line = SipLine(
        "main", port=0, registrar=Registrar("127.0.0.1", registrar.port, "1001", "wrong")
    )
    await line.start(lambda call: call.reject())
    async with asyncio.timeout(PATIENCE):
        while "refused" not in line.state().detail:
            await within(registrar.changed)
            await asyncio.sleep(0)
    assert line.state().detail == "refused: 401 Who?"
    assert registrar.refused == 2
    await line.close()
    await registrar.close()


async def test_a_registrar_without_an_address_is_told() -> None:
    line = SipLine("main", port=0, registrar=Registrar("nowhere.invalid"))
    await line.start(lambda call: call.reject())
    async with asyncio.timeout(PATIENCE):
        while "no such host" not in line.state().detail:
            await asyncio.sleep(0.01)
    assert line.state().registered is False
    await line.close()


async def test_a_line_on_all_addresses_tells_one_that_can_be_reached(far: Phone) -> None:
    near = Phone(SipLine("main", "0.0.0.0", 0, advertise="127.0.0.1"))
    await near.start()
    _, leg, dialled = await talk(near, far)
    assert carry(dialled.leg, leg, tone(10)) == coded(tone(10))
    await near.line.close()
    assert reachable("0.0.0.0", "127.0.0.1") == "127.0.0.1"
    assert reachable("::", "127.0.0.1") == "127.0.0.1"
    assert reachable("localhost") == "127.0.0.1"
    assert reachable("pbx.example") == "pbx.example"
