"""What a rule asks for, as a tree, and where in a call it holds. Pure.

A `Leaf` is a phrase, or several of which any counts; the other nodes combine what leaves found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callcenter.core.records import Party
from callcenter.scripts.phrase import Pattern

NOT_REACH = 12
"""Characters before or after a find in which a `not` phrase takes it back."""
MOST = 300
"""Finds of one part that are combined with others: the latest."""


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a condition holds. `start` and `end` count a party's characters since answer.

    `wanted` is the phrase of the pack, `text` what the transcript says; `score` is 0 to 1.
    """

    party: Party
    start: int
    end: int
    start_ms: int
    end_ms: int
    text: str
    wanted: str
    score: float = 1.0
    operator: str = "any"


@dataclass(frozen=True, eq=False)
class Leaf:
    """Any of `patterns`, said by one of `parties`, outside of `innocent` contexts.

    With `sound`, phrases of three syllables are found by sound, shorter ones near a `support`.
    """

    patterns: tuple[Pattern, ...]
    parties: frozenset[Party] = frozenset({Party.CALLER})
    innocent: tuple[Pattern, ...] = ()
    support: tuple[Pattern, ...] = ()
    sound: bool = True


@dataclass(frozen=True, eq=False)
class Some:
    """At least `least` of `parts`, with so little between the first and the last of them."""

    operator: str
    parts: tuple[Node, ...]
    least: int
    near: int | None = None
    near_ms: int | None = None
    order: bool = False


@dataclass(frozen=True, eq=False)
class Only:
    """What `part` finds, where it is said and as often as asked, and nothing speaks against it."""

    part: Node
    repeat: int = 1
    first_ms: int | None = None
    last_ms: int | None = None
    not_phrases: Leaf | None = None
    unless: Node | None = None


Node = Leaf | Some | Only


@dataclass(frozen=True, slots=True)
class Heard:
    """What all leaves found so far; `end_ms` is the call's end, None while it lasts."""

    leaves: Mapping[Leaf, Sequence[Found]]
    end_ms: int | None = None


def finds(node: Node, heard: Heard) -> list[Found]:
    """Every place where `node` holds, first to last."""
    if isinstance(node, Leaf):
        return list(heard.leaves.get(node, ()))
    if isinstance(node, Some):
        return _some(node, heard)
    return _only(node, heard)


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves of a tree, those that speak against it as well."""
    if isinstance(node, Leaf):
        yield node
        return
    if isinstance(node, Some):
        parts: tuple[Node | None, ...] = node.parts
    else:
        parts = (node.part, node.not_phrases, node.unless)
    for part in parts:
        if part is not None:
            yield from leaves(part)


def takes_back(node: Node) -> bool:
    """True where what is said next may take a find back."""
    if isinstance(node, Some):
        return any(map(takes_back, node.parts))
    return isinstance(node, Only) and (node.not_phrases is not None or takes_back(node.part))


def _only(node: Only, heard: Heard) -> list[Found]:
    found = [f for f in finds(node.part, heard) if _within(node, f, heard.end_ms)]
    if node.not_phrases is not None:
        against = heard.leaves.get(node.not_phrases, ())
        found = [f for f in found if not any(_close(f, other) for other in against)]
    if node.unless is not None and found and finds(node.unless, heard):
        return []
    return found if node.repeat == 1 else _from_nth(found, node.repeat)


def _within(node: Only, found: Found, end_ms: int | None) -> bool:
    if node.first_ms is not None and found.start_ms >= node.first_ms:
        return False
    if node.last_ms is None:
        return True
    return end_ms is not None and found.end_ms >= end_ms - node.last_ms


def _close(found: Found, other: Found) -> bool:
    same = found.party is other.party
    return same and other.start - NOT_REACH <= found.end and found.start <= other.end + NOT_REACH


def _from_nth(found: list[Found], times: int) -> list[Found]:
    """The nth that does not overlap one before it, and all after it."""
    apart: list[Found] = []
    for one in found:
        if not apart or apart[-1].end_ms <= one.start_ms:
            apart.append(one)
    return [replace(one, operator="repeat") for one in apart[times - 1 :]]


def _some(node: Some, heard: Heard) -> list[Found]:
    parts = [finds(part, heard) for part in node.parts]
    if node.least == 1:
        return sorted((f for part in parts for f in part), key=_when)
    if sum(map(bool, parts)) < node.least:
        return []
    parts = [part[-MOST:] for part in parts]
    ways = [way for i in range(len(parts)) for way in _ways(node, parts, i)]
    return sorted((_joined(node.operator, way) for way in ways), key=_when)


def _ways(node: Some, parts: list[list[Found]], i: int) -> Iterator[list[Found]]:
    """Combinations whose last find is one of part `i`."""
    if node.order and i + 1 < node.least:
        return
    times = [[f.end_ms for f in part] for part in parts]
    for last in parts[i]:
        if node.order:
            way = _chain(parts, times, last, i, node.least)
        else:
            way = _nearest(parts, times, last, i)[: node.least - 1]
        if len(way) == node.least - 1 and _near_enough(node, way, last):
            yield sorted([*way, last], key=_when)


def _chain(
    parts: list[list[Found]], times: list[list[int]], last: Found, i: int, least: int
) -> list[Found]:
    """Back from `last`, part by part, the latest that ends before what follows it."""
    way: list[Found] = []
    follows = last
    for k in range(i - 1, -1, -1):
        found = _latest(parts[k], times[k], follows.start_ms)
        if found is not None and len(way) < least - 1:
            way.append(found)
            follows = found
    return way


def _nearest(parts: list[list[Found]], times: list[list[int]], last: Found, i: int) -> list[Found]:
    """Of each other part the latest before `last`, the nearest first."""
    before = [
        found
        for k, part in enumerate(parts)
        if k != i and (found := _latest(part, times[k], last.start_ms)) is not None
    ]
    return sorted(before, key=lambda f: -f.end_ms)


def _latest(part: list[Found], ends: list[int], before_ms: int) -> Found | None:
    at = bisect_right(ends, before_ms)
    return part[at - 1] if at else None


def _near_enough(node: Some, way: list[Found], last: Found) -> bool:
    first = min(way, key=_when)
    if node.near_ms is not None and last.start_ms - first.end_ms > node.near_ms:
        return False
    if node.near is None:
        return True
    return first.party is last.party and last.start - first.end <= node.near


def _joined(operator: str, way: list[Found]) -> Found:
    first, last = way[0], way[-1]
    return Found(
        last.party,
        first.start,
        last.end,
        first.start_ms,
        max(f.end_ms for f in way),
        " … ".join(f.text for f in way),
        " … ".join(f.wanted for f in way),
        min(f.score for f in way),
        operator,
    )


def _when(found: Found) -> tuple[int, int]:
    return found.start_ms, found.end_ms
