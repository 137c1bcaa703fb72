"""Work besides calls, as tasks: what is due, who does it, when it is tried again. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
"""Between two tries of what failed: the first, doubled up to the longest."""
PROBLEM_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work, in pieces that each have a key: a call, a report, a message.

    The store says what is due; nothing is kept in a queue beside it. So a piece may be done twice
    when a node dies in the middle: `do` must not mind.
    """

    name: str
    due: Callable[[], Sequence[str]]
    """The keys of what waits, what is to be done first in front; blocks: called in a thread."""
    do: Callable[[str], Awaitable[object]]
    """Do one. Raises CallcenterError where that failed: it is tried again after a pause."""
    seconds: float
    """Between two looks."""
    everywhere: bool = False
    """Each node does its own; otherwise one node does it for all."""
    notice: Callable[[], str] = str
    """What people should know of it now, one sentence; "" where all is well."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A piece of work that failed and is still due."""

    task: str
    key: str
    tries: int
    at: datetime
    problem: str
    """One line."""

    @property
    def next_at(self) -> datetime:
        """When it is tried again."""
        return self.at + pause(self.tries)


class Failures(Protocol):
    """Remembers them for people to see. Blocking: called in a thread. Each raises StoreError."""

    def note(self, failure: Failure) -> None:
        """In place of what is known of the same piece."""
        ...

    def forget(self, task: str, key: str) -> None:
        """It was done, or is no longer due."""
        ...


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries that failed."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
