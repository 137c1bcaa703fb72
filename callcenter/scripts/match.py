"""Finds where the rules hold in what is said, partial or final, each place once. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callcenter.core.records import NOTHING_KNOWN, Hit, Known, Noticed, Party, Segment, Word
from callcenter.scripts.condition import Found, Heard, Leaf, Sign, finds, leaves, signs, takes_back
from callcenter.scripts.index import EXACT, Index, Place
from callcenter.scripts.normalise import Char, as_heard, broken, chars, normalise
from callcenter.scripts.noticing import Finds, Noticing
from callcenter.scripts.pack import Rule
from callcenter.scripts.phrase import LONGEST, Pattern

JOIN_MS = 3000
"""A phrase may run over a pause of this long; beyond it, the words before are forgotten."""
HOLD = 6
"""Characters that must follow in a partial where words yet to come could speak against a find."""
SUPPORT_REACH = 8
"""Characters before or after a short phrase heard by sound in which its support must stand."""
ALONE = 3
"""Syllables from which a phrase is found by its very sound without support; one more where a
syllable is only often taken for another."""
SPOTTED = 0.9
KEPT = 300
"""Finds of one phrase list that are remembered: the latest."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A leaf with its patterns' numbers in the index."""

    leaf: Leaf
    patterns: frozenset[int]
    innocent: frozenset[int]
    support: frozenset[int]
    endings: Mapping[int, tuple[Ending, ...]]
    """What may follow a pattern and make it innocent: in a partial, it waits for that."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What an innocent context has after the phrase: `next` word for word, `most` in all."""

    next: str
    most: int

    def may_come(self, after: str) -> bool:
        """True where what was said after the phrase so far could go on like this."""
        return len(after) < self.most and after.startswith(self.next[: len(after)])


class Matcher:
    """The rules of one moment, made ready once; any number of calls listen with it.

    A short phrase does not run over the end of a sentence: in 车上了，你们 no one says 上了你.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._numbers: dict[Pattern, int] = {}
        self.listings = [self._listing(rule, leaf) for rule in self.rules for leaf in _of(rule)]
        wanted = {n for one in self.listings if one.leaf.sound for n in self._by_sound(one)}
        self.patterns = list(self._numbers)
        self.index = Index(self.patterns, sorted(wanted))
        self.reach = self.index.longest + SUPPORT_REACH
        self._using: dict[int, list[Listing]] = {}
        for one in self.listings:
            for number in one.patterns:
                self._using.setdefault(number, []).append(one)
        self._rules_of = {sign: rule for rule in self.rules for sign in signs(rule.condition)}

    def find(self, said: list[Char], party: Party, settled: bool) -> dict[Leaf, list[Place]]:
        """Where each leaf's phrases stand in `said`; unless it is `settled`, more may follow."""
        places: dict[int, list[Place]] = {}
        for place in self.index.find("".join(c.char for c in said)):
            short = len(self.patterns[place.pattern].letters) <= ALONE
            if not (short and broken(said[place.start : place.end])):
                places.setdefault(place.pattern, []).append(place)
        listings = {id(one): one for n in places for one in self._using.get(n, ())}
        found = {
            one.leaf: [p for p in self._counting(one, places) if settled or _ripe(one, p, said)]
            for one in listings.values()
            if party in one.leaf.parties
        }
        return {leaf: where for leaf, where in found.items() if where}

    def spotted(self, word: Word) -> list[tuple[Leaf, str]]:
        """The leaves that a phrase which was picked out of the sound belongs to."""
        letters = normalise(word.word)
        numbers = {
            self._numbers.get(Pattern((letters,), (), sounding)) for sounding in (True, False)
        }
        return [
            (one.leaf, letters)
            for one in self.listings
            if Party.CALLER in one.leaf.parties
            and self._rules_of[one.leaf].spot
            and numbers & one.patterns
        ]

    def touched(self, fresh: Iterable[Sign]) -> list[Rule]:
        """The rules that a new find may complete."""
        return list(dict.fromkeys(self._rules_of[sign] for sign in fresh))

    def noticing(self, known: Known) -> Noticing:
        """What keeps, during one call, the signs that are not phrases."""
        return Noticing(self._rules_of, known)

    def _counting(self, one: Listing, places: dict[int, list[Place]]) -> Iterator[Place]:
        """The places that count: not in an innocent context, and backed where only heard."""
        innocent = _Spans(p for n in one.innocent for p in places.get(n, ()))
        support = _Spans(p for n in one.support for p in places.get(n, ()) if p.score == EXACT)
        for number in one.patterns:
            syllables = len(self.patterns[number].letters)
            for place in places.get(number, ()):
                by_sound = place.score < EXACT
                short = syllables < ALONE + place.confused
                if by_sound and (not one.leaf.sound or (short and not support.near(place))):
                    continue
                if not innocent.around(place):
                    yield place

    def _listing(self, rule: Rule, leaf: Leaf) -> Listing:
        number = self._number
        any_word = (Ending("", HOLD),) if takes_back(rule.condition) else ()
        return Listing(
            leaf,
            frozenset(map(number, leaf.patterns)),
            frozenset(map(number, leaf.innocent)),
            frozenset(map(number, leaf.support)),
            {number(p): (*any_word, *_endings(p, leaf.innocent)) for p in leaf.patterns},
        )

    def _number(self, pattern: Pattern) -> int:
        return self._numbers.setdefault(pattern, len(self._numbers))

    def _by_sound(self, one: Listing) -> Iterator[int]:
        for pattern in one.leaf.patterns:
            if len(pattern.letters) >= ALONE or one.support:
                yield self._numbers[pattern]


