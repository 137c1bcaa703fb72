"""Tells live whose seat nobody attends (空岗, K3), and that they are back; sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from callcenter.core.errors import CallcenterError
from callcenter.core.events import Event, SeatUnattended
from callcenter.core.office import Seats

log = logging.getLogger(__name__)
LOOK_SECONDS = 30.0


class SeatWatch:
    """Looks again and again who is missing."""

    def __init__(
        self, seats: Seats, publish: Callable[[Event], None], now: Callable[[], datetime]
    ) -> None:
        """`publish` is the bus's: what is told is not stored, the spans and shifts are."""
        self._seats = seats
        self._publish = publish
        self._now = now
        self._missing: Mapping[str, datetime] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.once()
            except CallcenterError as error:
                log.error("nobody knows now who is missing: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> None:
        """Look now, and tell what has changed."""
        before, self._missing = self._missing, await asyncio.to_thread(self._seats.unattended)
        for agent, since in self._missing.items():
            if before.get(agent) != since:
                self._publish(SeatUnattended("", self._now(), agent, since))
        for agent in before.keys() - self._missing.keys():
            self._publish(SeatUnattended("", self._now(), agent, before[agent], back=True))
