"""Told to stop: no new calls, those that run end in peace, then it leaves."""

from __future__ import annotations

from tests.drills.short import held


async def test_told_to_stop_with_calls_running() -> None:
    outcome = await held("drain", calls=2, seconds=1.0, ways=["in peace"])
    assert outcome.figures["calls_that_ended_in_peace"] == 2
