"""A softphone that people use, with wideband and with encrypted sound."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.core.ports import LineCall
from callcenter.core.records import FRAME_MS, Frame
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.sdes import Secrecy
from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.srtp import is_available
from tests.audio.tones import purity, tone
from tests.calls import baresip

pytestmark = [pytest.mark.external, baresip.needs_baresip]


async def talk(leg: RtpLeg, says: bytes, says_wide: bytes, *, frames: int) -> list[Frame]:
    """Say a tone again and again until so many frames were heard; what was heard."""
    heard: list[Frame] = []
    clock, number = asyncio.get_running_loop(), 0
    begun = clock.time()
    async with asyncio.timeout(30):
        while sum(not frame.lost for frame in heard) < frames:
            at = number * 320 % len(says)
            wide = says_wide[2 * at : 2 * at + 640]
            leg.send(Frame(number * 160, says[at : at + 320], wide=wide))
            heard.append(leg.receive(number * 160))
            number += 1
            await asyncio.sleep(max(0.0, begun + number * FRAME_MS / 1000 - clock.time()))
    return heard


async def call(
    folder: Path, line: SipLine, account: str, *, hz: float, rate: int
) -> tuple[list[Frame], RtpLeg]:
    """baresip calls and says `hz`, we say 1000 Hz; what we heard."""
    came: asyncio.Future[LineCall] = asyncio.get_running_loop().create_future()
    await line.start(came.set_result)
    try:
        uri = f"sip:95000@127.0.0.1:{line.port}"
        pcm = tone(hz, 20, rate=rate)
        async with baresip.dials(folder, uri, pcm, "1001", rate=rate, account=account):
            async with asyncio.timeout(20):
                answered = await came
            leg = answered.answer()
            assert isinstance(leg, RtpLeg)
            heard = await talk(leg, tone(1000, 1), tone(1000, 1, rate=16_000), frames=60)
            answered.hang_up()
    finally:
        await line.close()
    return heard, leg


async def test_wideband_both_ways(tmp_path: Path):
    line = SipLine("main", port=0, codecs=("PCMU", "G722"))
    heard, _ = await call(tmp_path, line, ";audio_codecs=G722/16000/1", hz=6000, rate=16_000)
    assert all(frame.wide for frame in heard)
    sound = b"".join(frame.wide for frame in heard if not frame.lost)
    assert purity(sound[640 * 15 :], 6000, rate=16_000) > 0.97
    assert baresip.heard_rate(tmp_path) == 16_000
    assert purity(baresip.heard(tmp_path)[16_000:], 1000) > 0.98


@pytest.mark.skipif(not is_available(), reason="pylibsrtp is not installed")
@pytest.mark.parametrize("account", [";mediaenc=srtp-mand", ";mediaenc=srtp"])
async def test_encrypted_both_ways(tmp_path: Path, account: str):
    line = SipLine("main", port=0, secrecy=Secrecy.REQUIRED)
    heard, leg = await call(tmp_path, line, account, hz=700, rate=8000)
    assert purity(b"".join(f.pcm for f in heard if not f.lost)[3200:], 700) > 0.98
    assert purity(baresip.heard(tmp_path)[8000:], 1000) > 0.98
    # Two packets on the port of the reports keep NAT open, of which one is in the clear.
    assert leg.stats.ignored <= 2
    assert leg.stats.lost == 0
