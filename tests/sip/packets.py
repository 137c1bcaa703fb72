"""Packets of one stream whose bytes say where they belong, and what a buffer makes of them."""

from __future__ import annotations

from callcenter.core.records import FRAME_SAMPLES
from callcenter.sip.sound.jitter import JitterBuffer
from callcenter.sip.sound.rtp import RtpPacket


def sound(first: int, count: int) -> bytes:
    """Bytes that say where they belong: each frame begins with its number."""
    frames = range(first // FRAME_SAMPLES, (first + count - 1) // FRAME_SAMPLES + 1)
    whole = b"".join((frame & 0xFFFF).to_bytes(2, "big") + _REST for frame in frames)
    return whole[first % FRAME_SAMPLES :][:count]


_REST = bytes(range(2, FRAME_SAMPLES))


class Sender:
    """Packets of one stream, from any start, of any length."""

    def __init__(self, samples: int = 160, timestamp: int = 0, ssrc: int = 1, seq: int = 0) -> None:
        self.samples = samples
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.sequence = seq
        self.place = 0

    def next(self) -> RtpPacket:
        stamp = (self.timestamp + self.place) & 0xFFFFFFFF
        payload = sound(self.place, self.samples)
        packet = RtpPacket(0, self.sequence & 0xFFFF, stamp, self.ssrc, payload)
        self.sequence += 1
        self.place += self.samples
        return packet

    def skip(self, packets: int = 1) -> None:
        for _ in range(packets):
            self.next()

    def pause(self, frames: int) -> None:
        """Send nothing, as one that is silent: time goes on, packets are not numbered."""
        self.place += frames * FRAME_SAMPLES


def pull(buffer: JitterBuffer) -> bytes | None:
    """One frame; missing and silent parts are zeros, None where there is nothing else."""
    runs = buffer.pull()
    assert sum(len(part) for _, part in runs) == FRAME_SAMPLES
    assert all(not any(part) for kind, part in runs if kind < 0)
    return b"".join(part for _, part in runs) if any(kind >= 0 for kind, _ in runs) else None


def kinds(buffer: JitterBuffer, pulls: int) -> list[tuple[int, ...]]:
    """What the runs of so many pulls are."""
    return [tuple(kind for kind, _ in buffer.pull()) for _ in range(pulls)]


def heard(buffer: JitterBuffer, pulls: int) -> bytes:
    """The sound of so many pulls without what did not come."""
    return b"".join(filter(None, (pull(buffer) for _ in range(pulls))))


def playing(packets: int = 3, **how: int) -> tuple[JitterBuffer, Sender]:
    """A buffer with so many packets, and their sender."""
    buffer, sender = JitterBuffer(), Sender(**how)
    for _ in range(packets):
        buffer.push(sender.next())
    return buffer, sender
