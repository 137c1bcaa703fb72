"""Recordings of calls: stereo WAV, caller left, agent right, on the call's own clock.

The event loop only gathers frames; one writer thread touches the disk, and a few more end files:
to have one on the disk itself takes long, several at once hardly longer. Every queue is bounded:
when a call's backlog is full its sound is lost and told, its time is kept as silence; once the
disk takes something again the recording goes on.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

from callcenter.audio.disk import Disk
from callcenter.audio.growing import MAX_SAMPLES, NOTHING, GrowingWav, WriteAt
from callcenter.audio.wav import interleave
from callcenter.core.halfband import Widener
from callcenter.core.records import (
    FRAME_BYTES,
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    WIDE_RATE,
    Frame,
    RecordingInfo,
    samples_to_ms,
)
from callcenter.core.redaction import Hidden, Keep
from callcenter.core.targets import Target

CHUNK_MS = 500
"""How much is gathered before it goes to the disk."""
BACKLOG_MS = 10_000
"""How much of one call may wait for a slow disk."""

_CHUNK_SAMPLES = CHUNK_MS // FRAME_MS * FRAME_SAMPLES
_BREATH_S = 0.1
"""So long the writer lets chunks gather, of all calls, before it goes on: to be woken costs more
than to write."""
_LOOK_S = 10.0
"""How often it is looked how much room there is."""
_ENDERS = 4
_PATIENCE_S = 30.0
_CALL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")

_T = TypeVar("_T")

logger = logging.getLogger(__name__)


_Side = Callable[[Frame], bytes]
"""What the file holds of a party's frame."""
_narrow: _Side = attrgetter("pcm")


class _Chunk:
    """Frames that follow each other, from sample `start` (at 8 kHz) to `end`."""

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.caller: list[Frame] = []
        self.agent: list[Frame] = []
        self._pcm = b""

    @property
    def ms(self) -> int:
        return len(self.caller) * FRAME_MS

    def pcm(self, sides: tuple[_Side, _Side], size: int) -> bytes:
        """Both channels, `size` bytes of each for a frame; made once, however often it is put."""
        if not self._pcm:
            caller, agent = map(_channel, sides, (self.caller, self.agent), (size, size))
            self._pcm = interleave(caller, agent)
        return self._pcm


