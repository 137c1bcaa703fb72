"""The language model as the graph holds it: what is worth writing out, the rest by back-off. Pure.

A follower that is not written out has the probability that the shorter history gives it, times a
factor that makes all probabilities after a history add up to one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callcenter.asr import ngram_fst
from callcenter.asr.ngram_fst import After
from callcenter.asr.train.language_model import BEGIN, END, ORDER, History, LanguageModel

Kept = Mapping[History, Mapping[str, float]]
"""The words written out after each history, with their probabilities."""


@dataclass(slots=True)
class Backoff:
    """A back-off model; `left` is the factor of each history."""

    unigram: Mapping[str, float]
    kept: Kept
    left: dict[History, float]

    def probability(self, word: str, history: Sequence[str] = ()) -> float:
        """p(word | the last two words of `history`); a word that is not known has 0."""
        context = tuple(history)[-(ORDER - 1) :]
        if not context:
            return self.unigram.get(word, 0.0)
        written = self.kept.get(context, {}).get(word)
        if written is not None:
            return written
        return self.left.get(context, 1.0) * self.probability(word, context[1:])


def pruned(model: LanguageModel, size: int | None = None) -> Backoff:
    """The model with the `size` followers written out that it would miss most; None is all.

    Stolcke's measure: how much the surprise grows, in expectation, where a follower is left to the
    shorter history.
    """
    ranked = sorted(_losses(model), key=lambda entry: (-entry[0], entry[1:]))
    kept: dict[History, dict[str, float]] = {}
    for _, history, word in ranked[:size]:
        kept.setdefault(history, {})[word] = model.probability(word, history)
        kept.setdefault(history[1:], {})
    kept.pop((), None)
    backoff = Backoff(model.unigram, {history: kept[history] for history in sorted(kept)}, {})
    for history in sorted(kept, key=len):
        below = sum(backoff.probability(word, history[1:]) for word in kept[history])
        over = 1 - sum(kept[history].values())
        backoff.left[history] = max(over, 1e-9) / max(1 - below, 1e-9)
    return backoff


def _losses(model: LanguageModel) -> list[tuple[float, History, str]]:
    """What leaving out each follower costs."""
    found = []
    for history, followers in model.after.items():
        for word in followers.counts:
            full = model.probability(word, history)
            worse = math.log(full / model.probability(word, history[1:]))
            found.append((followers.seen * full * worse, history, word))
    return found


def by_label(model: Backoff, ids: Mapping[str, int]) -> dict[tuple[int, ...], After]:
    """The model by word ids and costs, as `ngram_fst.write` takes it."""
    return {
        tuple(ids.get(word, ngram_fst.BEGIN) for word in history): _after(model, history, ids)
        for history in ((), (BEGIN,), *model.kept)
    }


def _after(model: Backoff, history: History, ids: Mapping[str, int]) -> After:
    words = model.kept.get(history, {}) if history else model.unigram
    costs = {word: -math.log(probability) for word, probability in words.items()}
    end = costs.pop(END, math.inf)
    shorter = -math.log(model.left.get(history, 1.0))
    return After({ids[word]: cost for word, cost in costs.items()}, end, shorter)
