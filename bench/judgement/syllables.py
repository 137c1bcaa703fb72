"""`python -m bench.judgement.syllables`: writes syllables.txt, so that noise needs no dictionary.

Each line is a toneless syllable and its characters, the most frequent first, counted over the
words of jieba's dictionary (MIT); pypinyin tells each character's most usual reading. Needs the
extra `train`. Written anew, it changes the noise and with it every figure.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parent / "syllables.txt"
KEPT = 4000
"""Characters: those that a recogniser's words are made of."""


def read() -> dict[str, str]:
    """Characters by syllable, the most frequent first."""
    pairs = (line.split() for line in FILE.read_text("utf-8").splitlines())
    return dict(pair for pair in pairs)


def write() -> None:
    """Raises ImportError without jieba or pypinyin."""
    by_sound: dict[str, str] = {}
    for char in _frequent():
        sound = _sound(char)
        by_sound[sound] = by_sound.get(sound, "") + char
    lines = (f"{sound} {by_sound[sound]}\n" for sound in sorted(by_sound))
    FILE.write_text("".join(lines), "utf-8")


def _frequent() -> list[str]:
    counts: Counter[str] = Counter()
    for word, count in _words():
        counts.update(dict.fromkeys(word, count))
    hanzi = [(char, n) for char, n in counts.most_common() if "一" <= char <= "鿿"]
    return [char for char, _ in hanzi[:KEPT]]


def _words() -> Iterator[tuple[str, int]]:
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ImportError("jieba is not installed; install with: pip install 'callcenter[train]'")
    for line in (Path(spec.origin).parent / "dict.txt").read_text("utf-8").splitlines():
        word, count, *_ = line.split(" ")
        yield word, int(count)


def _sound(char: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(char, style=Style.NORMAL, v_to_u=False)[0])


if __name__ == "__main__":
    write()
