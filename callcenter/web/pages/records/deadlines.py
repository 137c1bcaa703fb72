"""How much time is left to what was promised, as pages say it. Pure.

static/orders/clocks.js says the same again each half minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.web.pages.language import say

AROUND = 176
"""Length of the ring's line, in units of its drawing: 2 π 28."""


def spell(span: timedelta) -> str:
    """A length in its two largest units: 3 天 4 时, 2 时 12 分, 18 分."""
    minutes = max(0, round(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return say("{days} 天 {hours} 时", days=days, hours=hours)
    if hours:
        return say("{hours} 时 {minutes} 分", hours=hours, minutes=rest)
    return say("{minutes} 分", minutes=rest)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time to keep, seen from now."""

    due_at: datetime
    since: datetime
    now: datetime

    @property
    def passed(self) -> bool:
        """Whether it was not kept."""
        return self.due_at < self.now

    @property
    def told(self) -> str:
        """超时 2 时 12 分, or 还有 18 分."""
        if self.passed:
            return say("超时 {span}", span=spell(self.now - self.due_at))
        return say("还有 {span}", span=spell(self.due_at - self.now))

    @property
    def short(self) -> str:
        """The span alone, in its largest unit, for the middle of a ring."""
        minutes = abs(self.due_at - self.now).total_seconds() // 60
        if minutes >= 1440:
            return say("{days}天", days=round(minutes // 1440))
        if minutes >= 60:
            return say("{hours}时", hours=round(minutes // 60))
        return say("{minutes}分", minutes=round(minutes))

    @property
    def used(self) -> int:
        """Percent of the time that is gone, 0 to 100."""
        whole = (self.due_at - self.since).total_seconds()
        gone = (self.now - self.since).total_seconds()
        return 100 if whole <= 0 else round(100 * max(0.0, min(1.0, gone / whole)))

    @property
    def ring(self) -> str:
        """The dashes of the ring: what is left."""
        left = round(AROUND * (100 - self.used) / 100)
        return f"{AROUND if self.passed else left} {AROUND}"
