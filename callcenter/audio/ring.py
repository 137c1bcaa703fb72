"""A small buffer between two clocks, such as a sound card's and ours. Touches a lock only."""

from __future__ import annotations

from threading import Lock

from callcenter.core.records import SAMPLE_RATE


class Ring:
    """Bytes of mono 16-bit sound at `rate` Hz, first in, first out, never much.

    It gives nothing until `prefill_ms` are there, and again after it ran dry, so that a late
    push is not heard as a stutter. Past `limit_ms` the oldest sound goes, down to the prefill
    again: one short skip, and no delay that stays.
    """

    def __init__(self, prefill_ms: int, limit_ms: int, rate: int = SAMPLE_RATE) -> None:
        self._bytes_per_s = rate * 2
        self._prefill = self._bytes(prefill_ms)
        self._limit = self._bytes(limit_ms)
        self._held = bytearray()
        self._filling = True
        self._lock = Lock()
        self._dropped = 0
        self.underruns = 0
        """How often it ran dry after it had begun to flow."""

    @property
    def dropped_ms(self) -> int:
        """Milliseconds thrown away because nobody took them."""
        return round(self._dropped * 1000 / self._bytes_per_s)

    def push(self, pcm: bytes) -> None:
        """Add sound; never blocks for long, never refuses."""
        with self._lock:
            self._held += pcm
            if len(self._held) > self._limit:
                beyond = len(self._held) - self._prefill
                del self._held[:beyond]
                self._dropped += beyond

    def pull(self, size: int) -> bytes | None:
        """Exactly `size` bytes, or None while there is not enough."""
        with self._lock:
            if not self._flows(size):
                return None
            pcm = bytes(self._held[:size])
            del self._held[:size]
            return pcm

    def _flows(self, size: int) -> bool:
        if self._filling:
            self._filling = len(self._held) < max(self._prefill, size)
        elif len(self._held) < size:
            self._filling = True
            self.underruns += 1
        return not self._filling

    def _bytes(self, ms: int) -> int:
        return ms * self._bytes_per_s // 2000 * 2
