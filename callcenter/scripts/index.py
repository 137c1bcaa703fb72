"""Finds all phrases of all rules in one pass, in characters and by sound. Pure.

Aho–Corasick finds a piece of each phrase; what stands around it is then compared, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ahocorasick

from callcenter.scripts.phrase import Pattern
from callcenter.scripts.sound import sounds, syllable

EXACT = 1.0
BY_SOUND = 0.85
FEWEST_SYLLABLES = 2
SPARED = 5
"""From so many syllables on, one may be too many."""
MISSED = 6
"""From so many on, one may be missing: of five, too often it is the one that matters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pattern stands in a text, from character `start` to before `end`."""

    pattern: int
    start: int
    end: int
    score: float = EXACT
    confused: bool = False
    """True where a syllable is not the same but is often taken for it: 脸 for 念."""


class Index:
    """Patterns by number; `by_sound` are the numbers of those that are listened for by sound."""

    def __init__(self, patterns: list[Pattern], by_sound: Iterable[int]) -> None:
        self._patterns = patterns
        self._sounds = {
            number: sounds(patterns[number].letters)
            for number in by_sound
            if _sounding(patterns[number])
        }
        self._chars = _automaton((p.pieces[p.anchor], n) for n, p in enumerate(patterns))
        self._whole = _automaton((sound, n) for n, sound in self._sounds.items())
        self._halves = _automaton(self._cut_in_half())
        self.longest = max((p.longest for p in patterns), default=0)

    def find(self, text: str) -> list[Place]:
        """Every place of every pattern; a sound only where the characters are not the same."""
        if not text:
            return []
        exact = list(self._in_characters(text))
        taken = {(place.pattern, place.start) for place in exact}
        sound = sounds(text)
        heard = dict.fromkeys([*self._by_sound(text, sound), *self._nearly(text, sound)])
        return exact + [place for place in heard if (place.pattern, place.start) not in taken]

    def _in_characters(self, text: str) -> Iterator[Place]:
        for last, numbers in _words(self._chars, text):
            for number in numbers:
                place = _around(self._patterns[number], number, text, last + 1)
                if place is not None:
                    yield place

    def _by_sound(self, text: str, sound: str) -> Iterator[Place]:
        for last, numbers in _words(self._whole, sound):
            for number in numbers:
                wanted = self._patterns[number].letters
                start = last + 1 - len(wanted)
                score = alike(wanted, text[start : last + 1])
                if score > 0:
                    said = text[start : last + 1]
                    confused = any(
                        syllable(a) != syllable(b) for a, b in zip(wanted, said, strict=True)
                    )
                    yield Place(number, start, last + 1, score, confused)

    def _nearly(self, text: str, sound: str) -> Iterator[Place]:
        """Where one syllable within the phrase is missing, or one is too many."""
        for last, halves in _words(self._halves, sound):
            for number, first in halves:
                wanted = self._sounds[number]
                begin = last + 1 - len(wanted) // 2
                for length in _lengths(len(wanted)):
                    start = begin if first else last + 1 - length
                    said = sound[start : start + length] if start >= 0 else ""
                    if one_off(wanted, said):
                        score = nearly_alike(self._patterns[number].letters, text[start:][:length])
                        if score > 0:
                            yield Place(number, start, start + length, score)

    def _cut_in_half(self) -> Iterator[tuple[str, tuple[int, bool]]]:
        for number, sound in self._sounds.items():
            if len(sound) >= SPARED:
                yield sound[: len(sound) // 2], (number, True)
                yield sound[-(len(sound) // 2) :], (number, False)


def _sounding(pattern: Pattern) -> bool:
    return pattern.by_sound and not pattern.gaps and len(pattern.letters) >= FEWEST_SYLLABLES


def _lengths(wanted: int) -> tuple[int, ...]:
    return (wanted - 1, wanted + 1) if wanted >= MISSED else (wanted + 1,)


def alike(wanted: str, said: str) -> float:
    """How well words that sound the same agree, 0 to BY_SOUND; 0 where no character is the same.

    A shared character is what tells a misheard phrase from quite another that sounds like it.
    """
    pairs = [(a, b) for a, b in zip(wanted, said, strict=True) if a != b]
    if len(pairs) == len(wanted) > FEWEST_SYLLABLES or (len(pairs) * 3 > len(wanted) * 2):
        return 0.0
    confused = sum(syllable(a) != syllable(b) for a, b in pairs)
    return round(BY_SOUND - 0.3 * len(pairs) / len(wanted) - 0.05 * confused, 3)


def nearly_alike(wanted: str, said: str) -> float:
    """As `alike`, for words of which one is missing or too many; at most one more is misheard."""
    shared = sum(min(wanted.count(char), said.count(char)) for char in set(wanted))
    misheard = min(len(wanted), len(said)) - shared
    return round(BY_SOUND - 0.2 - 0.1 * misheard, 3) if misheard <= 1 else 0.0


def one_off(a: str, b: str) -> bool:
    """True where one is the other with a single character more, neither its first nor its last."""
    short, long = sorted((a, b), key=len)
    if len(long) != len(short) + 1 or not short:
        return False
    front = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), -1)
    if front < 0:
        front = len(short)
    return 0 < front < len(short) and short[front:] == long[front + 1 :]


def _around(pattern: Pattern, number: int, text: str, end: int) -> Place | None:
    """The pattern around its anchor, which ends before `end`."""
    i = pattern.anchor
    start = end - len(pattern.pieces[i])
    for k in range(i - 1, -1, -1):
        start = _before(pattern.pieces[k], pattern.gaps[k], text, start)
        if start < 0:
            return None
    for k in range(i + 1, len(pattern.pieces)):
        end = _after(pattern.pieces[k], pattern.gaps[k - 1], text, end)
        if end < 0:
            return None
    return Place(number, start, end)


def _before(piece: str, gap: tuple[int, int], text: str, start: int) -> int:
    """Where the nearest such piece before `start` begins, or -1."""
    begins = (start - wide - len(piece) for wide in range(gap[0], gap[1] + 1))
    return next((b for b in begins if b >= 0 and text.startswith(piece, b)), -1)


def _after(piece: str, gap: tuple[int, int], text: str, end: int) -> int:
    """Where the nearest such piece after `end` ends, or -1."""
    begins = (end + wide for wide in range(gap[0], gap[1] + 1))
    return next((b + len(piece) for b in begins if text.startswith(piece, b)), -1)


def _automaton(words: Iterable[tuple[str, Any]]) -> Any:
    values: dict[str, list[Any]] = {}
    for word, value in words:
        values.setdefault(word, []).append(value)
    automaton = ahocorasick.Automaton()
    for word, found in values.items():
        automaton.add_word(word, found)
    automaton.make_automaton()
    return automaton if values else None


def _words(automaton: Any, text: str) -> Iterable[tuple[int, list[Any]]]:
    return automaton.iter(text) if automaton is not None else ()
