"""How long what was recorded is kept: classes of calls, what goes first, the house's terms. Pure.

Sound goes first, then the words, at last the numbers: what is left of a call counts, and names
nobody (个人信息保护法, articles 19, 47 and 73).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from callcenter.core.event import Event

ORDINARY, COMPLAINT, HARASSMENT = "ordinary", "complaint", "harassment"
CLASSES = (ORDINARY, COMPLAINT, HARASSMENT)
SOUND, WORDS, RECORD = "sound", "words", "record"
PARTS = (SOUND, WORDS, RECORD)
"""What goes, in this order: the recording; what was said and noted; numbers and names."""
CALL = "call"
"""The kind of a call among the kinds of records."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Days by class and part; 0: for good."""

    days: Mapping[str, Mapping[str, int]]

    def before(self, of_class: str, part: str, now: datetime) -> datetime | None:
        """What is older than this goes; None: nothing does."""
        days = self.days[of_class][part]
        return now - timedelta(days=days) if days else None


FOR_GOOD = Terms({name: dict.fromkeys(PARTS, 0) for name in CLASSES})


@dataclass(frozen=True, slots=True)
class Batch:
    """What is cleared in one transaction: calls by their ids, or records by their numbers."""

    kind: str
    numbers: tuple[str, ...]
    part: str
    why: str
    """The class whose time is over, or the number of an erasure."""


class Keeper(Protocol):
    """Knows what goes, and removes it. Blocking: called in a thread."""

    def overdue(self) -> Sequence[Batch]:
        """What has been kept for as long as the terms say, or a part of it. Raises StoreError."""
        ...

    def approved(self) -> Sequence[str]:
        """The numbers of erasures that wait to be carried out, the oldest first."""
        ...

    def of_erasure(self, number: str) -> Sequence[Batch]:
        """Everything that goes with it. Raises Refused where something of it is under hold."""
        ...

    def clear(self, batch: Batch) -> Event:
        """Remove its files; the fact with which the rest goes. Raises StoreError."""
        ...

    def finish(self, number: str) -> Event:
        """The fact that an erasure was carried out."""
        ...
