"""The form in which texts are searched: folded, in grams of one and two characters. Pure.

Chinese has no spaces between its words, and most of what is looked for has two characters (退款,
骚扰): too short for trigrams. SQLite's index rests on these functions, and PostgreSQL's on its own
of the same names (searched.py): change them and every index must be built anew by a migration.
"""

from __future__ import annotations

import re
from itertools import pairwise
from unicodedata import normalize

DROPPED = (
    r"[^0-9a-z\u00c0-\u024f\u0370-\u1fff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    r"\U00020000-\U0003ffff]+"
)
"""Spaces, marks and signs: nobody says them. PostgreSQL reads the same expression."""
_DROPPED = re.compile(DROPPED)


def folded(text: str) -> str:
    """The text as it is compared: without spaces and marks, ｗｉｄｅ and CAPITAL letters alike."""
    return _DROPPED.sub("", normalize("NFKC", text).lower())


def grams(text: str) -> set[str]:
    """Every character of a folded text, and every two that stand side by side."""
    return {*text, *map("".join, pairwise(text))}


def asked_for(text: str) -> list[str]:
    """The grams that a text must have to hold this folded one; sorted."""
    return sorted(gram for gram in grams(text) if len(gram) == 2) if text[1:] else [*text]


def as_tokens(text: str | None) -> str:
    """A text's grams, one space between them."""
    return " ".join(grams(folded(text or "")))
