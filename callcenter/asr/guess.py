"""When the words of an unfinished sentence were said, guessed until the final result tells. Pure.

The engine knows the words of a partial result at once, but their times only a second later, when
it has settled them; a trigger phrase cannot wait for that. A new word ends about where the engine
has listened to. It begins where the voice came back, or shares the time since the word before it
began, which may have been named before its end.
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
        """The words `texts` with times: those already known keep theirs, except the last.

        `onset_ms`: where the voice set in after the latest pause; `decoded_ms`: how far the engine
        has listened; `heard_ms`: the end of the sound it was given, which no word exceeds.
        """
        del self._words[self._known(texts) :]
        new = texts[len(self._words) :]
        if new:
            begin = min(onset_ms, decoded_ms, heard_ms)
            if self._words and begin < self._words[-1].end_ms:
                last = self._words.pop()
                new, begin = [last.word, *new], last.start_ms
            least = MS_A_CHARACTER * sum(map(len, new))
            self._words += _spread(new, begin, min(max(decoded_ms, begin + least), heard_ms))
        return tuple(self._words)

    def _known(self, texts: Sequence[str]) -> int:
        pairs = zip(self._words, texts, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0].word == pair[1], pairs))


def _spread(texts: Sequence[str], begin: int, end: int) -> list[Word]:
    """The words from `begin` to `end`, each as long as its characters ask for."""
    total = sum(map(len, texts))
    ends = (sum(map(len, texts[: n + 1])) * (end - begin) // total for n in range(len(texts)))
    bounds = [begin, *(begin + offset for offset in ends)]
    return [Word(word, *span) for word, span in zip(texts, pairwise(bounds), strict=True)]
