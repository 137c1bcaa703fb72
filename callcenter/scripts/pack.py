"""Reads a pattern pack into rules; refuses what is wrong with file, entry and reason. Pure.

A pack is TOML: `group` (harassment, complaint or suggestion), `[lists]` and `[[rule]]` entries.
docs/rules.md is the page for the people who write them; conditions.py reads what a rule asks for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from callcenter.core.errors import PackError
from callcenter.scripts.condition import Node, leaves
from callcenter.scripts.conditions import KEYS, Surroundings, read_condition
from callcenter.scripts.phrase import read_lists
from callcenter.scripts.reading import only, switch, whole, word

GROUPS = ("harassment", "complaint", "suggestion")
SEVERITY = 3
MOST_PATTERNS = 20_000
"""Phrases of one pack, lists written out and innocent contexts counted."""
RULE_KEYS = frozenset({"name", "category", "severity", "why", "spot"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: where `condition` holds is a hit of `category`.

    `severity` is 1 (worth a note) to 5 (danger), `why` a sentence for people. `phrases` are its
    plain phrases, without wildcards and lists, as they are said; with `spot` they are listened for
    in the sound as well.
    """

    name: str
    category: str
    group: str
    condition: Node
    severity: int = SEVERITY
    why: str = ""
    phrases: tuple[str, ...] = ()
    spot: bool = True


def parse_pack(text: str, file: str) -> list[Rule]:
    """The rules of one pack. Raises PackError naming `file`, the entry and the reason."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"{file}: not TOML: {error}") from None
    only(table, {"group", "rule", "lists", "support"}, file)
    group = table.get("group")
    if group not in GROUPS:
        raise PackError(f"{file}: group is {group!r}; expected one of {', '.join(GROUPS)}")
    entries = table.get("rule")
    if not isinstance(entries, list) or not entries:
        raise PackError(f"{file}: has no [[rule]]; expected at least one")
    around = Surroundings(read_lists(table.get("lists", {}), file)).within(table, file)
    rules = [
        _rule(entry, str(group), f"{file}: rule {i + 1}", around) for i, entry in enumerate(entries)
    ]
    _not_too_many(rules, file)
    return rules


def unique(rules: Iterable[Rule]) -> list[Rule]:
    """The rules of all packs together. Raises PackError for a name that stands twice."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.name in known:
            raise PackError(f"rule {rule.name!r} stands twice; expected each name once")
        known[rule.name] = rule
    return list(known.values())


def _rule(entry: Any, group: str, where: str, around: Surroundings) -> Rule:
    if not isinstance(entry, dict):
        raise PackError(f"{where}: is {entry!r}; expected a table")
    only(entry, RULE_KEYS | KEYS, where)
    name = word(entry, "name", where)
    where = f"{where} ({name})"
    condition, phrases = read_condition(
        {key: value for key, value in entry.items() if key not in RULE_KEYS}, around, where
    )
    return Rule(
        name,
        word(entry, "category", where),
        group,
        condition,
        whole(entry, "severity", where, 1, 5, SEVERITY) or SEVERITY,
        word(entry, "why", where) if "why" in entry else f"规则 {name}",
        phrases,
        switch(entry, "spot", where, True),
    )


def _not_too_many(rules: list[Rule], file: str) -> None:
    count = sum(
        len(leaf.patterns) + len(leaf.innocent) for rule in rules for leaf in leaves(rule.condition)
    )
    if count > MOST_PATTERNS:
        raise PackError(f"{file}: stands for {count} phrases; expected {MOST_PATTERNS} at most")
