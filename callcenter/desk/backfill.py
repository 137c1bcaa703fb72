"""Transcribes from the recording what was not heard live (补转写), as a task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import filterfalse

from callcenter.core import events
from callcenter.core.errors import SoundFileError
from callcenter.core.jobs import Task
from callcenter.core.office import Backlog, Unheard
from callcenter.core.ports import Recogniser, Scripts
from callcenter.core.records import SAMPLE_RATE, Gap, Segment
from callcenter.core.redaction import NOTHING_HIDDEN, Hidden, Hiding, Redactor, redacted

LOOK_SECONDS = 15.0
"""How often a model that was missing, and recordings that wait, are looked for."""


class Backfill:
    """Works through the backlog; what is heard is told as events."""

    def __init__(
        self,
        recogniser: Recogniser,
        scripts: Scripts,
        backlog: Backlog,
        tell: Callable[[events.Event], None],
        now: Callable[[], datetime],
        hiding: Hiding = NOTHING_HIDDEN,
    ) -> None:
        """`hiding` says what numbers must not stay."""
        self._hiding = hiding
        self._recogniser = recogniser
        self._scripts = scripts
        self._backlog = backlog
        self._tell = tell
        self._now = now
        self._found: dict[str, Unheard] = {}

    def task(self) -> Task:
        """Its pieces are calls; each node fills those whose recordings it can read."""
        return Task("transcripts", self._due, self._fill, LOOK_SECONDS, everywhere=True)

    def _due(self) -> Sequence[str]:
        """Nothing while there is no model."""
        if not self._recogniser.try_load():
            return ()
        self._found = {one.call_id: one for one in self._backlog.waiting()}
        return list(self._found)

    async def _fill(self, call_id: str) -> None:
        """Raises SoundFileError, ArchiveAway, ModelMissing."""
        unheard = self._found[call_id]
        segments = await asyncio.to_thread(self._listen, unheard)
        settled = redacted(segments, self._hiding.kinds)
        if settled.hidden:
            await self._hide(unheard, settled.hidden)
        for segment in settled.segments:
            self._tell(events.SegmentHeard(call_id, self._now(), segment))
        listener, in_text = self._scripts.listener(), Redactor(self._hiding.kinds).in_text
        for segment in segments:
            for hit in filterfalse(unheard.knows, listener.heard(segment)):
                shown = replace(hit, text=in_text(hit.text), why=in_text(hit.why))
                self._tell(events.HitFound(call_id, self._now(), shown))
        self._tell(events.TranscriptCompleted(call_id, self._now()))

    async def _hide(self, unheard: Unheard, spans: Sequence[Hidden]) -> None:
        """In the recording, which is sealed anew. Raises SoundFileError."""
        try:
            info = await asyncio.to_thread(self._hiding.hide, unheard.path, spans)
        except OSError as error:
            raise SoundFileError(f"{unheard.path}: numbers cannot be hidden: {error}") from error
        at = self._now()
        for one in spans:
            where = (one.party.value, one.start_ms, one.end_ms, one.kind)
            self._tell(events.Redacted(unheard.call_id, at, *where))
        self._tell(events.RecordingClosed(unheard.call_id, at, info))

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
