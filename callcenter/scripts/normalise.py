"""Brings text to the one form that patterns are matched in; no character loses its place. Pure.

Width, case, traditional characters and Chinese digits are folded, punctuation and the fillers of
speech are dropped: "嗯我要投訴，那個三次了" → "我要投诉3次了".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from opencc import OpenCC

from callcenter.core.records import Segment, Word

FILLERS = re.compile("那个|[嗯啊呃唔]")
"""What a speaker says while thinking; it may stand inside any phrase."""
DIGITS = str.maketrans("零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖", "0012345678912123456789")
STOPS = frozenset("，。！？；：、,.!?;:…")
_SIMPLIFIED = OpenCC("t2s")


def normalise(text: str) -> str:
    """The form that is matched: half-width, lower case, simplified, digits, without fillers."""
    return "".join(char.char for char in _kept(_spread(Word(text, 0, 0))))


def plain(text: str) -> str:
    """Half-width, lower case, simplified letters and digits, as they are said: "一夜" stays."""
    return "".join(map(_fold, text))


@dataclass(frozen=True, slots=True)
class Char:
    """One normalised character and when it was heard, in ms since answer.

    `heard` is what the transcript has there; `after` the fillers and stops that follow it.
    """

    char: str
    start_ms: int
    end_ms: int
    heard: str = ""
    after: str = ""


def chars(segment: Segment) -> list[Char]:
    """A segment's characters with their times, each word's time shared evenly among its own."""
    words = segment.words or (Word(segment.text, segment.start_ms, segment.end_ms),)
    return _kept(char for word in words for char in _spread(word))


def as_heard(said: list[Char]) -> str:
    """What the transcript says there, fillers between included."""
    return _all_heard(said[:-1]) + said[-1].heard


def broken(said: list[Char]) -> bool:
    """True where a sentence ends, or the speaker thinks, between the first and the last of them."""
    return any("那个" in char.after or STOPS & set(char.after) for char in said[:-1])


def _spread(word: Word) -> Iterator[Char]:
    """The characters, and the stops between them as characters of no length."""
    pairs = [(folded, heard) for heard in word.word for folded in _fold(heard) or _stop(heard)]
    count = sum(bool(folded) for folded, _ in pairs)
    length, i = word.end_ms - word.start_ms, 0
    for folded, heard in pairs:
        start = word.start_ms + length * i // count if count else word.start_ms
        i += bool(folded)
        end = word.start_ms + length * i // count if count else start
        yield Char(folded.translate(DIGITS), start, end, heard)


def _stop(heard: str) -> tuple[str, ...]:
    """One entry, of nothing, for a mark that parts sentences; none for any other."""
    return ("",) if heard in STOPS else ()


def _kept(spread: Iterable[Char]) -> list[Char]:
    """The characters without stops and fillers, which hang on the character before them."""
    said: list[Char] = []
    for char in spread:
        if char.char:
            said.append(char)
        elif said:
            said[-1] = _followed(said[-1], char.heard)
    kept: list[Char] = []
    done = 0
    for filler in FILLERS.finditer("".join(char.char for char in said)):
        kept += said[done : filler.start()]
        if kept:
            kept[-1] = _followed(kept[-1], _all_heard(said[filler.start() : filler.end()]))
        done = filler.end()
    return kept + said[done:]


def _followed(char: Char, by: str) -> Char:
    return replace(char, after=char.after + by)


def _all_heard(said: list[Char]) -> str:
    return "".join(char.heard + char.after for char in said)


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """Most characters are one afterwards; ㎏ is two, a comma none."""
    letters = (c for c in unicodedata.normalize("NFKC", char).lower() if c.isalnum())
    return "".join(c if c.isascii() else _SIMPLIFIED.convert(c) for c in letters)
