"""A page's headset, played by a second WebRTC peer; tests/browser has a real browser."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from callcenter.audio import browser
from callcenter.audio.browser import BrowserHeadset
from callcenter.core.errors import MissingPiece, Refused
from callcenter.core.ports import BrowserVoice, Leg
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Frame, VoiceState
from tests.waiting import until

from .tones import purity, tone

aiortc = pytest.importorskip("aiortc", reason="not installed: pip install 'callcenter[browser]'")
av = pytest.importorskip("av")

WINDOW = 20
SAID = tone(600, 1)


class Singing(aiortc.MediaStreamTrack):
    """A microphone that hears a tone of 440 Hz."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._samples = np.frombuffer(tone(440, 1, 48000), "<i2").reshape(50, 1, 960)
        self._count = 0

    async def recv(self) -> Any:
        await asyncio.sleep(FRAME_MS / 1000)
        frame = av.AudioFrame.from_ndarray(
            self._samples[self._count % 50], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = (
            48000,
            self._count * 960,
            Fraction(1, 48000),
        )
        self._count += 1
        return frame


class APage:
    """The page's end."""

    def __init__(self) -> None:
        self.peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self.peer.addTrack(Singing())
        self.heard: deque[bytes] = deque(maxlen=WINDOW)
        self._listening: asyncio.Task[None] | None = None
        self.peer.on("track", self._listen_to)

    async def connect(self, to: BrowserHeadset) -> str:
        browser._aiortc("127.0.0.1")
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await to.connect(self.peer.localDescription.sdp)
        await self.peer.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))
        return answer

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.peer.close()

    def _listen_to(self, track: Any) -> None:
        self._listening = asyncio.get_running_loop().create_task(self._listen(track))

    async def _listen(self, track: Any) -> None:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8000)
        while True:
            for frame in resampler.resample(await track.recv()):
                self.heard.append(frame.to_ndarray().tobytes())


@asynccontextmanager
async def worn() -> AsyncIterator[tuple[BrowserHeadset, list[VoiceState]]]:
    told: list[VoiceState] = []
    headset = BrowserHeadset("127.0.0.1", told.append)
    try:
        yield headset, told
    finally:
        await headset.close()


async def talk(leg: Leg, holds: Callable[[deque[Frame]], bool]) -> None:
    """Frames at a call's pace until something holds of the last 400 ms."""
    last: deque[Frame] = deque(maxlen=WINDOW)
    start = 0
    async with asyncio.timeout(30):
        while len(last) < WINDOW or not holds(last):
            last.append(leg.receive(start))
            at = start * 2 % len(SAID)
            leg.send(Frame(start, SAID[at : at + FRAME_BYTES]))
            start += FRAME_SAMPLES
            await asyncio.sleep(FRAME_MS / 1000)


def sings(last: deque[Frame]) -> bool:
    return purity(b"".join(frame.pcm for frame in last), 440) > 0.8


async def test_a_page_is_the_headset_and_the_call_outlives_it() -> None:
    async with worn() as (headset, told):
        assert isinstance(headset, BrowserVoice)
        with pytest.raises(MissingPiece, match="启用耳麦"):
            await headset.open(lambda: None)
        page, second = APage(), APage()
        answer = await page.connect(headset)
        addresses = {line.split()[4] for line in answer.splitlines() if "a=candidate" in line}
        assert addresses == {"127.0.0.1"}, "nothing outside this machine is told or used"
        await until(lambda: headset.state().state == "connected")
        leg = await headset.open(lambda: None)
        await talk(
            leg,
            lambda last: (
                sings(last)
                and len(page.heard) == WINDOW
                and purity(b"".join(page.heard), 600) > 0.8
            ),
        )
        assert headset.state().microphone.rms > -20
        await page.close()
        await talk(leg, lambda last: all(frame.lost for frame in last))
        assert (headset.state().state, leg.send(Frame(0))) == ("lost", False)
        await second.connect(headset)
        await talk(leg, sings)
        leg.close()
        assert [state.state for state in told] == ["connected", "lost", "connected"]
        await second.close()
        await until(lambda: headset.state().state == "idle")


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "v=0",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "\nm=audio 9 RTP/AVP 0" * 3,
        "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\nm=audio nine RTP/AVP x\r\na=candidate:\r\n",
        "\x00\nm=audio \x00",
    ],
)
async def test_what_is_no_offer_is_refused(offer: str) -> None:
    async with worn() as (headset, told):
        with pytest.raises(Refused, match="offer of a headset"):
            await headset.connect(offer)
        assert told == []


def test_addresses_of_other_machines_are_left_out_of_an_offer() -> None:
    near = "a=candidate:1 1 udp 2 127.0.0.1 5000 typ host\r\n"
    far = "a=candidate:2 1 udp 2 198.51.100.7 53 typ host\r\na=candidate:3 1 udp 2 x.local 1\r\n"
    assert browser._from_here(f"v=0\r\n{near}{far}a=candidate:\r\n") == f"v=0\r\n{near}"


def test_without_aiortc_the_extra_is_named() -> None:
    code = (
        "import sys, asyncio; sys.modules['aiortc'] = None\n"
        "from callcenter.audio.browser import BrowserHeadset\n"
        "try: asyncio.run(BrowserHeadset('127.0.0.1', print).connect('v=0'))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.startswith("MissingPiece a headset at the browser needs aiortc")
    assert "pip install 'callcenter[browser]'" in child.stdout
