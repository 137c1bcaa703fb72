"""Standing calls of whole lines on loopback: hold, transfers both ways, early sound, numbers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from callcenter.core.errors import CallRefused, NoSuchCall, NotNow, NotTaken
from callcenter.core.ports import LineCall
from callcenter.core.records import Ability, Frame
from callcenter.sip.errors import BadHeader
from callcenter.sip.line.line_calls import DialledCall, InboundCall
from callcenter.sip.line.line_changes import target_uri
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.sip.far import tone
from tests.sip.line.test_sip_line import PATIENCE, Hand, Phone, carry, coded, talk, told, within
from tests.sip.raw import text_response
from tests.waiting import until


@pytest.fixture
async def phones() -> AsyncIterator[list[Phone]]:
    """The desk, a caller and a supervisor."""
    found = [Phone(SipLine(name, port=0)) for name in ("desk", "caller", "supervisor")]
    for phone in found:
        await phone.start()
    yield found
    for phone in found:
        await phone.line.close()


class Told:
    """Hears once how a transfer went."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.outcome: tuple[bool, str] | None = None

    def __call__(self, worked: bool, why: str) -> None:
        assert self.outcome is None
        self.outcome = (worked, why)
        self.event.set()


def test_what_a_sip_line_can() -> None:
    assert SipLine("main", port=0).can >= {Ability.DIAL, Ability.HOLD, Ability.TRANSFER}


async def test_hold_and_resume(phones: list[Phone]) -> None:
    desk, caller, _ = phones
    call, leg, dialled = await talk(desk, caller)
    call.hold(True)
    await until(lambda: not dialled.leg.send(Frame(0)))
    assert leg.send(Frame(0)), "music may be played"
    call.hold(False)
    await until(lambda: dialled.leg.send(Frame(0)))
    dialled.hold(True)
    await until(lambda: not leg.send(Frame(0)))
    gone = told(call)
    dialled.hang_up()
    await within(gone)
    with pytest.raises(NoSuchCall):
        call.hold(True)


def follows(line: SipLine, call: DialledCall | InboundCall) -> asyncio.Queue[DialledCall]:
    """Dials whom the far end asks for, as a desk would."""
    dialled: asyncio.Queue[DialledCall] = asyncio.Queue()
    tasks: list[asyncio.Task[None]] = []

    async def dial(to: str) -> None:
        dialled.put_nowait(await line.dial(to, "13800138001"))

    call.on_transfer = lambda to: tasks.append(asyncio.create_task(dial(to)))
    return dialled


async def test_a_blind_transfer(phones: list[Phone]) -> None:
    desk, caller, supervisor = phones
    call, leg, dialled = await talk(desk, caller)
    moved = follows(caller.line, dialled)
    gone, done = told(dialled), Told()
    call.transfer(f"sip:95001@127.0.0.1:{supervisor.line.port}", done)
    second = await supervisor.next_call()
    assert (second.caller_number, second.callee_number) == ("13800138001", "95001")
    new = second.answer()
    await within(done.event)
    assert done.outcome == (True, "")
    await within(gone)
    assert not leg.send(Frame(0))
    link = await asyncio.wait_for(moved.get(), PATIENCE)
    await asyncio.wait_for(link.answered(), PATIENCE)
    assert carry(link.leg, new, tone(10)) == coded(tone(10))
    await until(lambda: desk.line.state().detail == "calls: 0")


async def test_an_attended_transfer_keeps_the_supervisors_call(phones: list[Phone]) -> None:
    desk, caller, supervisor = phones
    call, _, dialled = await talk(desk, caller)
    moved = follows(caller.line, dialled)
    call.hold(True)
    asking = await desk.line.dial(supervisor.address, "8001")
    second = await supervisor.next_call()
    leg = second.answer()
    await asyncio.wait_for(asking.answered(), PATIENCE)
    done = Told()
    call.transfer_to(asking, done)
    link = await asyncio.wait_for(moved.get(), PATIENCE)
    await asyncio.wait_for(link.answered(), PATIENCE)
    await within(done.event)
    assert done.outcome == (True, "")
    await asyncio.wait_for(asking.over(), PATIENCE)
    assert carry(link.leg, leg, tone(10)) == coded(tone(10))
    assert carry(leg, link.leg, tone(10)) == coded(tone(10))
    assert supervisor.calls.empty()


async def test_a_transfer_is_declined_where_nobody_takes_it(phones: list[Phone]) -> None:
    desk, caller, supervisor = phones
    call, leg, _ = await talk(desk, caller)
    done = Told()
    call.transfer(f"sip:95001@127.0.0.1:{supervisor.line.port}", done)
    await within(done.event)
    assert done.outcome == (False, "603 Decline")
    assert leg.send(Frame(0))
    with pytest.raises(NoSuchCall, match="another line"):
        call.transfer_to(InboundCall("", "", _never, lambda: None, lambda: None), done)
    with pytest.raises(BadHeader):
        call.transfer("nonsense", done)


