"""Reads a pattern pack into rules; refuses what is wrong with file, entry and reason. Pure.

A pack is TOML: `group` (harassment, complaint, suggestion, or agent: what an agent must not say),
`[lists]` and `[[rule]]` entries.
docs/rules.md is the page for the people who write them; conditions.py reads what a rule asks for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from callcenter.core.errors import PackError
from callcenter.core.records import BANNED, Party
from callcenter.scripts.condition import Node, leaves, signs, standing
from callcenter.scripts.conditions import KEYS, Surroundings, read_condition
from callcenter.scripts.phrase import read_lists
from callcenter.scripts.reading import Table, only, switch, whole, word

GROUPS = ("harassment", "complaint", "suggestion", "agent")
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
    file: str = ""
    """The pack that it stands in, without the folder."""


def parse_pack(text: str, file: str) -> list[Rule]:
    """The rules of one pack. Raises PackError naming `file`, the entry and the reason."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PackError(f"{file}: not TOML: {error}") from None
    only(table, {"group", "rule", "lists", "support", "greetings"}, file)
    group = table.get("group")
    if group not in GROUPS:
        raise PackError(f"{file}: group is {group!r}; expected one of {', '.join(GROUPS)}")
    entries = table.get("rule")
    if not isinstance(entries, list) or not entries:
        raise PackError(f"{file}: has no [[rule]]; expected at least one")
    party = "agent" if group == "agent" else "caller"
    around = Surroundings(read_lists(table.get("lists", {}), file), party).within(table, file)
    rules = [
        _rule(entry, str(group), f"{file}: rule {i + 1}", around) for i, entry in enumerate(entries)
    ]
    _not_too_many(rules, file)
    return [replace(rule, file=file.rpartition("/")[2]) for rule in rules]


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
    if standing(condition):
        raise PackError(f"{where}: holds before anybody speaks; expected something in the call too")
    return Rule(
        name,
        _category(entry, group, condition, where),
        group,
        condition,
        whole(entry, "severity", where, 1, 5, SEVERITY) or SEVERITY,
        word(entry, "why", where) if "why" in entry else f"规则 {name}",
        phrases,
        switch(entry, "spot", where, True),
    )


def _category(entry: Table, group: str, condition: Node, where: str) -> str:
    """What the rule's hits are; an agent's own words can be `banned` only, and nothing else can."""
    category = word(entry, "category", where)
    if (category == BANNED) != (group == "agent"):
        raise PackError(
            f"{where}: category is {category!r} in a pack of the group {group}; expected {BANNED} "
            f"for what an agent must not say (group agent), and for nothing else"
        )
    heard = [getattr(sign, "parties", {Party.CALLER}) for sign in signs(condition)]
    if group == "agent" and any(parties != {Party.AGENT} for parties in heard):
        raise PackError(f"{where}: is about the caller too; expected what the agent says only")
    return category


def _not_too_many(rules: list[Rule], file: str) -> None:
    count = sum(
        len(leaf.patterns) + len(leaf.innocent) for rule in rules for leaf in leaves(rule.condition)
    )
    if count > MOST_PATTERNS:
        raise PackError(f"{file}: stands for {count} phrases; expected {MOST_PATTERNS} at most")
