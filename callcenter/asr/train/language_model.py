"""How probable a word is after the two before it: an interpolated trigram model. Pure.

Witten and Bell's estimate: p(w|h) = (c(hw) + T(h) p(w|h')) / (c(h) + T(h)), where T(h) is how many
different words were seen after the history h (here times a factor, for the text is small) and h' is
h without its first word. At the bottom is a mixture of the text's own word frequencies with those
of the language at large.
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
    """Weight of the text's own word frequencies in the unigram."""
    general_power: float = 0.75
    """Frequencies at large are raised to this power, which makes rare words less rare."""
    doubt: float = 2.5
    """Factor on T(h): the higher, the less weight for what was seen."""


@dataclass(slots=True)
class Followers:
    """The words seen after one history."""

    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    total: float = 0.0

    def see(self, word: str, weight: float) -> None:
        """One more sight of `word`."""
        self.counts[word] += weight
        self.total += weight

    def share(self, word: str) -> float:
        """The relative frequency of `word`."""
        return self.counts.get(word, 0.0) / self.total


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
        if context not in self.after:
            return below
        unseen = self.unseen_share(context)
        return (1 - unseen) * self.after[context].share(word) + unseen * below

    def unseen_share(self, context: History) -> float:
        """The weight of the shorter history after `context`, which has been seen."""
        followers = self.after[context]
        doubt = self.settings.doubt * len(followers.counts)
        return doubt / (followers.total + doubt)


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
    own = Followers()
    for text, weight in texts:
        padded = [BEGIN, *text, END]
        for at in range(1, len(padded)):
            own.see(padded[at], weight)
            for length in range(1, min(at, ORDER - 1) + 1):
                after[tuple(padded[at - length : at])].see(padded[at], weight)
    return LanguageModel(_unigram(own, general, settings), settings, dict(after))


def _unigram(own: Followers, general: Mapping[str, int], settings: Settings) -> dict[str, float]:
    spread = {word: max(count, 1) ** settings.general_power for word, count in general.items()}
    total = sum(spread.values())
    share = settings.domain_share
    return {
        word: share * own.share(word) + (1 - share) * spread.get(word, 0.0) / total
        for word in sorted({*spread, *own.counts})
    }
