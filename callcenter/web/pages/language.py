"""In which language a page speaks: Chinese, or the reader's choice. Reads the catalogues once.

Every sentence stands in Chinese in the source and is its own key; web/locale holds what it is in
another language. tools/catalogue.py gathers the sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from fastapi import Request

CHINESE = "zh"
CATALOGUES = Path(__file__).parent.parent / "locale"
COOKIE = "language"
"""Set by the page's own switch (static/base.js); says nothing about the person."""

_SPOKEN: ContextVar[str] = ContextVar("spoken", default=CHINESE)


@cache
def others() -> dict[str, GNUTranslations]:
    """The catalogue of each language that there is besides Chinese."""
    found = {}
    for file in sorted(CATALOGUES.glob("*/pages.mo")):
        with file.open("rb") as source:
            found[file.parent.name] = GNUTranslations(source)
    return found


def of(request: Request) -> str:
    """The reader's choice, where there is such a language; else Chinese."""
    wanted = request.cookies.get(COOKIE, "")
    return wanted if wanted in others() else CHINESE


@contextmanager
def speaking(language: str) -> Iterator[str]:
    """Everything that is said inside is said in this language."""
    before = _SPOKEN.set(language)
    try:
        yield language
    finally:
        _SPOKEN.reset(before)


def say(text: str, **values: object) -> str:
    """A sentence in the language that is spoken now, with its {values} filled in."""
    catalogue = others().get(_SPOKEN.get())
    told = catalogue.gettext(text) if catalogue and text else text
    return told.format(**values) if values else told


@cache
def _texts(language: str) -> dict[str, str]:
    catalogue = others().get(language)
    if catalogue is None:
        return {}
    kept: dict[str, str] = catalogue._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in kept.items() if key and isinstance(key, str)}


def for_scripts() -> dict[str, str]:
    """Every sentence that the pages' scripts may say, where it is not Chinese."""
    return _texts(_SPOKEN.get())
