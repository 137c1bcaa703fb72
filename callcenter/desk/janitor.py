"""Has removed what goes: erasures within a minute of their approval, what is overdue once a day.

One batch after the other, off the event loop, with a breath between; sees ports only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, tzinfo

from callcenter.core.errors import CallcenterError
from callcenter.core.events import Event
from callcenter.core.keeping import Batch, Keeper

log = logging.getLogger(__name__)
LOOK_SECONDS = 60.0
BREATH_SECONDS = 0.05
"""Between two batches: the ledger writes what people do."""


class Janitor:
    """`at` is when what is overdue goes, on the wall of `zone`; None: it does not go by itself."""

    def __init__(
        self,
        keeper: Keeper,
        write: Callable[[Event], Awaitable[None]],
        now: Callable[[], datetime],
        at: time | None,
        zone: tzinfo | None = None,
    ) -> None:
        self._keeper, self._write, self._now = keeper, write, now
        self._at, self._zone = at, zone
        self._swept: date | None = None

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Remove what goes now; how many batches it was. What cannot be removed is logged, and
        tried again."""
        done = 0
        try:
            for number in await asyncio.to_thread(self._keeper.approved):
                done += await self._erase(number)
            if self._is_time():
                done += await self._sweep()
        except CallcenterError as error:
            log.error("what should be removed stays for now: %s", error)
        return done

    async def _erase(self, number: str) -> int:
        try:
            batches = await asyncio.to_thread(self._keeper.of_erasure, number)
            await self._clear(batches)
            await self._write(await asyncio.to_thread(self._keeper.finish, number))
        except CallcenterError as error:
            log.error("erasure %s waits: %s", number, error)
            return 0
        return len(batches)

    async def _sweep(self) -> int:
        done = 0
        while batches := await asyncio.to_thread(self._keeper.overdue):
            await self._clear(batches)
            done += len(batches)
        self._swept = self._now().astimezone(self._zone).date()
        if done:
            log.info("%d batches of what was overdue were removed", done)
        return done

    async def _clear(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            await self._write(await asyncio.to_thread(self._keeper.clear, batch))
            await asyncio.sleep(BREATH_SECONDS)

    def _is_time(self) -> bool:
        wall = self._now().astimezone(self._zone)
        return self._at is not None and wall.time() >= self._at and self._swept != wall.date()
