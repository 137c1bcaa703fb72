"""A phrase as a supervisor writes it, with wildcards and named lists, made ready to be found. Pure.

`?` is one character, `*` up to WIDEST, `[name]` any entry of the list of that name; a `=` before
all of it: as it is written, never by sound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.core.errors import PackError
from callcenter.scripts.normalise import normalise, plain

WIDEST = 4
"""Characters that `*` may stand for, none included."""
SHORTEST = 2
"""Characters of the shortest phrase: one alone stands in half of all sentences."""
LONGEST = 40
"""Characters of the longest phrase, wildcards counted at their widest."""
MOST_WILDCARDS = 4
MOST_WAYS = 2000
"""How many phrases one with lists may stand for."""

Lists = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Pieces of text; `gaps[i]` is the least and most characters between piece i and the next."""

    pieces: tuple[str, ...]
    gaps: tuple[tuple[int, int], ...] = ()
    by_sound: bool = True
    source: str = field(default="", compare=False)
    """As it stands in the pack, lists written out."""

    @property
    def anchor(self) -> int:
        """The piece to search for first: the longest."""
        return max(range(len(self.pieces)), key=lambda i: len(self.pieces[i]))

    @property
    def letters(self) -> str:
        """The characters that must be there."""
        return "".join(self.pieces)

    @property
    def longest(self) -> int:
        """The most characters that it may cover."""
        return len(self.letters) + sum(most for _, most in self.gaps)


def patterns(phrase: object, lists: Lists, where: str, shortest: int = SHORTEST) -> list[Pattern]:
    """Everything that a phrase stands for. Raises PackError."""
    if not isinstance(phrase, str):
        raise PackError(f"{where}: phrase {phrase!r} is too short; expected text")
    ways = expand(phrase.removeprefix("="), lists, where)
    return list(dict.fromkeys(_pattern(way, phrase, where, shortest) for way in ways))


def expand(phrase: str, lists: Lists, where: str) -> list[str]:
    """The phrase with each `[name]` replaced by each entry of that list. Raises PackError."""
    ways, done = [""], 0
    for part in re.finditer(r"\[([^\[\]]*)\]", phrase):
        if part[1] not in lists:
            known = ", ".join(sorted(lists)) or "none, for the pack has no [lists]"
            raise PackError(f"{where}: phrase {phrase!r} names list {part[1]!r}; expected {known}")
        between = phrase[done : part.start()]
        if len(ways) * len(lists[part[1]]) > MOST_WAYS:
            raise PackError(f"{where}: {phrase!r} stands for too many; expected {MOST_WAYS} ways")
        ways = [way + between + entry for way in ways for entry in lists[part[1]]]
        done = part.end()
    return [way + phrase[done:] for way in ways]


def read_lists(table: object, where: str) -> dict[str, tuple[str, ...]]:
    """`[lists]` with lists inside lists written out. Raises PackError, also for a cycle."""
    if not isinstance(table, dict):
        raise PackError(f"{where}: lists is {table!r}; expected a table of lists")
    for name, entries in table.items():
        if not isinstance(entries, list) or not entries:
            raise PackError(f"{where}: list {name!r} is {entries!r}; expected a list of phrases")
        for entry in entries:
            if not isinstance(entry, str) or not plain(entry):
                raise PackError(f"{where}: list {name!r} holds {entry!r}; expected text")
    done: dict[str, tuple[str, ...]] = {}
    for name in table:
        _read_list(name, table, done, (), where)
    return done


def _read_list(
    name: str,
    table: Mapping[str, Sequence[str]],
    done: dict[str, tuple[str, ...]],
    within: tuple[str, ...],
    where: str,
) -> None:
    if name in within:
        circle = " → ".join((*within[within.index(name) :], name))
        raise PackError(f"{where}: list {name!r} holds itself ({circle}); expected no circle")
    if name in done:
        return
    for other in re.findall(r"\[([^\[\]]*)\]", "".join(table[name])):
        if other in table:
            _read_list(other, table, done, (*within, name), where)
    ways = [way for entry in table[name] for way in expand(entry, done, f"{where}: list {name!r}")]
    if len(ways) > MOST_WAYS:
        raise PackError(f"{where}: list {name!r} has {len(ways)} entries; expected {MOST_WAYS}")
    done[name] = tuple(dict.fromkeys(ways))


def _pattern(way: str, phrase: str, where: str, shortest: int) -> Pattern:
    cut = re.split(r"([*?]+)", way)
    pieces = [normalise(piece) for piece in cut[::2]]
    _sound(pieces, phrase, where, shortest)
    gaps = [(wild.count("?"), wild.count("?") + WIDEST * wild.count("*")) for wild in cut[1::2]]
    made = Pattern(tuple(pieces), tuple(gaps), not phrase.startswith("="), way)
    if made.longest > LONGEST or sum(map(len, cut[1::2])) > MOST_WILDCARDS:
        raise PackError(
            f"{where}: phrase {phrase!r} is too wide; expected {LONGEST} characters at most "
            f"and {MOST_WILDCARDS} wildcards"
        )
    return made


def _sound(pieces: list[str], phrase: str, where: str, shortest: int) -> None:
    if sum(map(len, pieces)) < shortest:
        raise PackError(
            f"{where}: phrase {phrase!r} is too short; expected {shortest} characters or more"
        )
    if not all(pieces):
        raise PackError(f"{where}: phrase {phrase!r}: expected words on both sides of a wildcard")
