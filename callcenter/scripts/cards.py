"""Reads the cards with words to say (话术卡); refuses a wrong one with file, entry and reason.

Reads the folder of card files only. A file is TOML with `[[card]]` entries; people who do not
program write it.
"""

from __future__ import annotations

import logging
import re
import tomllib
from pathlib import Path
from typing import Any

from callcenter.core.cards import Card, Situation
from callcenter.core.errors import PackError
from callcenter.scripts.edited import Edited
from callcenter.scripts.reading import Table, listed, only, whole, word

log = logging.getLogger(__name__)
ASSIST = Path(__file__).parent / "assist"
KEYS = frozenset({"name", "title", "when", "do", "say", "handbook", "cool_down"})
SENTENCES = (2, 4)
"""A card has at least and at most so many sentences to say."""
LONGEST = 60
"""Characters of one sentence, or of a title: it is read while somebody talks."""
COOL_DOWN_S = (10, 3600)
MOST_CARDS = 200
_ITEM = re.compile(r"[A-Z][1-9][0-9]?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Cards:
    """The cards of a folder. What `refresh` finds edited is in force from the next call on; what is
    wrong with it is told in `problem`, and the old cards stay."""

    def __init__(self, folder: Path = ASSIST) -> None:
        """Raises PackError where there are no good cards to begin with."""
        self._folder = folder
        self._edited = Edited(folder)
        self.in_force = read_cards(folder)
        """The cards of this moment, file by file."""
        self.problem = ""

    def refresh(self) -> bool:
        """Take up what was edited; whether anything was."""
        if not self._edited.again():
            return False
        try:
            self.in_force = read_cards(self._folder)
            self.problem = ""
        except PackError as error:
            self.problem = f"{error}; the old cards stay in force"
            log.warning("%s", self.problem)
        return True


def read_cards(folder: Path) -> tuple[Card, ...]:
    """The cards of every `*.toml` in `folder`. Raises PackError."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise PackError(f"{folder}: holds no cards; expected at least one .toml file")
    known: dict[str, Card] = {}
    for file in files:
        for card in parse_cards(_text(file), str(file)):
            if card.name in known:
                raise PackError(f"{file}: card {card.name!r} stands twice; expected each name once")
            known[card.name] = card
    if len(known) > MOST_CARDS:
        raise PackError(f"{folder}: holds {len(known)} cards; expected {MOST_CARDS} at most")
    return tuple(known.values())


def parse_cards(text: str, file: str) -> list[Card]:
    """The cards of one file. Raises PackError naming `file`, the entry and what is expected."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PackError(f"{file}: not TOML: {error}") from None
    only(table, {"card"}, file)
    entries = table.get("card")
    if not isinstance(entries, list) or not entries:
        raise PackError(f"{file}: has no [[card]]; expected at least one")
    return [_card(entry, f"{file}: card {i + 1}") for i, entry in enumerate(entries)]


def _card(entry: Any, where: str) -> Card:
    if not isinstance(entry, dict):
        raise PackError(f"{where}: is {entry!r}; expected a table")
    only(entry, KEYS, where)
    name = _shaped(entry, "name", where, _NAME, "small letters, digits and _")
    where = f"{where} ({name})"
    return Card(
        name,
        _short(entry.get("title"), f"{where}: title"),
        tuple(_situation(one, where) for one in listed(entry, "when", where, "situations")),
        _sentences(entry, where),
        _shaped(entry, "handbook", where, _ITEM, "an item of the handbook such as D11"),
        whole(entry, "cool_down", where, *COOL_DOWN_S) or _missing(where),
        _short(entry["do"], f"{where}: do") if "do" in entry else "",
    )


def _missing(where: str) -> int:
    least, most = COOL_DOWN_S
    raise PackError(f"{where}: cool_down is not there; expected {least} to {most} seconds")


def _shaped(table: Table, key: str, where: str, shape: re.Pattern[str], expected: str) -> str:
    value = word(table, key, where)
    if not shape.fullmatch(value):
        raise PackError(f"{where}: {key} is {value!r}; expected {expected}")
    return value


def _short(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise PackError(f"{where} is {value!r}; expected 1 to {LONGEST} characters")
    return value.strip()


def _situation(value: Any, where: str) -> Situation:
    known = [situation.value for situation in Situation]
    if value not in known:
        raise PackError(f"{where}: when has {value!r}; expected {', '.join(known)}")
    return Situation(value)


def _sentences(table: Table, where: str) -> tuple[str, ...]:
    least, most = SENTENCES
    lines = listed(table, "say", where, "sentences")
    if not least <= len(lines) <= most:
        raise PackError(f"{where}: say has {len(lines)} sentences; expected {least} to {most}")
    return tuple(_short(line, f"{where}: say {i + 1}") for i, line in enumerate(lines))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
