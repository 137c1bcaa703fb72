"""Reads what a rule asks for into a tree of conditions; refuses what no one can mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcenter.core.errors import PackError
from callcenter.core.records import Party
from callcenter.scripts.condition import Leaf, Node, Only, Some
from callcenter.scripts.normalise import normalise, plain
from callcenter.scripts.phrase import Lists, Pattern, patterns
from callcenter.scripts.reading import Table, listed, only, switch, whole, word

SUBJECTS = ("phrases", "any", "all", "n_of", "and", "or")
TOGETHER = ("near", "near_ms", "order")
KEYS = frozenset(
    {*SUBJECTS, *TOGETHER, "n", "not", "innocent", "support", "sound", "party", "repeat"}
    | {"within_first_s", "within_last_s"}
)
PARTIES = {
    "caller": frozenset({Party.CALLER}),
    "agent": frozenset({Party.AGENT}),
    "either": frozenset(Party),
}
DEEPEST = 4
LONGEST_CALL_S = 86_400
FURTHEST = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition has from the pack and from the conditions around it."""

    lists: Lists
    party: str = "caller"
    sound: bool = True
    innocent: tuple[Pattern, ...] = ()
    support: tuple[Pattern, ...] = ()
    depth: int = 0

    def within(self, table: Table, where: str) -> Surroundings:
        """These, with what `table` says of its own. Raises PackError."""
        party = word(table, "party", where) if "party" in table else self.party
        if party not in PARTIES:
            raise PackError(f"{where}: party is {party!r}; expected {', '.join(PARTIES)}")
        return replace(
            self,
            party=party,
            sound=switch(table, "sound", where, self.sound),
            innocent=self.innocent + self.spoken(table, "innocent", where),
            support=self.support + self.spoken(table, "support", where, 1),
            depth=self.depth + 1,
        )

    def spoken(self, table: Table, key: str, where: str, shortest: int = 2) -> tuple[Pattern, ...]:
        """The phrases of one key, lists written out. Raises PackError."""
        if key not in table:
            return ()
        phrases = listed(table, key, where)
        made = (p for phrase in phrases for p in patterns(phrase, self.lists, where, shortest))
        return tuple(dict.fromkeys(made))

    def leaf(self, made: tuple[Pattern, ...], plainly: bool = False) -> Leaf:
        """A leaf here; `plainly`: by its characters, wherever they stand."""
        if plainly:
            return Leaf(made, PARTIES[self.party], sound=False)
        return Leaf(made, PARTIES[self.party], self.innocent, self.support, self.sound)


def read_condition(table: Table, around: Surroundings, where: str) -> tuple[Node, tuple[str, ...]]:
    """The condition, and the plain phrases that it listens for. Raises PackError."""
    if not isinstance(table, dict):
        raise PackError(f"{where}: condition is {table!r}; expected a table")
    only(table, KEYS, where)
    around = around.within(table, where)
    subjects = [key for key in SUBJECTS if key in table]
    if len(subjects) != 1:
        raise PackError(
            f"{where}: {' and '.join(subjects) or 'nothing to find'}; expected "
            f"phrases or another one of {', '.join(SUBJECTS[1:])}"
        )
    if around.depth > DEEPEST:
        raise PackError(f"{where}: too deep; expected {DEEPEST - 1} conditions within another")
    subject = subjects[0]
    _only_where(table, TOGETHER, subject in ("all", "n_of", "and"), where, "all, n_of or and")
    _only_where(table, ("n",), subject == "n_of", where, "n_of")
    node, said = _subject(subject, table, around, where)
    return _narrowed(node, table, around, where), said


def _subject(
    subject: str, table: Table, around: Surroundings, where: str
) -> tuple[Node, tuple[str, ...]]:
    if subject in ("and", "or"):
        entries = listed(table, subject, where, "conditions")
        read = [
            read_condition(entry, around, f"{where}: {subject} {i + 1}")
            for i, entry in enumerate(entries)
        ]
        parts = tuple(node for node, _ in read)
        said = tuple(dict.fromkeys(phrase for _, phrases in read for phrase in phrases))
        return _some(subject, parts, table, where), said
    phrases = listed(table, subject, where)
    each = [tuple(patterns(phrase, around.lists, where)) for phrase in phrases]
    if subject in ("phrases", "any"):
        simple = [phrase for phrase in phrases if not set(phrase) & set("[*?")]
        _no_phrase_within_another(simple, where)
        made = tuple(dict.fromkeys(p for ways in each for p in ways))
        said = tuple(dict.fromkeys(map(plain, simple)))
        return around.leaf(made), said
    return _some(subject, tuple(map(around.leaf, each)), table, where), ()


def _some(subject: str, parts: tuple[Node, ...], table: Table, where: str) -> Some:
    if subject != "or" and len(parts) < 2:
        raise PackError(f"{where}: {subject} has {len(parts)}; expected two or more")
    n = whole(table, "n", where, 1, len(parts), 2) or 1
    least = {"or": 1, "n_of": n}.get(subject, len(parts))
    return Some(
        subject,
        parts,
        least,
        whole(table, "near", where, 0, FURTHEST),
        whole(table, "near_ms", where, 0, LONGEST_CALL_S * 1000),
        switch(table, "order", where, False),
    )


def _narrowed(node: Node, table: Table, around: Surroundings, where: str) -> Node:
    first = whole(table, "within_first_s", where, 1, LONGEST_CALL_S)
    last = whole(table, "within_last_s", where, 1, LONGEST_CALL_S)
    against = table.get("not")
    made = Only(
        node,
        whole(table, "repeat", where, 2, 100, None) or 1,
        first * 1000 if first else None,
        last * 1000 if last else None,
        around.leaf(around.spoken(table, "not", where), True) if type(against) is list else None,
        None if type(against) in (list, type(None)) else _unless(against, around, where),
    )
    plain_one = Only(node)
    narrow = any(
        getattr(made, key) != getattr(plain_one, key)
        for key in ("repeat", "first_ms", "last_ms", "not_phrases", "unless")
    )
    return made if narrow else node


def _unless(against: object, around: Surroundings, where: str) -> Node:
    if not isinstance(against, dict):
        raise PackError(f"{where}: not is {against!r}; expected phrases or a condition")
    return read_condition(against, around, f"{where}: not")[0]


def _only_where(table: Table, keys: tuple[str, ...], holds: bool, where: str, needed: str) -> None:
    for key in keys:
        if key in table and not holds:
            raise PackError(f"{where}: {key} has nothing to work on; expected it beside {needed}")


def _no_phrase_within_another(phrases: list[str], where: str) -> None:
    clean = [normalise(phrase) for phrase in phrases]
    for i, short in enumerate(clean):
        for k, long in enumerate(clean):
            if i != k and short in long:
                raise PackError(
                    f"{where}: {phrases[k]!r} can never add to {phrases[i]!r}; remove one"
                )
