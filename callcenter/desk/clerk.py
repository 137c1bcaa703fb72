"""Has the reports that are due built, as a task; sees ports only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from callcenter.core.events import Event
from callcenter.core.jobs import Task
from callcenter.core.reports import DueReport, Reports

LOOK_SECONDS = 60.0
"""How often it looks whether a report is due."""


class Clerk:
    """What was missed while the service was off is built when it starts."""

    def __init__(self, reports: Reports, write: Callable[[Event], Awaitable[None]]) -> None:
        """`write` is the ledger's."""
        self._reports = reports
        self._write = write
        self._found: dict[str, DueReport] = {}

    def task(self) -> Task:
        """Its pieces are reports: name, day, week or month, and when that began."""
        return Task("reports", self._due, self._build, LOOK_SECONDS)

    def _due(self) -> Sequence[str]:
        self._found = {
            f"{one.name} {one.period} {one.since:%Y-%m-%dT%H:%MZ}": one
            for one in self._reports.due()
        }
        return list(self._found)

    async def _build(self, key: str) -> None:
        for fact in await asyncio.to_thread(self._reports.build, self._found[key]):
            await self._write(fact)
