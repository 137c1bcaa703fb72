"""Killed in mid-call, it loses a second of sound at most, and back-fills what nobody heard."""

from __future__ import annotations

from tests.drills.short import held


async def test_killed_at_two_moments() -> None:
    outcome = await held("kill", moments=2, calls=2, longest=5.0, seed=8)
    assert outcome.figures["kills"] == 2
    assert outcome.figures["calls"] >= 2
