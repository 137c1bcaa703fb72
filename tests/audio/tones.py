"""Tones to send and to find again, for the tests of everything that carries sound."""

from __future__ import annotations

import numpy as np

RATE = 8000


def tone(hz: float, seconds: float, rate: int = RATE, level: float = 0.5) -> bytes:
    """A sine as 16-bit mono sound."""
    t = np.arange(round(rate * seconds)) / rate
    return (np.sin(2 * np.pi * hz * t) * level * 32767).astype("<i2").tobytes()


def purity(pcm: bytes, hz: float, rate: int = RATE) -> float:
    """Which part of the sound's energy lies within 30 Hz of `hz`: 0 for silence, 1 for a tone."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / rate) - hz) < 30
    return float(power[near].sum() / power.sum()) if power.any() else 0.0


def loudness_db(pcm: bytes) -> float:
    """Root mean square against full scale, in dB; -200 for silence."""
    samples = np.frombuffer(pcm, "<i2").astype(float) / 32768
    return float(20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-10))
