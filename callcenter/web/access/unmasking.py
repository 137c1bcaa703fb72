"""Puts back what was hidden: who saves a form with "138****0001" in it changes no number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcenter.web.access.masking import NUMBERS, hidden_in, in_text, is_masked, number


def put_back(given: Any, kept: Any) -> Any:
    """What was given, with every masked piece that comes from what is kept as it is kept."""
    if isinstance(given, str):
        return _text(given, kept) if is_masked(given) and isinstance(kept, str) else given
    if isinstance(given, list):
        return [_item(one, kept) if isinstance(kept, list) else one for one in given]
    if isinstance(given, Mapping) and isinstance(kept, Mapping):
        return {name: put_back(value, kept.get(name)) for name, value in given.items()}
    return given


def still_hidden(fields: Mapping[str, Any]) -> str:
    """The first field in which a part of a telephone number is hidden; "" where none is."""
    return next((name for name in fields if name in NUMBERS and is_masked(fields[name])), "")


def _text(given: str, kept: str) -> str:
    if given in (in_text(kept), number(kept)):
        return kept
    for shown, piece in hidden_in(kept):
        given = given.replace(shown, piece)
    return given


def _item(given: Any, kept: list[Any]) -> Any:
    """One of a list: as the kept one that looks the same, where one alone does."""
    alike = [one for one in kept if _looks(one) == _looks(given)]
    return put_back(given, alike[0]) if is_masked(given) and len(alike) == 1 else given


def _looks(one: Any) -> str:
    told = one.get("number", "") if isinstance(one, Mapping) else one
    return number(told) if isinstance(told, str) and not is_masked(told) else str(told)
