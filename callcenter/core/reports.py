"""Reports that are built once their time is over: what is due, and who builds it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.event import Event


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that should be there: its name, day, week or month, and when that began."""

    name: str
    period: str
    since: datetime


class Reports(Protocol):
    """The reports of the house. Blocking: called in a thread."""

    def due(self) -> Sequence[DueReport]:
        """What should be there by now and is not, the oldest first."""
        ...

    def build(self, wanted: DueReport) -> Sequence[Event]:
        """Make it; what came of it, as facts. Raises StoreError."""
        ...
