"""How probable a word is after the two before it: an interpolated trigram model. Pure.

Witten and Bell's estimate: p(w|h) = (c(hw) + T(h) p(w|h')) / (c(h) + T(h)), where T(h) is the number
of different words seen after the history h and h' is h without its first word. At the bottom is a
mixture of the text's own word frequencies with those of the language at large.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.asr.train.fst import Fst

BEGIN, END = "<s>", "</s>"
History = tuple[str, ...]
ORDER = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """What is tuned on a part of the corpus (`bench`, not here)."""

    domain_share: float = 0.65
    """Weight of the text's own word frequencies in the unigram."""
    general_power: float = 0.75
    """Frequencies at large are raised to this power, which makes rare words less rare."""
    trust: float = 1.0
    """Factor on T(h): above 1, less weight for what was seen, more for the shorter history."""


@dataclass(slots=True)
class LanguageModel:
    """Counts by history, and the unigram below them."""

    unigram: dict[str, float]
    settings: Settings = field(default_factory=Settings)
    counts: dict[History, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def probability(self, word: str, history: Sequence[str] = ()) -> float:
        """p(word | the last two words of `history`); words that are unknown have 0."""
        context = tuple(history)[-(ORDER - 1) :]
        if not context:
            return self.unigram.get(word, 0.0)
        below = self.probability(word, context[1:])
        followers = self.counts.get(context)
        if followers is None:
            return below
        unseen = self.unseen_share(context)
        return (1 - unseen) * followers[word] / followers.total() + unseen * below

    def unseen_share(self, context: History) -> float:
        """The weight of the shorter history after `context`."""
        followers = self.counts[context]
        doubt = self.settings.trust * len(followers)
        return doubt / (followers.total() + doubt)

    def entropy(self, texts: Iterable[Sequence[str]]) -> float:
        """Bits a word (ends included) of texts; for comparing settings."""
        bits = words = 0.0
        for text in texts:
            padded = [BEGIN, *text, END]
            for at in range(1, len(padded)):
                bits -= math.log2(self.probability(padded[at], padded[:at]) or 1e-9)
                words += 1
        return bits / words


def estimate(
    texts: Iterable[tuple[Sequence[str], int]],
    general: Mapping[str, int],
    settings: Settings | None = None,
) -> LanguageModel:
    """A model of texts, each with how often it counts, over the words of `general`.

    `general` holds every word of the lexicon with its frequency in the language at large.
    """
    settings = settings or Settings()
    counts: dict[History, Counter[str]] = defaultdict(Counter)
    own: Counter[str] = Counter()
    for text, times in texts:
        padded = [BEGIN, *text, END]
        for at in range(1, len(padded)):
            own[padded[at]] += times
            for length in range(1, min(at, ORDER - 1) + 1):
                counts[tuple(padded[at - length : at])][padded[at]] += times
    return LanguageModel(_unigram(own, general, settings), settings, counts)


def _unigram(
    own: Counter[str], general: Mapping[str, int], settings: Settings
) -> dict[str, float]:
    spread = {word: max(count, 1) ** settings.general_power for word, count in general.items()}
    total, own_total = sum(spread.values()), max(own.total(), 1)
    share = settings.domain_share if own else 0.0
    words = {**dict.fromkeys(own, 0.0), **spread}
    return {
        word: share * own[word] / own_total + (1 - share) * weight / total
        for word, weight in words.items()
    }


def to_fst(model: LanguageModel, ids: Mapping[str, int]) -> Fst:
    """The model as an acceptor of word ids; epsilon arcs lead to the shorter history."""
    states: dict[History, int] = {}
    fst = Fst()
    for history in ((BEGIN,), (), *model.counts):
        if history not in states:
            states[history] = fst.add_state()
    for history, state in states.items():
        words = model.counts[history] if history else model.unigram
        for word in words:
            cost = -math.log(model.probability(word, history))
            _add_word(fst, state, word, cost, _longest_known((*history, word), states), ids)
        if history:
            cost = -math.log(model.unseen_share(history))
            fst.add_arc(state, 0, 0, cost, states[history[1:]])
    return fst


def _add_word(
    fst: Fst, state: int, word: str, cost: float, target: int, ids: Mapping[str, int]
) -> None:
    if word == END:
        fst.finals[state] = cost
    else:
        fst.add_arc(state, ids[word], ids[word], cost, target)


def _longest_known(history: History, states: Mapping[History, int]) -> int:
    """The state of the longest ending of `history` that has one; that of () at least."""
    for start in range(max(0, len(history) - ORDER + 1), len(history) + 1):
        if history[start:] in states:
            return states[history[start:]]
    raise KeyError(history)
