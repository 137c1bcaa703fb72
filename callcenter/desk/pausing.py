"""The secure pause of one call (安全暂停): nothing is recorded, heard or shown, both talk on.

It lasts until somebody ends it: a machine that went on by itself might do so in the middle of a
card number, which cannot be taken back. Who has forgotten it is reminded, again and again, and
everybody who leads sees it. Moves no sound itself.
"""

from __future__ import annotations

from dataclasses import replace

from callcenter.core import events
from callcenter.core.pauses import Pause
from callcenter.core.records import FRAME_MS
from callcenter.desk.parts import Parts

AGAIN_MINUTES = 1
"""Between two reminders."""
MINUTE_FRAMES = 60_000 // FRAME_MS


class Pausing:
    """Whether the call is paused, since when, by whom and why."""

    def __init__(self, call_id: str, parts: Parts) -> None:
        self.current: Pause | None = None
        self._call_id = call_id
        self._parts = parts
        self._began = 0
        self._remind_at = 0
        """Frames since answer."""

    def start(self, by: str, why: str, ticks: int) -> None:
        """From this frame on; what is paused already stays so, and whose it is."""
        if self.current is not None:
            return
        at = self._parts.now()
        self.current = Pause(by, why, at)
        self._began = ticks
        self._remind_at = ticks + self._parts.pause_minutes * MINUTE_FRAMES
        self._parts.tell(events.PauseStarted(self._call_id, at, by, why, ticks * FRAME_MS))

    def end(self, by: str, ticks: int) -> None:
        """Recording goes on with this frame."""
        if self.current is None:
            return
        self.current = None
        span = (self._began * FRAME_MS, ticks * FRAME_MS)
        self._parts.tell(events.PauseEnded(self._call_id, self._parts.now(), by, *span))

    def tick(self, agent: str, ticks: int) -> None:
        """Remind the agent where it lasts long; to be asked while it is paused."""
        if self.current is None or ticks < self._remind_at:
            return
        self.current = replace(self.current, reminded=True)
        minutes = (ticks - self._began) // MINUTE_FRAMES
        self._remind_at = ticks + AGAIN_MINUTES * MINUTE_FRAMES
        at = self._parts.now()
        self._parts.tell(events.PauseReminded(self._call_id, at, agent, minutes))
