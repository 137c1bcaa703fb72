"""Whole lines that want their sound secret, or do not, and lines with wideband sound."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from callcenter.core.errors import CallRefused, MissingPiece
from callcenter.core.ports import LineCall
from callcenter.core.records import Ability, Frame
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.wires import BY_UDP, Access
from callcenter.sip.signal.sdes import Keys, Secrecy
from callcenter.sip.sound import srtp
from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.audio.tones import purity, tone
from tests.sip.certificates import Authority

PATIENCE = 20.0
needs_srtp = pytest.mark.skipif(not srtp.is_available(), reason="pylibsrtp is not installed")


@pytest.fixture
async def lines() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def opened(
    stack: AsyncExitStack,
    secrecy: Secrecy,
    codecs: tuple[str, ...] = ("PCMU",),
    access: Access = BY_UDP,
) -> tuple[SipLine, list[RtpLeg]]:
    """A line that answers whatever comes, and the legs of what came."""
    line = SipLine("one", port=0, secrecy=secrecy, codecs=codecs, access=access)
    legs = list[RtpLeg]()

    def answer(call: LineCall) -> None:
        leg = call.answer()
        assert isinstance(leg, RtpLeg)
        legs.append(leg)

    await line.start(answer)
    stack.push_async_callback(line.close)
    return line, legs


def carry(sender: RtpLeg, receiver: RtpLeg, hz: float) -> list[Frame]:
    sound, wide = tone(hz, 1), tone(hz, 1, rate=16_000)
    heard = []
    for at in range(0, len(sound), 320):
        sender.send(Frame(at // 2, sound[at : at + 320], wide=wide[2 * at : 2 * at + 640]))
        heard.append(receiver.receive(at // 2))
    return heard


@needs_srtp
async def test_two_lines_that_require_it_talk_in_secret(lines: AsyncExitStack) -> None:
    near, legs = await opened(lines, Secrecy.REQUIRED)
    far, _ = await opened(lines, Secrecy.REQUIRED)
    call = await far.dial(f"sip:95000@127.0.0.1:{near.port}", "1001")
    await asyncio.wait_for(call.answered(), PATIENCE)
    heard = carry(call.leg, legs[0], 700) + carry(legs[0], call.leg, 700)
    assert purity(b"".join(frame.pcm for frame in heard if not frame.lost), 700) > 0.98
    assert Ability.SECURE in near.can


def keys(leg: RtpLeg) -> Keys | None:
    """What this end agreed to encrypt with."""
    assert leg._stream is not None
    return leg._stream.keys


@needs_srtp
async def test_lines_that_offer_it_talk_in_secret_where_nobody_can_read_the_keys(
    lines: AsyncExitStack, tmp_path: Path
) -> None:
    """By TLS both give their keys; the same two lines by UDP talk in the clear."""
    access = Access(("UDP", "TLS"), tls_port=0, certificates=Authority(tmp_path).files())
    near, legs = await opened(lines, Secrecy.OFFERED, access=access)
    far, _ = await opened(lines, Secrecy.OFFERED, access=access)
    assert Ability.SECURE in near.can
    assert Ability.SECURE in far.can
    near_udp = f"sip:95000@127.0.0.1:{near.port}"
    for uri, secret in ((f"sips:95000@127.0.0.1:{near.tls_port}", True), (near_udp, False)):
        call = await far.dial(uri, "1001")
        await asyncio.wait_for(call.answered(), PATIENCE)
        leg = legs.pop()
        heard = carry(call.leg, leg, 700) + carry(leg, call.leg, 700)
        assert purity(b"".join(frame.pcm for frame in heard if not frame.lost), 700) > 0.98
        ours, theirs = keys(call.leg), keys(leg)
        if secret:
            assert ours is not None
            assert theirs is not None
            assert (ours.ours, ours.theirs) == (theirs.theirs, theirs.ours)
            assert ours.ours != ours.theirs
        else:
            assert (ours, theirs) == (None, None)
        call.hang_up()


@needs_srtp
@pytest.mark.parametrize(
    ("near", "far", "talks"),
    [
        (Secrecy.REQUIRED, Secrecy.OFF, False),
        (Secrecy.OFF, Secrecy.REQUIRED, False),
        # Without TLS a line that would do both keeps its keys to itself.
        (Secrecy.OFFERED, Secrecy.REQUIRED, False),
        (Secrecy.OFFERED, Secrecy.OFFERED, True),
        (Secrecy.OFFERED, Secrecy.OFF, True),
    ],
)
async def test_who_may_talk_with_whom_where_others_can_read(
    lines: AsyncExitStack, near: Secrecy, far: Secrecy, talks: bool
) -> None:
    called, legs = await opened(lines, near)
    caller, _ = await opened(lines, far)
    call = await caller.dial(f"sip:95000@127.0.0.1:{called.port}", "1001")
    if talks:
        await asyncio.wait_for(call.answered(), PATIENCE)
        assert any(not frame.lost for frame in carry(call.leg, legs[0], 700))
        return
    with pytest.raises(CallRefused) as refused:
        await asyncio.wait_for(call.answered(), PATIENCE)
    assert refused.value.code == 488
    assert not legs


async def test_a_wideband_call(lines: AsyncExitStack) -> None:
    near, legs = await opened(lines, Secrecy.OFF, ("PCMU", "G722"))
    far, _ = await opened(lines, Secrecy.OFF, ("G722", "PCMA"))
    call = await far.dial(f"sip:95000@127.0.0.1:{near.port}", "1001")
    await asyncio.wait_for(call.answered(), PATIENCE)
    heard = carry(call.leg, legs[0], 6000)
    assert purity(b"".join(frame.wide for frame in heard[10:]), 6000, rate=16_000) > 0.97
    assert Ability.WIDEBAND in near.can
    assert Ability.WIDEBAND not in SipLine("narrow").can


@pytest.mark.parametrize(
    ("wanted", "here"), [(Secrecy.OFF, Secrecy.OFF), (Secrecy.OFFERED, Secrecy.OFF)]
)
def test_without_the_package_sound_goes_in_the_clear(
    monkeypatch: pytest.MonkeyPatch, wanted: Secrecy, here: Secrecy
) -> None:
    monkeypatch.setattr(srtp, "find_spec", lambda name: None)
    assert srtp.possible(wanted) is here
    with pytest.raises(MissingPiece, match=r"callcenter\[srtp\]"):
        SipLine("main", secrecy=Secrecy.REQUIRED)


def test_with_it_everything_is_possible() -> None:
    if importlib.util.find_spec("pylibsrtp"):
        assert [srtp.possible(one) for one in Secrecy] == list(Secrecy)
