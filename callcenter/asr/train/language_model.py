"""How probable a word is after the two before it: an interpolated trigram model. Pure.

Kneser and Ney's estimate: p(w|h) = max(c(hw) - D, 0) / c(h) + (what D took, of c(h)) p(w|h'), where
h' is h without its first word. A shorter history counts not how often a word followed it but after
how many different words it did: that is what the longer history asks it for. At the bottom is a
mixture of the text's words with the frequencies of the language at large.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

BEGIN, END = "<s>", "</s>"
ORDER = 3
History = tuple[str, ...]
Weighted = tuple[Sequence[str], float]
"""The words of a sentence, and how much it counts."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was tuned on `corpus/tuning.txt`."""

    domain_share: float = 0.85
    """Weight of the text's own words in the unigram."""
    general_power: float = 0.75
    """Frequencies at large are raised to this power, which makes rare words less rare."""
    discount: float = 0.75
    """Taken from the count of every follower, for those that were not seen."""


@dataclass(slots=True)
class Followers:
    """The words seen after one history, and how often the history was seen itself."""

    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    seen: float = 0.0
    total: float = 0.0
    """The sum of `counts`."""
    taken: float = 0.0
    """What the discount takes, of 1."""

    def close(self, discount: float) -> None:
        """Every word is counted; what follows from that."""
        self.total = sum(self.counts.values())
        self.taken = sum(min(count, discount) for count in self.counts.values()) / self.total


@dataclass(slots=True)
class LanguageModel:
    """What followed each history of one or two words, and the unigram below them."""

    unigram: dict[str, float]
    settings: Settings
    after: dict[History, Followers]

    def probability(self, word: str, history: Sequence[str] = ()) -> float:
        """p(word | the last two words of `history`); a word that is not known has 0."""
        context = tuple(history)[-(ORDER - 1) :]
        if not context:
            return self.unigram.get(word, 0.0)
        below = self.probability(word, context[1:])
        followers = self.after.get(context)
        if followers is None:
            return below
        left = max(followers.counts.get(word, 0.0) - self.settings.discount, 0.0)
        return left / followers.total + followers.taken * below


class Predicts(Protocol):
    """Gives every word a probability after every history."""

    def probability(self, word: str, history: Sequence[str] = ()) -> float: ...


def entropy(model: Predicts, texts: Iterable[Sequence[str]]) -> float:
    """Bits a word (ends included) of texts of known words; for comparing settings."""
    bits, words = 0.0, 0
    for text in texts:
        padded = [BEGIN, *text, END]
        for at in range(1, len(padded)):
            bits -= math.log2(model.probability(padded[at], padded[:at]))
            words += 1
    return bits / words


def estimate(
    texts: Iterable[Weighted], general: Mapping[str, int], settings: Settings | None = None
) -> LanguageModel:
    """A model of weighted texts over the words of `general`.

    `general` holds every word of the lexicon with its frequency in the language at large.
    """
    settings = settings or Settings()
    after: dict[History, Followers] = defaultdict(Followers)
    for text, weight in texts:
        padded = [BEGIN, *text, END]
        for at in range(1, len(padded)):
            for length in range(1, min(at, ORDER - 1) + 1):
                after[tuple(padded[at - length : at])].seen += weight
            after[tuple(padded[max(at - ORDER + 1, 0) : at])].counts[padded[at]] += weight
    own: dict[str, float] = defaultdict(float)
    _count_variety(after, own)
    for followers in after.values():
        followers.close(settings.discount)
    return LanguageModel(_unigram(own, general, settings), settings, dict(after))


def _count_variety(after: dict[History, Followers], own: dict[str, float]) -> None:
    """How many different words each word followed, for the histories of one word and of none."""
    for history, followers in list(after.items()):
        if len(history) == ORDER - 1:
            for word in followers.counts:
                after[history[1:]].counts[word] += 1
    for history, followers in after.items():
        if len(history) == 1:
            for word in followers.counts:
                own[word] += 1


def _unigram(
    own: Mapping[str, float], general: Mapping[str, int], settings: Settings
) -> dict[str, float]:
    spread = {word: max(count, 1) ** settings.general_power for word, count in general.items()}
    total, own_total = sum(spread.values()), sum(own.values())
    share = settings.domain_share
    return {
        word: share * own.get(word, 0.0) / own_total + (1 - share) * spread.get(word, 0.0) / total
        for word in sorted({*spread, *own})
    }
