"""Spoils a line as a recogniser does: characters that sound alike, some lost, some added.

The same line at the same rate is always spoiled alike: the line's id is the seed. Of the wrong
characters 70 in 100 are changed, 20 lost and 10 added. Most changes keep the sound; the others
confuse what speakers and recognisers confuse (zh/z, n/l, in/ing, f/h …).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache

from bench.judgement import syllables

SHARES = {"change": 70, "lose": 20, "add": 10}
SAME_SOUND = 0.6
"""How many of the changes keep the sound exactly, where another character has it."""
CHANGED_FOR = 8
"""A character is changed for one of so many candidates, the more frequent the likelier."""
ADDED = "的了是一不就我你个啊那这有嗯在他么呢吧都"
INITIALS = ("zh z", "ch c", "sh s", "n l", "l r", "f h", "b p", "d t", "g k", "j q", "h w")
FINALS = ("in ing", "en eng", "an ang", "ian iang", "uan uang", "ong eng", "o e", "ei ai", "ou u")
_SYLLABLE = re.compile(r"^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.+)$")


def spoil(text: str, rate: float, seed: str) -> str:
    """`text` with `rate` wrong characters for each character of it, on average."""
    dice = random.Random(f"{seed} {rate}")  # noqa: S311 - noise is no secret
    wanted = min(len(text), int(rate * len(text) + dice.random()))
    wrong = set(dice.sample(range(len(text)), wanted))
    return "".join(_heard(c, dice) if i in wrong else c for i, c in enumerate(text))


def _heard(char: str, dice: random.Random) -> str:
    (what,) = dice.choices(list(SHARES), list(SHARES.values()))
    if what == "lose":
        return ""
    if what == "add":
        return char + dice.choice(ADDED)
    return _changed(char, dice)


def _changed(char: str, dice: random.Random) -> str:
    same, near = _alike(char)
    first, second = (same, near) if dice.random() < SAME_SOUND else (near, same)
    candidates = (first or second or ADDED.replace(char, ""))[:CHANGED_FOR]
    weights = [1 / rank for rank in range(1, len(candidates) + 1)]
    return dice.choices(candidates, weights)[0]


@cache
def _alike(char: str) -> tuple[str, str]:
    """Characters that sound the same, and those that sound nearly so; the most frequent first."""
    by_sound, of = _tables()
    sound = of.get(char, "")
    near = _in_turn([by_sound.get(other, "") for other in neighbours(sound)])
    return by_sound.get(sound, "").replace(char, ""), near


@cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    by_sound = syllables.read()
    return by_sound, {char: sound for sound, chars in by_sound.items() for char in chars}


def _in_turn(lists: Sequence[str]) -> str:
    """The first of each, then the second of each …"""
    longest = max(map(len, lists), default=0)
    return "".join(chars[i] for i in range(longest) for chars in lists if i < len(chars))


def neighbours(sound: str) -> list[str]:
    """Syllables one confusion away: "zhen" → "zen", "zheng"."""
    parts = _SYLLABLE.match(sound)
    if parts is None:
        return []
    initial, final = parts.groups()
    others = [other + final for other in _confused(initial, INITIALS)]
    return others + [initial + other for other in _confused(final, FINALS)]


def _confused(part: str, pairs: Sequence[str]) -> list[str]:
    sides = [pair.split() for pair in pairs]
    return [b if part == a else a for a, b in sides if part in (a, b)]
