"""Changes the rate of a stream of sound, for cards that have their own. The only file that knows
soxr; touches nothing."""

from __future__ import annotations

import numpy as np
import soxr


class Resampler:
    """Mono 16-bit sound at one rate, in Hz, into the same at another; 20 ms late.

    soxr's low quality stands for 16 bits with a softer edge; the better ones come in blocks of
    40 ms and more, which a conversation would feel.
    """

    def __init__(self, of: int, to: int) -> None:
        self._stream = (
            None if of == to else soxr.ResampleStream(of, to, 1, dtype="int16", quality="LQ")
        )

    def feed(self, pcm: bytes) -> bytes:
        """What follows from this much more; now and then nothing, then more."""
        if self._stream is None:
            return pcm
        return bytes(self._stream.resample_chunk(np.frombuffer(pcm, "<i2")).tobytes())
