"""The clock of all calls: 50.0 ticks a second, whatever happens, and no bursts."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desk.metronome import CLOSEST, TICK, beat, due

BEGAN = 1_000_000.0
NOISE = 1e-9


def ticks(seconds: float, work: float = 0.0, stalls: dict[int, float] | None = None) -> list[float]:
    """When the ticks come, by a loop that wakes up 0.5 ms late; `stalls`: s lost in tick number."""
    now = last = BEGAN
    times: list[float] = []
    while now < BEGAN + seconds:
        now = last = max(now, due(BEGAN, len(times), last)) + 0.0005
        times.append(now - BEGAN)
        now += work + (stalls or {}).get(len(times), 0.0)
    return times


def test_exactly_fifty_a_second_for_an_hour() -> None:
    times = ticks(3600, work=0.004)
    assert len(times) == 3600 * 50
    assert times[-1] == pytest.approx(3600.0005, abs=1e-6)
    assert max(b - a for a, b in pairwise(times)) < TICK + 1e-6


@pytest.mark.parametrize("work", [0.0, 0.003, 0.016])
def test_a_stall_is_made_up_for_without_a_burst(work: float) -> None:
    times = ticks(30, work, {100: 0.5})
    assert times[-1] == pytest.approx(30.0005, abs=1e-6)
    gaps = [b - a for a, b in pairwise(times)]
    assert min(gaps) >= CLOSEST - NOISE
    late = [at - (n + 1) * TICK for n, at in enumerate(times)]
    assert max(late[300:]) < 0.001


@given(
    st.dictionaries(st.integers(1, 500), st.floats(0, 2), max_size=10),
    st.floats(0, 0.012),
)
def test_no_tick_is_left_out_and_none_is_early(stalls: dict[int, float], work: float) -> None:
    times = ticks(10, work, stalls)
    assert all(at >= (n + 1) * TICK - NOISE for n, at in enumerate(times))
    assert all(b - a >= CLOSEST - NOISE for a, b in pairwise(times))
    calm = ticks(10 + 4 * sum(stalls.values()) + 10, work, stalls)
    assert calm[-1] - len(calm) * TICK < 0.001


async def test_it_beats_until_it_is_cancelled() -> None:
    class Loud:
        def __init__(self) -> None:
            self.count = 0
            self.places: list[float] = []
            self.enough = asyncio.Event()

        def tick(self, place: float, hurried: bool) -> None:
            self.count += 1
            self.places.append(place)
            if self.count == 5:
                self.enough.set()

    loud = Loud()
    loop = asyncio.get_running_loop()
    began = loop.time()
    task = asyncio.create_task(beat(loud.tick))
    await asyncio.wait_for(loud.enough.wait(), 10)
    task.cancel()
    assert loud.count <= (loop.time() - began) / TICK
    assert loud.places[-1] <= loop.time()
    apart = [later - earlier for earlier, later in pairwise(loud.places)]
    assert apart == pytest.approx([TICK] * len(apart))


async def test_after_a_stall_the_ticks_are_hurried_until_time_is_made_up() -> None:
    told: list[bool] = []
    calm = asyncio.Event()

    def tick(place: float, hurried: bool) -> None:
        told.append(hurried)
        if len(told) == 3:
            time.sleep(0.4)  # the stall itself: the loop stands still
        if len(told) > 10 and not hurried:
            calm.set()

    task = asyncio.create_task(beat(tick))
    await asyncio.wait_for(calm.wait(), 10)
    task.cancel()
    assert told[3] is True
    assert told[-1] is False
