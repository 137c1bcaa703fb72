"""Between 8 and 16 kHz: one half-band filter both ways, piece after piece of sound. Pure.

Flat to 3.6 kHz, 80 dB down from 4.4 kHz. All sound is mono signed 16-bit little-endian.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from callcenter.core.records import Frame

TAPS = 127
KAISER_BETA = 8.0
DOWN_LATE, UP_LATE = TAPS // 4, TAPS // 4 + 1
"""Samples at 8 kHz (4 ms) by which sound comes out of a filter later than it went in."""

_Samples = NDArray[np.float32]


def _odd_taps() -> _Samples:
    """The taps at odd distances from the middle, which sum up to 0.5.

    Of the even ones only the middle one, 0.5, is not zero: that is what half-band means.
    """
    distance = np.arange(TAPS) - TAPS // 2
    taps = np.sinc(distance / 2) * np.kaiser(TAPS, KAISER_BETA)
    odd = taps[distance % 2 != 0]
    return np.asarray(odd / (2 * odd.sum()), dtype=np.float32)


_ODD = _odd_taps()
_ODD_TWICE = 2 * _ODD
_HISTORY = len(_ODD) - 1


class Halver:
    """16 kHz to 8 kHz; remembers the end of one piece for the beginning of the next."""

    def __init__(self) -> None:
        self._even: _Samples = np.zeros(DOWN_LATE, np.float32)
        self._odd: _Samples = np.zeros(_HISTORY, np.float32)

    def __call__(self, wide: bytes) -> bytes:
        """The same sound at 8 kHz, DOWN_LATE later; an odd last sample is left out."""
        samples = np.frombuffer(wide[: len(wide) // 4 * 4], "<i2").astype(np.float32)
        if not len(samples):
            return b""
        even = np.concatenate((self._even, samples[0::2]))
        odd = np.concatenate((self._odd, samples[1::2]))
        self._even, self._odd = even[len(even) - DOWN_LATE :], odd[len(odd) - _HISTORY :]
        return _to_pcm(even[:-DOWN_LATE] / 2 + np.convolve(odd, _ODD, "valid"))


class Doubler:
    """8 kHz to 16 kHz, with nothing above 4.4 kHz; remembers as a Halver does."""

    def __init__(self) -> None:
        self._before: _Samples = np.zeros(_HISTORY, np.float32)

    def __call__(self, pcm: bytes) -> bytes:
        """The same sound at 16 kHz, UP_LATE later."""
        samples = self._remembered(pcm)
        count = len(samples) - _HISTORY
        if not count:
            return b""
        both = np.empty(2 * count, np.float32)
        both[0::2] = samples[_HISTORY - UP_LATE : -UP_LATE]
        both[1::2] = np.convolve(samples, _ODD_TWICE, "valid")
        return _to_pcm(both)

    def remember(self, pcm: bytes) -> None:
        """Take note of sound that need not be doubled, so that what follows has no edge."""
        self._remembered(pcm)

    def _remembered(self, pcm: bytes) -> _Samples:
        new = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32)
        samples = np.concatenate((self._before, new))
        self._before = samples[len(samples) - _HISTORY :]
        return samples


class Widener:
    """One party's frames at 16 kHz, whether or not they came so."""

    def __init__(self) -> None:
        self._double = Doubler()

    def __call__(self, frame: Frame) -> bytes:
        """The frame's 16 kHz sound: its own, else made of its 8 kHz sound."""
        if frame.wide:
            self._double.remember(frame.pcm)
            return frame.wide
        return self._double(frame.pcm)


def halve(wide: bytes) -> bytes:
    """A whole sound at 8 kHz, in its place: sample n stands where 2n stood."""
    whole = wide + bytes(len(wide) // 2 % 2 * 2 + 4 * DOWN_LATE)
    return Halver()(whole)[2 * DOWN_LATE :]


def _to_pcm(samples: NDArray[np.floating[Any]]) -> bytes:
    return bytes(np.clip(np.rint(samples), -32768, 32767).astype("<i2"))
