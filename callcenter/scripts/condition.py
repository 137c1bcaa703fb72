"""What a rule asks for, as a tree, and where in a call it holds. Pure.

A `Leaf` is a phrase, or several of which any counts; the other signs are not words: what is known
before the call, and what is noticed in it. The other nodes combine what signs found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callcenter.core.records import Known, Party
from callcenter.scripts.phrase import Pattern

NOT_REACH = 12
"""Characters before or after a find in which a `not` phrase takes it back."""
MOST = 300
"""Finds of one part that are combined with others: the latest."""


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a condition holds. `start` and `end` count a party's characters since answer.

    `wanted` is the phrase of the pack, "" where no words are meant; `text` is what the transcript
    says, or what was noticed; `given` what was known before; `score` is 0 to 1.
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
    given: str = ""


@dataclass(frozen=True, eq=False)
class Sign:
    """What is found in the call itself, or known of it; the root of what nodes combine."""


@dataclass(frozen=True, eq=False)
class Leaf(Sign):
    """Any of `patterns`, said by one of `parties`, outside of `innocent` contexts.

    With `sound`, phrases of three syllables are found by sound, shorter ones near a `support`.
    """

    patterns: tuple[Pattern, ...]
    parties: frozenset[Party] = frozenset({Party.CALLER})
    innocent: tuple[Pattern, ...] = ()
    support: tuple[Pattern, ...] = ()
    sound: bool = True


@dataclass(frozen=True, eq=False)
class Given(Sign):
    """Known before anybody speaks: `says` tells it in words, "" where it does not hold."""

    says: Callable[[Known], str]


@dataclass(frozen=True, eq=False)
class Measured(Sign):
    """One of `kinds` of `core.records.Noticed`, at least so much of it, for so long."""

    operator: str
    kinds: frozenset[str]
    least: float = 0
    for_ms: int = 0
    parties: frozenset[Party] = frozenset(Party)


@dataclass(frozen=True, eq=False)
class Silence(Sign):
    """The caller says nothing while the agent greets so often, and for so long after that."""

    greeting: Leaf
    times: int
    for_ms: int


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
    given: tuple[Node, ...] = ()
    """What has to be known before the call, all of it."""


Node = Sign | Some | Only


@dataclass(frozen=True, slots=True)
class Heard:
    """What all signs found so far; `end_ms` is the call's end, None while it lasts."""

    signs: Mapping[Sign, Sequence[Found]]
    end_ms: int | None = None


def finds(node: Node, heard: Heard) -> list[Found]:
    """Every place where `node` holds, first to last."""
    if isinstance(node, Sign):
        return list(heard.signs.get(node, ()))
    if isinstance(node, Some):
        return _some(node, heard)
    return _only(node, heard)


def signs(node: Node) -> Iterator[Sign]:
    """The signs of a tree, those that speak against it as well."""
    if isinstance(node, Sign):
        yield node
        if isinstance(node, Silence):
            yield node.greeting
        return
    for part in _parts(node):
        yield from signs(part)


def leaves(node: Node) -> Iterator[Leaf]:
    """The signs of a tree that are phrases."""
    return (sign for sign in signs(node) if isinstance(sign, Leaf))


def standing(node: Node) -> bool:
    """True where nothing has to happen in the call for it to hold."""
    if isinstance(node, Some):
        return all(map(standing, node.parts))
    return isinstance(node, Given) or (isinstance(node, Only) and standing(node.part))


def spoken(node: Node) -> bool:
    """True where its finds are words, with a place among a party's characters."""
    if isinstance(node, Some):
        return all(map(spoken, node.parts))
    return isinstance(node, Leaf) or (isinstance(node, Only) and spoken(node.part))


def _parts(node: Some | Only) -> tuple[Node, ...]:
    if isinstance(node, Some):
        return node.parts
    against = (node.not_phrases, node.unless)
    return (node.part, *(part for part in against if part is not None), *node.given)


def takes_back(node: Node) -> bool:
    """True where what is said next may take a find back."""
    if isinstance(node, Some):
        return any(map(takes_back, node.parts))
    return isinstance(node, Only) and (node.not_phrases is not None or takes_back(node.part))


def _only(node: Only, heard: Heard) -> list[Found]:
    found = [f for f in finds(node.part, heard) if _within(node, f, heard.end_ms)]
    if node.not_phrases is not None:
        against = heard.signs.get(node.not_phrases, ())
        found = [f for f in found if not any(_close(f, other) for other in against)]
    if node.unless is not None and found and finds(node.unless, heard):
        return []
    if node.given and found:
        found = _beside(found, [finds(fact, heard) for fact in node.given])
    return found if node.repeat == 1 else _from_nth(found, node.repeat)


def _beside(found: list[Found], facts: list[list[Found]]) -> list[Found]:
    """The finds, with the facts they rest on; none where one of those does not hold."""
    if not all(facts):
        return []
    given = _both(*(fact[0].text for fact in facts))
    return [replace(one, given=_both(one.given, given)) for one in found]


def _both(*parts: str) -> str:
    return "，".join(dict.fromkeys(part for part in parts if part))


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
        " … ".join(f.wanted for f in way if f.wanted),
        min(f.score for f in way),
        operator,
        _both(*(f.given for f in way)),
    )


def _when(found: Found) -> tuple[int, int]:
    return found.start_ms, found.end_ms
