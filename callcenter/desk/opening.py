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
    try:
        async with asyncio.timeout(None) as wanted:
            watching = asyncio.get_running_loop().create_task(_watch(check, wanted))
            try:
                return await opening()
            finally:
                watching.cancel()
    except TimeoutError:
        check()
        raise


async def _watch(check: Callable[[], None], wanted: asyncio.Timeout) -> None:
    """End what is waited for as soon as `check` raises NotNow."""
    try:
        while True:
            check()
            await asyncio.sleep(LOOK_AGAIN_S)
    except NotNow:
        wanted.reschedule(0)
