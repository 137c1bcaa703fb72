"""People's speech for training: read, joined, aligned to its syllables, varied and labelled.

The folder has a manifest.jsonl (path, speaker, and text in hanzi or pinyin) and 8 kHz FLAC files.
No one has marked where the sounds lie, so the network itself finds out: a Viterbi search without
tones, with optional silence between syllables and a least duration for every sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from callcenter.asr.phones import FINAL_PDFS, INITIAL_PDFS, SIL_PDF, pronounce
from callcenter.asr.train.align import FRAME_CENTRE, SILENCE, Span, labels, moved
from callcenter.asr.train.augment import RATE, Floats, Variety, call
from callcenter.asr.train.features import mfcc
from callcenter.asr.train.network_shape import SOUND_OF
from callcenter.asr.train.texts import HANZI, pinyin_words

VARIETY = Variety(warp=(0.87, 1.16), warped=0.7, noisy=0.7, snr_db=(8.0, 40.0), line_sounds=0.08)
SHIFTS_MS = (8.5, 11.5)
"""Frames are laid this far apart, which sounds like faster and slower speech."""
LEAST_FRAMES = {SILENCE: 4, "initial": 3, "half": 3}
"""The least duration of silence, of an initial and of each half of a final, in 10 ms frames."""
DROPPED = 0.04
"""The share of clips, the worst aligned, that is left out."""
LOUD = 0.05
"""Of a single syllable's peak: quieter edges are cut off."""


