"""The tones that the house makes itself: who waits hears one at once. Pure.

The hold tone is two soft notes every four seconds; the ringing tone is that of the Chinese network,
450 Hz, one second on and four off (YD/T 522; ITU-T E.180 supplement 2).
"""

from __future__ import annotations

from functools import cache
from math import pi

import numpy as np

from callcenter.core.records import FRAME_BYTES, SAMPLE_RATE, Frame

SOFT = 1300
"""Amplitude of the hold tone: -28 dB below full scale, well under speech."""
PLAIN = 2000
FADE_MS = 40
"""Each note swells and dies so long, so that nothing clicks."""


class Loop:
    """A tone that goes round for as long as it is asked for."""

    def __init__(self, pcm: bytes) -> None:
        """`pcm` is 8 kHz mono 16-bit, whole frames."""
        self._pcm = pcm
        self._at = 0

    def next(self, start: int) -> Frame:
        """The next 20 ms."""
        pcm = self._pcm[self._at : self._at + FRAME_BYTES]
        self._at = (self._at + FRAME_BYTES) % len(self._pcm)
        return Frame(start, pcm)


@cache
def hold_tone() -> bytes:
    """Four seconds: C5 and E5, a third of a second each, then silence."""
    return _note(523.25, 340, SOFT) + _note(659.25, 340, SOFT) + _silence(3320)


@cache
def ringing_tone() -> bytes:
    """Five seconds: one of 450 Hz, four of silence."""
    return _note(450, 1000, PLAIN) + _silence(4000)


def _note(hertz: float, ms: int, amplitude: int) -> bytes:
    at = np.arange(SAMPLE_RATE * ms // 1000)
    from_edge = np.minimum(at, at[::-1]) / (SAMPLE_RATE * FADE_MS // 1000)
    swell = 0.5 - 0.5 * np.cos(pi * np.minimum(1.0, from_edge))
    samples = amplitude * swell * np.sin(2 * pi * hertz / SAMPLE_RATE * at)
    pcm: bytes = samples.round().astype("<i2").tobytes()
    return pcm


def _silence(ms: int) -> bytes:
    return bytes(SAMPLE_RATE * ms // 1000 * 2)