async def test_a_taker_that_fails_in_a_transfer_harms_nothing(phones: list[Phone]) -> None:
    def fail(*words: object) -> None:
        raise RuntimeError("no desk")

    desk, caller, supervisor = phones
    call, _, dialled = await talk(desk, caller)
    dialled.on_transfer = fail
    call.transfer(f"sip:95001@127.0.0.1:{supervisor.line.port}", fail)
    dialled.hang_up()
    await within(told(call))
    await talk(desk, caller)


async def test_early_sound_is_heard_before_the_answer(phones: list[Phone]) -> None:
    desk = phones[0]
    hand = Hand(0)
    dialled = await desk.line.dial(("127.0.0.1", hand.sip.getsockname()[1], "95000"), "1")
    hand.to = ("127.0.0.1", desk.line.port)
    invite = await hand.wait_for(b"INVITE")
    assert not dialled.leg.send(Frame(0))
    hand.send(text_response(invite, 183) + hand.offer.encode())  # type: ignore[arg-type]
    await until(lambda: dialled.leg.send(Frame(0)))
    hand.send(text_response(invite, 486))  # type: ignore[arg-type]
    with pytest.raises(CallRefused) as caught:
        await asyncio.wait_for(dialled.answered(), PATIENCE)
    assert (caught.value.why, caught.value.code) == (NotTaken.BUSY, 486)
    hand.close()


async def test_nobody_answers_in_time(phones: list[Phone]) -> None:
    impatient = Phone(SipLine("caller", port=0, ring_seconds=0.05))
    await impatient.start()
    dialled = await impatient.line.dial(phones[0].address, "1")
    with pytest.raises(CallRefused) as caught:
        await asyncio.wait_for(dialled.answered(), PATIENCE)
    assert caught.value.why is NotTaken.NO_ANSWER
    await impatient.line.close()


async def test_a_closed_line_holds_nothing(phones: list[Phone]) -> None:
    call, _, _ = await talk(phones[0], phones[1])
    await phones[0].line.close()
    with pytest.raises(NoSuchCall, match="closed"):
        call.hold(True)


def test_a_line_that_can_do_none_of_it_says_so() -> None:
    call: LineCall = InboundCall("1", "2", _never, lambda: None, lambda: None)
    commands: tuple[Callable[[], None], ...] = (
        lambda: call.hold(True),
        lambda: call.transfer("1", Told()),
        lambda: call.transfer_to(call, Told()),
    )
    for command in commands:
        with pytest.raises(NotNow, match="this line cannot"):
            command()


async def test_a_call_that_we_made_is_not_ours_to_answer(phones: list[Phone]) -> None:
    desk, caller, _ = phones
    dialled = await caller.line.dial(desk.address, "13800138001")
    assert (dialled.caller_number, dialled.callee_number) == ("13800138001", "95000")
    with pytest.raises(NotNow, match="far end"):
        dialled.answer()
    dialled.reject()
    with pytest.raises(CallRefused):
        await asyncio.wait_for(dialled.answered(), PATIENCE)


HOUSE = Registrar("pbx.example", 5062)


@pytest.mark.parametrize(
    ("to", "uri"),
    [
        ("8002", "sip:8002@pbx.example:5062"),
        ("+86138", "sip:+86138@pbx.example:5062"),
        ("*97#", "sip:*97%23@pbx.example:5062"),
        ("tel:95000", "sip:95000@pbx.example:5062"),
        ("sip:bob@10.0.0.1", "sip:bob@10.0.0.1"),
    ],
)
def test_numbers_are_dialled_at_the_registrar(to: str, uri: str) -> None:
    assert str(target_uri(to, HOUSE)) == uri


def test_a_number_without_a_registrar() -> None:
    with pytest.raises(NotNow, match="expected sip:8002@HOST"):
        target_uri("8002", None)
    assert str(target_uri("1", Registrar("pbx.example"))) == "sip:1@pbx.example"


async def test_a_number_is_asked_of_the_registrar(phones: list[Phone]) -> None:
    where = Registrar("127.0.0.1", phones[0].line.port, "1001", "secret")
    line = SipLine("main", port=0, registrar=where)
    await line.start(lambda call: call.reject())
    dialled = await line.dial("8002", "1001")
    call = await phones[0].next_call()
    assert call.callee_number == "8002"
    call.reject()
    with pytest.raises(CallRefused):
        await asyncio.wait_for(dialled.answered(), PATIENCE)
    await line.close()


def _never() -> RtpLeg:
    raise AssertionError
