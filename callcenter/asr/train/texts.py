"""What the synthetic callers say: the domain's sentences, digits, dictionary words, syllables.

The mix is that of the recipe: 40 % sentences, 8 % pairs of them, 10 % digit strings, 27 % random
dictionary words (by frequency to the power of 0.4) and 15 % random syllables, so that the network
hears every sound in every neighbourhood and not only the domain's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random

from callcenter.asr.train.phones import pronounce
from callcenter.asr.train.synth import TRAINING_VOICES, Utterance

Words = tuple[tuple[str, ...], ...]
"""Words of pinyin syllables with tone digits."""
ROOM = Path(__file__).resolve().parents[2]
HELD_OUT = "held_out.txt"
HANZI = re.compile(r"[\u4e00-\u9fff]+")
DIGITS = ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3", "yao1")
SHARES = (0.40, 0.08, 0.10, 0.27, 0.15)


def domain_sentences() -> list[str]:
    """The corpus, the demo's lines and the script packs' phrases, without the held-out ones."""
    folder = Path(__file__).parent / "corpus"
    files = sorted(file for file in folder.glob("*.txt") if file.name != HELD_OUT)
    lines = [line for file in files for line in _lines(file)]
    for file in sorted((ROOM / "scripts" / "packs").rglob("*.toml")):
        lines += _strings(tomllib.loads(file.read_text("utf-8")))
    lines += _strings(tomllib.loads((ROOM / "demo" / "voices" / "lines.toml").read_text("utf-8")))
    unheard = set(held_out_sentences())
    return sorted({line for line in lines if HANZI.search(line) and line not in unheard})


def held_out_sentences() -> list[str]:
    """Sentences that no training may see; empty where there are none."""
    file = Path(__file__).parent / "corpus" / HELD_OUT
    return _lines(file) if file.exists() else []


def _lines(file: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in file.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if len(value) <= 60 else []
    inner: Sequence[object] = list(value.values()) if isinstance(value, dict) else []
    inner = value if isinstance(value, list) else inner
    return [text for item in inner for text in _strings(item)]


def pinyin_words(sentence: str) -> Words:
    """The sentence's words as pinyin; what is no hanzi is left out."""
    import jieba  # an extra: only where training texts are made
    from pypinyin import Style, lazy_pinyin

    pieces = [word for part in HANZI.findall(sentence) for word in jieba.lcut(part)]
    style = {"style": Style.TONE3, "neutral_tone_with_five": True}
    spelled = (tuple(s.replace("ü", "v") for s in lazy_pinyin(word, **style)) for word in pieces)
    return tuple(word for word in spelled if _speakable(word))


def _speakable(word: Sequence[str]) -> bool:
    try:
        return all(pronounce(syllable) for syllable in word)
    except ValueError:
        return False


def dictionary_words() -> tuple[list[str], list[float]]:
    """jieba's words of one to four hanzi, and their weights accumulated."""
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    counts = {
        word: count
        for word, count in jieba.dt.FREQ.items()
        if count >= 20 and len(word) <= 4 and HANZI.fullmatch(word)
    }
    words = sorted(counts)
    return words, list(accumulate(counts[word] ** 0.4 for word in words))


def utterances(random: Random, count: int) -> Iterator[Utterance]:
    """`count` things to say, each in a random training voice and manner."""
    sentences = [words for line in domain_sentences() if (words := pinyin_words(line))]
    words, weights = dictionary_words()
    sample = random.choices(words, cum_weights=weights, k=4000)
    syllables = sorted({s for word in sample for part in pinyin_words(word) for s in part})
    makers: list[Callable[[], Words]] = [
        lambda: random.choice(sentences),
        lambda: random.choice(sentences) + random.choice(sentences),
        lambda: _digits(random),
        lambda: pinyin_words(
            "".join(random.choices(words, cum_weights=weights, k=random.randint(1, 6)))
        ),
        lambda: tuple((random.choice(syllables),) for _ in range(random.randint(1, 9))),
    ]
    for make in random.choices(makers, SHARES, k=count):
        yield in_a_voice(random, make(), TRAINING_VOICES)


def in_a_voice(random: Random, words: Words, voices: Sequence[str]) -> Utterance:
    """The words in one of the voices, at a random speed and pitch."""
    return Utterance(
        words,
        random.choice(voices),
        random.randint(120, 235),
        random.randint(15, 89),
        random.randint(30, 74),
        random.random() < 0.6,
    )


def _digits(random: Random) -> Words:
    return tuple((random.choice(DIGITS),) for _ in range(random.randint(3, 12)))
