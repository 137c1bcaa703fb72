"""Stretches of time, as pairs of moments: what of one lies in another, and how long it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]
"""From the first moment until, but without, the second."""
Stretches = Sequence[Stretch]
"""In order, and none touches the next."""


def joined(stretches: Iterable[Stretch]) -> Stretches:
    """The same time, in order, without gaps of nothing and without counting any of it twice."""
    found: list[Stretch] = []
    for since, until in sorted(stretches):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        elif since < until:
            found.append((since, until))
    return found


def within(one: Iterable[Stretch], other: Iterable[Stretch]) -> Stretches:
    """The time that lies in both."""
    found: list[Stretch] = []
    for (since, until), met in _met(one, other):
        found += [(max(since, start), min(until, end)) for start, end in met]
    return found


def without(one: Iterable[Stretch], other: Iterable[Stretch]) -> Stretches:
    """The time of the one that is not in the other."""
    left: list[Stretch] = []
    for (since, until), met in _met(one, other):
        edges = [since, *(edge for stretch in met for edge in stretch), until]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        left += [(start, end) for start, end in pairs if start < end]
    return left


def length(stretches: Iterable[Stretch]) -> timedelta:
    """How long all of it is."""
    return sum((until - since for since, until in joined(stretches)), timedelta())


def _met(
    one: Iterable[Stretch], other: Iterable[Stretch]
) -> Iterator[tuple[Stretch, list[Stretch]]]:
    """Each stretch of the one with those of the other that it meets, in one walk along both."""
    theirs, first = joined(other), 0
    for since, until in joined(one):
        while first < len(theirs) and theirs[first][1] <= since:
            first += 1
        last = first
        while last < len(theirs) and theirs[last][0] < until:
            last += 1
        yield (since, until), list(theirs[first:last])
