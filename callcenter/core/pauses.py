"""The secure pause of a running call (安全暂停), as it is shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PAUSE = "pause"
"""The reason of a gap in which nobody was to listen; it is never transcribed."""
WHY = "敏感信息"
"""Where nobody says why."""
CURRENT = "current"
"""In place of a call's id: the one that the agent has now, for a page that knows no ids."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A secure pause that runs: who asked for it and why."""

    by: str
    why: str
    since: datetime
    reminded: bool = False
    """It lasts longer than the house expects."""
