"""What the synthetic callers say: the domain's sentences, digits, dictionary words, syllables.

The mix is that of the recipe: 40 % sentences, 8 % pairs of them, 10 % digit strings, 27 % random
dictionary words (by frequency to the power of 0.4) and 15 % random syllables, so that the network
hears every sound in every neighbourhood and not only the domain's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from random import Random

from callcenter.asr.phones import pronounce
from callcenter.asr.pinyin import read_aloud
from callcenter.asr.train import corpus
from callcenter.asr.train.lexicon import Lexicon, general_frequencies
from callcenter.asr.train.synth import TRAINING_VOICES, Utterance

Words = tuple[tuple[str, ...], ...]
"""Words of pinyin syllables with tone digits."""
HANZI = re.compile(r"[\u4e00-\u9fff]+")
DIGITS = ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3", "yao1")
SHARES = (0.40, 0.08, 0.10, 0.27, 0.15)
FILLINGS = 8
"""Of each of the corpus's templates."""
LEAST_COUNT = 20
"""A dictionary word that was counted less often is not spoken."""


def domain_sentences() -> list[str]:
    """The corpus and its templates filled in; none that is held out.

    Neither the call scripts nor the judge's lines are among them: a new phrase there wants a new
    graph, which takes a minute, and no new network.
    """
    lines = {*corpus.sentences(), *corpus.expanded(FILLINGS)}
    return sorted(lines - {*corpus.held_out(), *corpus.independent()})


def pinyin_words(sentence: str) -> Words:
    """The sentence's words as pinyin; a word that cannot be pronounced is left out."""
    text = "".join(HANZI.findall(sentence))
    syllables = read_aloud(text)
    found: list[tuple[str, ...]] = []
    start = 0
    for word in Lexicon().cut(text):
        found.append(tuple(syllables[start : start + len(word)]))
        start += len(word)
    return tuple(word for word in found if word and _speakable(word))


def _speakable(word: Sequence[str]) -> bool:
    try:
        return all(pronounce(syllable) for syllable in word)
    except ValueError:
        return False


def dictionary_words() -> tuple[list[str], list[float]]:
    """The dictionary's words of one to four hanzi, and their weights accumulated."""
    counts = general_frequencies()
    words = sorted(w for w, count in counts.items() if count >= LEAST_COUNT and len(w) <= 4)
    return words, list(accumulate(counts[word] ** 0.4 for word in words))


def utterances(random: Random, count: int) -> Iterator[Utterance]:
    """`count` things to say, each in a random training voice and manner."""
    sentences = [words for line in domain_sentences() if (words := pinyin_words(line))]
    dictionary, weights = dictionary_words()
    sample = random.choices(dictionary, cum_weights=weights, k=4000)
    syllables = sorted({s for word in sample for part in pinyin_words(word) for s in part})
    makers: list[Callable[[], Words]] = [
        lambda: random.choice(sentences),
        lambda: random.choice(sentences) + random.choice(sentences),
        lambda: _digits(random),
        lambda: pinyin_words(
            "".join(random.choices(dictionary, cum_weights=weights, k=random.randint(1, 6)))
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
