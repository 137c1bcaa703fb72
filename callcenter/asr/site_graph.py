"""Adds words to a decoding graph that our builder made, without building it anew. Pure.

`Trie` in `train/graph.py` is what `HCLr.fst` was: from the state between words a tree of phones, in
which a word is written as soon as no other can follow; `Gr.fst` is the language model. A new word
goes along the tree as far as it can, then its own way to the same end, with an id above all others;
in the language model it may follow anything, at one cost for all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from callcenter.asr import phones
from callcenter.asr.fst import Fst, Stored
from callcenter.asr.pinyin import Reading

WORD_COST, MANY = 6.0, 50
"""Cost of a site's word in the language model (natural logarithm), after any other word, and how
many words may have it; with more, each costs more, so that together they stay as probable.

With 25 invented product names, in 91 sentences of eight voices that no training has heard, of the
names said were written: 90 at costs of 4 and 6, 89 at 8.5, 87 at 11 (none without own words); in
10 dB of noise, of 88: 82 at 4, 80 at 6, 76 at 8. In 286 sentences without them none was heard
falsely from 6 up. Harder: 497 random pairs and triples of characters besides. Then 45 were
heard falsely at 4, 19 at 6, 14 at 7, 8 at 8.5, and 9 at what 522 words cost here (8.3).
"""
SPECIAL = ("#0", "<s>", "</s>")
"""The names in words.txt that are no words; they stand after all others."""
_START, _LOOP, _PAUSE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Graph:
    """A model's graph in memory: `HCLr.fst`, `Gr.fst`, and the word ids of `words.txt`."""

    sounds: Fst
    grammar: Fst
    ids: dict[str, int]

    @property
    def final_label(self) -> int:
        """The look-ahead's own number for "the end", above every word's."""
        return len(self.ids) + 1


def opened(sounds: Stored, grammar: Stored, table: str) -> Graph:
    """The graph in what two files and words.txt held.

    Raises ValueError, saying what is unlike a graph of our builder.
    """
    for name, stored, kinds in (
        ("HCLr.fst", sounds, ("olabel_lookahead",)),
        ("Gr.fst", grammar, ("ngram", "const")),
    ):
        if stored.kind not in kinds:
            raise ValueError(f"graph/{name} is of type {stored.kind}, expected {kinds[0]}")
        _within(name, stored.fst)
    if not _begins_as_ours(sounds.fst):
        raise ValueError("graph/HCLr.fst does not loop between words as the bundled one does")
    ids = {word: int(number) for word, number in map(str.split, table.splitlines())}
    words = {word: ids[word] for word in ids if word not in ("<eps>", *SPECIAL)}
    if sorted(words.values()) != list(range(1, sounds.final_label)):
        raise ValueError("graph/words.txt does not number the words as graph/HCLr.fst does")
    return Graph(sounds.fst, grammar.fst, words)


def _within(name: str, fst: Fst) -> None:
    states = range(len(fst.arcs))
    if not all(arc[3] in states for arcs in fst.arcs for arc in arcs):
        raise ValueError(f"graph/{name}: an arc leads to a state that is not there")


def _begins_as_ours(sounds: Fst) -> bool:
    """At the start a word has just ended: on to the state between words, or first a pause."""
    enter = phones.phone_transitions(phones.SIL)[0][0]
    if len(sounds.arcs) <= _PAUSE or list(sounds.finals) != [_LOOP]:
        return False
    ways = {(ilabel, olabel, target) for ilabel, olabel, _, target in sounds.arcs[_START]}
    return ways == {(0, 0, _LOOP), (enter, 0, _PAUSE)}


def word_cost(count: int) -> float:
    """The cost of each of so many words."""
    return WORD_COST + math.log(max(count / MANY, 1))


