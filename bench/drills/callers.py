"""People who ring the service and talk, over real SIP and RTP from this process."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callcenter.core.errors import CallRefused
from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Frame
from callcenter.desk.metronome import beat
from callcenter.sip.line.line_calls import DialledCall
from callcenter.sip.line.sip_line import SipLine


class Talker:
    """One call: says its sound, then is silent, until either side hangs up."""

    def __init__(self, call: DialledCall, sound: bytes) -> None:
        self.call = call
        self.number = call.caller_number
        self.answered_at = 0.0
        """By time.monotonic; 0 until then."""
        self.ended_at = 0.0
        self.decided = asyncio.Event()
        """Set once it is answered or refused."""
        self.refused: CallRefused | None = None
        self.heard_frames = 0
        """Frames with sound in them that came from the other side."""
        self._sound = sound
        self._at = 0
        self._said = asyncio.create_task(self._talk())

    @property
    def talks(self) -> bool:
        """Answered, and not over."""
        return bool(self.answered_at) and not self.ended_at

    def hang_up(self) -> None:
        """End it from this side."""
        self._end()
        self.call.hang_up()

    async def over(self) -> None:
        """Wait for its end."""
        await asyncio.gather(self._said, return_exceptions=True)

    def _end(self) -> None:
        self.ended_at = self.ended_at or time.monotonic()
        self._said.cancel()

    async def _talk(self) -> None:
        self.call.on_hang_up = self._end
        try:
            await self.call.answered()
        except CallRefused as refused:
            self.refused, self.ended_at = refused, time.monotonic()
            self.decided.set()
            return
        self.answered_at = time.monotonic()
        self.decided.set()
        await beat(self._tick)

    def _tick(self, *_: object) -> None:
        start = self._at * FRAME_SAMPLES
        said = self._sound[self._at * FRAME_BYTES :][:FRAME_BYTES]
        self._at += 1
        self.heard_frames += not self.call.leg.receive(start).lost
        self.call.leg.send(Frame(start, said.ljust(FRAME_BYTES, b"\0") if said else SILENCE))


class Callers:
    """A telephone that rings as many times as one likes."""

    def __init__(self, line: SipLine) -> None:
        self._line = line
        self.calls: list[Talker] = []

    async def ring(self, uri: str, sound: bytes = b"", number: str = "") -> Talker:
        """Call once more, from a number of its own; returns while it rings."""
        number = number or f"139{len(self.calls):08d}"
        self.calls.append(Talker(await self._line.dial(uri, number), sound))
        return self.calls[-1]

    async def answered(self, call: Talker, seconds: float = 30.0) -> None:
        """Wait until the call is answered or refused. Raises TimeoutError."""
        await asyncio.wait_for(call.decided.wait(), seconds)


async def asked(uri: str, seconds: float = 5.0) -> int:
    """The status of the answer to an OPTIONS by UDP. Raises TimeoutError."""
    host, _, port = uri.partition("@")[2].partition(":")
    loop, answer = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    class Probe(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, source: object) -> None:
            if not answer.done():
                answer.set_result(int(data.split(b" ", 2)[1]))

    token = secrets.token_hex(8)
    way, _ = await loop.create_datagram_endpoint(Probe, remote_addr=(host, int(port)))
    try:
        ours = "{}:{}".format(*way.get_extra_info("sockname")[:2])
        way.sendto(
            (
                f"OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {ours};branch=z9hG4bK{token}\r\n"
                f"From: <sip:probe@{ours}>;tag=1\r\nTo: <{uri}>\r\nCall-ID: probe-{token}\r\n"
                "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            ).encode()
        )
        return await asyncio.wait_for(answer, seconds)
    finally:
        way.close()


@asynccontextmanager
async def callers() -> AsyncIterator[Callers]:
    """They hang up on the way out."""
    line = SipLine("callers", "127.0.0.1", 0, max_calls=1000)
    await line.start(lambda call: call.reject())
    ringing = Callers(line)
    try:
        yield ringing
    finally:
        for call in ringing.calls:
            if not call.ended_at:
                call.hang_up()
            await call.over()
        await line.close()
