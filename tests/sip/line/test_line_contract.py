"""What every Line does, done by each: our own, and the one over pyVoIP. The far end is our own."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from callcenter.core.errors import MissingPiece, NoSuchCall, NotNow, PortInUse
from callcenter.core.ports import LineCall
from callcenter.core.records import SILENCE, Ability, Frame
from callcenter.demo.scenarios import Spoken
from callcenter.sip.line.pyvoip_line import PyVoipLine
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.wires import Access
from callcenter.sip.signal.message import Response
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.sdes import Secrecy
from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.calls import sipp
from tests.sip.far import tone
from tests.sip.line.test_sip_line import Hand, Phone, carry, refusal, talk, told, within
from tests.sip.raw import OFFER, text_request
from tests.sip.registrar import TinyRegistrar
from tests.waiting import until

LINES: list[type[SipLine]] = [SipLine, PyVoipLine]
CODECS = ["PCMU", "PCMA", "G722"]


@pytest.fixture(params=LINES, ids=["own", "pyvoip"])
def line(request: pytest.FixtureRequest) -> type[SipLine]:
    """The line that is held to the contract."""
    return request.param


@pytest.fixture
async def near(line: type[SipLine]) -> AsyncIterator[Phone]:
    phone = Phone(line("main", port=0, max_calls=3))
    await phone.start()
    yield phone
    await phone.line.close()


@pytest.fixture
async def far() -> AsyncIterator[Phone]:
    phone = Phone(SipLine("far", port=0))
    await phone.start()
    yield phone
    await phone.line.close()


@pytest.fixture
def curt(monkeypatch: pytest.MonkeyPatch) -> None:
    """For far ends that never confirm a BYE."""
    monkeypatch.setattr("callcenter.sip.line.sip_line.FAREWELL", 0.1)


class Ends:
    """Counts how often a call is told to be over."""

    def __init__(self, call: LineCall) -> None:
        self.count = 0
        self.first = asyncio.Event()
        call.on_hang_up = self._over

    def _over(self) -> None:
        self.count += 1
        self.first.set()


def snr(said: list[Frame], heard: list[bytes]) -> float:
    """Decibels of what was said over what is wrong with what was heard."""
    clean = np.frombuffer(b"".join(f.pcm for f in said), np.int16).astype(float)
    came = np.frombuffer(b"".join(heard), np.int16).astype(float)
    assert len(came) == len(clean), "whole"
    return 10 * math.log10((clean**2).sum() / ((clean - came) ** 2).sum())


# -- the line ----------------------------------------------------------------------------------


async def test_how_it_stands(line: type[SipLine]) -> None:
    phone = Phone(line("main", port=0))
    assert phone.line.state().detail == "closed"
    await phone.start()
    state = phone.line.state()
    assert (state.name, state.registered, state.detail) == ("main", None, "calls: 0")
    assert state.address == f"127.0.0.1:{phone.line.port}"
    await phone.line.close()
    assert phone.line.state().detail == "closed"
    await phone.line.close()


async def test_a_port_that_is_taken(line: type[SipLine], near: Phone) -> None:
    second = line("second", port=near.line.port)
    with pytest.raises(PortInUse, match=rf"line second: cannot use 127.0.0.1:{near.line.port}"):
        await second.start(lambda call: None)
    await second.close()


async def test_what_it_cannot_do_is_said(line: type[SipLine], near: Phone, far: Phone) -> None:
    call, _, _ = await talk(near, far)
    abilities = {
        Ability.DIAL: lambda: near.line.dial(far.address, "1"),
        Ability.HOLD: lambda: call.hold(True),
        Ability.TRANSFER: lambda: call.transfer("sip:a@127.0.0.1", lambda worked, why: None),
    }
    assert near.line.can == {Ability.DTMF, *(abilities if line is SipLine else ())}
    for ability in {*abilities} - near.line.can:
        with pytest.raises(NotNow, match=r"^(this line cannot|line main only takes calls)"):
            await (abilities[ability]() or asyncio.sleep(0))
    if Ability.TRANSFER not in near.line.can:
        with pytest.raises(NotNow, match="this line cannot transfer"):
            call.transfer_to(call, lambda worked, why: None)


def test_what_comes_with_the_settings(line: type[SipLine]) -> None:
    wide = line("main", codecs=("G722",), secrecy=Secrecy.REQUIRED)
    assert wide.can - line("main").can == {Ability.WIDEBAND, Ability.SECURE}


# -- calls -------------------------------------------------------------------------------------


async def test_digits_both_ways(near: Phone, far: Phone) -> None:
    call, leg, dialled = await talk(near, far)
    call.send_digits("12#")
    dialled.send_digits("9D")
    for end in (leg, dialled.leg) * 50:
        end.send(Frame(0))
        end.receive(0)
    assert (dialled.pressed(), call.pressed()) == ("12#", "9D")
    assert (dialled.pressed(), call.pressed()) == ("", "")
    with pytest.raises(NotNow, match="takes no digits"):
        call.send_digits("1" * 65)


async def test_no_digits_before_the_call_is_answered(near: Phone, far: Phone) -> None:
    dialled = await far.line.dial(near.address, "1")
    call = await near.next_call()
    for end in (call, dialled):
        with pytest.raises(NotNow, match="takes no digits"):
            end.send_digits("1")
        assert end.pressed() == ""


@pytest.mark.parametrize("codec", CODECS)
async def test_sound_comes_whole_both_ways(line: type[SipLine], codec: str) -> None:
    near, far = (Phone(kind("main", port=0, codecs=(codec,))) for kind in (line, SipLine))
    await near.start()
    await far.start()
    call, leg, dialled = await talk(near, far)
    assert (call.caller_number, call.callee_number) == ("13800138001", "95000")
    assert near.line.state().detail == "calls: 1"
    said = tone(50)
    if codec == "G722":  # 23 samples late, by nature
        assert len(carry(dialled.leg, leg, said)) == len(carry(leg, dialled.leg, said)) == 50
    else:
        assert snr(said, carry(dialled.leg, leg, said)) > 36
        assert snr(said, carry(leg, dialled.leg, said)) > 36
    await near.line.close()
    await far.line.close()


async def test_sound_is_encrypted_where_it_must_be(line: type[SipLine]) -> None:
    near, far = (Phone(kind("main", port=0, secrecy=Secrecy.REQUIRED)) for kind in (line, SipLine))
    await near.start()
    await far.start()
    _, leg, dialled = await talk(near, far)
    said = tone(20)
    assert snr(said, carry(dialled.leg, leg, said)) > 36
    await near.line.close()
    await far.line.close()


async def test_a_call_by_tcp(line: type[SipLine]) -> None:
    near, far = (
        Phone(kind("main", port=0, access=Access(("UDP", "TCP")))) for kind in (line, SipLine)
    )
    await near.start()
    await far.start()
    dialled = await far.line.dial(f"sip:95000@127.0.0.1:{near.line.port};transport=tcp", "1")
    call = await near.next_call()
    call.answer()
    await dialled.answered()
    gone = told(dialled)
    call.hang_up()
    await within(gone)
    await near.line.close()
    await far.line.close()


async def test_the_caller_hangs_up(near: Phone, far: Phone) -> None:
    call, leg, dialled = await talk(near, far)
    ends = Ends(call)
    for frame in tone(20):
        dialled.leg.send(frame)
    dialled.hang_up()
    await within(ends.first)
    call.hang_up()
    while leg.buffered_ms:
        assert leg.receive(0).pcm
    assert not leg.send(Frame(0))
    await until(lambda: near.line.state().detail == "calls: 0")
    assert ends.count == 1


@pytest.mark.parametrize("acknowledged", [True, False])
async def test_we_hang_up(near: Phone, far: Phone, acknowledged: bool) -> None:
    """Before the ACK, too: then BYE waits for it."""
    dialled = await far.line.dial(near.address, "1")
    call = await near.next_call()
    ends, gone = Ends(call), told(dialled)
    call.answer()
    if acknowledged:
        await dialled.answered()
    call.hang_up()
    call.hang_up()
    await within(gone)
    await until(lambda: near.line.state().detail == "calls: 0")
    assert not ends.count, "who hangs up knows"


async def test_busy(near: Phone, far: Phone) -> None:
    dialled = await far.line.dial(near.address, "1")
    call = await near.next_call()
    call.reject()
    call.reject()
    assert await refusal(dialled) == (486, "Busy Here")
    with pytest.raises(NoSuchCall):
        call.answer()


async def test_the_caller_gives_up(near: Phone, far: Phone) -> None:
    dialled = await far.line.dial(near.address, "1")
    call = await near.next_call()
    ends = Ends(call)
    dialled.hang_up()
    await within(ends.first)
    assert await refusal(dialled) == (487, "Request Terminated")
    with pytest.raises(NoSuchCall):
        call.answer()
    call.hang_up()
    assert ends.count == 1


async def test_a_call_is_answered_once(near: Phone, far: Phone) -> None:
    call, leg, _ = await talk(near, far)
    with pytest.raises(NotNow):
        call.answer()
    assert leg.send(Frame(0))


async def test_two_calls_at_once(near: Phone, far: Phone) -> None:
    (_, one, to_one), (_, two, to_two) = [await talk(near, far) for _ in "12"]
    low, high = tone(30), tone(30, 700)
    assert snr(low, carry(to_one.leg, one, low)) > 36
    assert snr(high, carry(to_two.leg, two, high)) > 36
    assert snr(low, carry(two, to_two.leg, low)) > 36


async def test_a_full_line(near: Phone, far: Phone) -> None:
    for _ in range(3):
        await far.line.dial(near.address, "1")
        await near.next_call()
    assert (await refusal(await far.line.dial(near.address, "1")))[0] == 503


async def test_the_far_end_holds_and_goes_on(near: Phone, far: Phone) -> None:
    call, leg, dialled = await talk(near, far)
    ends = Ends(call)
    for on in (True, False):
        dialled.hold(on)
        await until(lambda on=on: leg.send(Frame(0)) is not on)  # type: ignore[misc]
    low = tone(20)
    while dialled.leg.buffered_ms:
        dialled.leg.receive(0)
    assert snr(low, carry(dialled.leg, leg, low)) > 36
    assert not ends.count


async def test_closing_ends_what_stands(line: type[SipLine], far: Phone) -> None:
    near = Phone(line("main", port=0))
    await near.start()
    _, leg, talking = await talk(near, far)
    ringing = await far.line.dial(near.address, "1")
    call = await near.next_call()
    gone = told(talking)
    await near.line.close()
    await within(gone)
    assert (await refusal(ringing))[0] == 486
    assert not leg.send(Frame(0))
    call.reject()
    call.hang_up()
    with pytest.raises(NoSuchCall, match="closed"):
        call.answer()


async def test_whoever_fails_harms_no_other_call(line: type[SipLine], far: Phone) -> None:
    def fail(call: LineCall) -> None:
        raise RuntimeError("no desk")

    broken = line("broken", port=0)
    await broken.start(fail)
    for _ in "12":
        dialled = await far.line.dial(("127.0.0.1", broken.port, "x"), "1")
        assert (await refusal(dialled))[0] == 486
    await broken.close()


# -- on the wire -------------------------------------------------------------------------------


async def test_an_answer_and_a_bye_are_repeated_until_they_are_confirmed(
    near: Phone, curt: None
) -> None:
    """The offer comes late, the far end holds, and every answer to it is lost once."""
    hand = Hand(near.line.port)
    hand.send(text_request())
    call = await near.next_call()
    leg = call.answer()
    first, again = await hand.wait_for(b"SIP/2.0 200"), await hand.wait_for(b"SIP/2.0 200")
    assert first == again
    tag = first.to.tag
    hand.send(text_request("ACK", to_tag=tag, branch="z9hG4bKa", body=hand.offer))
    await until(lambda: leg.send(Frame(0)))
    body = f"{hand.offer}a=sendonly\r\n"
    for _ in "12":
        hand.send(text_request(to_tag=tag, cseq=2, branch="z9hG4bK2", body=body))
        assert b"a=recvonly" in (await hand.wait_for(b"SIP/2.0 200")).body
    hand.send(text_request("ACK", to_tag=tag, cseq=2, branch="z9hG4bKa2"))
    assert not leg.send(Frame(0))
    call.hang_up()
    assert await hand.wait_for(b"BYE") == await hand.wait_for(b"BYE")
    hand.close()


ASKED = [
    ("INVITE", {"extra": ("Require: sunrise",)}, 420),
    ("INVITE", {"body": OFFER.replace("8 0 101", "18").replace("a=", "x=")}, 488),
    ("INVITE", {"body": "hello", "content_type": "text/plain"}, 415),
    ("INVITE", {"uri": "http://127.0.0.1/"}, 416),
    ("INVITE", {"to_tag": "nobody"}, 481),
    ("BYE", {"to_tag": "nobody"}, 481),
    ("CANCEL", {}, 481),
    ("OPTIONS", {}, 200),
    ("INFO", {}, 405),
    ("SING", {}, 501),
]


@pytest.mark.parametrize(("method", "words", "status"), ASKED)
async def test_requests_that_are_no_calls(
    near: Phone, method: str, words: dict[str, str], status: int
) -> None:
    hand = Hand(near.line.port)
    hand.send(text_request(method, **words))  # type: ignore[arg-type]
    answer = await hand.wait_for(b"SIP/2.0 ")
    assert isinstance(answer, Response)
    assert answer.status == status
    if status in (200, 405, 501):
        allowed = set((answer.first("Allow") or "").split(", "))
        assert {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS"} <= allowed
        assert ("REFER" in allowed) is (Ability.TRANSFER in near.line.can)
    assert near.calls.empty()
    hand.close()


FORMS: list[Callable[[bytes], bytes]] = [
    lambda data: data.replace(b"Via:", b"v:").replace(b"Call-ID:", b"i:").replace(b"From", b"f"),
    lambda data: data.replace(b"CSeq: 1 ", b"cSEQ:\r\n 1 "),
    lambda data: data.replace(b"<sip:13800138001@127.0.0.1>", b"<tel:13800138001>"),
    lambda data: data.replace(b"From: ", b'From: "M\xfcller: \xe9" '),
    lambda data: data.replace(b"Call-ID: raw-1", b"Call-ID: raw: \xe9"),
    lambda data: data.replace(b"c=IN", b"c=IN IP4 192.0.2.9\r\nc=IN", 1),
    lambda data: data.replace(b"t=0 0", b"t=0 0\r\nm=video 0 RTP/AVP 31"),
]


@pytest.mark.parametrize("form", FORMS)
async def test_unusual_forms_ring_and_are_answered(
    near: Phone, form: Callable[[bytes], bytes], curt: None
) -> None:
    hand = Hand(near.line.port)
    plain = text_request(body=hand.offer)
    head, _, body = form(plain).partition(b"\r\n\r\n")
    length = b"Content-Length: %d" % len(plain.partition(b"\r\n\r\n")[2])
    hand.send(head.replace(length, b"Content-Length: %d" % len(body)) + b"\r\n\r\n" + body)
    call = await near.next_call()
    assert call.caller_number == "13800138001"
    leg = call.answer()
    assert b"m=audio" in (await hand.wait_for(b"SIP/2.0 200")).body
    assert leg.send(Frame(0))
    hand.close()


async def test_garbage_disturbs_no_call(near: Phone, far: Phone) -> None:
    _, leg, dialled = await talk(near, far)
    hand = Hand(near.line.port)
    for data in (b"", b"\0", b"x" * 60000, b"BYE\r\n\r\n", b"INVITE sip: SIP/2.0\r\n\r\n"):
        hand.send(data)
    for cut in range(0, 150, 10):
        hand.send(text_request(body=OFFER)[:cut])
    low = tone(20)
    assert snr(low, carry(dialled.leg, leg, low)) > 36
    await talk(near, far)
    hand.close()


# -- registering -------------------------------------------------------------------------------


async def registered(line: type[SipLine], registrar: TinyRegistrar, password: str) -> SipLine:
    where = Registrar("127.0.0.1", registrar.port, "1001", password)
    ours = line("main", port=0, registrar=where)
    await ours.start(lambda call: call.reject())
    assert ours.state().registered is False
    await until(lambda: bool(ours.state().registered) or "refused" in ours.state().detail)
    return ours


async def test_registering_and_leaving(line: type[SipLine]) -> None:
    registrar = TinyRegistrar("1001", "secret")
    await registrar.start()
    ours = await registered(line, registrar, "secret")
    assert ours.state().detail == "for 300 s"
    (contact,) = registrar.bindings.values()
    assert f"sip:1001@127.0.0.1:{ours.port}" in contact
    await ours.close()
    assert registrar.bindings == {}
    await registrar.close()
    assert not [t for t in threading.enumerate() if "pyvoip" in t.name]


async def test_a_wrong_password_is_told(line: type[SipLine]) -> None:
    registrar = TinyRegistrar("1001", "secret")
    await registrar.start()
    ours = await registered(line, registrar, "wrong")
    assert ours.state().detail == "refused: 401 Who?"
    assert registrar.refused == 2
    await ours.close()
    await registrar.close()


async def test_a_registrar_that_keeps_silent_holds_nothing_up(
    line: type[SipLine], far: Phone, curt: None
) -> None:
    deaf = Hand(0)
    where = Registrar("127.0.0.1", deaf.sip.getsockname()[1], "1001", "secret")
    near = Phone(line("main", port=0, registrar=where))
    await near.start()
    await deaf.wait_for(b"REGISTER")
    await talk(near, far)
    await near.line.close()
    deaf.close()
    assert not [t for t in threading.enumerate() if "pyvoip" in t.name]


async def test_an_algorithm_that_pyvoip_has_not_is_a_refusal() -> None:
    registrar = TinyRegistrar("1001", "secret", "SHA-256")
    await registrar.start()
    ours = await registered(PyVoipLine, registrar, "secret")
    assert ours.state().detail == "refused: 401 Who?"
    await ours.close()
    await registrar.close()


# -- pyVoIP itself -----------------------------------------------------------------------------


def test_without_pyvoip_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("callcenter.sip.line.pyvoip_")]:
        if not name.endswith("pyvoip_line"):
            monkeypatch.delitem(sys.modules, name)
    for name in ("pyVoIP", "pyVoIP.VoIP", "pyVoIP.SIP", "pyVoIP.VoIP.VoIP"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPiece, match=r"pip install 'callcenter\[pyvoip\]'"):
        PyVoipLine("main")


@pytest.mark.external
@sipp.needs_sipp
async def test_sipp_calls_the_line_over_pyvoip(tmp_path: Path) -> None:
    """It speaks for half a second, is heard, and hangs up."""
    said = Spoken("", b"".join(f.pcm for f in tone(25)))
    file = sipp.scenario(tmp_path, "PCMU", said, leaves=True)
    near = Phone(PyVoipLine("main", port=0))
    await near.start()
    calling = asyncio.create_task(sipp.call(file, near.line.port))
    call = await near.next_call()
    leg, gone = call.answer(), told(call)
    await within(gone)
    code, out = await calling
    assert code == 0, out[-3000:]
    assert loud(leg) >= 20
    await near.line.close()


def loud(leg: RtpLeg) -> int:
    """How many of the frames that wait are not silent."""
    count = 0
    while leg.buffered_ms:
        count += leg.receive(0).pcm != SILENCE
    return count
