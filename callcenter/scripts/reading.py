"""Values of a TOML table of the expected kind, or a PackError that says what was expected. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from callcenter.core.errors import PackError

Table = Mapping[str, Any]


def only(table: Table, allowed: Collection[str], where: str) -> None:
    """Refuses a key that is not `allowed`."""
    unknown = sorted(set(table) - set(allowed))
    if unknown:
        raise PackError(
            f"{where}: unknown key {unknown[0]!r}; expected {', '.join(sorted(allowed))}"
        )


def word(table: Table, key: str, where: str) -> str:
    """A text that is not empty."""
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{where}: {key} is {value!r}; expected a name or sentence")
    return value


def whole(
    table: Table, key: str, where: str, least: int, most: int, default: int | None = None
) -> int | None:
    """A whole number within bounds, `default` where the key is not there."""
    value = table.get(key, default)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PackError(f"{where}: {key} is {value!r}; expected {least} to {most}")
    return value


def switch(table: Table, key: str, where: str, default: bool) -> bool:
    """true or false."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise PackError(f"{where}: {key} is {value!r}; expected true or false")
    return value


def listed(table: Table, key: str, where: str, of: str = "phrases") -> list[Any]:
    """A list with something in it."""
    value = table.get(key)
    if not isinstance(value, list) or not value:
        raise PackError(f"{where}: {key} is {value!r}; expected a list of {of}")
    return value
