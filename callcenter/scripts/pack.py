"""Reads a pattern pack into rules; refuses what is wrong with file, entry and reason. Pure.

A pack is TOML: `group` (harassment, complaint or suggestion) and `[[rule]]` entries, each with
`name`, `category` and `phrases`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from callcenter.core.errors import PackError
from callcenter.scripts.normalise import normalise

GROUPS = ("harassment", "complaint", "suggestion")
SHORTEST = 2
"""Characters of the shortest phrase: one alone stands in half of all sentences."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: any of `phrases` (normalised) said by the caller is a hit."""

    name: str
    category: str
    group: str
    phrases: tuple[str, ...]


def parse_pack(text: str, file: str) -> list[Rule]:
    """The rules of one pack. Raises PackError naming `file`, the entry and the reason."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{file}: not TOML: {error}") from None
    _only(table, {"group", "rule"}, f"{file}")
    group = table.get("group")
    if group not in GROUPS:
        raise PackError(f"{file}: group is {group!r}; expected one of {', '.join(GROUPS)}")
    entries = table.get("rule")
    if not isinstance(entries, list) or not entries:
        raise PackError(f"{file}: has no [[rule]]; expected at least one")
    return [_rule(entry, str(group), f"{file}: rule {i + 1}") for i, entry in enumerate(entries)]


def unique(rules: Iterable[Rule]) -> list[Rule]:
    """The rules of all packs together. Raises PackError for a name that stands twice."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.name in known:
            raise PackError(f"rule {rule.name!r} stands twice; expected each name once")
        known[rule.name] = rule
    return list(known.values())


def _rule(entry: Any, group: str, where: str) -> Rule:
    if not isinstance(entry, dict):
        raise PackError(f"{where}: is {entry!r}; expected a table")
    _only(entry, {"name", "category", "phrases"}, where)
    name = _word(entry, "name", where)
    where = f"{where} ({name})"
    phrases = entry.get("phrases")
    if not isinstance(phrases, list) or not phrases:
        raise PackError(f"{where}: phrases is {phrases!r}; expected a list of phrases")
    clean = tuple(_phrase(phrase, where) for phrase in phrases)
    _no_phrase_within_another(clean, where)
    return Rule(name, _word(entry, "category", where), group, clean)


def _phrase(phrase: Any, where: str) -> str:
    clean = normalise(phrase) if isinstance(phrase, str) else ""
    if len(clean) < SHORTEST:
        raise PackError(
            f"{where}: phrase {phrase!r} is too short; expected {SHORTEST} characters or more"
        )
    return clean


def _no_phrase_within_another(phrases: tuple[str, ...], where: str) -> None:
    for i, short in enumerate(phrases):
        for long in phrases[:i] + phrases[i + 1 :]:
            if short in long:
                raise PackError(f"{where}: {long!r} can never add to {short!r}; remove one")


def _word(entry: dict[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise PackError(f"{where}: {key} is {value!r}; expected a name")
    return value


def _only(table: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise PackError(
            f"{where}: unknown key {unknown[0]!r}; expected {', '.join(sorted(allowed))}"
        )
