"""Builds the decoding graph of the bundled model: words, sounds, language model; may touch files.

`HCLr.fst` goes from transition ids to words: a trie of all pronunciations, in which a word is
written as soon as no other can follow, and whose endings are shared. `Gr.fst` is the language
model. Vosk composes the two while it decodes, so that a site can put a grammar of its own in place
of the second (Kaldi's look-ahead composition; word ids are renumbered in the order of the trie).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random

from callcenter.asr import ngram_fst, phones
from callcenter.asr.fst import Fst, write_lookahead
from callcenter.asr.pinyin import Reading
from callcenter.asr.train import corpus
from callcenter.asr.train.backoff import by_label, pruned
from callcenter.asr.train.language_model import Settings, Weighted, estimate
from callcenter.asr.train.lexicon import general_frequencies, make_lexicon

UNKNOWN = "[unk]"
UNKNOWN_COST = 3.0
"""Cost of each phone of a word that is not in the grammar (natural logarithm)."""
SILENCE_SHARE = 0.25
"""Probability of a pause between two words."""
_PAUSE_COST, _NO_PAUSE_COST = -math.log(SILENCE_SHARE), -math.log(1 - SILENCE_SHARE)

TEMPLATE_WEIGHT = 0.15
"""What a filled-in template counts where a hand-written sentence counts 1."""
FOLLOWERS = 325_000
"""How many of the words seen after a history are written out."""
NUMBER_LINES = 300
NUMBER_WEIGHT = 0.1

Phones = tuple[int, ...]
Readings = Mapping[str, Collection[Reading]]
"""The pronunciations of each word, as pinyin syllables with tone digits."""


@dataclass(slots=True)
class Trie:
    """HCLr while it is made. `ids` numbers the words as the trie first meets them, from 1."""

    fst: Fst = field(default_factory=Fst)
    ids: dict[str, int] = field(default_factory=dict)
    _endings: dict[Phones, int] = field(default_factory=dict)
    start: int = 0
    loop: int = 0
    """Between words, after any pause; the only final state."""
    pause: int = 0

    def __post_init__(self) -> None:
        self.start, self.loop, self.pause = (self.fst.add_state() for _ in range(3))
        self.fst.finals[self.loop] = 0.0
        ((_, stay),) = phones.phone_transitions(phones.SIL)
        self.fst.add_arc(self.pause, stay, 0, 0.0, self.pause)
        self.fst.add_arc(self.pause, 0, 0, 0.0, self.loop)
        self._end_word(self.start)

    def _end_word(self, state: int) -> None:
        """From the end of a word: on to the next, or first a pause."""
        ((enter, _),) = phones.phone_transitions(phones.SIL)
        self.fst.add_arc(state, 0, 0, _NO_PAUSE_COST, self.loop)
        self.fst.add_arc(state, enter, 0, _PAUSE_COST, self.pause)

    def add_words(self, spelled: Sequence[tuple[Phones, str]]) -> None:
        """Every word with its phones; sorted here, because the trie wants it."""
        self._branch(self.loop, sorted(spelled), 0)

    def _branch(self, state: int, spelled: Sequence[tuple[Phones, str]], depth: int) -> None:
        for phone, group in groupby(spelled, key=lambda entry: entry[0][depth]):
            entries = list(group)
            if entries[0][0] == entries[-1][0]:
                self._write(state, entries, depth)
            else:
                self._branch(self._append(state, phone, 0, 0.0), entries, depth + 1)

    def _write(self, state: int, homophones: Sequence[tuple[Phones, str]], depth: int) -> None:
        ending = homophones[0][0][depth:]
        enter = phones.phone_transitions(ending[0])[0][0]
        for _, word in homophones:
            number = self.ids.setdefault(word, len(self.ids) + 1)
            self.fst.add_arc(state, enter, number, 0.0, self._ending(ending))

    def _ending(self, ending: Phones) -> int:
        """The state just within the first phone of an ending, the same for all who share it."""
        if ending not in self._endings:
            state = self.fst.add_state()
            self._endings[ending] = state
            last = self._stay(state, ending[0])
            if ending[1:]:
                enter = phones.phone_transitions(ending[1])[0][0]
                self.fst.add_arc(last, enter, 0, 0.0, self._ending(ending[1:]))
            else:
                self._end_word(last)
        return self._endings[ending]

    def _append(self, state: int, phone: int, olabel: int, cost: float) -> int:
        """A phone after `state`; returns the state in which it has been spoken."""
        entered = self.fst.add_state()
        self.fst.add_arc(state, phones.phone_transitions(phone)[0][0], olabel, cost, entered)
        return self._stay(entered, phone)

    def _stay(self, entered: int, phone: int) -> int:
        """The loops of a phone whose first state has been entered, and its second state."""
        (_, stay), *rest = phones.phone_transitions(phone)
        self.fst.add_arc(entered, stay, 0, 0.0, entered)
        for forward, loop in rest:
            state = self.fst.add_state()
            self.fst.add_arc(entered, forward, 0, 0.0, state)
            self.fst.add_arc(state, loop, 0, 0.0, state)
            entered = state
        return entered

    def add_unknown(self, cost: float = UNKNOWN_COST) -> None:
        """`[unk]`: any phones at all, at a cost for each; for grammars that a site brings."""
        number = self.ids.setdefault(UNKNOWN, len(self.ids) + 1)
        between = self.fst.add_state()
        for phone in _phones_at("B"):
            spoken = self._append(self.loop, phone, number, cost)
            self.fst.add_arc(spoken, 0, 0, 0.0, between)
        for phone in _phones_at("I"):
            spoken = self._append(between, phone, 0, cost)
            self.fst.add_arc(spoken, 0, 0, 0.0, between)
        for state, place, olabel in ((between, "E", 0), (self.loop, "S", number)):
            for phone in _phones_at(place):
                enter = phones.phone_transitions(phone)[0][0]
                self.fst.add_arc(state, enter, olabel, cost, self._ending((phone,)))


def _phones_at(place: str) -> list[int]:
    return [phone for name, phone in phones.PHONE_IDS.items() if name.endswith(f"_{place}")]


def spell(readings: Readings) -> list[tuple[Phones, str]]:
    """Every pronunciation of every word, as phones. Raises ValueError for what is no pinyin."""
    return [
        (tuple(phones.word_phones(reading)), word)
        for word, choices in readings.items()
        for reading in choices
    ]


def write_graph(
    out: Path,
    readings: Readings,
    texts: Iterable[Weighted],
    frequencies: Mapping[str, int],
    settings: Settings | None = None,
) -> None:
    """The files of a model's `graph` folder.

    `readings`: every word the model is to know; `texts`: sentences cut into such words;
    `frequencies`: how common words are in the language at large (1 for those that are absent).
    Raises ValueError for a reading that is no pinyin, OSError.
    """
    trie = Trie()
    trie.add_words(spell(readings))
    trie.add_unknown()
    general = {word: frequencies.get(word, 1) for word in readings}
    grammar = by_label(pruned(estimate(texts, general, settings), FOLLOWERS), trie.ids)
    (out / "phones").mkdir(parents=True, exist_ok=True)
    (out / "HCLr.fst").write_bytes(write_lookahead(trie.fst, len(trie.ids) + 1))
    (out / "Gr.fst").write_bytes(ngram_fst.write(grammar))
    # Disambiguation symbols are gone already: one id that no arc has is what Vosk needs to read.
    (out / "disambig_tid.int").write_text(f"{phones.TRANSITION_COUNT + 1}\n")
    (out / "words.txt").write_text(_word_table(trie.ids), "utf-8")
    (out / "phones" / "word_boundary.int").write_text(phones.word_boundary())


def _word_table(ids: dict[str, int]) -> str:
    last = len(ids) + 1  # the look-ahead's own number for "the end"
    names = {"<eps>": 0, **ids, "#0": last + 1, "<s>": last + 2, "</s>": last + 3}
    return "".join(f"{word} {number}\n" for word, number in names.items())


def build_graph(
    out: Path, sentences: Iterable[str] = (), words: Iterable[str] = (), seed: int = 1
) -> None:
    """The bundled model's graph: our corpus, and a site's own sentences and words beside it.

    Takes some seconds. Raises MissingPiece without jieba, OSError where `out` cannot be written.
    """
    parts = (
        (
            [
                *corpus.sentences(),
                *corpus.later_sentences(),
                *corpus.product_lines(),
                *sentences,
            ],
            1.0,
        ),
        (corpus.expanded(), TEMPLATE_WEIGHT),
        (corpus.number_lines(NUMBER_LINES, Random(seed)), NUMBER_WEIGHT),  # noqa: S311
    )
    lexicon, texts = make_lexicon([line for lines, _ in parts for line in lines], words)
    weights = [weight for lines, weight in parts for _ in lines]
    weighted = list(zip(texts, weights, strict=True))
    write_graph(out, lexicon.readings, weighted, general_frequencies())


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m callcenter.asr.train.graph OUT`"""
    parser = argparse.ArgumentParser(description="Build the decoding graph of the bundled model.")
    parser.add_argument("out", type=Path, help="folder to write (a model's graph folder)")
    parser.add_argument("--word", action="append", default=[], help="a word of your own, whole")
    chosen = parser.parse_args(arguments)
    build_graph(chosen.out, words=chosen.word)


if __name__ == "__main__":
    main()
