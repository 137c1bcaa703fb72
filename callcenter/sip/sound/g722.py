"""G.722, 64 kbit/s: 16 kHz sound in one byte for every two samples (ITU-T G.722). Pure.

The only file that touches the package G722.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from G722 import G722

SAMPLE_RATE = 16_000
BIT_RATE = 64_000


class Encoder:
    """One direction of a call: what it makes depends on what it made before."""

    def __init__(self) -> None:
        self._codec: Any = G722(SAMPLE_RATE, BIT_RATE, use_numpy=False)

    def __call__(self, wide: bytes) -> bytes:
        """G.722 bytes from 16 kHz 16-bit little-endian sound; an odd last sample is left out."""
        samples = np.frombuffer(wide[: len(wide) // 4 * 4], "<i2")
        return bytes(self._codec.encode(samples))


class Decoder:
    """The other direction; after lost bytes it finds its way back by itself."""

    def __init__(self) -> None:
        self._codec: Any = G722(SAMPLE_RATE, BIT_RATE, use_numpy=False)

    def __call__(self, payload: bytes) -> bytes:
        """16 kHz 16-bit little-endian sound from any bytes."""
        return np.asarray(self._codec.decode(payload), "<i2").tobytes()
