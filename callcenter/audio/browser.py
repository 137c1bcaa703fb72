"""An agent's headset at their browser, over WebRTC. The only file that touches aiortc and av.

aiortc is an extra: it is loaded when the first page connects. A page that goes is a headset pulled
out: the call goes on in silence, the agent is told, and the sound comes back with the page.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from ipaddress import ip_address
from types import ModuleType
from typing import Any

from callcenter.audio.agent_sound import AgentLeg
from callcenter.core.errors import MissingPiece, Refused
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import WIDE_BYTES, WIDE_RATE, Level, VoiceState

QUIET_S = 3.0
"""A page that sends nothing for so long is gone: a browser sends silence, too."""
_MOST_UNPLAYED = 12
"""Frames (240 ms) that may wait to be sent; then the oldest goes."""
_WIDE_SAMPLES = WIDE_BYTES // 2


class BrowserHeadset:
    """core.ports.BrowserVoice: one page at a time is the agent's headset."""

    def __init__(self, host: str, tell: Callable[[VoiceState], None]) -> None:
        """Sound comes in at the address `host` alone, at every one of this machine where it is a
        wildcard; `tell` is told of every change."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = str(socket.getaddrinfo(host, None, family)[0][4][0])
        self._tell = tell
        self._page: Page | None = None
        self._leg: AgentLeg | None = None
        self._state, self._detail = "idle", ""
        self._connecting = asyncio.Lock()

    async def open(self, gone: Gone) -> Leg:
        """The sound of the page that is connected. Raises MissingPiece where none is."""
        if self._page is None or self._state != "connected":
            raise MissingPiece("no browser is this agent's headset: press 启用耳麦 on the page")
        leg = AgentLeg()
        leg.player = self._page
        leg.on_close = lambda: self._closed(leg)
        self._leg = leg
        return leg

    def state(self) -> VoiceState:
        """How it stands."""
        levels = self._leg.levels() if self._leg else (Level(), Level())
        return VoiceState("browser", self._state, self._detail, *levels)

    async def connect(self, offer: str) -> str:
        """Take a page's offer; the answer. The page before it is let go.

        Raises Refused, MissingPiece.
        """
        aiortc = _aiortc(self._host)
        if ip_address(self._host).is_loopback:
            offer = _from_here(offer)
        async with self._connecting:
            page = Page(aiortc, self._heard, self._quiet)
            try:
                answer = await page.agree(offer)
            except BaseException:
                await page.close()
                raise
            before, self._page = self._page, page
            if before is not None:
                await before.close()
            return answer

    async def close(self) -> None:
        """Let the page go."""
        page, self._page = self._page, None
        if page is not None:
            await page.close()

    def _heard(self, page: Page, pcm: bytes) -> None:
        if page is not self._page:
            return
        self._set("connected")
        if self._leg is not None:
            self._leg.player = page
            self._leg.say(pcm)

    def _quiet(self, page: Page) -> None:
        if page is not self._page:
            return
        if self._leg is None:
            self._set("idle")
            return
        self._leg.player = None
        self._set("lost", "the browser is gone; it is waited for")

    def _closed(self, leg: AgentLeg) -> None:
        if self._leg is leg:
            self._leg = None
            if self._state == "lost":
                self._set("idle")

    def _set(self, state: str, detail: str = "") -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            self._tell(self.state())


class Page:
    """The connection to one page."""

    def __init__(
        self,
        aiortc: ModuleType,
        heard: Callable[[Page, bytes], None],
        quiet: Callable[[Page], None],
    ) -> None:
        """`heard` takes what its microphone hears, at 16 kHz; `quiet` is called when it goes."""
        self._aiortc = aiortc
        self._heard = heard
        self._quiet = quiet
        self._mouth = _track(aiortc)
        self._listening: asyncio.Task[None] | None = None
        # No ICE servers: nobody outside is asked who we are.
        self._peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self._peer.addTrack(self._mouth)
        self._peer.on("track", self._listen_to)
        self._peer.on("connectionstatechange", self._changed)

    async def agree(self, offer: str) -> str:
        """The answer to an offer of one sound. Raises Refused."""
        if offer.count("\nm=") != 1 or "\nm=audio " not in offer:
            raise Refused("this is no offer of a headset; expected SDP with one m=audio")
        try:
            description = self._aiortc.RTCSessionDescription(offer, "offer")
            await self._peer.setRemoteDescription(description)
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Exception as error:
            raise Refused(f"this offer of a headset cannot be used: {error}") from error
        return str(self._peer.localDescription.sdp)

    def play(self, pcm: bytes) -> None:
        """20 ms for the ear, at 16 kHz; never blocks."""
        self._mouth.play(pcm)

    async def close(self) -> None:
        """Hang up; the page is told."""
        if self._listening is not None:
            self._listening.cancel()
        await self._peer.close()

    def _listen_to(self, track: Any) -> None:
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen(track))

    async def _changed(self) -> None:
        if self._peer.connectionState in ("failed", "closed"):
            self._quiet(self)
            await self.close()

    async def _listen(self, track: Any) -> None:
        import av

        resampler = av.AudioResampler(format="s16", layout="mono", rate=WIDE_RATE)
        with suppress(self._aiortc.mediastreams.MediaStreamError):
            while True:
                frame = await self._next(track)
                for part in resampler.resample(frame):
                    self._heard(self, part.to_ndarray().tobytes())
        self._quiet(self)

    async def _next(self, track: Any) -> Any:
        try:
            async with asyncio.timeout(QUIET_S):
                return await track.recv()
        except TimeoutError:
            self._quiet(self)
            return await track.recv()


def _track(aiortc: ModuleType) -> Any:
    """A track that sends what it is given to play, stamped by the clock: pauses are pauses."""
    import av
    import numpy as np

    class Mouth(aiortc.MediaStreamTrack):  # type: ignore[misc, name-defined]
        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
            self._began = 0.0
            self._next = 0

        def play(self, pcm: bytes) -> None:
            if self._waiting.qsize() >= _MOST_UNPLAYED:
                self._waiting.get_nowait()
            self._waiting.put_nowait(pcm)

        async def recv(self) -> Any:
            pcm = await self._waiting.get()
            frame = av.AudioFrame.from_ndarray(
                np.frombuffer(pcm, np.int16).reshape(1, -1), format="s16", layout="mono"
            )
            frame.sample_rate = WIDE_RATE
            frame.time_base = Fraction(1, WIDE_RATE)
            frame.pts = self._stamp()
            return frame

        def _stamp(self) -> int:
            now = asyncio.get_running_loop().time()
            self._began = self._began or now
            by_clock = int((now - self._began) * WIDE_RATE)
            if by_clock - self._next > 5 * _WIDE_SAMPLES:
                self._next = by_clock
            stamp, self._next = self._next, self._next + _WIDE_SAMPLES
            return stamp

    return Mouth()


def _aiortc(host: str) -> ModuleType:
    """The library, listening at `host`. Raises MissingPiece."""
    try:
        import aioice.ice
        import aiortc
    except ImportError as error:
        raise MissingPiece(
            f"a headset at the browser needs aiortc ({error}): pip install 'callcenter[browser]'"
        ) from error
    if not ip_address(host).is_unspecified:
        # It listens at every address but the loopback one, and has no setting for that.
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [host]
    return aiortc


def _from_here(offer: str) -> str:
    """The offer without addresses of other machines: who listens at loopback calls nobody else."""
    return "".join(
        line
        for line in offer.splitlines(keepends=True)
        if not line.startswith("a=candidate:") or _is_own((line.split(" ") + [""] * 5)[4])
    )


def _is_own(host: str) -> bool:
    """Whether an interface of this machine has this address."""
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except (OSError, ValueError):
        return False
    return True
