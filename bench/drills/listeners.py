"""Callers who keep every packet that they are sent, and note when the other side hung up.

Both times are the kernel's, so that a packet that came after the BYE is found out, however late
this process gets to read it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise

from bench.telephone.callers import Callers, CallMade
from callcenter.core.records import FRAME_BYTES, FRAME_MS, Prompt
from callcenter.sip.signal import events
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtp import PCMA, PCMU, RtpPacket, parse_rtp

_SO_TIMESTAMPNS = 35
"""Linux, socket(7)."""
_TIMESPEC = struct.Struct("@qq")
_CODECS = {PCMU: "PCMU", PCMA: "PCMA"}
_WRAP = 1 << 16


@dataclass(slots=True)
class Heard:
    """What one call's far end was sent; times are in seconds, by the kernel."""

    packets: list[tuple[float, RtpPacket]] = field(default_factory=list)
    over_at: float = 0.0
    """When the BYE came."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def after_over(self) -> int:
        """Packets that came after the BYE."""
        return sum(at > self.over_at for at, _ in self.packets)

    @property
    def lost(self) -> int:
        """Packets that are missing, or stand in the wrong place, by their numbers."""
        numbers = [packet.sequence for _, packet in self.packets]
        return sum((b - a - 1) % _WRAP != 0 for a, b in pairwise(numbers))

    def of_prompt(self, prompt: Prompt) -> tuple[int, float]:
        """How many milliseconds of the prompt came, each sample of them as it is in its file and
        in their order; and when the last of them came."""
        wanted, at, last = 0, 0.0, 0.0
        for at, packet in self.packets:
            codec = _CODECS.get(packet.payload_type)
            frame = prompt.pcm[wanted * FRAME_BYTES :][:FRAME_BYTES]
            if not frame or codec is None:
                continue
            if packet.payload == g711.encode(frame.ljust(FRAME_BYTES, b"\0"), codec):
                wanted, last = wanted + 1, at
        return min(wanted * FRAME_MS, prompt.file_ms), last


class Listeners(Callers):
    """Any number of calls; what each heard is `heard`, by its CallMade's ssrc."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), "95000")
        self.heard: dict[int, Heard] = {}
        self._signals.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._told_at = 0.0
        self._from: dict[int, object] = {}

    def ring(self, address: tuple[str, int]) -> tuple[CallMade, Heard]:
        """Call there."""
        self.to = address
        made = self.calls[self.call()]
        self.heard[made.ssrc] = Heard()
        return made, self.heard[made.ssrc]

    def forget(self, made: CallMade) -> None:
        """The call is over, and was looked at."""
        made.sound.close()
        self.heard.pop(made.ssrc)
        self._from.pop(made.ssrc, None)

    def fetch(self, made: CallMade) -> None:
        """Read what came; also done all the time while the call stands."""
        self._hear(made)

    def _hear(self, made: CallMade) -> None:
        for at, data, source in _arrivals(made.sound):
            packet = parse_rtp(data)
            if packet is not None and source == self._from.get(made.ssrc):
                self.heard[made.ssrc].packets.append((at, packet))

    def _signalled(self) -> None:
        for at, data, source in _arrivals(self._signals):
            self._told_at = at
            self._agent.receive_datagram(data, source, self._loop.time())
            self._pump()

    def _take(self, event: events.SipEvent) -> None:
        super()._take(event)
        match event:
            case events.CallAnswered():
                made = self.calls[event.call]
                self._from[made.ssrc] = made.to
            case events.CallEnded():
                heard = self.heard[self.calls[event.call].ssrc]
                heard.over_at = self._told_at
                heard.over.set()


def _arrivals(sock: socket.socket) -> Iterator[tuple[float, bytes, tuple[str, int]]]:
    with suppress(OSError):
        while True:
            data, notes, _, source = sock.recvmsg(65535, 64)
            seconds, nanos = _TIMESPEC.unpack_from(notes[0][2]) if notes else (time.time(), 0)
            yield seconds + nanos * 1e-9, data, source


def addresses(uris: Sequence[str]) -> list[tuple[str, int]]:
    """Where these URIs are rung."""
    parts = (uri.rpartition("@")[2].rpartition(":") for uri in uris)
    return [(host, int(port)) for host, _, port in parts]


@asynccontextmanager
async def listeners() -> AsyncIterator[Listeners]:
    """They talk all the time to whoever answers."""
    made = Listeners()
    talking = asyncio.create_task(made.talk(1e6))
    try:
        yield made
        if made.standing:
            await made.hang_up_all()
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        made.close()