@dataclass(frozen=True, slots=True)
class Clip:
    """8 kHz samples of one speaker, and the syllables said."""

    samples: NDArray[np.int16]
    syllables: tuple[str, ...]
    speaker: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A clip made into a telephone call: features, and how its time became theirs."""

    clip: int
    cepstra: NDArray[np.float16]
    factor: float
    lead: float
    shift_ms: float


def read_clips(folder: Path) -> list[Clip]:
    """Every clip of the manifest whose text can be spoken. Raises OSError, ValueError."""
    import soundfile  # an extra: only where people's speech is read

    clips = []
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        syllables = _syllables(entry)
        if syllables:
            samples, rate = soundfile.read(folder / entry["path"], dtype="int16")
            if rate != RATE:
                raise ValueError(f"{entry['path']}: {rate} Hz, expected {RATE}")
            clips.append(Clip(samples, syllables, entry["speaker"], entry.get("text", "")))
    return clips


def _syllables(entry: dict[str, str]) -> tuple[str, ...]:
    """The syllables of a manifest line; () where some of it cannot be pronounced."""
    if "pinyin" in entry:
        try:
            pronounce(entry["pinyin"])
            return (entry["pinyin"],)
        except ValueError:
            return ()
    hanzi = sum(map(len, HANZI.findall(entry["text"])))
    found = tuple(s for word in pinyin_words(entry["text"]) for s in word)
    return found if len(found) == hanzi == len(entry["text"].replace(" ", "")) else ()


def runs(rng: Generator, clips: Sequence[Clip], count: int) -> list[Clip]:
    """`count` runs of one to six single syllables, joined with short random pauses."""
    result = []
    for _ in range(count):
        chosen = [clips[at] for at in rng.integers(len(clips), size=rng.integers(1, 7))]
        pieces: list[NDArray[np.int16]] = []
        for clip in chosen:
            pause = int(rng.uniform(0, 0.12) * RATE) if rng.random() < 0.6 else 0
            pieces += [_trimmed(clip.samples), np.zeros(pause, np.int16)]
        syllables = tuple(s for clip in chosen for s in clip.syllables)
        result.append(Clip(np.concatenate(pieces), syllables, chosen[0].speaker))
    return result


def _trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    loud = np.flatnonzero(np.abs(samples.astype(int)) > LOUD * np.abs(samples.astype(int)).max())
    return samples[max(0, loud[0] - 240) : loud[-1] + 240] if len(loud) else samples


def copies(
    rng: Generator, clips: Sequence[Clip], number: int, others: Sequence[Floats] = ()
) -> Iterator[Copy]:
    """`number` different calls made from every clip."""
    for _ in range(number):
        for at, clip in enumerate(clips):
            made = call(rng, clip.samples, RATE, [], others, VARIETY)
            shift = float(rng.uniform(*SHIFTS_MS)) if rng.random() < 0.6 else 10.0
            cepstra = mfcc(made.samples, shift).astype(np.float16)
            yield Copy(at, cepstra, made.factor, made.lead, shift)


def store(file: Path, copies: Sequence[Copy]) -> None:
    """Keep the copies in one file, whole or not at all."""
    part = file.with_suffix(".part")
    facts = [(c.clip, len(c.cepstra), c.factor, c.lead, c.shift_ms) for c in copies]
    with part.open("wb") as target:
        np.savez(target, cepstra=np.concatenate([c.cepstra for c in copies]), facts=facts)
    part.replace(file)


def stored(file: Path) -> list[Copy]:
    """What `store` kept."""
    with np.load(file) as kept:
        facts = kept["facts"]
        pieces = np.split(kept["cepstra"], np.cumsum(facts[:, 1].astype(int))[:-1])
    return [
        Copy(int(clip), piece, *map(float, rest))
        for piece, (clip, _, *rest) in zip(pieces, facts, strict=True)
    ]


def relabelled(
    copies: Sequence[Copy], alignments: Sequence[Sequence[Span] | None]
) -> tuple[NDArray[np.float16], NDArray[np.int16]]:
    """All copies of aligned clips end to end: features and labels."""
    cepstra, pdfs = [], []
    for copy in copies:
        spans = alignments[copy.clip]
        if spans is not None:
            there = moved(spans, copy.factor, copy.lead)
            cepstra.append(copy.cepstra)
            pdfs.append(labels(there, len(copy.cepstra), copy.shift_ms / 1000))
    return np.concatenate(cepstra), np.concatenate(pdfs)


def without_worst(
    found: Sequence[tuple[list[Span], float] | None], dropped: float = DROPPED
) -> list[list[Span] | None]:
    """The alignments, but None for clips that could not be aligned and for the worst share."""
    least = float(np.quantile([score for _, score in filter(None, found)], dropped))
    return [None if one is None or one[1] < least else one[0] for one in found]


@dataclass(frozen=True, slots=True)
class _State:
    """One step of the search: a toneless class, and what part of the utterance it belongs to."""

    sound: int
    part: int
    repeats: bool
    skip: int = 0
    """How many states lie between it and another that may come before it (0: none)."""


def align(scores: NDArray[np.float32], syllables: Sequence[str]) -> tuple[list[Span], float] | None:
    """Where each sound lies, and the mean score of a frame; None where the clip is too short.

    `scores` (frames, toneless classes) are log-likelihoods, one for every 10 ms.
    """
    parts = _parts(syllables)
    states = _states(parts)
    path = _viterbi(scores[:, [s.sound for s in states]], states)
    if path is None:
        return None
    mean = float(np.mean(scores[np.arange(len(path)), [states[at].sound for at in path]]))
    return _spans_of(np.array([states[at].part for at in path]), parts), mean


def _parts(syllables: Sequence[str]) -> list[str]:
    """Sounds in order, with a silence that may be left out before, between and after."""
    parts = [SILENCE]
    for syllable in syllables:
        parts += [sound for sound in pronounce(syllable) if sound] + [SILENCE]
    return parts


def _states(parts: Sequence[str]) -> list[_State]:
    states: list[_State] = []
    skip = 0
    for part, sound in enumerate(parts):
        for pdf, least in _pieces(sound):
            for at in range(least):
                first = _State(int(SOUND_OF[pdf]), part, at == least - 1, skip)
                states.append(first)
                skip = 0
        skip = LEAST_FRAMES[SILENCE] if sound == SILENCE else 0
    return states


def _pieces(sound: str) -> list[tuple[int, int]]:
    if sound == SILENCE:
        return [(SIL_PDF, LEAST_FRAMES[SILENCE])]
    if sound in INITIAL_PDFS:
        return [(INITIAL_PDFS[sound], LEAST_FRAMES["initial"])]
    return [(pdf, LEAST_FRAMES["half"]) for pdf in FINAL_PDFS[sound]]


def _viterbi(emitted: NDArray[np.float32], states: Sequence[_State]) -> list[int] | None:
    """The best state for every frame."""
    count, silence = len(states), LEAST_FRAMES[SILENCE]
    stays = np.where([s.repeats for s in states], 0.0, -np.inf)
    skips = np.array([at - 1 - s.skip if s.skip else -1 for at, s in enumerate(states)])
    usable = skips >= 0
    best = np.full(count, -np.inf)
    best[[0, silence]] = emitted[0, [0, silence]]
    back = np.zeros((len(emitted), count), np.int32)
    here = np.arange(count)
    for at in range(1, len(emitted)):
        stepped = np.concatenate([[-np.inf], best[:-1]])
        skipped = np.where(usable, best[skips], -np.inf)
        options = np.stack([best + stays, stepped, skipped])
        choice = options.argmax(0)
        back[at] = np.stack([here, here - 1, skips])[choice, here]
        best = options[choice, here] + emitted[at]
    return _traced(best, back, silence)


def _traced(best: NDArray[np.float64], back: NDArray[np.int32], silence: int) -> list[int] | None:
    last = max(len(best) - 1, len(best) - 1 - silence, key=lambda at: best[at])
    if not np.isfinite(best[last]):
        return None
    path = [last]
    for at in range(len(back) - 1, 0, -1):
        path.append(int(back[at, path[-1]]))
    return path[::-1]


def _spans_of(path: NDArray[np.int64], parts: Sequence[str]) -> list[Span]:
    changes = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [
        Span(parts[path[first]], _time(first), _time(last)) for first, last in pairwise(changes)
    ]


def _time(frame: int) -> float:
    """The moment between this frame and the one before it."""
    return max(0.0, frame * 0.01 + FRAME_CENTRE - 0.005)
