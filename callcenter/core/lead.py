"""Supervisors and a call that runs: one is called to it (请主管), one has joined it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST = 200
"""Characters of what it is about."""


@dataclass(frozen=True, slots=True)
class LeadCall:
    """Who asks for one, since when, and what it is about."""

    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A supervisor in a call: `mode` is listen, whisper or barge (监听、耳语、强插)."""

    person: str
    mode: str
    since: datetime
