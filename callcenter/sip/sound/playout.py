"""From packets to frames: the jitter buffer, decoding, and what stands in for lost sound. Pure.

One frame a tick, whatever comes. Where the buffer is to become deeper or less deep a frame is
added or left out, by blending two into one, in a quiet place as far as there is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.core.records import FRAME_SAMPLES, Frame
from callcenter.sip.sound.codecs import Codec
from callcenter.sip.sound.conceal import ComfortNoise, Concealer, blend
from callcenter.sip.sound.jitter import MISSING, SILENT, JitterBuffer
from callcenter.sip.sound.rtp import RtpPacket

PATIENCE = 250
"""Ticks (5 s) that a frame waits for a quiet place to be added or left out in."""
_SPACING = 10
"""Ticks between two such frames where it is never quiet."""
_QUIET = b"\x00\xff"
"""The upper bytes of samples below 256, which count as quiet (about -42 dBFS)."""


def is_quiet(frame: Frame) -> bool:
    """True for sound below about -42 dBFS."""
    return not frame.pcm[1::2].strip(_QUIET)


class Playout:
    """Feed with packets as they come; `pull` once a tick."""

    def __init__(self, codecs: Mapping[int, Codec]) -> None:
        """`codecs`: by payload type; may be changed while it runs."""
        self.buffer = JitterBuffer()
        self.concealed = 0
        """Frames in which sound was made up."""
        self._codecs = codecs
        self._concealer = Concealer()
        self._noise = ComfortNoise()
        self._next: Frame | None = None
        """A frame that was decoded already, because another was put before it."""
        self._wished_for = 0
        self._pausing = False

    @property
    def samples(self) -> int:
        """Sound that came and was not pulled yet."""
        return self.buffer.samples + (FRAME_SAMPLES if self._next is not None else 0)

    def comfort(self, packet: RtpPacket) -> None:
        """A comfort noise packet: the sender is silent from here on."""
        self._noise.describe(packet.payload)
        self.buffer.push_pause(packet)

    def pull(self, start: int) -> Frame:
        """The next 20 ms; marked lost where at least half of it did not come."""
        if self.buffer.depth.wish:
            frame = self._stretched(start)
        else:
            frame, self._wished_for = self._decoded(start), 0
        return frame if frame.start == start else frame._replace(start=start)

    def _stretched(self, start: int) -> Frame:
        """The next frame; where one is to be added, or left out, two become one."""
        self._wished_for += 1
        before, is_next = self._concealer.last or Frame(start), self._next is None
        frame = self._decoded(start)
        wish = self.buffer.depth.wish
        if not is_next or not wish:
            return frame
        return self._longer(before, frame) if wish > 0 else self._shorter(frame)

    def _longer(self, before: Frame, frame: Frame) -> Frame:
        """What leads from the end of `before` to the beginning of `frame`, which comes next."""
        if not self._may_blend(before, frame):
            return frame
        self.buffer.add()
        self._next = frame
        return blend(frame, before)

    def _shorter(self, frame: Frame) -> Frame:
        """`frame` and the one after it in one."""
        if self.buffer.samples < FRAME_SAMPLES:
            return frame
        other = self._decoded(frame.start)
        if not self._may_blend(frame, other):
            self._next = other
            return frame
        self.buffer.leave_out()
        return blend(frame, other)

    def _may_blend(self, first: Frame, second: Frame) -> bool:
        """Both came, and both are quiet, or it was never quiet."""
        if first.lost or second.lost:
            return False
        if is_quiet(first) and is_quiet(second):
            return True
        patient = self._wished_for <= PATIENCE
        self._wished_for -= 0 if patient else _SPACING
        return not patient

    def _decoded(self, start: int) -> Frame:
        if self._next is not None:
            frame, self._next = self._next, None
            return frame
        runs = self.buffer.pull()
        if len(runs) == 1:
            return self._piece(start, *runs[0])
        pieces = [self._piece(start, *run) for run in runs]
        lost = sum(len(p.pcm) for p in pieces if p.lost) >= FRAME_SAMPLES
        wide = b"".join(p.wide for p in pieces) if all(p.wide for p in pieces) else b""
        return Frame(start, b"".join(p.pcm for p in pieces), lost, wide)

    def _piece(self, start: int, kind: int, payload: bytes) -> Frame:
        codec = self._codecs.get(kind)
        if codec is not None:
            self._pausing = False
            return self._concealer.heard(codec.decode(payload, start))
        if kind == SILENT or (kind == MISSING and self._has_paused()):
            self._concealer.pause()
            return Frame(start, self._noise.make(len(payload)))
        self.concealed += self._concealer.fading
        return Frame(start, self._concealer.make(len(payload)), lost=True)

    def _has_paused(self) -> bool:
        """A sender that stops where it was quiet has nothing to say; elsewhere it was cut off."""
        last = self._concealer.last
        if self.buffer.samples:
            self._pausing = False
        elif not self._pausing and last is not None and not self._concealer.repeating:
            self._pausing = is_quiet(last)
        return self._pausing
