"""How deep a jitter buffer should be, judged by how early packets come before their turn. Pure.

The margin of a packet is how long before its turn it comes: 0 is just in time, less is late. The
least margin of a while says what the buffer could do without, the greatest how deep it is. Clock
drift shows as margins that slowly grow or shrink, so the same rule keeps two clocks together.
All in samples of 8 kHz, and ticks of 20 ms.
"""

from __future__ import annotations

from callcenter.core.records import FRAME_SAMPLES

SPARE = FRAME_SAMPLES
"""The margin (20 ms) that the latest packet shall have."""
DEEPEST = 1600
"""Samples (200 ms) that the quickest packet waits at most for the sake of late ones."""
SHORT_LOOK, LONG_LOOK = 50, 500
"""Ticks (1 s, 10 s) after which more than DEEPEST, and any surplus, is given up: what a stall of
this machine piles up is taken by the ticks that follow it at once, and must not count."""


class Depth:
    """Told of every margin and every tick; `wish` is how many frames the sound should be longer."""

    __slots__ = ("_age", "_before", "_high", "_low", "_typical", "wish")

    def __init__(self) -> None:
        self.wish = 0
        """Frames to add where it is positive, to leave out where it is negative."""
        self._typical = 0.0
        self.forget()

    def forget(self) -> None:
        """The stream begins anew, or the sound was held up: what was seen counts no longer."""
        self.wish = 0
        self._low: int | None = None
        self._high = self._before = 0
        self._age = 0

    @property
    def typical(self) -> float:
        """The mean margin, in samples."""
        return self._typical

    def arrived(self, margin: int) -> None:
        """A packet came `margin` samples before its turn."""
        self._typical += (margin - self._typical) / 64
        if self._low is None or margin < self._low:
            self._low = margin
        if margin > self._high:
            self._high = margin
        if margin < SPARE:
            self._ask_for_more(margin)
        elif self.wish < 0 and margin < SPARE + FRAME_SAMPLES:
            self.wish = 0

    def tick(self) -> None:
        """A frame was wanted."""
        self._age += 1
        if self._age % SHORT_LOOK:
            return
        low = self._low
        if low is not None and low > DEEPEST:
            self.wish = -((low - SPARE) // FRAME_SAMPLES)
        if self._age >= LONG_LOOK:
            if low is not None and low >= SPARE + FRAME_SAMPLES:
                self.wish = -((low - SPARE) // FRAME_SAMPLES)
            self._low, self._before, self._high, self._age = None, self._high, 0, 0

    def changed(self, frames: int) -> None:
        """So many frames were added (left out, where negative): every margin has shifted."""
        shift = frames * FRAME_SAMPLES
        self.wish -= frames
        if frames < 0 and not self.wish:
            # After a long stall the socket has more than the buffer could show: look again.
            self.forget()
            return
        self._low = None if self._low is None else self._low + shift
        self._high = max(0, self._high + shift)
        self._before = max(0, self._before + shift)

    def _ask_for_more(self, margin: int) -> None:
        """What would have made this packet early enough, as far as DEEPEST allows.

        A packet that is later than DEEPEST alone cannot be helped.
        """
        room = (DEEPEST - max(self._high, self._before)) // FRAME_SAMPLES
        wanted = -(-(SPARE - margin) // FRAME_SAMPLES)
        if margin > -DEEPEST:
            self.wish = max(self.wish, 0, min(wanted, room))
