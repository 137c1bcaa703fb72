"""Reads the set phrases (规范用语); refuses a wrong file with its entry and reason.

Reads one TOML file, which people who do not program write.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callcenter.core.errors import PackError
from callcenter.core.messages import fields_of
from callcenter.scripts.reading import only, word

PHRASES = Path(__file__).parent / "talks" / "phrases.toml"
FIELDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "call_out": {
        "announced": frozenset({"hotline", "agent"}),
        "identity_verified": frozenset({"name"}),
        "told": frozenset({"title"}),
    },
    "complaint": {"refusal": frozenset({"judgement"}), "judgement": frozenset()},
}
"""The phrases there are, table by table, and the {fields} that each may have."""


def read_phrases(file: Path = PHRASES) -> Mapping[str, str]:
    """Every phrase, by its name. Raises PackError."""
    try:
        found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
    only(found, tuple(FIELDS), str(file))
    phrases: dict[str, str] = {}
    for table, names in FIELDS.items():
        where = f"{file}: {table}"
        entries = found.get(table)
        if not isinstance(entries, dict):
            raise PackError(f"{where}: expected a table")
        only(entries, tuple(names), where)
        phrases |= {name: _phrase(entries, name, where, fields) for name, fields in names.items()}
    return phrases


def _phrase(entries: dict[str, Any], name: str, where: str, fields: frozenset[str]) -> str:
    said = word(entries, name, where)
    try:
        strange = sorted(fields_of(said) - fields)
    except ValueError as error:
        raise PackError(f"{where}: {name}: {error}") from None
    if strange:
        known = ", ".join(sorted(fields)) or "none"
        raise PackError(f"{where}: {name}: no field {strange[0]}; expected of: {known}")
    return said
