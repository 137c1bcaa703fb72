"""A simulated sender and network for the sound of one party, in simulated time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from callcenter.core.records import FRAME_SAMPLES, Frame
from callcenter.sip.sound import g711
from callcenter.sip.sound.codecs import new_codec
from callcenter.sip.sound.playout import Playout
from callcenter.sip.sound.rtp import RtpPacket

LOUD = g711.encode(
    b"".join(n.to_bytes(2, "little", signed=True) for n in [8000, -8000] * 80), "PCMU"
)
QUIET = g711.encode(bytes(320), "PCMU")
WORD, ROUND = 60, 100
"""Frames: who talks says a word of 1.2 s every 2 s."""


def talk(number: int) -> bytes:
    """The payload of the frame with this number."""
    return LOUD if number % ROUND < WORD else QUIET


def music(number: int) -> bytes:
    """It is never quiet."""
    return LOUD


@dataclass
class Network:
    """Delivers what a sender sends, whose clock runs `ppm` fast; delays and losses by chance.

    `delay` gives the seconds on the way of packet number so-and-so, None where it is lost.
    """

    says: Callable[[int], bytes] = talk
    delay: Callable[[int, random.Random], float | None] = lambda number, dice: 0.05
    ppm: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(3550))

    def packets(self, seconds: float) -> Iterator[tuple[float, RtpPacket]]:
        """Each packet with its time of arrival."""
        number = 0
        while (sent := number * 0.02 / (1 + self.ppm * 1e-6)) < seconds:
            delay = self.delay(number, self.dice)
            stamp = (4_294_900_000 + number * FRAME_SAMPLES) & 0xFFFFFFFF
            packet = RtpPacket(0, (65_000 + number) & 0xFFFF, stamp, 7, self.says(number))
            if delay is not None:
                yield sent + delay, packet
            number += 1

    def play(self, seconds: float) -> tuple[Playout, list[Frame]]:
        """What is heard, tick by tick."""
        playout = Playout({0: new_codec("PCMU")})
        coming = sorted(self.packets(seconds), key=lambda arrival: arrival[0])
        frames, at = [], 0
        for tick in range(round(seconds * 50)):
            now = tick * 0.02
            while at < len(coming) and coming[at][0] <= now:
                playout.buffer.push(coming[at][1])
                at += 1
            frames.append(playout.pull(tick * FRAME_SAMPLES))
        return playout, frames


def words(frames: list[Frame]) -> list[int]:
    """The ticks at which a word begins."""
    loud = [max(memoryview(frame.pcm).cast("h")) > 4000 for frame in frames]
    return [i for i, (before, now) in enumerate(pairwise(loud), 1) if now > before]
