"""The wall clock is set an hour on and back during calls, and nothing of them changes."""

from __future__ import annotations

from tests.drills.short import held


async def test_the_clock_is_set_during_calls() -> None:
    outcome = await held("clock", seconds=0.5)
    assert outcome.figures["times_that_ran_backwards"] >= 2
