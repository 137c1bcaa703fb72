"""A jitter buffer in samples, not packets: any packet length in, 160 samples out. Pure.

Packets are placed by RTP timestamp, so order and length do not matter. An empty buffer holds its
place: only the next packet tells whether sound was delayed (it continues, and is played) or
lost (there is a gap, and the time already waited is taken from it).
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, SILENCE
from callcenter.sip.rtp import RtpPacket

DEPTH = 480
"""Samples (60 ms) gathered before a stream starts to play."""
GROWN = 1600
"""Samples (200 ms) that are too many to hold for long."""
TOO_LONG = 3200
"""Samples (400 ms) that nobody wants to talk across."""
SKIPS_QUIET, SKIPS_ANY = 50, 250
"""Pulls in a row (1 s, 5 s) with too much held before quiet frames, or any, are skipped: what a
stall of this machine piled up is fetched by the ticks that follow it at once, and nothing is lost.
"""
CAPACITY = 8000
"""Samples (1 s): a packet further away belongs to another stream."""
LONGEST_PACKET = 1600
"""Samples (200 ms) in one packet; longer ones are not G.711 telephony."""
_PATIENCE = 10
"""Empty pulls after which the next packet starts afresh, wherever it stands."""
_LATE_RUN = 5
"""Packets in a row behind the head that show that the sender's clock jumped back."""
_QUIET = 300
"""Peak below which a frame counts as quiet (about -40 dBFS)."""


@dataclass(slots=True)
class JitterStats:
    """What the buffer met, in packets; `trimmed` is in frames."""

    received: int = 0
    duplicate: int = 0
    late: int = 0
    stray: int = 0
    trimmed: int = 0
    resyncs: int = 0
    expected: int = 0

    @property
    def lost(self) -> int:
        """Packets that the sender numbered and we never saw (RFC 3550 §A.3)."""
        return max(0, self.expected - self.received)


