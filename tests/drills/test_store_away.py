"""The store away, and the service killed meanwhile: nothing is lost, nothing comes twice."""

from __future__ import annotations

from tests.drills.short import held


async def test_killed_while_the_store_is_away() -> None:
    short = {"seconds": 3.0, "calls": 2, "store": "sqlite", "ways": ["killed"], "deaf": True}
    outcome = await held("store_away", **short)
    assert outcome.figures["sqlite_spooled_events"] > 0
