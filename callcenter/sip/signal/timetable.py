"""Who wants to be woken when, found without asking everybody. Pure."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, Protocol, TypeVar

_COMPACT = 1024
"""Entries from which those that do not count any more are thrown away."""


class Sleeper(Protocol):
    """Has one time at which it wants to be woken; `wound` is the timetable's own."""

    wound: float | None


_S = TypeVar("_S", bound=Sleeper)


class Timetable(Generic[_S]):
    """Hundreds of calls leave thousands of transactions behind, each with a timer."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, _S]] = []
        self._most = _COMPACT
        self._numbers = count()

    def wind(self, sleeper: _S, at: float | None) -> None:
        """Wake it then, and not when it was wound to before; None is never."""
        if at is not None and at != sleeper.wound:
            heappush(self._heap, (at, next(self._numbers), sleeper))
        sleeper.wound = at
        if len(self._heap) > self._most:
            self._compact()

    def _compact(self) -> None:
        """Who is wound again and again for a far time must not fill the memory."""
        self._heap = [entry for entry in self._heap if entry[2].wound == entry[0]]
        heapify(self._heap)
        self._most = max(_COMPACT, 2 * len(self._heap))

    def next_at(self) -> float | None:
        """When the first one is to be woken."""
        while self._heap and self._heap[0][2].wound != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> _S | None:
        """One that is to be woken by now; it must be wound again."""
        at = self.next_at()
        if at is None or at > now:
            return None
        sleeper = heappop(self._heap)[2]
        sleeper.wound = None
        return sleeper
