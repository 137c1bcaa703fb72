"""The one clock of all calls: an absolute tick every 20 ms. Touches the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.core.records import FRAME_MS


async def beat(tick: Callable[[], None]) -> None:
    """Call `tick` every 20 ms until cancelled.

    The schedule is absolute: after a stall the missed ticks follow at once, so that the number of
    ticks, and with it a recording's length, always equals the time that has passed.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += FRAME_MS / 1000
        await asyncio.sleep(max(0.0, due - loop.time()))
        tick()
