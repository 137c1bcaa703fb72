"""Makes clean speech sound like a telephone call, repeatably: every choice comes from `rng`.

Speed and size of the voice, a room, a band, a level, noise of many kinds, G.711, and what a line
carries besides speech (tones, DTMF, ring-back, music): all of that is labelled as silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import signal

from callcenter.asr.train.align import Span, moved

RATE = 8000
Floats = NDArray[np.float64]
DTMF_LOW, DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
CADENCES = (
    ((450,), 1.0, 4.0), ((450,), 0.35, 0.35), ((450,), 0.4, 0.04), ((440, 480), 2.0, 4.0),
    ((350, 440), 9.0, 0.1), ((480, 620), 0.5, 0.5), ((425,), 1.0, 3.0), ((425,), 0.2, 0.2),
    ((1100,), 0.5, 3.0), ((2100,), 3.3, 0.1), ((400, 450), 0.4, 0.2), ((1000,), 9.0, 0.1),
)  # fmt: skip
"""(Hz, seconds on, seconds off): ring-back, busy, dial and fax tones of several countries."""


@dataclass(frozen=True, slots=True)
class Variety:
    """How far apart the made calls may be."""

    warp: tuple[float, float] = (0.91, 1.11)
    """Resampling: pitch, resonances and speed together."""
    warped: float = 0.5
    """The share of utterances that are resampled."""
    noisy: float = 0.85
    snr_db: tuple[float, float] = (3.0, 34.0)
    line_sounds: float = 0.15
    """The share with a tone, DTMF or music before or after the speech."""


@dataclass(frozen=True, slots=True)
class Call:
    """8 kHz samples, and the times of the sounds in them."""

    samples: NDArray[np.int16]
    spans: list[Span]
    factor: float = 1.0
    lead: float = 0.0
    """Time in the call = lead + factor x time in the clean sound."""


def call(
    rng: Generator,
    clean: NDArray[np.int16],
    rate: int,
    spans: Sequence[Span],
    others: Sequence[Floats] = (),
    variety: Variety | None = None,
) -> Call:
    """One telephone call made from clean speech; `others` (8 kHz) are the voices of babble."""
    variety = variety or Variety()
    factor = float(rng.uniform(*variety.warp)) if rng.random() < variety.warped else 1.0
    voice = _normal(resampled(clean, rate, factor))
    voice = _band(rng, _room(rng, voice))
    lead, tail = rng.uniform(0.05, 1.2), rng.uniform(0.1, 1.0)
    before, after = (np.zeros(int(seconds * RATE)) for seconds in (lead, tail))
    if rng.random() < variety.line_sounds:
        before = _with_line_sound(rng)
    elif rng.random() < variety.line_sounds:
        after = _with_line_sound(rng)
    sound = np.concatenate([before, voice, after])
    if rng.random() < variety.noisy:
        sound = sound + noise(rng, len(sound), others) * _gain(rng.uniform(*variety.snr_db))
    start = len(before) / RATE
    return Call(_over_the_line(rng, sound), moved(spans, factor, start), factor, start)


def line_call(rng: Generator, seconds: float) -> Call:
    """A call with no speech in it at all: tones, music, noise."""
    sound = line_sound(rng, int(seconds * RATE))
    if rng.random() < 0.5:
        sound = sound + noise(rng, len(sound)) * _gain(rng.uniform(10, 40))
    return Call(_over_the_line(rng, sound), [])


def resampled(clean: NDArray[np.int16], rate: int, factor: float = 1.0) -> Floats:
    """At 8 kHz and `factor` times as long, as floats with a full scale of 1."""
    count = round(len(clean) * RATE / rate * factor)
    return np.asarray(signal.resample(clean.astype(np.float64) / 32768, count))


def noise(rng: Generator, count: int, others: Sequence[Floats] = ()) -> Floats:
    """`count` samples of noise with a power of 1."""
    kinds: list[Callable[[], Floats]] = [
        *[lambda: rng.normal(size=count)] * 3,
        lambda: coloured(rng, count, 1.0),
        lambda: coloured(rng, count, rng.uniform(0.3, 2.0)),
        lambda: _hum(rng, count) + 0.1 * rng.normal(size=count),
        lambda: line_sound(rng, count),
    ]
    if others:
        kinds += [lambda: _babble(rng, count, others)] * 2
    return _normal(kinds[rng.integers(len(kinds))]())


def coloured(rng: Generator, count: int, slope: float) -> Floats:
    """Noise whose power falls with frequency to the power of `slope` (1: pink)."""
    spectrum = np.fft.rfft(rng.normal(size=count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    return np.asarray(np.fft.irfft(spectrum / np.maximum(hertz, 30) ** (slope / 2), count))


def line_sound(rng: Generator, count: int) -> Floats:
    """What lines carry besides speech: tones, DTMF, ring-back, busy, fax, music."""
    kinds = (_tone, _dtmf, _dtmf, _cadence, _cadence, _music, _music, _sweep)
    return _normal(kinds[rng.integers(len(kinds))](rng, count))


def _with_line_sound(rng: Generator) -> Floats:
    sound = line_sound(rng, int(rng.uniform(0.2, 1.5) * RATE)) * rng.uniform(0.1, 1.2)
    gap = np.zeros(int(rng.uniform(0.05, 0.4) * RATE))
    return np.concatenate([gap, sound, gap])


def _sine(hertz: float, count: int) -> Floats:
    return np.asarray(np.sin(2 * np.pi * hertz * np.arange(count) / RATE))


def _tone(rng: Generator, count: int) -> Floats:
    tones = [_sine(rng.uniform(80, 3700), count) for _ in range(rng.integers(1, 3))]
    return np.asarray(sum(tones))


def _sweep(rng: Generator, count: int) -> Floats:
    low, high = rng.uniform(100, 3600, 2)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(np.linspace(low, high, count)) / RATE))


def _dtmf(rng: Generator, count: int) -> Floats:
    pieces: list[Floats] = []
    while sum(map(len, pieces)) < count:
        key = int(rng.uniform(0.05, 0.4) * RATE)
        pieces.append(_sine(rng.choice(DTMF_LOW), key) + _sine(rng.choice(DTMF_HIGH), key))
        pieces.append(np.zeros(int(rng.uniform(0.04, 0.5) * RATE)))
    return np.concatenate(pieces)[:count]


def _cadence(rng: Generator, count: int) -> Floats:
    hertz, on, off = CADENCES[rng.integers(len(CADENCES))]
    moment = np.arange(count) / RATE + rng.uniform(0, on)
    sound = sum(_sine(h * rng.uniform(0.98, 1.02), count) for h in hertz)
    return np.asarray(sound * (moment % (on + off) < on))


def _music(rng: Generator, count: int) -> Floats:
    """Notes of a few harmonics over a chord."""
    result = np.zeros(count)
    at, base = 0, rng.uniform(110, 330)
    while at < count:
        length = int(rng.uniform(0.1, 0.7) * RATE)
        for step in rng.integers(0, 25, rng.integers(1, 4)):
            note = _note(rng, base * 2 ** (step / 12), length)[: count - at]
            result[at : at + len(note)] += note
        at += length
    return result


def _note(rng: Generator, hertz: float, length: int) -> Floats:
    harmonics = [_sine(h * hertz, length) / h ** rng.uniform(0.5, 2) for h in range(1, 7)]
    fading = np.exp(-np.arange(length) / RATE * rng.uniform(0, 6))
    return np.asarray(sum(h for n, h in enumerate(harmonics, 1) if n * hertz < 3900) * fading)


def _hum(rng: Generator, count: int) -> Floats:
    base = rng.choice((50.0, 60.0, 100.0))
    return np.asarray(sum(_sine(n * base, count) * rng.random() for n in range(1, 9)))


def _babble(rng: Generator, count: int, others: Sequence[Floats]) -> Floats:
    result = np.zeros(count)
    for _ in range(rng.integers(3, 7)):
        voice = others[int(rng.integers(len(others)))]
        result += np.resize(np.roll(voice, rng.integers(len(voice))), count)
    return result


def _room(rng: Generator, voice: Floats) -> Floats:
    """A short exponential reverberation, in every fifth call."""
    if rng.random() >= 0.2:
        return voice
    count = int(rng.uniform(0.05, 0.3) * RATE)
    echo = rng.normal(size=count) * np.exp(-6.9 * np.arange(count) / count)
    echo *= rng.uniform(0.1, 0.6) / np.sqrt(np.sum(echo**2))
    echo[0] = 1.0
    return np.asarray(signal.fftconvolve(voice, echo)[: len(voice)])


def _band(rng: Generator, voice: Floats) -> Floats:
    """What the telephone lets through: 280 to 3450 Hz, or more; and a tilt of the spectrum."""
    narrow = rng.random() < 0.6
    low, high = (rng.uniform(200, 350), rng.uniform(3200, 3600)) if narrow else (50, 3900)
    hertz = np.fft.rfftfreq(len(voice), 1 / RATE)
    gain = 1 / (1 + (low / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / high) ** 24)
    tilt = (np.maximum(hertz, 100) / 1000) ** rng.uniform(-0.4, 0.4)
    return _normal(np.fft.irfft(np.fft.rfft(voice) * gain * tilt, len(voice)))


def _over_the_line(rng: Generator, sound: Floats) -> NDArray[np.int16]:
    """At a level of -36 to -14 dBFS, through mu-law, A-law or neither."""
    sound = np.clip(sound * 10 ** (rng.uniform(-36, -14) / 20), -1, 1)
    law = (_mu_law, _a_law, np.asarray)[rng.integers(3)]
    return np.asarray(np.round(law(sound) * 32767), np.int16)


def telephone(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """As they are after G.711 (mu-law) there and back."""
    return np.asarray(np.round(_mu_law(samples / 32767) * 32767), np.int16)


def _mu_law(sound: Floats) -> Floats:
    """G.711 mu-law as its formula: 8 bits, companded with mu = 255."""
    code = np.round(np.log1p(255 * np.abs(sound)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(sound) * np.expm1(code * np.log(256)) / 255)


def _a_law(sound: Floats) -> Floats:
    """G.711 A-law as its formula: 8 bits, companded with A = 87.6."""
    size, scale = np.abs(sound), 1 + np.log(87.6)
    small = size < 1 / 87.6
    code = np.where(small, 87.6 * size, 1 + np.log(np.maximum(87.6 * size, 1))) / scale
    code = np.round(code * 127) / 127 * scale
    return np.asarray(np.sign(sound) * np.where(code < 1, code, np.exp(code - 1)) / 87.6)


def _normal(sound: Floats) -> Floats:
    """Scaled to a power of 1."""
    return np.asarray(sound / max(float(np.sqrt(np.mean(sound**2))), 1e-9))


def _gain(snr_db: float) -> float:
    return float(10 ** (-snr_db / 20))
