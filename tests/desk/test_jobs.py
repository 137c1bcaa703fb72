"""Work besides calls: what is due is done, what fails waits longer and longer, one node does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from callcenter.core.errors import ArchiveAway, CallcenterError, StoreAway
from callcenter.core.jobs import FIRST_PAUSE, LONGEST_PAUSE, Task, pause
from callcenter.desk.jobs import Jobs
from tests.jobs import Remembered
from tests.waiting import until

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Bench:
    """Pieces that wait to be done; `broken` says what is wrong with which."""

    def __init__(self, *pieces: str, everywhere: bool = False, notice: str = "") -> None:
        self.pieces = list(pieces)
        self.broken: dict[str, Exception] = {}
        self.done: list[str] = []
        self.tried: list[str] = []
        self.looks = 0
        how = {"everywhere": everywhere, "notice": lambda: notice}
        self.task = Task("bench", self._due, self._do, 0.01, **how)

    def _due(self) -> list[str]:
        self.looks += 1
        if "look" in self.broken:
            raise self.broken["look"]
        return list(self.pieces)

    async def _do(self, key: str) -> None:
        self.tried.append(key)
        if key in self.broken:
            raise self.broken[key]
        self.pieces.remove(key)
        self.done.append(key)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def jobs(
    *benches: Bench, clock: Clock | None = None, leads: Callable[[], bool] = lambda: True
) -> tuple[Jobs, Remembered]:
    remembered = Remembered()
    return Jobs([one.task for one in benches], remembered, clock or Clock(), leads), remembered


async def test_what_is_due_is_done_in_its_order() -> None:
    bench = Bench("a", "b", "c")
    work, _ = jobs(bench)
    assert await work.once(bench.task) == 3
    assert bench.done == ["a", "b", "c"]
    assert await work.once(bench.task) == 0


@pytest.mark.parametrize("error", [CallcenterError("it is broken"), ValueError("it is broken")])
async def test_what_fails_is_tried_again_after_longer_and_longer_pauses(error: Exception) -> None:
    bench, clock = Bench("a", "b"), Clock()
    bench.broken["a"] = error
    work, remembered = jobs(bench, clock=clock)
    assert await work.once(bench.task) == 1
    for tries, seconds in ((1, 5), (2, 10), (3, 20)):
        failure = remembered.kept["bench", "a"]
        assert (failure.tries, failure.next_at - clock.at) == (tries, timedelta(seconds=seconds))
        assert failure.problem.endswith("it is broken")
        clock.at += timedelta(seconds=seconds - 1)
        await work.once(bench.task)
        assert bench.tried.count("a") == tries
        clock.at += timedelta(seconds=1)
        await work.once(bench.task)
    del bench.broken["a"]
    clock.at += timedelta(hours=1)
    assert await work.once(bench.task) == 1
    assert remembered.kept == {}


async def test_what_failed_and_is_due_no_longer_is_forgotten() -> None:
    bench = Bench("a")
    bench.broken["a"] = CallcenterError("broken")
    work, remembered = jobs(bench)
    await work.once(bench.task)
    bench.pieces.clear()
    await work.once(bench.task)
    assert remembered.kept == {}


@pytest.mark.parametrize("away", [ArchiveAway("s3://gone"), StoreAway("locked")])
async def test_where_something_is_away_the_others_are_not_tried_in_vain(
    away: CallcenterError,
) -> None:
    bench = Bench("a", "b")
    bench.broken["a"] = away
    work, remembered = jobs(bench)
    with pytest.raises(type(away)):
        await work.once(bench.task)
    assert bench.tried == ["a"]
    assert remembered.kept == {}


async def test_nothing_that_fails_ends_anything_else(caplog: pytest.LogCaptureFixture) -> None:
    deaf, lame, well = Bench("a"), Bench("b"), Bench("c")
    deaf.broken["look"] = RuntimeError("cannot look")
    lame.broken["look"] = StoreAway("the database is locked")
    work, _ = jobs(deaf, lame, well)
    running = asyncio.create_task(work.run())
    await until(lambda: well.done == ["c"] and deaf.looks > 1 and lame.looks > 1)
    well.pieces.append("d")
    deaf.broken.clear()
    await until(lambda: well.done == ["c", "d"] and deaf.done == ["a"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    told = [record.message for record in caplog.records]
    assert told.count("bench: nothing can be done now: the database is locked") == 1


async def test_what_one_node_does_for_all_is_done_by_the_one_that_leads() -> None:
    shared, own = Bench("letter"), Bench("recording", everywhere=True)
    leads = [False]
    work, _ = jobs(shared, own, leads=lambda: leads[0])
    running = asyncio.create_task(work.run())
    await until(lambda: own.done == ["recording"] and own.looks > 3)
    assert shared.looks == 0
    leads[0] = True  # the other node died
    await until(lambda: shared.done == ["letter"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_waits_fails_and_was_done_is_counted() -> None:
    bench = Bench("a", "b", notice="归档暂时连不上")
    bench.broken["b"] = CallcenterError("broken")
    work, _ = jobs(bench)
    await work.once(bench.task)
    registry = CollectorRegistry()
    registry.register(work)
    told = generate_latest(registry).decode()
    assert 'callcenter_jobs_waiting{task="bench"} 2.0' in told
    assert 'callcenter_jobs_failing{task="bench"} 1.0' in told
    assert 'callcenter_jobs_total{outcome="done",task="bench"} 1.0' in told
    assert 'callcenter_jobs_total{outcome="failed",task="bench"} 1.0' in told
    assert work.notices() == ["归档暂时连不上"]


@given(st.integers(min_value=1, max_value=10_000))
def test_pauses_grow_and_end(tries: int) -> None:
    assert FIRST_PAUSE <= pause(tries) <= pause(tries + 1) <= LONGEST_PAUSE