def extend(graph: Graph, readings: Mapping[str, Collection[Reading]]) -> int:
    """Add words with their readings, in place; returns how many the graph did not hold.

    A word that it holds already gets the readings beside its own. Raises ValueError for a reading
    that is no pinyin.
    """
    new = [word for word in readings if word not in graph.ids]
    graph.ids.update({word: len(graph.ids) + at for at, word in enumerate(new, start=1)})
    _Tree(graph.sounds).add(
        (tuple(phones.word_phones(reading)), graph.ids[word])
        for word, choices in readings.items()
        for reading in choices
    )
    state, cost = _unigram(graph.grammar), word_cost(len(new))
    for word in new:
        graph.grammar.add_arc(state, graph.ids[word], graph.ids[word], cost, state)
    return len(new)


def _unigram(grammar: Fst) -> int:
    """The state without a history: where backing off from the start ends."""
    state, seen = 0, {0}
    while shorter := {arc[3] for arc in grammar.arcs[state] if not arc[0]} - seen:
        state = min(shorter)
        seen.add(state)
    return state


Spelled = tuple[tuple[int, ...], int]
"""A word's phones and its id"""


@dataclass(slots=True)
class _Tree:
    """The tree of phones in `HCLr.fst`, while words are added to it."""

    fst: Fst
    _steps: dict[tuple[int, int], int] = field(default_factory=dict)
    """State and transition id to the next state, by arcs that write no word."""
    _ends: dict[tuple[int, ...], int] = field(default_factory=dict)
    """The state just within the first phone of an ending of the new words."""

    def __post_init__(self) -> None:
        for state, arcs in enumerate(self.fst.arcs):
            steps = (arc for arc in arcs if arc[0] and not arc[1] and arc[3] != state)
            self._steps.update(((state, arc[0]), arc[3]) for arc in steps)

    def add(self, words: Iterable[Spelled]) -> None:
        """Each word is written where its way parts from the tree's and the other new words'."""
        spelled = sorted(words)
        common = [0, *map(_alike, spelled, spelled[1:]), 0]
        for at, (sounds, number) in enumerate(spelled):
            self._add(sounds, number, max(common[at], common[at + 1]))

    def _add(self, sounds: tuple[int, ...], number: int, shared: int) -> None:
        state, depth = _LOOP, 0
        while depth < len(sounds) - 1 and (depth < shared or self._has(state, sounds[depth])):
            state = self._spoken(self._entered(state, sounds[depth]), sounds[depth])
            depth += 1
        enter = phones.phone_transitions(sounds[depth])[0][0]
        self.fst.add_arc(state, enter, number, 0.0, self._end(sounds[depth:]))

    def _has(self, state: int, phone: int) -> bool:
        return (state, phones.phone_transitions(phone)[0][0]) in self._steps

    def _entered(self, state: int, phone: int) -> int:
        """The first state of a phone after `state`: the tree's, or a new one."""
        (enter, stay), *_ = phones.phone_transitions(phone)
        return self._step(state, enter, stay)

    def _spoken(self, entered: int, phone: int) -> int:
        """The last state of a phone whose first one is `entered`."""
        for enter, stay in phones.phone_transitions(phone)[1:]:
            entered = self._step(entered, enter, stay)
        return entered

    def _step(self, state: int, enter: int, stay: int) -> int:
        if (state, enter) not in self._steps:
            self._steps[state, enter] = self._state(stay)
            self.fst.add_arc(state, enter, 0, 0.0, self._steps[state, enter])
        return self._steps[state, enter]

    def _state(self, stay: int) -> int:
        state = self.fst.add_state()
        self.fst.add_arc(state, stay, 0, 0.0, state)
        return state

    def _end(self, ending: tuple[int, ...]) -> int:
        """The first state of an ending; new words that end alike share it."""
        if ending not in self._ends:
            (_, stay), *_ = phones.phone_transitions(ending[0])
            self._ends[ending] = first = self._state(stay)
            last = self._spoken(first, ending[0])
            if ending[1:]:
                enter = phones.phone_transitions(ending[1])[0][0]
                self.fst.add_arc(last, enter, 0, 0.0, self._end(ending[1:]))
            else:
                self.fst.arcs[last] += self.fst.arcs[_START]
        return self._ends[ending]


def _alike(one: Spelled, other: Spelled) -> int:
    """How many phones two words begin with alike."""
    pairs = enumerate(zip(one[0], other[0], strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one[0]), len(other[0])))
