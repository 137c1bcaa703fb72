"""What came of the packets of one source: received, lost, jitter. Pure.

RFC 3550 §A.1 (sequence numbers), §A.3 (loss), §A.8 (jitter).
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.records import SAMPLE_RATE
from callcenter.sip.sound.rtp import RtpPacket, signed

MAX_DROPOUT, MAX_MISORDER = 3000, 100
"""Packets: a sequence number further ahead, or further back, is believed when the next follows
it (RFC 3550 §A.1)."""
_FARTHEST = SAMPLE_RATE
"""A change of transit time (1 s) that is no jitter: the sender's clock was set anew."""


@dataclass(slots=True)
class _Source:
    """One SSRC. `highest` counts on where sequence numbers wrap."""

    ssrc: int
    first: int
    highest: int
    received: int = 0
    expected_before: int = 0
    received_before: int = 0

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1


@dataclass(frozen=True, slots=True)
class Loss:
    """What a report says of a source: `fraction` in 1/256 since the report before."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int


class Reception:
    """Fed with every packet of the far end in the order in which they come."""

    def __init__(self) -> None:
        self.jitter = 0.0
        """Mean change of the transit time, in samples (RFC 3550 §A.8)."""
        self._source: _Source | None = None
        self._expected = self._received = 0
        """Of sources and runs of numbers that are over."""
        self._candidate: tuple[int, int] | None = None
        """The source and number that would confirm that another one has begun."""
        self._transit: float | None = None

    @property
    def received(self) -> int:
        """Packets that came, doubles too."""
        return self._received + (self._source.received if self._source else 0)

    @property
    def expected(self) -> int:
        """Packets that the far end has numbered."""
        return self._expected + (self._source.expected if self._source else 0)

    def take(self, packet: RtpPacket, at: float | None) -> None:
        """A packet; `at`: seconds on any clock, None where its time says nothing of jitter."""
        if not self._counts(packet) or at is None:
            return
        transit = at * SAMPLE_RATE - packet.timestamp
        if self._transit is not None:
            # Both wrap: the sender's clock after 149 hours, ours never.
            change = abs((transit - self._transit + 2**31) % 2**32 - 2**31)
            if change < _FARTHEST:
                self.jitter += (change - self.jitter) / 16
        self._transit = transit

    def report(self) -> Loss | None:
        """For a report block; the fraction counts from here on anew. None: nothing came yet."""
        source = self._source
        if source is None:
            return None
        expected = source.expected - source.expected_before
        lost = expected - (source.received - source.received_before)
        source.expected_before, source.received_before = source.expected, source.received
        fraction = min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
        total = max(-0x800000, min(0x7FFFFF, source.expected - source.received))
        return Loss(
            source.ssrc, fraction, total, source.highest & 0xFFFFFFFF, int(self.jitter) & 0xFFFFFFFF
        )

    def _counts(self, packet: RtpPacket) -> bool:
        source = self._source
        if source is None:
            self._begin(packet)
            return True
        ahead = signed(packet.sequence - source.highest, 16)
        if packet.ssrc == source.ssrc and -MAX_MISORDER < ahead < MAX_DROPOUT:
            if ahead > 0:
                source.highest += ahead
            source.received += 1
            self._candidate = None
            return True
        if self._candidate == (packet.ssrc, packet.sequence):
            self._begin(packet)
            return True
        self._candidate = (packet.ssrc, (packet.sequence + 1) & 0xFFFF)
        return False

    def _begin(self, packet: RtpPacket) -> None:
        self._expected, self._received = self.expected, self.received
        self._source = _Source(packet.ssrc, packet.sequence, packet.sequence, 1)
        self._candidate = self._transit = None
