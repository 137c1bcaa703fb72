"""A person with recorded lines, who says the next one when the other side has finished. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from callcenter.core.records import FRAME_BYTES, FRAME_MS, SILENCE, Frame
from callcenter.demo.scenarios import Spoken

LOUD = 600
"""Peak sample from which the other side counts as talking."""
HEARD_MS = 300
"""So much talk is a turn, not a click."""
QUIET_MS = 800
"""So much quiet after it hands the turn over."""
OPENING_MS = 600
"""Who opens the talk does so after this long, whatever the other side does."""
PATIENCE_MS = 3500
"""Quiet after one's own line before one asks again."""


class Talker:
    """Fed what it hears, frame by frame; gives what it says."""

    def __init__(self, lines: Sequence[Spoken], opens: bool) -> None:
        """`opens`: says its first line unasked, as the agent does."""
        self._lines = list(lines)
        self._pcm = b""
        self._saying: Spoken | None = None
        self._opening = opens
        self._heard_ms = 0
        self._quiet_ms = 0
        self._waited_ms = 0
        self.said: list[str] = []

    def hear(self, pcm: bytes) -> None:
        """20 ms from the other side."""
        self._waited_ms += FRAME_MS
        samples = array("h", pcm)
        if max(max(samples), -min(samples)) > LOUD:
            self._heard_ms += FRAME_MS
            self._quiet_ms = 0
        else:
            self._quiet_ms += FRAME_MS

    def say(self) -> bytes:
        """20 ms to say; silence while it listens."""
        if self._saying is None and self._lines and self._my_turn():
            self._saying = self._lines.pop(0)
            self._pcm = self._saying.pcm
        if self._saying is None:
            return SILENCE
        frame, self._pcm = self._pcm[:FRAME_BYTES], self._pcm[FRAME_BYTES:]
        if not self._pcm:
            self._finished(self._saying)
        return frame.ljust(FRAME_BYTES, b"\0")

    @property
    def done(self) -> bool:
        """Has said everything, and the other side has answered and is quiet."""
        return self.has_spoken and self._my_turn()

    @property
    def has_spoken(self) -> bool:
        """Has said all its lines."""
        return not self._lines and self._saying is None

    def _my_turn(self) -> bool:
        if self._opening:
            return self._waited_ms >= OPENING_MS
        answered = self._heard_ms >= HEARD_MS and self._quiet_ms >= QUIET_MS
        return answered or (bool(self.said) and self._quiet_ms >= PATIENCE_MS)

    def _finished(self, line: Spoken) -> None:
        self.said.append(line.text)
        self._saying = None
        self._opening = False
        self._heard_ms = self._quiet_ms = 0


class TalkerLeg:
    """A talker as an agent's leg; implements core.ports.Leg."""

    def __init__(self, talker: Talker) -> None:
        self.talker = talker

    def receive(self, start: int) -> Frame:
        return Frame(start, self.talker.say())

    def send(self, frame: Frame) -> bool:
        self.talker.hear(frame.pcm)
        return True

    def quality(self) -> None:
        """It comes over no network."""

    def close(self) -> None:
        """Nothing to let go of."""
