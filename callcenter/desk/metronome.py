"""The one clock of all calls: an absolute tick every 20 ms. Touches the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.core.records import FRAME_MS

TICK = FRAME_MS / 1000
CLOSEST = TICK / 4
"""Seconds between two ticks where time is to be made up: four packets in 20 ms, which any
telephone's jitter buffer takes, and in between the loop has time for everything else."""
HELD = 0.2
"""Seconds of sound that a telephone's jitter buffer holds: of what comes more in advance than that,
the far end may throw the beginning away."""


def due(began: float, ticks: int, last: float) -> float:
    """When the tick after the first `ticks` of them is due, the last of which was at `last`.

    Each has its place on the clock from the beginning, so nothing adds up. In seconds.
    """
    return max(began + (ticks + 1) * TICK, last + CLOSEST)


async def beat(tick: Callable[[float, bool], None]) -> None:
    """Call `tick` every 20 ms until cancelled, with its place on the loop's clock, in seconds, and
    whether it is hurried: made up for a time so long ago that what is sent now may not be heard.

    The schedule is absolute: after a stall the missed ticks follow soon, so that the number of
    ticks, and with it a recording's length, always comes to the time that has passed.
    """
    loop = asyncio.get_running_loop()
    began = now = loop.time()
    ticks = 0
    while True:
        at = due(began, ticks, now)
        await asyncio.sleep(max(0.0, at - loop.time()))
        now = loop.time()
        ticks += 1
        place = began + ticks * TICK
        tick(place, now - place > HELD)
