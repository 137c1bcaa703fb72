"""When the words of an unfinished sentence were said, guessed until the final result tells. Pure.

The engine knows the words of a partial result at once, but their times only a second later, when
it has settled them; a trigger phrase cannot wait for that. A new word was not there when the sound
before was decoded: so it lies between the end of the words before it and what is decoded now.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

from callcenter.core.records import Word

MS_A_CHARACTER = 100
"""The least that a character lasts."""


class Guess:
    """The words of one utterance so far; times in milliseconds since answer."""

    def __init__(self) -> None:
        self._words: list[Word] = []

    def words(
        self, texts: Sequence[str], onset_ms: int, decoded_ms: int, heard_ms: int
    ) -> tuple[Word, ...]:
        """The words `texts` with times: those already known keep theirs.

        `onset_ms`: where the voice set in after the latest pause; `decoded_ms`: how far the engine
        has listened; `heard_ms`: the end of the sound it was given, which no word exceeds.
        """
        del self._words[self._known(texts) :]
        new = texts[len(self._words) :]
        if new:
            self._words += _spread(new, *self._room(new, onset_ms, decoded_ms, heard_ms))
        return tuple(self._words)

    def _known(self, texts: Sequence[str]) -> int:
        pairs = zip(self._words, texts, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0].word == pair[1], pairs))

    def _room(self, new: Sequence[str], onset: int, decoded: int, heard: int) -> tuple[int, int]:
        begin = min(onset, decoded)
        if self._words:
            begin = max(begin, self._words[-1].end_ms)
        begin = min(begin, heard)
        least = MS_A_CHARACTER * sum(map(len, new))
        return begin, min(max(decoded, begin + least), heard)


def _spread(texts: Sequence[str], begin: int, end: int) -> list[Word]:
    """The words from `begin` to `end`, each as long as its characters ask for."""
    total = sum(map(len, texts))
    ends = (sum(map(len, texts[: n + 1])) * (end - begin) // total for n in range(len(texts)))
    bounds = [begin, *(begin + offset for offset in ends)]
    return [Word(word, *span) for word, span in zip(texts, pairwise(bounds), strict=True)]
