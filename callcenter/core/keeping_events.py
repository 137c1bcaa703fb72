"""What was removed because its time was over, or because somebody asked for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.event import Event


@dataclass(frozen=True, slots=True)
class Cleared(Event):
    """A part of some calls or records was removed for good; `call_id` is "". See core/keeping.py.

    The sound's files are gone already; what the store holds goes with this fact. Telephone numbers
    are not told: the trail must not hold what was erased.
    """

    kind: str
    """call, or a kind of record."""
    numbers: tuple[str, ...]
    """The calls' ids, or the records' numbers."""
    part: str
    """sound, words or record."""
    why: str
    """The class whose time was over, or the number of an erasure."""
    person: str
    """Who approved the erasure; system where the time was over."""
