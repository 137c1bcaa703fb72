"""How much of each made-up call is speech, and that the numbers are made as told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench import sounds
from bench.latency import Caller, delays, percentile
from callcenter.core.records import Hit, Party


def spoken(leg: bytes) -> float:
    """The share of 100 ms pieces with a voice in them."""
    loud = np.abs(np.frombuffer(leg, "<i2").astype(int)).reshape(-1, 800).max(axis=1) > 300
    return float(loud.mean())


@pytest.mark.parametrize(
    ("call", "share"),
    [(sounds.continuous(60), 0.95), (sounds.turns(60), 0.48), (sounds.half_silent(60), 0.24)],
)
def test_each_leg_speaks_for_its_share(call: sounds.TwoWay, share: float) -> None:
    assert call.seconds == 60
    assert len(call.caller) == len(call.agent)
    both = (spoken(call.caller) + spoken(call.agent)) / 2
    assert both == pytest.approx(share, abs=0.08)


def test_staggered_calls_are_the_same_call_from_other_points_on() -> None:
    call = sounds.turns(10)
    first, second = sounds.staggered(call, 2)
    assert first == call
    assert second.caller == call.caller[80000:] + call.caller[:80000]
    assert second.agent[80000:] == call.agent[:80000]


def test_a_sound_is_the_same_each_time() -> None:
    assert sounds.noise(1000) == sounds.noise(1000)
    assert sounds.triggers(10)[:160000] == sounds.triggers(20)[:160000]


def test_delays_are_counted_from_the_end_of_the_phrase() -> None:
    def hit(rule: str, start: int, end: int) -> Hit:
        return Hit(rule, "abuse", Party.CALLER, start, end, "")

    caller = Caller(hits=[(hit("a", 90, 210), 350.0), (hit("b", 90, 210), 400.0)])
    assert delays([hit("a", 100, 200), hit("a", 500, 600)], caller) == [150.0]


def test_percentiles() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([1], 0.95) == 1
    assert math.isnan(percentile([], 0.5))