class WavRecording:
    """One call's recording. `write` and `finish` are the event loop's, `work` the writer's."""

    def __init__(
        self,
        call_id: str,
        wav: GrowingWav,
        backlog_ms: int,
        disk: Disk,
        enqueue: Callable[[WavRecording], None],
        hurry: Callable[[], None],
        keep: Keep | None = None,
    ) -> None:
        """`enqueue` asks for `work` soon, `hurry` for what is asked to be done at once; `keep` is
        given what is hidden."""
        self._call_id = call_id
        self._wav = wav
        self._disk = disk
        self._limit = max(1, backlog_ms // CHUNK_MS)
        self._enqueue, self._hurry = enqueue, hurry
        self._queued = False
        self._chunk = _Chunk(0)
        self._begun = False
        self._times = 1
        """Samples in the file for one at 8 kHz."""
        self._sides: tuple[_Side, _Side] = (_narrow, _narrow)
        self._waiting: deque[_Chunk] = deque()
        self._keep = keep
        self._to_hide: deque[Hidden] = deque()
        self._last = False
        self._info: Future[RecordingInfo] = Future()
        self._lost: list[tuple[int, int]] = []
        """Samples at 8 kHz, from and until, that follow each other."""
        self.errors = 0
        """How often the disk refused."""
        self._queue()

    def write(self, caller: Frame, agent: Frame) -> None:
        """Add 20 ms of both channels at the caller's frame's place; never blocks, never raises.

        Time that is skipped becomes silence; a frame for time already gathered is left out. The
        caller's first frame decides the rate: 16 kHz where the line carries that, else 8 kHz.
        """
        chunk = self._chunk
        if self._last or caller.start < chunk.end:
            return
        if not self._begun:
            self._begin(wide=bool(caller.wide))
        if caller.start > chunk.end:
            self._hand_over(caller.start)
            chunk = self._chunk
        chunk.caller.append(caller)
        chunk.agent.append(agent)
        chunk.end += FRAME_SAMPLES
        if chunk.end - chunk.start == _CHUNK_SAMPLES:
            self._hand_over(chunk.end)

    def hide(self, hidden: Hidden) -> None:
        """A quiet tone goes in place of what this party said there; never blocks."""
        self._to_hide.append(hidden)
        self._queue()

    async def close(self) -> RecordingInfo:
        """Finish the file, bring it to the disk and hash it; may be called twice.

        Never raises: where no file could be made the path and the hash are empty.
        """
        self.finish()
        return await asyncio.shield(asyncio.wrap_future(self._info))

    def finish(self) -> None:
        """Ask for the end without waiting for it."""
        if not self._last:
            self._hand_over(self._chunk.end)
            self._last = True
            self._queue()
            self._hurry()

    @property
    def lost(self) -> Sequence[tuple[int, int]]:
        """Where sound never reached the disk, from and until, in milliseconds since the start;
        silence stands in its place."""
        return [(samples_to_ms(start), samples_to_ms(end)) for start, end in self._lost]

    @property
    def lost_ms(self) -> int:
        """How much that is in all."""
        return sum(end - start for start, end in self.lost)

    @property
    def ending(self) -> bool:
        """Whether the next `work` is the last."""
        return self._last

    @property
    def finished(self) -> bool:
        """Whether the file is closed and hashed."""
        return self._info.done()

    def work(self) -> None:
        """Bring to the disk what waits, and end the file if that was asked for."""
        self._queued = False
        last = self._last  # before the chunks: what comes after this belongs to the next turn
        if last and not self.finished:
            self._end()
        elif not last:
            self._attempt(self._drain)

    def _begin(self, *, wide: bool) -> None:
        self._begun = True
        if wide:
            self._times = WIDE_RATE // SAMPLE_RATE
            self._sides = (Widener(), Widener())
            self._wav.rate = WIDE_RATE

    def _hand_over(self, start: int) -> None:
        """What was gathered goes to the writer; what comes next begins at sample `start`."""
        chunk, self._chunk = self._chunk, _Chunk(start)
        if chunk.end == chunk.start:
            return
        if len(self._waiting) < self._limit and chunk.end * self._times <= MAX_SAMPLES:
            self._waiting.append(chunk)
        else:
            self._lose(chunk)
        self._queue()

    def _lose(self, chunk: _Chunk) -> None:
        self._disk.lost_ms += chunk.ms
        if self._lost and self._lost[-1][1] == chunk.start:
            self._lost[-1] = self._lost[-1][0], chunk.end
        else:
            self._lost.append((chunk.start, chunk.end))

    def _queue(self) -> None:
        if not self._queued:
            self._queued = True
            self._enqueue(self)

    def _drain(self) -> None:
        self._wav.create()
        while self._waiting:
            chunk = self._waiting[0]
            block = chunk.pcm(self._sides, FRAME_BYTES * self._times)
            self._wav.put(chunk.start * self._times, block)
            self._waiting.popleft()
            self._disk.takes()
        self._hide(samples_to_ms(self._wav.samples // self._times))

    def _hide(self, written_ms: float) -> None:
        """What was written up to there; a tone over sound yet to come would be written over."""
        for hidden in [one for one in self._to_hide if one.end_ms <= written_ms]:
            self._wav.hide(hidden, partial(self._give, hidden) if self._keep else None)
            self._to_hide.remove(hidden)

    def _give(self, hidden: Hidden, pcm: bytes) -> None:
        assert self._keep is not None
        self._keep(self._wav.path, hidden, pcm, self._wav.rate)

    def _end(self) -> None:
        self._attempt(self._drain)
        self._attempt(partial(self._hide, math.inf))
        for chunk in self._waiting:
            self._lose(chunk)
        length = min(self._chunk.start * self._times, MAX_SAMPLES)
        self._attempt(partial(self._wav.lengthen, length))
        self._attempt(self._wav.sync)
        info = self._attempt(self._wav.info) or NOTHING
        self._attempt(self._wav.close)
        if self.lost_ms:
            logger.warning("recording %s: %d ms lost", self._call_id, self.lost_ms)
        self._info.set_result(info)

    def _attempt(self, step: Callable[[], _T]) -> _T | None:
        """What the step gives. A step that fails must not end the thread all calls share."""
        try:
            return step()
        except Exception as error:
            if not self.errors:
                logger.error("recording %s: not written, will retry: %s", self._call_id, error)
            self.errors += 1
            self._disk.refuses(error)
            return None


class WavRecorder:
    """Makes `YYYY/MM/DD/<call-id>.wav` (UTC date) under a folder, files 0600, folders 0700.

    A process killed in mid-call loses at most the last second: 500 ms in hand, and the time the
    disk takes. `write_at` is os.pwrite, or something that behaves as a worse disk does.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        backlog_ms: int = BACKLOG_MS,
        write_at: WriteAt = os.pwrite,
        keep: Keep | None = None,
    ) -> None:
        """`keep` is given what is hidden in a recording, before."""
        self.folder = Path(folder)
        self._disk = Disk(self.folder)
        self._backlog_ms = backlog_ms
        self._write_at = write_at
        self._keep = keep
        self._recordings: set[WavRecording] = set()
        """Those that are open; each leaves when it has been ended."""
        # Bounded by the calls: each recording stands in it once, and once more to end.
        self._queue: SimpleQueue[WavRecording | None] = SimpleQueue()
        self._hurry = Event()
        self._closed = False
        self._look_at = 0.0
        self._ending: SimpleQueue[WavRecording | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._run, name="recordings", daemon=True),
            *(Thread(target=self._end, name="endings", daemon=True) for _ in range(_ENDERS)),
        ]
        for thread in self._threads:
            thread.start()

    def open(self, call_id: str, at: datetime) -> WavRecording:
        """A recording of the call that began `at`; the disk is touched later, by the writer.

        Raises ValueError for a call id that is no plain file name or a time without zone, and
        RuntimeError after close.
        """
        if self._closed:
            raise RuntimeError("the recorder is closed")
        path = _path(call_id, at)
        wav = GrowingWav(self.folder, path, self._write_at)
        asks = (self._queue.put, self._hurry.set)
        recording = WavRecording(call_id, wav, self._backlog_ms, self._disk, *asks, self._keep)
        self._recordings.add(recording)
        return recording

    def targets(self) -> Sequence[Target]:
        """How the folder stands."""
        return [self._disk.state(in_use=bool(self._recordings))]

    def close(self) -> None:
        """Finish what is still open and stop the threads; blocks for the disk. Twice is fine."""
        if self._closed:
            return
        self._closed = True
        for recording in tuple(self._recordings):
            recording.finish()
        self._queue.put(None)
        self._hurry.set()
        until = monotonic() + _PATIENCE_S
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            logger.error("recordings: the disk did not take everything in %.0f s", _PATIENCE_S)

    def _run(self) -> None:
        while (recording := self._next()) is not None:
            if recording.ending:
                self._ending.put(recording)
            else:
                recording.work()
            if self._queue.empty():
                self._hurry.wait(_BREATH_S)
                self._hurry.clear()
        for _ in range(_ENDERS):
            self._ending.put(None)

    def _next(self) -> WavRecording | None:
        while True:
            if monotonic() >= self._look_at:
                self._look_at = monotonic() + _LOOK_S
                self._disk.look()
            try:
                return self._queue.get(timeout=_LOOK_S)
            except Empty:
                continue

    def _end(self) -> None:
        while (recording := self._ending.get()) is not None:
            recording.work()
            self._recordings.discard(recording)


def _path(call_id: str, at: datetime) -> PurePosixPath:
    if not _CALL_ID.fullmatch(call_id):
        raise ValueError(f"call id {call_id!r}: expected 1 to 128 letters, digits, . _ @ or -")
    if at.tzinfo is None:
        raise ValueError(f"call {call_id}: expected a time with its zone, found {at.isoformat()}")
    return PurePosixPath(at.astimezone(UTC).strftime("%Y/%m/%d"), f"{call_id}.wav")


def _channel(side: _Side, frames: list[Frame], size: int) -> bytes:
    """One party's sound, `size` bytes for each frame."""
    pieces = list(map(side, frames))
    if set(map(len, pieces)) != {size}:
        pieces = [piece[:size].ljust(size, b"\0") for piece in pieces]
    return b"".join(pieces)