def _signed(difference: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half


class JitterBuffer:
    """Feed with `push`, one frame of sound with each `pull`; holds one second at most."""

    def __init__(self) -> None:
        self.stats = JitterStats()
        self._pcm = bytearray()
        self._have = bytearray()
        self._head = 0
        self._ssrc: int | None = None
        self._newest = 0
        self._filling = True
        self._fresh = True
        self._waited = 0
        self._grown_for = 0
        self._late_run = 0
        self._stray: RtpPacket | None = None

    @property
    def samples(self) -> int:
        """Samples from the next one to play up to the newest one held."""
        return len(self._have)

    def push(self, packet: RtpPacket, pcm: bytes) -> None:
        """Place a packet's decoded sound (16-bit); empty and overlong packets are left out."""
        count = len(pcm) // 2
        if not 0 < count <= LONGEST_PACKET:
            self.stats.stray += 1
            return
        if self._ssrc is None or (self._belongs_elsewhere(packet) and self._moved(packet)):
            self._restart(packet)
        elif self._belongs_elsewhere(packet):
            self.stats.stray += 1
            self._stray = packet
            return
        self._stray = None
        self._place(packet, pcm, count)

    def pull(self) -> bytes | None:
        """The next 20 ms of sound, or None where none came in time. Call once a tick."""
        if not self._may_play():
            return None
        self._trim()
        pcm, have = bytes(self._pcm[:FRAME_BYTES]), self._have[:FRAME_SAMPLES]
        self._drop_frame()
        if not any(have):
            return None
        return pcm + SILENCE[len(pcm) :]

    def _place(self, packet: RtpPacket, pcm: bytes, count: int) -> None:
        offset = _signed(packet.timestamp - self._head, 32)
        if offset < 0 and self._fresh:
            offset = self._make_room(-offset)
        if offset + count <= 0 and not self._is_new_start(packet):
            self._count(packet)
            self.stats.late += 1
            return
        self._late_run = 0
        self._take_waiting_time(packet)
        self._write(packet, pcm, _signed(packet.timestamp - self._head, 32), count)

    def _is_new_start(self, packet: RtpPacket) -> bool:
        """Counts packets behind the head; true, after a restart, when they are the stream now."""
        self._late_run += 1
        if self._late_run < _LATE_RUN:
            return False
        self._restart(packet)
        return True

    def _may_play(self) -> bool:
        """False while the stream gathers its first 60 ms, or where nothing is held."""
        if not self._have:
            self._waited += 1
            return False
        if self._filling and self.samples < DEPTH and self._waited < DEPTH // FRAME_SAMPLES:
            self._waited += 1
            return False
        self._filling = self._fresh = False
        self._waited = 0
        return True

    def _drop_frame(self) -> None:
        """Move the head one frame on, or to the newest sample where less is held."""
        self._head += min(FRAME_SAMPLES, len(self._have))
        del self._pcm[:FRAME_BYTES]
        del self._have[:FRAME_SAMPLES]

    def _trim(self) -> None:
        """Skip what keeps the parties apart, once it has lasted: quiet frames first."""
        self._grown_for = self._grown_for + 1 if self.samples > GROWN else 0
        while self._may_skip():
            self._drop_frame()
            self.stats.trimmed += 1

    def _may_skip(self) -> bool:
        if self.samples <= GROWN or self._grown_for < SKIPS_QUIET:
            return False
        return self._is_quiet() or (self._grown_for >= SKIPS_ANY and self.samples > TOO_LONG)

    def _is_quiet(self) -> bool:
        return max(map(abs, memoryview(self._pcm[:FRAME_BYTES]).cast("h"))) < _QUIET

    def _belongs_elsewhere(self, packet: RtpPacket) -> bool:
        if packet.ssrc != self._ssrc:
            return True
        offset = _signed(packet.timestamp - self._head, 32)
        return not -CAPACITY < offset <= CAPACITY - LONGEST_PACKET

    def _moved(self, packet: RtpPacket) -> bool:
        """True where the stream really moved: after a pause, or a second packet confirms it."""
        if not self._have and self._waited >= _PATIENCE:
            return True
        before = self._stray
        return (
            before is not None
            and before.ssrc == packet.ssrc
            and before.sequence != packet.sequence
            and abs(_signed(packet.timestamp - before.timestamp, 32)) < CAPACITY
        )

    def _restart(self, packet: RtpPacket) -> None:
        if self._ssrc is not None:
            self.stats.resyncs += 1
        self._pcm.clear()
        self._have.clear()
        self._head = packet.timestamp
        self._ssrc = packet.ssrc
        self._newest = (packet.sequence - 1) & 0xFFFF
        self._filling = self._fresh = True
        self._waited = self._grown_for = 0

    def _take_waiting_time(self, packet: RtpPacket) -> None:
        """After empty pulls: what was lost meanwhile has already been heard as silence."""
        if self._have or not self._waited:
            return
        gap = max(0, _signed(packet.timestamp - self._head, 32))
        self._head += min(gap, self._waited * FRAME_SAMPLES)
        self._filling = self._waited >= _PATIENCE
        self._waited = 0

    def _make_room(self, samples: int) -> int:
        """Before playing starts an earlier packet may still go to the front."""
        if samples + self.samples <= CAPACITY:
            self._pcm[:0] = bytes(2 * samples)
            self._have[:0] = bytes(samples)
            self._head -= samples
            return 0
        return -samples

    def _write(self, packet: RtpPacket, pcm: bytes, offset: int, count: int) -> None:
        skipped = max(0, -offset)
        start, end = offset + skipped, offset + count
        missing = end - len(self._have)
        if missing > 0:
            self._pcm.extend(bytes(2 * missing))
            self._have.extend(bytes(missing))
        if all(self._have[start:end]):
            self.stats.duplicate += 1
            return
        self._count(packet)
        self._pcm[2 * start : 2 * end] = pcm[2 * skipped : 2 * count]
        self._have[start:end] = b"\x01" * (end - start)

    def _count(self, packet: RtpPacket) -> None:
        self.stats.received += 1
        ahead = _signed(packet.sequence - self._newest, 16)
        if ahead > 0:
            self.stats.expected += ahead
            self._newest = packet.sequence
