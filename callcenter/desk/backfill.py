"""Transcribes from the recording what was not heard live (补转写), when the machine is free."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from callcenter.core import events
from callcenter.core.errors import CallcenterError
from callcenter.core.office import Backlog, Unheard
from callcenter.core.ports import Recogniser, Scripts
from callcenter.core.records import SAMPLE_RATE, Gap, Segment

log = logging.getLogger(__name__)
LOOK_SECONDS = 15.0
"""How often a model that was missing, and recordings that wait, are looked for."""


class Backfill:
    """Works through the backlog, one recording at a time, off the event loop."""

    def __init__(
        self,
        recogniser: Recogniser,
        scripts: Scripts,
        backlog: Backlog,
        tell: Callable[[events.Event], None],
        now: Callable[[], datetime],
    ) -> None:
        self._recogniser = recogniser
        self._scripts = scripts
        self._backlog = backlog
        self._tell = tell
        self._now = now
        self._hopeless: set[str] = set()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.once()
            except CallcenterError as error:
                log.error("nothing can be transcribed now: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Transcribe everything that waits now, where there is a model; how many calls it was."""
        if not await asyncio.to_thread(self._recogniser.try_load):
            return 0
        waiting = await asyncio.to_thread(self._backlog.waiting)
        return sum([await self._fill(one) for one in waiting if one.call_id not in self._hopeless])

    async def _fill(self, unheard: Unheard) -> bool:
        try:
            segments = await asyncio.to_thread(self._listen, unheard)
        except CallcenterError as error:
            self._hopeless.add(unheard.call_id)
            log.warning("call %s: cannot be transcribed: %s", unheard.call_id, error)
            return False
        listener = self._scripts.listener()
        for segment in segments:
            self._tell(events.SegmentHeard(unheard.call_id, self._now(), segment))
            for hit in listener.heard(segment):
                self._tell(events.HitFound(unheard.call_id, self._now(), hit))
        self._tell(events.TranscriptCompleted(unheard.call_id, self._now()))
        return True

    def _listen(self, unheard: Unheard) -> list[Segment]:
        sound = self._backlog.sound(unheard.path)
        found = [
            _shift(segment, gap.start_ms)
            for gap in unheard.gaps
            for segment in self._recogniser.transcribe(gap.party, _cut(sound[gap.party], gap))
        ]
        return sorted(found, key=lambda segment: segment.start_ms)


def _cut(pcm: bytes, gap: Gap) -> bytes:
    first, last = (ms * SAMPLE_RATE // 1000 * 2 for ms in (gap.start_ms, gap.end_ms))
    return pcm[first:last]


def _shift(segment: Segment, by_ms: int) -> Segment:
    """The segment at its place in the call, marked as made afterwards."""
    words = tuple(
        replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms)
        for word in segment.words
    )
    return replace(
        segment,
        start_ms=segment.start_ms + by_ms,
        end_ms=segment.end_ms + by_ms,
        words=words,
        live=False,
    )
