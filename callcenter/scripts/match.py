"""Finds the rules' phrases in what a caller says, partial or final, each once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from callcenter.core.records import Hit, Party, Segment
from callcenter.scripts.normalise import Char, chars
from callcenter.scripts.pack import Rule

JOIN_MS = 3000
"""A phrase may run over a pause of this long; beyond it, the words before are forgotten."""


class CallListener:
    """Watches one call; implements core.ports.Listener.

    A phrase found in a partial result is found again in the next partial and in the final one: what
    overlaps in time with a hit already told of the same rule is that hit.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._keep = max((len(p) for rule in rules for p in rule.phrases), default=1) - 1
        self._tail: list[Char] = []
        self._told: dict[str, list[Hit]] = {}

    def heard(self, segment: Segment) -> Sequence[Hit]:
        """The new hits in this segment; only the caller is judged."""
        if segment.party is not Party.CALLER:
            return ()
        said = self._after_pause(segment) + chars(segment)
        if segment.final:
            self._tail = said[-self._keep :] if self._keep else []
        found = [*find(self._rules, said), *spotted(self._rules, segment)]
        return [hit for hit in found if self._is_new(hit)]

    def _after_pause(self, segment: Segment) -> list[Char]:
        near = self._tail and segment.start_ms - self._tail[-1].end_ms <= JOIN_MS
        return self._tail if near else []

    def _is_new(self, hit: Hit) -> bool:
        told = self._told.setdefault(hit.rule, [])
        if any(hit.start_ms < old.end_ms and old.start_ms < hit.end_ms for old in told):
            return False
        told.append(hit)
        return True


def find(rules: Iterable[Rule], said: Sequence[Char]) -> list[Hit]:
    """Every phrase of every rule in `said`, first to last."""
    text = "".join(c.char for c in said)
    hits = [
        Hit(
            rule.name,
            rule.category,
            Party.CALLER,
            said[i].start_ms,
            said[i + len(phrase) - 1].end_ms,
            phrase,
        )
        for rule in rules
        for phrase in rule.phrases
        for i in _places(phrase, text)
    ]
    return sorted(hits, key=lambda hit: (hit.start_ms, hit.end_ms, hit.rule))


def spotted(rules: Iterable[Rule], segment: Segment) -> list[Hit]:
    """A hit for every rule that has a phrase which was spotted in the segment's sound."""
    return [
        Hit(rule.name, rule.category, Party.CALLER, word.start_ms, word.end_ms, word.word, True)
        for word in segment.spotted
        for rule in rules
        if word.word in rule.phrases
    ]


def _places(phrase: str, text: str) -> Iterator[int]:
    i = text.find(phrase)
    while i >= 0:
        yield i
        i = text.find(phrase, i + 1)
