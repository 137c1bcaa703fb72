"""Reads what a rule asks for into a tree of conditions; refuses what no one can mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcenter.core.errors import PackError
from callcenter.core.records import Party
from callcenter.scripts.condition import Leaf, Node, Only, Some, spoken, standing
from callcenter.scripts.facts import GIVEN, HAPPENING, read_given, read_happening
from callcenter.scripts.normalise import normalise, plain
from callcenter.scripts.phrase import Lists, Pattern, patterns
from callcenter.scripts.reading import Table, listed, only, switch, whole, word

SPOKEN = ("phrases", "any", "all", "n_of", "and", "or")
SUBJECTS = (*SPOKEN, "silence", *HAPPENING)
TOGETHER = ("near", "near_ms", "order")
PHRASING = ("innocent", "support", "sound")
PLACED = ("repeat", "within_first_s", "within_last_s")
VOICED = (*SPOKEN, "loud", "pace")
KEYS = frozenset(
    {*SUBJECTS, *GIVEN, *TOGETHER, "n", "not", "innocent", "support", "sound", "party", "repeat"}
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
    greetings: tuple[Pattern, ...] = ()
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
            greetings=self.greetings + self.spoken(table, "greetings", where, 1),
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
    if around.depth > DEEPEST:
        raise PackError(f"{where}: too deep; expected {DEEPEST - 1} conditions within another")
    given = read_given(table, where)
    subject = _chosen(table, bool(given), where)
    if not subject:
        return _narrowed(_all(given), table, around, where), ()
    node, said = _subject(subject, table, around, where)
    return _narrowed(_with(given, node), table, around, where), said


def _chosen(table: Table, enough: bool, where: str) -> str:
    """The one key that says what to find, "" where there is none and it is `enough` without."""
    subjects = [key for key in SUBJECTS if key in table]
    if len(subjects) > 1 or not (subjects or enough):
        raise PackError(
            f"{where}: {' and '.join(subjects) or 'nothing to find'}; expected "
            f"phrases or another one of {', '.join(SUBJECTS[1:])}"
        )
    subject = subjects[0] if subjects else ""
    _only_where(table, TOGETHER, subject in ("all", "n_of", "and"), where, "all, n_of or and")
    _only_where(table, ("n",), subject == "n_of", where, "n_of")
    _only_where(table, PHRASING, subject in SPOKEN, where, "phrases")
    _only_where(table, ("party",), subject in VOICED, where, "phrases, loud or pace")
    return subject


def _all(facts: tuple[Node, ...]) -> Node:
    return facts[0] if len(facts) == 1 else Some("and", facts, len(facts))


def _with(facts: tuple[Node, ...], node: Node) -> Node:
    """What happens, where all these facts hold."""
    return Only(node, given=facts) if facts else node


def _subject(
    subject: str, table: Table, around: Surroundings, where: str
) -> tuple[Node, tuple[str, ...]]:
    if subject not in SPOKEN:
        parties = PARTIES[around.party]
        return read_happening(subject, table, parties, around.greetings, where), ()
    if subject in ("and", "or"):
        entries = listed(table, subject, where, "conditions")
        read = [
            read_condition(entry, around, f"{where}: {subject} {i + 1}")
            for i, entry in enumerate(entries)
        ]
        parts = tuple(node for node, _ in read)
        said = tuple(dict.fromkeys(phrase for _, phrases in read for phrase in phrases))
        return _combined(subject, parts, table, where), said
    phrases = listed(table, subject, where)
    each = [tuple(patterns(phrase, around.lists, where)) for phrase in phrases]
    if subject in ("phrases", "any"):
        simple = [phrase for phrase in phrases if not set(phrase) & set("[*?")]
        _no_phrase_within_another(simple, where)
        made = tuple(dict.fromkeys(p for ways in each for p in ways))
        said = tuple(dict.fromkeys(map(plain, simple)))
        return around.leaf(made), said
    return _some(subject, tuple(map(around.leaf, each)), table, where), ()


def _combined(subject: str, parts: tuple[Node, ...], table: Table, where: str) -> Node:
    """Facts known before the call stand beside what happens in it; they have no place in it."""
    facts = tuple(part for part in parts if standing(part))
    happening = tuple(part for part in parts if not standing(part))
    if subject == "or" and facts and happening:
        raise PackError(f"{where}: or has facts known before the call beside what happens in it")
    if not facts:
        return _some(subject, parts, table, where)
    happen = "two conditions of what happens in the call"
    _only_where(table, TOGETHER, len(happening) > 1, where, happen)
    if not happening:
        return _some(subject, facts, table, where)
    one = len(happening) == 1
    return _with(facts, happening[0] if one else _some(subject, happening, table, where))


def _some(subject: str, parts: tuple[Node, ...], table: Table, where: str) -> Some:
    if subject != "or" and len(parts) < 2:
        raise PackError(f"{where}: {subject} has {len(parts)}; expected two or more")
    if "near" in table and not all(map(spoken, parts)):
        raise PackError(f"{where}: near counts characters; expected near_ms, or phrases only")
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
    _only_where(table, PLACED, not standing(node), where, "something that happens in the call")
    first = whole(table, "within_first_s", where, 1, LONGEST_CALL_S)
    last = whole(table, "within_last_s", where, 1, LONGEST_CALL_S)
    against = table.get("not")
    if type(against) is list and not spoken(node):
        raise PackError(f"{where}: not has phrases beside what is no phrase; expected a condition")
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
