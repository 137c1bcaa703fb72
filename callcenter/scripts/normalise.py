"""Brings text to the one form that patterns are matched in. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from callcenter.core.records import Segment, Word


def normalise(text: str) -> str:
    """Half-width, lower case, letters and digits only: "Ｖｉｐ，您 好！" → "vip您好"."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if c.isalnum())


@dataclass(frozen=True, slots=True)
class Char:
    """One normalised character and when it was heard, in ms since answer."""

    char: str
    start_ms: int
    end_ms: int


def chars(segment: Segment) -> list[Char]:
    """A segment's characters with their times, each word's time shared evenly among its own."""
    words = segment.words or (Word(segment.text, segment.start_ms, segment.end_ms),)
    return [char for word in words for char in _spread(word)]


def _spread(word: Word) -> Iterator[Char]:
    text = normalise(word.word)
    length = word.end_ms - word.start_ms
    for i, char in enumerate(text):
        yield Char(
            char,
            word.start_ms + length * i // len(text),
            word.start_ms + length * (i + 1) // len(text),
        )
