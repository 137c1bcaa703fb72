"""Has recordings measured for their waveforms, one after the other, off the event loop: then a long
call is drawn at once when somebody opens it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from callcenter.core.errors import CallcenterError

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
"""How often it looks whether a recording was closed."""
MOST_WAITING = 10_000
"""Recordings that wait; what is beyond is measured when somebody looks at it."""


class Outliner:
    """Those that a crash left are measured when the service starts."""

    def __init__(
        self, measure: Callable[[str], object], newest: Callable[[], Sequence[str]]
    ) -> None:
        """`measure` is given a recording's path, `newest` gives those of the newest calls; both are
        called in a thread. What `measure` raises of OSError and ValueError is left to who looks."""
        self._measure = measure
        self._newest = newest
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)

    def closed(self, path: str) -> None:
        """A recording is whole; "" where no file could be made."""
        if path:
            self._waiting.append(path)

    async def run(self) -> None:
        """Measure what waits, again and again, until cancelled."""
        try:
            self._waiting.extend(await asyncio.to_thread(self._newest))
        except CallcenterError as error:
            log.error("the newest recordings are not known now: %s", error)
        while True:
            await self.once()
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Measure everything that waits now; how many recordings it was."""
        count = len(self._waiting)
        for _ in range(count):
            path = self._waiting.popleft()
            try:
                await asyncio.to_thread(self._measure, path)
            except (OSError, ValueError) as error:
                log.warning("a recording cannot be measured: %s", error)
        return count
