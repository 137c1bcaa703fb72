"""A prompt being played, frame by frame, with the count of what has left. Pure."""

from __future__ import annotations

from callcenter.core.records import FRAME_BYTES, FRAME_MS, Frame, Prompt

PATIENCE_MS = 500
"""A prompt begins with the first frame that leaves: a key that is being sent comes first. Where
nothing leaves for so long, the far end hears nobody, and the prompt goes on all the same."""
TAIL_MS = 300
"""Silence sent after the last word, so that the far end's jitter buffer plays it before the BYE."""


class Announcement:
    """Gives a prompt's frames and then its tail; `sent_ms` is the proof that is kept (H11, H14)."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self._at = 0
        self._sent_ms = 0
        self._tail_ms = TAIL_MS
        self._patience_ms = PATIENCE_MS

    def next(self, start: int) -> Frame:
        """The frame for this tick; silence once the prompt is through."""
        pcm = self.prompt.pcm[self._at : self._at + FRAME_BYTES]
        return Frame(start, pcm.ljust(FRAME_BYTES, b"\0"))

    def left(self, gone: bool) -> None:
        """The frame was handed over; `gone` tells whether it went out to the caller."""
        if not gone and not self._at and self._patience_ms > 0:
            self._patience_ms -= FRAME_MS
            return
        if self._at >= len(self.prompt.pcm):
            self._tail_ms -= FRAME_MS
            return
        self._at += FRAME_BYTES
        if gone:
            self._sent_ms += FRAME_MS

    @property
    def sent_ms(self) -> int:
        """Milliseconds of the prompt that left our socket, at most its length."""
        return min(self._sent_ms, self.prompt.file_ms)

    @property
    def over(self) -> bool:
        """True when the prompt and its tail have been handed over."""
        return self._tail_ms <= 0
