"""Plans calls out: a number that may be dialled now, on a line that can. Asks what was dialled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.core.errors import NotDialled, StoreError
from callcenter.core.events import DialRefused, Event
from callcenter.core.numbers import mask
from callcenter.core.office import Tolls
from callcenter.core.outbound import Limits, Use
from callcenter.core.ports import Line
from callcenter.desk.dialling import Outbound, dialled, line_for, recorded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rein:
    """The house's limits on calls out, and who knows what was dialled already."""

    limits: Limits
    tolls: Tolls


class Dialling:
    """Plans calls out: a number that may be dialled, on a line that can, shown as one of ours.

    Without a `rein` everything may be dialled. `standing` counts the calls out that stand.
    """

    def __init__(
        self,
        lines: Mapping[str, Line],
        numbers: Mapping[str, str],
        rein: Rein | None,
        now: Callable[[], datetime],
        tell: Callable[[Event], None],
        standing: Callable[[], int],
    ) -> None:
        self._lines = lines
        self._numbers = numbers
        self._rein = rein
        self._now = now
        self._tell = tell
        self._standing = standing
        self._begun = 0
        """Calls that are planned and do not stand yet."""

    @asynccontextmanager
    async def plan(
        self, wish: str, agent: str, line: str
    ) -> AsyncIterator[tuple[str, str, Outbound]]:
        """What to dial, on which line, and as what; it counts as a call out while inside.

        Raises NotNow, Refused (what cannot be dialled), NotDialled.
        """
        to, line = dialled(wish), line_for(self._lines, line)
        self._begun += 1
        try:
            await self.check(to, agent, line)
            yield to, line, Outbound(self._numbers.get(line) or agent, recorded(to))
        finally:
            self._begun -= 1

    async def check(self, to: str, agent: str, line: str, call_id: str = "") -> None:
        """Raises NotDialled, which is told, where the limits do not allow it."""
        if self._rein is None:
            return
        use = await self._use(self._rein, agent, recorded(to))
        at = self._now()
        breach = self._rein.limits.breach(to, at, use)
        if breach is None:
            return
        log.warning("agent %s: not dialled: %s %s", agent, breach.rule, breach.limit)
        self._tell(DialRefused(call_id, at, agent, breach.rule.value, mask(recorded(to)), line))
        raise NotDialled(breach.rule.value, breach.limit)

    async def _use(self, rein: Rein, agent: str, number: str) -> Use:
        """A store that is away keeps nobody from calling a customer back."""
        at_once = self._standing() + max(0, self._begun - 1)
        if not rein.limits.counts:
            return Use(at_once=at_once)
        midnight = rein.limits.midnight(self._now())
        try:
            use = await asyncio.to_thread(rein.tolls.since, midnight, agent, number)
        except StoreError as error:
            log.error("what was dialled today cannot be read: %s", error)
            return Use(at_once=at_once)
        return replace(use, at_once=at_once)
