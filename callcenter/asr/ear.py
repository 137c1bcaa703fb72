"""One party's ear: a bounded queue between the event loop and the workers that decode.

The loop only appends; at most one job an ear runs in the pool at a time, so a decoder is never
shared between threads; what it finds goes back to the loop. A job comes when the decoder can make
something of it, takes at most half a second of sound and then queues up again, so that no ear
starves another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from threading import Lock
from typing import ParamSpec

from callcenter.asr.decoder import Decoder
from callcenter.core.records import (
    FRAME_MS,
    FRAME_SAMPLES,
    Frame,
    Gap,
    Party,
    Segment,
    samples_to_ms,
)

BATCH = 5
"""Frames that are worth the first job: 100 ms; then the decoder says how many are."""
TURN = 25
"""Frames that one job takes at most: 500 ms."""

P = ParamSpec("P")
MakeDecoder = Callable[[Callable[[Segment], None]], Decoder]

log = logging.getLogger(__name__)


class Missed:
    """Sound that nobody listened to, gathered into one Gap."""

    def __init__(self, party: Party, reason: str) -> None:
        self._party, self._reason = party, reason
        self._span: tuple[int, int] | None = None

    def add(self, start: int, end: int) -> None:
        """Samples since answer, `end` exclusive."""
        first, last = self._span or (start, end)
        self._span = (min(first, start), max(last, end))

    def __bool__(self) -> bool:
        return self._span is not None

    def take(self) -> Gap | None:
        """The gap so far, once."""
        span, self._span = self._span, None
        if span is None:
            return None
        return Gap(self._party, samples_to_ms(span[0]), samples_to_ms(span[1]), self._reason)


class DeafEar:
    """An ear without a recogniser: all that it was given is one Gap, told when it is closed."""

    def __init__(self, party: Party, on_gap: Callable[[Gap], None], reason: str) -> None:
        self._party, self._on_gap, self._reason = party, on_gap, reason
        self._began = 0
        self._heard: int | None = None
        """Where the last frame began."""

    def hear(self, frame: Frame) -> None:
        """Only count: frames come in their order."""
        if self._heard is None:
            self._began = frame.start
        self._heard = frame.start

    @property
    def lag_ms(self) -> int:
        """Nothing waits for what is not there."""
        return 0

    async def close(self) -> None:
        """Tell the gap, unless nothing was heard."""
        heard, self._heard = self._heard, None
        if heard is not None:
            span = (samples_to_ms(self._began), samples_to_ms(heard + FRAME_SAMPLES))
            self._on_gap(Gap(self._party, *span, self._reason))


class QueuedEar:
    """An ear whose decoder works in `pool`. Made on the event loop; `hear` and `close` run there.

    `queue_frames` is how much may wait: beyond that the oldest goes, as a Gap. `rest` is called in
    a worker when the decoder has finished.
    """

    def __init__(
        self,
        party: Party,
        make_decoder: MakeDecoder,
        on_segment: Callable[[Segment], None],
        on_gap: Callable[[Gap], None],
        pool: Executor,
        queue_frames: int,
        *,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._party, self._on_gap, self._pool, self._rest = party, on_gap, pool, rest
        self._loop = asyncio.get_running_loop()
        self._decoder = make_decoder(lambda segment: self._post(on_segment, segment))
        self._queue: deque[Frame] = deque()
        self._limit = max(queue_frames, BATCH)
        self._enough = BATCH
        self._dropped = Missed(party, "queue full")
        self._failed = Missed(party, "recogniser failed")
        self._lock = Lock()
        self._busy = self._closing = False
        self._deaf: DeafEar | None = None
        self._done = asyncio.Event()

    def hear(self, frame: Frame) -> None:
        """Queue a frame; drop the oldest where the queue is full."""
        with self._lock:
            if self._closing:
                return
            if self._deaf is not None:
                self._deaf.hear(frame)
                return
            self._enqueue(frame)
            start = not self._busy and len(self._queue) >= self._enough
            self._busy = self._busy or start
        if start:
            self._submit()

    @property
    def lag_ms(self) -> int:
        """Milliseconds of sound that wait to be decoded."""
        return len(self._queue) * FRAME_MS

    async def close(self) -> None:
        """Wait until all that was heard is decoded and told; may be called twice."""
        with self._lock:
            start = not self._busy
            self._busy = self._closing = True
        if start:
            self._submit()
        await self._done.wait()
        if self._deaf is not None:
            await self._deaf.close()

    def _enqueue(self, frame: Frame) -> None:
        self._queue.append(frame)
        if len(self._queue) > self._limit:
            oldest = self._queue.popleft()
            self._dropped.add(oldest.start, _end(oldest))

    def _submit(self) -> None:
        """Called only by whoever set `_busy`, so the decoder is free."""
        try:
            self._pool.submit(self._work)
        except RuntimeError:
            self._give_up()

    def _work(self) -> None:
        """One turn in a worker."""
        frames = self._next_turn()
        self._guarded(lambda: self._decoder.take(frames), frames)
        after = self._after_turn()
        if after is not None:
            after()

    def _next_turn(self) -> list[Frame]:
        with self._lock:
            gap = self._dropped.take()
            frames = [self._queue.popleft() for _ in range(min(TURN, len(self._queue)))]
        self._tell(gap)
        return frames

    def _after_turn(self) -> Callable[[], None] | None:
        with self._lock:
            self._enough = min(self._decoder.patience, TURN, self._limit)
            if len(self._queue) >= self._enough or (self._closing and self._queue):
                return self._submit
            self._busy = self._closing
        return self._finish if self._closing else None

    def _finish(self) -> None:
        self._guarded(self._decoder.finish, ())
        self._rest()
        self._tell(self._failed.take())
        self._post(self._done.set)

    def _give_up(self) -> None:
        """The pool is closed: be deaf from here on."""
        deaf = DeafEar(self._party, self._on_gap, "recogniser closed")
        with self._lock:
            gap = self._dropped.take()
            for frame in self._queue:
                deaf.hear(frame)
            self._queue.clear()
            self._deaf = deaf
        self._tell(gap)
        self._finish()

    def _guarded(self, listen: Callable[[], None], frames: Iterable[Frame]) -> None:
        """What fails becomes a Gap, which lasts until something succeeds."""
        try:
            listen()
        except Exception:
            if not self._failed:
                log.exception("recognition of the %s failed; the sound becomes a gap", self._party)
            self._lose(frames)
        else:
            self._tell(self._failed.take())

    def _lose(self, frames: Iterable[Frame]) -> None:
        if unsaid := self._decoder.unsaid:
            self._failed.add(*unsaid)
        for frame in frames:
            self._failed.add(frame.start, _end(frame))
        self._decoder.reset()

    def _tell(self, gap: Gap | None) -> None:
        if gap is not None:
            self._post(self._on_gap, gap)

    def _post(self, callback: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            self._loop.call_soon_threadsafe(partial(callback, *args, **kwargs))
        except RuntimeError:
            log.debug("the event loop is closed; nobody is left to be told")


def _end(frame: Frame) -> int:
    return frame.start + FRAME_SAMPLES