def _endings(phrase: Pattern, contexts: Iterable[Pattern]) -> Iterator[Ending]:
    """How those contexts go on that hold more behind the phrase."""
    for context in contexts:
        at = context.letters.find(phrase.letters)
        if at >= 0 and not context.letters.endswith(phrase.letters):
            yield _ending(context, at + len(phrase.letters))


def _ending(context: Pattern, at: int) -> Ending:
    """What stands in a context behind its first `at` letters."""
    begun = 0
    for number, piece in enumerate(context.pieces):
        if at <= begun + len(piece):
            wide = sum(most for _, most in context.gaps[number:])
            return Ending(piece[at - begun :], len(context.letters) - at + wide)
        begun += len(piece)
    return Ending("", 0)


class CallListener:
    """Watches one call; implements core.ports.Listener.

    A phrase found in a partial result is found again in the next partial and in the final one: what
    overlaps in time with a hit already told of the same rule is that hit. What is found by sound
    waits until the speaker pauses, and so does what the next words may excuse; rules that ask what
    is said at the call's end wait for finished segments.
    """

    def __init__(self, matcher: Matcher, known: Known = NOTHING_KNOWN) -> None:
        """`known` is what is known before anybody speaks."""
        self._matcher = matcher
        self._voices = {party: _Voice(matcher.reach) for party in Party}
        self._noticing = matcher.noticing(known)
        self._kept: Finds = {**self._noticing.given}
        self._told: dict[str, _Told] = {}

    def heard(self, segment: Segment) -> Sequence[Hit]:
        """The new hits in this segment; a rule judges the party that it names."""
        fresh = self._fresh(segment)
        if not segment.final:
            return self._hits(self._matcher.touched(fresh), self._with(fresh), None)
        return self._keep(fresh | self._noticing.heard(segment, fresh))

    def noticed(self, notice: Noticed) -> Sequence[Hit]:
        """The new hits where this is noticed in the call's sound, or ticked by the agent."""
        return self._keep(self._noticing.noticed(notice))

    def closed(self, end_ms: int) -> Sequence[Hit]:
        """What only the call's end decides, `end_ms` since answer: rules with within_last_s."""
        self._kept = self._with(self._noticing.closed(end_ms))
        return self._hits(self._matcher.rules, self._kept, end_ms)

    def _keep(self, fresh: Finds) -> list[Hit]:
        """The new hits; what was found is remembered."""
        if not fresh:
            return []
        kept = self._with(fresh)
        self._kept |= {sign: kept[sign][-KEPT:] for sign in fresh}
        return self._hits(self._matcher.touched(fresh), kept, None)

    def _with(self, fresh: Finds) -> Finds:
        return self._kept | {
            sign: [*self._kept.get(sign, ()), *found] for sign, found in fresh.items()
        }

    def _hits(self, rules: Iterable[Rule], kept: Finds, end_ms: int | None) -> list[Hit]:
        heard = Heard(kept, end_ms)
        hits = [
            _hit(rule, found)
            for rule in rules
            for found in finds(rule.condition, heard)
            if self._told.setdefault(rule.name, _Told()).is_new(found)
        ]
        return sorted(hits, key=lambda hit: (hit.start_ms, hit.end_ms, hit.rule))

    def _fresh(self, segment: Segment) -> Finds:
        voice = self._voices[segment.party]
        said, tail, position = voice.hear(segment)
        exact: Finds = {}
        settled = segment.final or segment.settled
        for leaf, places in self._matcher.find(said, segment.party, settled).items():
            found = [
                self._found(segment.party, said, place, position)
                for place in places
                if place.end > tail
            ]
            if found:
                exact[leaf] = sorted(found, key=lambda f: (f.start_ms, -f.score, f.end_ms))
        self._add_spotted(segment, said, position, exact)
        return exact

    def _found(self, party: Party, said: list[Char], place: Place, position: int) -> Found:
        here = said[place.start : place.end]
        wanted = self._matcher.patterns[place.pattern].source
        return Found(
            party,
            position + place.start,
            position + place.end,
            here[0].start_ms,
            here[-1].end_ms,
            as_heard(here),
            wanted,
            place.score,
            "any" if place.score == EXACT else "sound",
        )

    def _add_spotted(self, segment: Segment, said: list[Char], position: int, found: Finds) -> None:
        """Phrases picked out of the sound, where the text does not hold them itself."""
        text = "".join(char.char for char in said)
        at = position + len(said)
        for word in segment.spotted if segment.party is Party.CALLER else ():
            for leaf, letters in self._matcher.spotted(word):
                if _written(letters, text, said, word):
                    continue
                one = Found(
                    segment.party,
                    at,
                    at,
                    word.start_ms,
                    word.end_ms,
                    word.word,
                    word.word,
                    SPOTTED,
                    "spotted",
                )
                found[leaf] = sorted([*found.get(leaf, ()), one], key=lambda f: f.start_ms)


