"""What stands in for sound that did not come: a fading repeat, or comfort noise. Pure.

The repeat follows the idea of ITU-T G.711 Appendix I: the last pitch period again and again, at
full level for 10 ms, then fading to nothing at 60 ms. Sound that comes back is blended in over
4 ms, so that nothing clicks. Only the 8 kHz form is made up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from callcenter.core.records import SAMPLE_RATE, Frame

SHORTEST, LONGEST = 40, 120
"""Samples in a pitch period: 5 and 15 ms, as in G.711 Appendix I."""
FULL, FADED = 80, 480
"""Samples (10 and 60 ms) after which the repeat begins to fade, and has faded."""
BLENDED = 32
"""Samples (4 ms) in which real sound takes over."""
_COMPARED = 160
_SILENT_DBOV = 127
"""The level of comfort noise that is no noise (RFC 3389 §3.1)."""

_Floats = NDArray[np.float32]


def floats(pcm: bytes) -> _Floats:
    """16-bit sound as numbers."""
    return np.frombuffer(pcm, "<i2").astype(np.float32)


def to_pcm(samples: _Floats) -> bytes:
    """16-bit sound, clipped."""
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def crossfade(old: bytes, new: bytes) -> bytes:
    """As long as the shorter one: begins as `old`, ends as `new`."""
    count = min(len(old), len(new)) // 2
    rising = _rising(count)
    return to_pcm(floats(old)[:count] * (1 - rising) + floats(new)[:count] * rising)


def _rising(count: int) -> _Floats:
    """From just above 0 to just below 1."""
    return ((np.arange(count) + 0.5) / max(1, count)).astype(np.float32)


def blend(old: Frame, new: Frame) -> Frame:
    """One frame that begins as `old` and ends as `new`."""
    wide = crossfade(old.wide, new.wide) if old.wide and new.wide else b""
    return Frame(old.start, crossfade(old.pcm, new.pcm), wide=wide)


class Concealer:
    """Told of all sound that came; makes up what did not."""

    def __init__(self) -> None:
        self.last: Frame | None = None
        """The last sound that came; None while there is nothing to repeat."""
        self._before = b""
        self._cycle: _Floats | None = None
        """The pitch period that is being repeated."""
        self._made = 0

    @property
    def fading(self) -> bool:
        """False where there is nothing to repeat, or it has faded to nothing."""
        return self.last is not None and self._made < FADED

    @property
    def repeating(self) -> bool:
        """True once something was made up since the last sound."""
        return self._made > 0

    def heard(self, frame: Frame) -> Frame:
        """Sound that came; after a repeat the two are blended."""
        if self._made:
            frame = self._blended(frame)
            self._cycle, self._made = None, 0
        if self.last is not None:
            self._before = self.last.pcm
        self.last = frame
        return frame

    def pause(self) -> None:
        """The sender is silent: nothing is to be repeated or blended."""
        self.last, self._before = None, b""
        self._cycle, self._made = None, 0

    def make(self, count: int) -> bytes:
        """`count` samples in place of lost ones; silence once the repeat has faded."""
        if not self.fading:
            return bytes(2 * count)
        made = to_pcm(self._go_on(count))
        self._made += count
        return made

    def _go_on(self, count: int) -> _Floats:
        if self.last is None or not self.fading:
            return np.zeros(count, np.float32)
        if self._cycle is None:
            self._cycle = _pitch_period(floats(self._before + self.last.pcm))
        at = self._made + np.arange(count)
        gain = np.clip((FADED - at) / (FADED - FULL), 0, 1).astype(np.float32)
        return self._cycle[at % len(self._cycle)] * gain

    def _blended(self, frame: Frame) -> Frame:
        count = min(BLENDED, len(frame.pcm) // 2)
        old = to_pcm(self._go_on(count))
        pcm = crossfade(old, frame.pcm) + frame.pcm[2 * count :]
        wide = frame.wide
        if wide:
            twice = np.repeat(np.frombuffer(old, "<i2"), 2).tobytes()
            wide = crossfade(twice, wide) + wide[4 * count :]
        return Frame(frame.start, pcm, wide=wide)


def _pitch_period(sound: _Floats) -> _Floats:
    """The last period of `sound`, its end bent towards what came before its beginning."""
    if len(sound) < _COMPARED + LONGEST:
        return sound[-LONGEST:] if len(sound) else np.zeros(LONGEST, np.float32)
    recent = sound[-_COMPARED:]
    lags = np.arange(SHORTEST, LONGEST + 1)
    earlier = np.lib.stride_tricks.sliding_window_view(sound, _COMPARED)
    earlier = earlier[len(sound) - _COMPARED - lags]
    energy = np.sqrt(np.einsum("ij,ij->i", earlier, earlier)) + 1
    lag = int(lags[np.argmax(earlier @ recent / energy)])
    cycle = sound[-lag:].copy()
    bend = lag // 4
    rising = _rising(bend)
    cycle[-bend:] = cycle[-bend:] * (1 - rising) + sound[-lag - bend : -lag] * rising
    return cycle


def _white() -> _Floats:
    """A second of noise whose root mean square is 1."""
    noise = np.random.default_rng(3389).standard_normal(SAMPLE_RATE)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), dtype=np.float32)


_WHITE = _white()


class ComfortNoise:
    """Background noise as the sender describes it (RFC 3389); its spectrum is left out."""

    def __init__(self) -> None:
        self._noise = b""
        self._at = 0

    def describe(self, payload: bytes) -> None:
        """A comfort noise packet: its first byte is the level below the loudest, in dB."""
        level = payload[0] & 0x7F if payload else _SILENT_DBOV
        # RFC 3389 §3.1: a square wave that fills the range is 0 dBov.
        self._noise = b"" if level == _SILENT_DBOV else to_pcm(_WHITE * 32768 * 10 ** (-level / 20))

    def make(self, count: int) -> bytes:
        """`count` samples of it; silence where nothing was described."""
        if not self._noise:
            return bytes(2 * count)
        self._at = self._at if self._at + 2 * count <= len(self._noise) else 0
        piece = self._noise[self._at : self._at + 2 * count]
        self._at += 2 * count
        return piece
