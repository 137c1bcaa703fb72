"""Has the reports that are due built, one after the other, off the event loop; sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from callcenter.core.errors import CallcenterError
from callcenter.core.events import Event
from callcenter.core.reports import DueReport, Reports

log = logging.getLogger(__name__)
LOOK_SECONDS = 60.0
"""How often it looks whether a report is due."""


class Clerk:
    """What was missed while the service was off is built when it starts."""

    def __init__(self, reports: Reports, write: Callable[[Event], Awaitable[None]]) -> None:
        """`write` is the ledger's."""
        self._reports = reports
        self._write = write

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.once()
            except CallcenterError as error:
                log.error("no report can be built now: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Build everything that is due now; how many reports it was."""
        due = await asyncio.to_thread(self._reports.due)
        return sum([await self._build(one) for one in due])

    async def _build(self, wanted: DueReport) -> bool:
        try:
            for fact in await asyncio.to_thread(self._reports.build, wanted):
                await self._write(fact)
        except CallcenterError as error:
            log.error("report %s of a %s: %s", wanted.name, wanted.period, error)
            return False
        return True
