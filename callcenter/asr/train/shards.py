"""Synthetic training data in shards: spoken, made into calls, turned into features and labels.

A shard is a file in the cache; what is there already is not made again. Shards are made in several
processes, each with an espeak-ng of its own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from callcenter.asr.train.align import Span, labels, names_of, spans
from callcenter.asr.train.augment import Call, call, line_call, resampled
from callcenter.asr.train.features import mfcc
from callcenter.asr.train.synth import ESPEAK_RATE, Speaker, Spoken, Utterance

SHARD = 250
"""Utterances in a shard."""
LINE_CALLS = 12
"""Calls without speech that are added to each shard."""
POOL = 12
"""Voices kept for babble."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Cepstra (frames, 40) and the pdf of every frame."""

    cepstra: NDArray[np.float16]
    pdfs: NDArray[np.int16]


class Studio:
    """Speaks utterances and finds out where each sound lies."""

    def __init__(self) -> None:
        self._speaker = Speaker()
        self._names: dict[str, tuple[str, ...]] = {}

    def record(self, utterance: Utterance) -> tuple[Spoken, list[Span]] | None:
        """The sound and its spans; joined words that cannot be told apart are spoken apart."""
        if utterance.joined and (found := self._joined(utterance)):
            return found
        apart = replace(utterance, joined=False)
        spoken = self._speaker.speak(apart)
        found_spans = spans(spoken, utterance.syllables) if spoken else []
        return (spoken, found_spans) if spoken and found_spans else None

    def close(self) -> None:
        self._speaker.close()

    def _joined(self, utterance: Utterance) -> tuple[Spoken, list[Span]] | None:
        spoken = self._speaker.speak(utterance)
        for syllable in utterance.syllables:
            if spoken and syllable not in self._names:
                alone = self._speaker.speak(Utterance(((syllable,),)))
                self._names[syllable] = names_of(alone) if alone else ()
        if not spoken:
            return None
        found = spans(spoken, utterance.syllables, self._names)
        return (spoken, found) if found else None


def make(file: Path, utterances: Sequence[Utterance], seed: Sequence[int]) -> Path:
    """Write the shard `file` (whole or not at all) and return it."""
    rng = default_rng(list(seed))
    studio = Studio()
    try:
        calls = [*_calls(studio, utterances, rng), *_line_calls(rng)]
    finally:
        studio.close()
    rng.shuffle(calls)
    return write(file, [labelled(made) for made in calls])


def _calls(studio: Studio, utterances: Sequence[Utterance], rng: Generator) -> Iterator[Call]:
    pool: list[NDArray[np.float64]] = []
    for utterance in utterances:
        recorded = studio.record(utterance)
        if recorded is None:
            continue
        spoken, found = recorded
        yield call(rng, spoken.samples, ESPEAK_RATE, found, pool)
        if rng.random() < 0.2:
            pool = [*pool[-POOL:], resampled(spoken.samples, ESPEAK_RATE)]


def _line_calls(rng: Generator) -> Iterator[Call]:
    for _ in range(LINE_CALLS):
        yield line_call(rng, float(rng.uniform(1.5, 8)))


def labelled(made: Call, shift_ms: float = 10.0) -> Labelled:
    """The call's features and labels."""
    cepstra = mfcc(made.samples, shift_ms)
    pdfs = labels(made.spans, len(cepstra), shift_ms / 1000)
    return Labelled(cepstra.astype(np.float16), pdfs)


def write(file: Path, parts: Sequence[Labelled]) -> Path:
    """One file with all of them end to end."""
    part = file.with_suffix(".part")
    with part.open("wb") as target:
        np.savez(
            target,
            cepstra=np.concatenate([p.cepstra for p in parts]),
            pdfs=np.concatenate([p.pdfs for p in parts]),
        )
    return part.replace(file)


def read(files: Sequence[Path]) -> Labelled:
    """All shards end to end."""
    cepstra, pdfs = [], []
    for file in files:
        with np.load(file) as stored:
            cepstra.append(stored["cepstra"])
            pdfs.append(stored["pdfs"])
    return Labelled(np.concatenate(cepstra), np.concatenate(pdfs))


def make_all(
    folder: Path,
    utterances: Sequence[Utterance],
    seed: int,
    done: Callable[[], object],
    processes: int = 2,
) -> list[Path]:
    """Every shard that is not there yet; `done` is called for each. Returns all files, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [utterances[at : at + SHARD] for at in range(0, len(utterances), SHARD)]
    files = [folder / f"{at:04}.npz" for at in range(len(pieces))]
    missing = [at for at, file in enumerate(files) if not file.exists()]
    for _ in range(len(files) - len(missing)):
        done()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        jobs = [pool.submit(make, files[at], pieces[at], (seed, at)) for at in missing]
        for job in as_completed(jobs):
            job.result()
            done()
    return files