class _Voice:
    """What one party said last, kept for a phrase that runs on."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._tail: list[Char] = []
        self._position = 0

    def hear(self, segment: Segment) -> tuple[list[Char], int, int]:
        """The characters, how many of them are from before, and the position of the first."""
        near = self._tail and segment.start_ms - self._tail[-1].end_ms <= JOIN_MS
        tail = self._tail if near else []
        position = self._position - len(tail)
        said = tail + chars(segment)
        if segment.final:
            self._tail = said[-self._reach :]
            self._position = position + len(said)
        return said, len(tail), position


class _Told:
    """Stretches of a call, none of which overlaps another."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def is_new(self, found: Found) -> bool:
        """True, and remembered, where the find overlaps nothing told before."""
        at = bisect_right(self._starts, found.start_ms)
        before = at > 0 and self._ends[at - 1] > found.start_ms
        after = at < len(self._starts) and self._starts[at] < found.end_ms
        if before or after:
            return False
        self._starts.insert(at, found.start_ms)
        self._ends.insert(at, found.end_ms)
        return True


class _Spans:
    """Places of contexts, asked whether they stand around or near another place."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = sorted((p.start, p.end) for p in places)
        self._starts = [start for start, _ in self._places]
        self._widest = max((end - start for start, end in self._places), default=0)

    def around(self, place: Place) -> bool:
        """True where one of them holds all of `place`."""
        return any(
            start <= place.start and place.end <= end for start, end in self._within(place, 0)
        )

    def near(self, place: Place) -> bool:
        """True where one of them is within SUPPORT_REACH characters and not the place itself."""
        return any(
            (end <= place.start and place.start - end <= SUPPORT_REACH)
            or (start >= place.end and start - place.end <= SUPPORT_REACH)
            for start, end in self._within(place, SUPPORT_REACH)
        )

    def _within(self, place: Place, reach: int) -> list[tuple[int, int]]:
        first = bisect_right(self._starts, place.start - self._widest - reach - 1)
        return self._places[first : bisect_right(self._starts, place.end + reach)]


def _hit(rule: Rule, found: Found) -> Hit:
    return Hit(
        rule.name,
        rule.category,
        found.party,
        found.start_ms,
        found.end_ms,
        found.text,
        spotted=found.operator == "spotted",
        operator=found.operator,
        score=found.score,
        severity=rule.severity,
        why=explain(rule.why, found),
    )


def explain(why: str, found: Found) -> str:
    """The rule's sentence, and what it rests on here."""
    given = f"（{found.given}）" if found.given else ""
    if found.operator == "spotted":
        return f"{why}：从声音里听到“{found.text}”{given}"
    if found.score < EXACT:
        return f"{why}：“{found.text}”听起来像“{found.wanted}”{given}"
    return f"{why}：“{found.text}”{given}" if found.wanted else f"{why}：{found.text[1:-1]}{given}"


def _ripe(one: Listing, place: Place, said: Sequence[Char]) -> bool:
    """In a partial, what follows may still change a sound or make a phrase innocent."""
    if place.score < EXACT:
        return False
    after = "".join(char.char for char in said[place.end : place.end + LONGEST])
    return not any(ending.may_come(after) for ending in one.endings[place.pattern])


def _written(letters: str, text: str, said: list[Char], word: Word) -> bool:
    """True where the text has the phrase at that time: then the text decides."""
    at = text.find(letters)
    while at >= 0:
        first, last = said[at], said[at + len(letters) - 1]
        if first.start_ms < word.end_ms and word.start_ms < last.end_ms:
            return True
        at = text.find(letters, at + 1)
    return False


def _of(rule: Rule) -> list[Leaf]:
    return list(leaves(rule.condition))
