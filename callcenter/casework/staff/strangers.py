"""Tries to come in with names that nobody has. In memory."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

TRIES = 5
"""After so many wrong passwords in a row a person is locked out."""
LOCKED = timedelta(minutes=15)
MOST_STRANGERS = 1000


class Strangers:
    """Counts tries with names that nobody has, so that a lock-out does not tell them from others'.

    In memory: of the newest ones only, and forgotten by a new start.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()

    def until(self, name: str) -> datetime | None:
        """Until when this name is locked out, if it is."""
        return self._tries.get(name, (0, None))[1]

    def count(self, name: str, at: datetime) -> None:
        """One more wrong try; the last in a row locks."""
        tries = self._tries.pop(name, (0, None))[0] + 1
        self._tries[name] = (0, at + LOCKED) if tries >= TRIES else (tries, None)
        if len(self._tries) > MOST_STRANGERS:
            self._tries.popitem(last=False)
