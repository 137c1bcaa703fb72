"""Is this frame somebody's voice? WebRTC's detector above an energy floor; may touch webrtcvad."""

from __future__ import annotations

import math

import numpy as np
import webrtcvad

from callcenter.core.records import FRAME_BYTES, SAMPLE_RATE

AGGRESSIVENESS = 2
"""0 to 3. Measured: 3 misses half of a caller at −46 dBFS, whom the recogniser still understands;
0 and 1 also take ring-back or mains hum at −24 dBFS for a voice."""
FLOOR = 20.0
"""Root mean square below which nothing is a voice, −64 dBFS: the detector takes the first 100 ms
of any comfort noise for one."""
TRUSTED = 4
"""Frames after a loud one that need not be measured while the voice goes on: 80 ms."""


class VoiceDetector:
    """Judges the frames of one party, in order: the detector adapts to the line's noise."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._trusted = 0

    def voiced(self, pcm: bytes) -> bool:
        """True for 20 ms (8 kHz mono 16-bit) of voice. Raises ValueError for another length."""
        if len(pcm) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, not {len(pcm)}")
        if not self._vad.is_speech(pcm, SAMPLE_RATE):
            self._trusted = 0
            return False
        if self._trusted:
            self._trusted -= 1
            return True
        loud = loudness(pcm) >= FLOOR
        self._trusted = TRUSTED if loud else 0
        return loud


def loudness(pcm: bytes) -> float:
    """Root mean square of 16-bit sound about its mean, so that a DC offset is not loud."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    mean = float(samples.sum()) / len(samples)
    return math.sqrt(max(float(samples.dot(samples)) / len(samples) - mean * mean, 0.0))
