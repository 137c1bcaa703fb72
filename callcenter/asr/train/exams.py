"""Sets of calls to measure a model on: voices, speeds and sentences that no training has seen.

An exam is one file: 8 kHz samples end to end, and a JSON table of what is said where.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from callcenter.asr.phones import INITIALS
from callcenter.asr.train import corpus
from callcenter.asr.train.align import SILENCE, Span
from callcenter.asr.train.augment import RATE, line_sound, resampled
from callcenter.asr.train.human import read_clips
from callcenter.asr.train.shards import Studio
from callcenter.asr.train.synth import ESPEAK_RATE, HELD_OUT_VOICES, Utterance
from callcenter.asr.train.texts import dictionary_words, domain_sentences, pinyin_words

LEVEL = 0.08
"""The power of the speech, of full scale: about -22 dBFS."""


@dataclass(frozen=True, slots=True)
class Question:
    """A call and what is said in it; `starts` and `ends` of its syllables in seconds, if known."""

    samples: NDArray[np.int16]
    text: str
    syllables: tuple[str, ...] = ()
    starts: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()
    voice: str = ""


def synthetic(
    texts: Sequence[str], seed: int, snr_db: float | None = None, voices: Sequence[str] = ()
) -> Iterator[Question]:
    """Each text in the next of the voices (the held-out ones), at a random speed."""
    random, rng, studio = Random(seed), default_rng(seed), Studio()  # noqa: S311
    voices = voices or HELD_OUT_VOICES
    try:
        for at, text in enumerate(texts):
            manner = (random.randint(140, 215), random.randint(30, 70), random.randint(40, 65))
            words = pinyin_words(text)
            said = Utterance(words, voices[at % len(voices)], *manner, random.random() < 0.6)
            if recorded := studio.record(said):
                sound = resampled(recorded[0].samples, ESPEAK_RATE)
                yield _question(_noisy(rng, sound, snr_db), recorded[1], text, said)
    finally:
        studio.close()


def _noisy(rng: Generator, sound: NDArray[np.float64], snr_db: float | None) -> NDArray[np.int16]:
    """At one level between half seconds of silence; with white noise where a ratio is given."""
    power = max(float(np.sqrt(np.mean(sound**2))), 1e-9)
    sound = np.pad(sound / power, RATE // 2)
    if snr_db is not None:
        sound = sound + rng.normal(size=len(sound)) * 10 ** (-snr_db / 20)
    return np.asarray(np.clip(sound * LEVEL, -1, 1) * 32767, np.int16)


def _question(
    samples: NDArray[np.int16], spans: Sequence[Span], text: str, said: Utterance
) -> Question:
    starts: list[float] = []
    ends: list[float] = []
    initial: float | None = None
    for span in spans:
        if span.sound in INITIALS:
            initial = span.start
        elif span.sound != SILENCE:
            starts.append(0.5 + (span.start if initial is None else initial))
            ends.append(0.5 + span.end)
            initial = None
    plain = corpus.plain(text)
    return Question(samples, plain, said.syllables, tuple(starts), tuple(ends), said.voice)


def people(folder: Path, speaker: str, every: int = 4) -> Iterator[Question]:
    """Every so many sentences of one speaker of the folder of people's speech."""
    clips = [c for c in read_clips(folder) if c.speaker == speaker and c.text]
    for clip in clips[::every]:
        samples = np.pad(clip.samples, RATE // 2)
        yield Question(samples, corpus.plain(clip.text), clip.syllables, voice=clip.speaker)


def lines(count: int, seed: int) -> Iterator[Question]:
    """Tones, DTMF, ring-back, busy and fax tones, music: nothing is said."""
    rng = default_rng(seed)
    for _ in range(count):
        sound = line_sound(rng, int(rng.uniform(1, 6) * RATE)) * rng.uniform(0.03, 0.25)
        padded = np.pad(np.clip(sound, -1, 1), RATE // 2)
        yield Question(np.asarray(padded * 32767, np.int16), "")


def make(folder: Path, speech: Path | None, speaker: str, seed: int = 99) -> None:
    """Write every exam that is not there yet."""
    new, strange = corpus.held_out(), corpus.independent()
    random = Random(seed)  # noqa: S311
    seen = [s for s in random.sample(domain_sentences(), 200) if len(pinyin_words(s)) >= 3][:120]
    words, weights = dictionary_words()
    other = ["".join(random.choices(words, cum_weights=weights, k=4)) for _ in range(80)]
    exams: dict[str, Iterable[Question]] = {
        "new sentences, new voices": synthetic(new, seed),
        "independent sentences, new voices": synthetic(strange, seed + 6),
        "independent sentences, new voices, 10 dB": synthetic(strange, seed + 7, 10),
        "seen sentences, new voices": synthetic(seen, seed + 1),
        "new sentences, new voices, 10 dB": synthetic(new, seed + 2, 10),
        "seen sentences, new voices, 10 dB": synthetic(seen, seed + 3, 10),
        "random dictionary words": synthetic(other, seed + 4),
        "line sounds": lines(60, seed + 5),
    }
    if speech is not None:
        exams["people, unseen speaker"] = people(speech, speaker)
    for name, questions in exams.items():
        file = folder / f"{name}.npz"
        if not file.exists():
            write(file, list(questions))


def write(file: Path, questions: Sequence[Question]) -> None:
    """One exam."""
    table = [{k: v for k, v in asdict(q).items() if k != "samples"} for q in questions]
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        file,
        samples=np.concatenate([q.samples for q in questions]),
        counts=np.array([len(q.samples) for q in questions]),
        table=np.array(json.dumps(table, ensure_ascii=False)),
    )


def read(file: Path) -> list[Question]:
    """What `write` wrote."""
    with np.load(file) as stored:
        pieces = np.split(stored["samples"], np.cumsum(stored["counts"])[:-1])
        table = json.loads(str(stored["table"]))
    return [Question(piece, **row) for piece, row in zip(pieces, table, strict=True)]
