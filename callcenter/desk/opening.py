"""Waits for an agent's sound while it is wanted: a telephone may ring for long. Touches asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from callcenter.core.errors import NotNow
from callcenter.core.ports import Leg

LOOK_AGAIN_S = 0.1
"""Between two looks whether an agent's sound, which is being opened, is still wanted."""


async def while_wanted(opening: Callable[[], Awaitable[Leg]], check: Callable[[], None]) -> Leg:
    """The sound, once it is open; cancelled, with what `check` raises, when it no longer is.

    `check` raises NotNow once the sound is not wanted any more.
    """
    loop = asyncio.get_running_loop()
    watching: asyncio.TimerHandle

    def look() -> None:
        nonlocal watching
        try:
            check()
        except NotNow:
            wanted.reschedule(0)
        else:
            watching = loop.call_later(LOOK_AGAIN_S, look)

    try:
        async with asyncio.timeout(None) as wanted:
            watching = loop.call_later(LOOK_AGAIN_S, look)
            try:
                return await opening()
            finally:
                watching.cancel()
    except TimeoutError:
        check()
        raise
