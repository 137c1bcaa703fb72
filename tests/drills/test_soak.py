"""Two calls at once, twice: nothing is left of them but what is kept."""

from __future__ import annotations

from tests.drills.short import held


async def test_calls_come_and_go() -> None:
    outcome = await held("soak", calls=2, minutes=0.12)
    assert outcome.figures["calls"] >= 4
