"""The piece of a text that holds what was looked for, and where in a call it was said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callcenter.core.numbers import mask
from callcenter.store.grams import folded

AROUND = 24
"""Characters on each side of what was found."""
LEFT_OUT = "…"
_NUMBER = re.compile(
    r"(?P<record>[A-Z]{2,3}-\d{8}-\d{4,6})(?!\d)"
    r"|(?:\+?86[ -]?)?(?:1\d\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|[48]00[ -]?\d{3}[ -]?\d{4})"
    r"|\d{7,}"
)
"""A telephone number, or digits that may be one; and a record's number, which is none."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text, its telephone numbers masked."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    """From where until where what was looked for stands in it."""


def excerpt(text: str, words: Sequence[str]) -> Excerpt:
    """The piece around the first of these folded words; the beginning where none of them is."""
    text = " ".join(text.split())
    places = _places(text, words)
    first = places[0] if places else (0, 0)
    begin, end = max(0, first[0] - AROUND), min(len(text), first[1] + AROUND)
    head, tail = LEFT_OUT if begin else "", LEFT_OUT if end < len(text) else ""
    shown = _NUMBER.sub(_masked, text)[begin:end]
    off = begin - len(head)
    marks = tuple((a - off, b - off) for a, b in places if a >= begin and b <= end)
    return Excerpt(head + shown + tail, marks)


def spoken_at(word: str, spoken: Iterable[Mapping[str, Any]], start_ms: int) -> int:
    """When this folded word was said, of core.records.Word as mappings; `start_ms` where unknown.

    Milliseconds since the call was answered.
    """
    whole, starts = "", []
    for one in spoken:
        piece = folded(one["word"])
        whole += piece
        starts += [one["start_ms"]] * len(piece)
    at = whole.find(word)
    return int(starts[at]) if at >= 0 else start_ms


def _places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the first of each of these folded words stands in the text as it is written."""
    letters = [(letter, at) for at, char in enumerate(text) for letter in folded(char)]
    whole = "".join(letter for letter, _ in letters)
    found = ((whole.find(word), len(word)) for word in words)
    return sorted(
        (letters[at][1], letters[at + length - 1][1] + 1) for at, length in found if at >= 0
    )


def _masked(number: re.Match[str]) -> str:
    """As core.numbers.mask, with its spaces and dashes: what stands behind stays in its place."""
    if number["record"]:
        return number[0]
    digits = [char for char in number[0] if char.isdigit()]
    hidden = iter(mask("".join(digits)).rjust(len(digits), "*"))
    return "".join(next(hidden) if char.isdigit() else char for char in number[0])
