"""The one timer of a line, for the earliest of all times that it waits for. Touches asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls `ring` at the time that it was wound to, or before: then there is nothing to do yet,
    and it is wound anew. Each message winds it, mostly for a later time than it stands at."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None

    def wind(self, at: float | None) -> None:
        """Ring at this time of the loop's clock at the latest; None: at no time."""
        if at is None or (self._timer is not None and self._timer.when() <= at):
            return
        self.stop()
        self._timer = asyncio.get_running_loop().call_at(at, self._rings)

    def stop(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _rings(self) -> None:
        self._timer = None
        self._ring()
