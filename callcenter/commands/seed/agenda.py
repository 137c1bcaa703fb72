"""Deeds in the order of their time; a deed may put others on the agenda. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count

Deed = Callable[[datetime], None]
"""Told when it happens."""


class Agenda:
    """What is still to happen."""

    def __init__(self) -> None:
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def put(self, at: datetime, deed: Deed) -> None:
        """Let this happen then; of two at the same moment the one put first comes first."""
        heapq.heappush(self._deeds, (at, next(self._order), deed))

    def until(self, end: datetime) -> Iterator[tuple[datetime, Deed]]:
        """What happens before `end`, in order; what is put meanwhile, too."""
        while self._deeds and self._deeds[0][0] < end:
            at, _, deed = heapq.heappop(self._deeds)
            yield at, deed
