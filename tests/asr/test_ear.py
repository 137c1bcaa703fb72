"""The queued ear: what it does when the pool is busy, broken or closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from callcenter.asr.decoder import Decoder
from callcenter.asr.ear import DeafEar, QueuedEar
from callcenter.core.records import FRAME_SAMPLES, Frame, Gap, Party, Segment

from .test_decoder import LOUD, CountingStream, heard

LIMIT = 10


class BrokenStream(CountingStream):
    """Fails on the first block; the next one is whole."""

    def accept(self, pcm: bytes) -> str | None:
        raise RuntimeError("the engine is broken")


class Desk:
    """What a session is told by the ear of one party, in order."""

    def __init__(
        self, pool: ThreadPoolExecutor, *streams: CountingStream, limit: int = LIMIT
    ) -> None:
        self.told: list[Segment | Gap] = []
        self._streams = iter([*streams, CountingStream()])
        self.ear = QueuedEar(
            Party.CALLER, self._decoder, self._hear_told, self._hear_told, pool, limit
        )

    def _decoder(self, tell: Callable[[Segment], None]) -> Decoder:
        return Decoder(Party.CALLER, lambda: next(self._streams), LOUD.__eq__, tell)

    def _hear_told(self, what: Segment | Gap) -> None:
        self.told.append(what)

    def hear(self, frames: list[Frame]) -> None:
        for frame in frames:
            self.ear.hear(frame)

    async def close(self) -> None:
        async with asyncio.timeout(10):
            await self.ear.close()

    def gaps(self) -> list[tuple[int, int, str]]:
        return [(t.start_ms, t.end_ms, t.reason) for t in self.told if isinstance(t, Gap)]

    def spoken(self) -> list[tuple[int, int]]:
        finals = (t for t in self.told if isinstance(t, Segment) and t.final)
        return [(t.start_ms, t.end_ms) for t in finals]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@contextmanager
def busy(pool: ThreadPoolExecutor) -> Iterator[None]:
    """The pool's only thread is taken."""
    release = Event()
    pool.submit(release.wait, 10)
    try:
        yield
    finally:
        release.set()


async def test_what_was_heard_is_told_by_the_time_close_returns(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    desk.hear(heard([True] * 7))
    await desk.close()
    assert desk.spoken() == [(0, 140)]
    assert desk.gaps() == []


async def test_an_ear_that_heard_nothing_closes(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    await desk.close()
    assert desk.told == []


async def test_close_may_be_called_twice_and_ends_hearing(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    desk.hear(heard([True] * 7))
    await asyncio.gather(desk.close(), desk.close())
    desk.hear(heard([True] * 20, 7 * FRAME_SAMPLES))
    await desk.close()
    assert desk.spoken() == [(0, 140)]


async def test_a_full_queue_drops_the_oldest_and_tells_one_gap(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    with busy(pool):
        desk.hear(heard([True] * 50))
    await desk.close()
    assert desk.gaps() == [(0, 800, "queue full")]
    assert desk.spoken() == [(800, 1000)]
    assert isinstance(desk.told[0], Gap)


async def test_a_queue_that_is_full_twice_tells_two_gaps(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    with busy(pool):
        desk.hear(heard([False] * 30))
    await asyncio.wrap_future(pool.submit(bool))
    with busy(pool):
        desk.hear(heard([False] * 30, 30 * FRAME_SAMPLES))
    await desk.close()
    assert desk.gaps() == [(0, 400, "queue full"), (600, 1000, "queue full")]


async def test_a_long_backlog_lets_other_ears_have_their_turn(pool: ThreadPoolExecutor) -> None:
    first, second = Desk(pool, limit=1000), Desk(pool, limit=1000)
    first.told = second.told
    with busy(pool):
        first.hear(heard([True] * 300 + [False] * 30))
        second.hear(heard([True] * 20 + [False] * 30))
    await first.close()
    await second.close()
    assert second.spoken() == first.spoken() == [(0, 1000), (0, 6600)]


async def test_a_failure_becomes_a_gap_and_the_ear_goes_on(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(pool, BrokenStream())
    with busy(pool):
        desk.hear(heard([True] * 10))
    await asyncio.wrap_future(pool.submit(bool))
    desk.hear(heard([True] * 10, 10 * FRAME_SAMPLES))
    await desk.close()
    assert desk.gaps() == [(0, 200, "recogniser failed")]
    assert desk.spoken() == [(200, 400)]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_failure_that_lasts_is_one_gap_and_one_line(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(pool, *[BrokenStream() for _ in range(10)])
    for number in range(10):
        desk.hear(heard([True] * 5, number * 5 * FRAME_SAMPLES))
        await asyncio.wrap_future(pool.submit(bool))
    await desk.close()
    assert desk.gaps() == [(0, 1000, "recogniser failed")]
    assert len(caplog.records) == 1


async def test_a_failure_at_the_end_loses_no_sound_silently(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool, BrokenStream())
    desk.hear(heard([True] * 4))
    await desk.close()
    assert desk.gaps() == [(0, 80, "recogniser failed")]


async def test_after_the_pool_has_closed_an_ear_is_deaf(pool: ThreadPoolExecutor) -> None:
    desk = Desk(pool)
    desk.hear(heard([True] * 5))
    pool.shutdown()
    desk.hear(heard([True] * 20, 5 * FRAME_SAMPLES))
    await desk.close()
    assert desk.spoken() == [(0, 100)]
    assert desk.gaps() == [(100, 500, "recogniser closed")]


async def test_a_pool_closed_just_before_the_ear_keeps_the_rest_as_a_gap(
    pool: ThreadPoolExecutor,
) -> None:
    desk = Desk(pool)
    desk.hear(heard([True] * 3))
    pool.shutdown()
    await desk.close()
    assert desk.gaps() == [(0, 60, "recogniser closed")]


def test_a_job_that_outlives_the_loop_harms_nobody(pool: ThreadPoolExecutor) -> None:
    release = Event()

    async def call() -> Desk:
        desk = Desk(pool)
        pool.submit(release.wait, 10)
        desk.hear(heard([True] * 10 + [False] * 60))
        return desk

    desk = asyncio.run(call())
    release.set()
    pool.submit(bool).result(10)
    assert desk.told == []


async def test_a_deaf_ear_tells_all_it_was_given_as_one_gap() -> None:
    told: list[Gap] = []
    ear = DeafEar(Party.AGENT, told.append, "no model")
    for frame in heard([True] * 100, 800):
        ear.hear(frame)
    assert told == []
    await ear.close()
    await ear.close()
    assert told == [Gap(Party.AGENT, 100, 2100, "no model")]


async def test_a_deaf_ear_without_sound_tells_nothing() -> None:
    told: list[Gap] = []
    await DeafEar(Party.AGENT, told.append, "no model").close()
    assert told == []
