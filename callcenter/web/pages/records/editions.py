"""The editions of a document, and the difference between two texts, line by line. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from callcenter.store.trail import Entry

MOST_LINES = 1500
"""Longer texts are shown one after the other: comparing takes the square of it."""


class Edition(NamedTuple):
    """A document as it was published once."""

    number: int
    at: datetime
    by: str
    title: str
    body: str


class Piece(NamedTuple):
    """A line of a comparison: what became of it ("same", "out" or "in"), and its text."""

    what: str
    text: str


def editions(entries: Iterable[Entry]) -> Sequence[Edition]:
    """What was published, the first edition first; without those whose words were erased."""
    return list(_editions(entries))


def _editions(entries: Iterable[Entry]) -> Iterator[Edition]:
    number = 0
    for entry in entries:
        if entry.action != "publish":
            continue
        number += 1
        told = json.loads(entry.changes) if entry.changes else {}
        if "published_body" in told:
            title, body = told["published_title"], told["published_body"]
            yield Edition(number, entry.at, entry.person, title, body)


def difference(old: str, new: str) -> Sequence[Piece]:
    """What leads from one text to the other."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > MOST_LINES:
        return [*(Piece("out", line) for line in before), *(Piece("in", line) for line in after)]
    found: list[Piece] = []
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for step, start, end, first, last in steps:
        if step == "equal":
            found += [Piece("same", line) for line in before[start:end]]
        else:
            found += [Piece("out", line) for line in before[start:end]]
            found += [Piece("in", line) for line in after[first:last]]
    return found
