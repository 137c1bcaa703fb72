"""`callcenter rules check`: reads packs and cards; says what they hold, or what is wrong where."""

from __future__ import annotations

import sys
from pathlib import Path

from callcenter.core.errors import PackError
from callcenter.scripts.book import pack_files, read_pack
from callcenter.scripts.cards import read_cards
from callcenter.scripts.condition import leaves
from callcenter.scripts.pack import Rule, unique


def check(packs: Path) -> int:
    """A line a pack; 1 where one is wrong, with file, entry and reason, else 0."""
    try:
        files = pack_files(packs)
    except PackError as error:
        return _wrong(error)
    good: list[Rule] = []
    failed = 0
    for file in files:
        try:
            rules = read_pack(file)
        except PackError as error:
            failed = _wrong(error)
            continue
        good += rules
        print(f"{file}: {counts(rules)}", flush=True)
    try:
        unique(good)
    except PackError as error:
        failed = _wrong(error)
    return failed


def check_cards(folder: Path) -> int:
    """A line for the folder; 1 where a card is wrong, with file, entry and reason, else 0."""
    try:
        cards = read_cards(folder)
    except PackError as error:
        return _wrong(error)
    sentences = sum(len(card.say) for card in cards)
    print(f"{folder}: cards: {len(cards)} cards, {sentences} sentences to say", flush=True)
    return 0


def counts(rules: list[Rule]) -> str:
    """harassment: 9 rules, 500 phrases (300 by sound), 120 innocent contexts."""
    parts = [leaf for rule in rules for leaf in leaves(rule.condition)]
    phrases = {pattern for leaf in parts for pattern in leaf.patterns}
    by_sound = {
        pattern
        for leaf in parts
        for pattern in leaf.patterns
        if leaf.sound and pattern.by_sound and not pattern.gaps
    }
    innocent = {pattern for leaf in parts for pattern in leaf.innocent}
    return (
        f"{rules[0].group}: {len(rules)} rules, {len(phrases)} phrases "
        f"({len(by_sound)} by sound), {len(innocent)} innocent contexts"
    )


def _wrong(error: PackError) -> int:
    print(f"callcenter: {error}", file=sys.stderr, flush=True)
    return 1
