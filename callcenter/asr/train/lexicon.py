"""Which words the bundled model knows and how they sound; may read jieba's dictionary.

Only jieba's word list with its frequencies is used, as a file: importing the package would build
its index anew. The words of a sentence are found as jieba finds them, by the most probable cut.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from callcenter.asr.pinyin import Reading, read_aloud, sayable
from callcenter.asr.train.corpus import plain
from callcenter.core.errors import MissingPiece

COMMON_WORDS = 20_000
CHARACTERS = 3500
LONGEST = 4
NUMERALS = frozenset("零〇一二三四五六七八九幺两十百千万亿")
_HANZI = re.compile(r"[\u4e00-\u9fff]+")
_OWN_READINGS: dict[str, tuple[Reading, ...]] = {
    "谁": (("shei2",), ("shui2",)),
    "哪": (("na3",),),
    "喂": (("wei4",), ("wei2",)),
    "嗯": (("en4",), ("en1",)),
    "哦": (("o4",), ("o2",)),
    "啊": (("a1",), ("a5",)),
    "呀": (("ya1",), ("ya5",)),
    "得": (("de5",), ("de2",), ("dei3",)),
    "地": (("de5",), ("di4",)),
    "还": (("hai2",), ("huan2",)),
    "行": (("xing2",), ("hang2",)),
    "了": (("le5",), ("liao3",)),
    "着": (("zhe5",), ("zhao2",)),
    "长": (("chang2",), ("zhang3",)),
    "重": (("zhong4",), ("chong2",)),
    "调": (("diao4",), ("tiao2",)),
    "种": (("zhong3",), ("zhong4",)),
    "都": (("dou1",), ("du1",)),
}
"""Characters that stand alone with more than one sound."""


@cache
def general_frequencies() -> dict[str, int]:
    """jieba's words and how often each was counted. Raises MissingPiece without jieba."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise MissingPiece("jieba is not installed; install with: pip install 'callcenter[train]'")
    lines = Path(spec.origin).with_name("dict.txt").read_text("utf-8").splitlines()
    rows = (line.split(" ") for line in lines)
    return {row[0]: int(row[1]) for row in rows if _HANZI.fullmatch(row[0])}


@dataclass(slots=True)
class Lexicon:
    """Words with their readings, and how to cut a sentence into them."""

    readings: dict[str, set[Reading]] = field(default_factory=dict)
    own_words: frozenset[str] = frozenset()
    """Words that the dictionary may lack (products, names) and that are never cut."""

    def cut(self, sentence: str) -> list[str]:
        """The words of a sentence; numerals one by one, pauses left out."""
        return [part for word in self._words(plain(sentence)) for part in _parts(word)]

    def learn(self, sentence: str) -> list[str]:
        """Cut a sentence, and add its words as they are read in it."""
        words, syllables = self.cut(sentence), read_aloud(plain(sentence))
        start = 0
        for word in words:
            self.add(word, tuple(syllables[start : start + len(word)]))
            start += len(word)
        return words

    def add(self, word: str, *readings: Reading) -> None:
        """A word with its usual reading and the given ones; without any that has no phones."""
        known = self.readings.get(word, set())
        for reading in {*_usual(word), *readings} - known:
            if sayable(word, reading):
                self.readings.setdefault(word, set()).add(reading)

    def _words(self, text: str) -> list[str]:
        """The cut with the highest product of word frequencies."""
        best: list[tuple[float, int]] = [(0.0, 0)] * (len(text) + 1)
        for start in range(len(text) - 1, -1, -1):
            ends = range(start + 1, min(len(text), start + 8) + 1)
            best[start] = max((self._score(text[start:end]) + best[end][0], end) for end in ends)
        return list(_walk(text, best))

    def _score(self, word: str) -> float:
        if word in self.own_words:
            return 0.0
        count = general_frequencies().get(word, 1 if len(word) == 1 else 0)
        return math.log(count) - _log_total() if count else -math.inf


@cache
def _usual(word: str) -> tuple[Reading, ...]:
    return _OWN_READINGS.get(word) or (tuple(read_aloud(word)),)


@cache
def _log_total() -> float:
    return math.log(sum(general_frequencies().values()))


def _walk(text: str, best: list[tuple[float, int]]) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = best[start][1]
        yield text[start:end]
        start = end


def _parts(word: str) -> list[str]:
    return list(word) if NUMERALS.issuperset(word) else [word]


def make_lexicon(
    sentences: Iterable[str],
    words: Iterable[str] = (),
    *,
    common_words: int = COMMON_WORDS,
    characters: int = CHARACTERS,
) -> tuple[Lexicon, list[list[str]]]:
    """The model's lexicon, and the sentences cut into its words.

    `words` are taken whole: product names, place names. Besides them and the sentences' words it
    has the most frequent words of two to four characters and single characters, among them one at
    least for every syllable there is, so that whatever is said can be written down somehow.
    Raises MissingPiece.
    """
    own = frozenset(words)
    lexicon = Lexicon(own_words=own)
    texts = [lexicon.learn(sentence) for sentence in sentences]
    for word in (*sorted(own), *_common(common_words), *_singles(characters)):
        lexicon.add(word)
    _cover_syllables(lexicon)
    return lexicon, [[word for word in text if word in lexicon.readings] for text in texts]


def _common(count: int) -> list[str]:
    words = Counter({w: n for w, n in general_frequencies().items() if _is_common(w)})
    return [word for word, _ in words.most_common(count)]


def _is_common(word: str) -> bool:
    return 2 <= len(word) <= LONGEST and not NUMERALS.issuperset(word)


def _singles(count: int) -> list[str]:
    words = Counter({w: n for w, n in general_frequencies().items() if len(w) == 1})
    return [word for word, _ in words.most_common(count)]


def _cover_syllables(lexicon: Lexicon) -> None:
    """Add the most frequent character of every toned syllable that no single character has."""
    singles = (readings for word, readings in lexicon.readings.items() if len(word) == 1)
    known = {syllable for readings in singles for (syllable,) in readings}
    for word in _singles(20_000):
        reading = tuple(read_aloud(word))
        if reading[0] not in known and sayable(word, reading):
            known.add(reading[0])
            lexicon.add(word)
