"""Times for every sound of an utterance, from espeak-ng's events; and labels for frames. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callcenter.asr.phones import FINAL_PDFS, INITIAL_PDFS, SIL_PDF, pronounce
from callcenter.asr.train.synth import ESPEAK_RATE, Event, Spoken

SILENCE = "SIL"
SHORT_GAP = 0.08
"""Seconds; a shorter pause is no silence but a closure, or the end of the sound before it."""
CLOSURE = 0.04
"""Seconds of a longer pause that belong to the stop that follows."""
STOPS = frozenset({"b", "p", "d", "t", "g", "k", "j", "q", "zh", "ch", "z", "c"})
FRAME_CENTRE = 0.0125
"""Seconds from a frame's first sample to its middle (25 ms frames)."""

NamesOf = Mapping[str, tuple[str, ...]]
"""espeak's phoneme names of a syllable spoken alone."""


@dataclass(frozen=True, slots=True)
class Span:
    """A sound (an initial, a toned final or SILENCE) from `start` to `end`, in seconds."""

    sound: str
    start: float
    end: float


@dataclass(slots=True)
class _Group:
    """The phonemes of one syllable and the pause after them."""

    starts: list[float]
    end: float = 0.0


def names_of(spoken: Spoken) -> tuple[str, ...]:
    """The phoneme names of what was spoken, without pauses."""
    return tuple(e.name for e in spoken.events if e.name and not e.name.startswith("_"))


def spans(spoken: Spoken, syllables: Sequence[str], names: NamesOf | None = None) -> list[Span]:
    """Every sound with its times, or [] where the events do not fit the syllables.

    Without `names` each syllable must be a word of its own (an unjoined utterance); with them the
    phonemes of joined words are told apart by the names that each syllable has when spoken alone.
    """
    sizes = None if names is None else [len(names[s]) for s in syllables]
    if names is not None and names_of(spoken) != sum((names[s] for s in syllables), ()):
        return []
    groups = _groups(spoken.events, sizes)
    sounds = [pronounce(syllable) for syllable in syllables]
    fits = len(groups) == len(sounds) and all(
        len(group.starts) >= (2 if initial else 1)
        for group, (initial, _) in zip(groups, sounds, strict=True)
    )
    length = len(spoken.samples) / ESPEAK_RATE
    return _filled(groups, sounds, length) if fits else []


def _groups(events: Sequence[Event], sizes: Sequence[int] | None) -> list[_Group]:
    groups: list[_Group] = []
    for event in events:
        at = event.sample / ESPEAK_RATE
        if groups and not groups[-1].end and (not event.name or event.name.startswith("_")):
            groups[-1].end = at
        elif event.name and not event.name.startswith("_"):
            if _begins(groups, sizes):
                groups.append(_Group([]))
            groups[-1].starts.append(at)
        if not event.name and sizes is None:
            groups.append(_Group([]))
    return _closed(groups)


def _begins(groups: Sequence[_Group], sizes: Sequence[int] | None) -> bool:
    """Whether the next phoneme belongs to a new syllable."""
    if not groups:
        return True
    return sizes is not None and len(groups[-1].starts) >= sizes[len(groups) - 1]


def _closed(groups: Sequence[_Group]) -> list[_Group]:
    """A syllable with no pause after it ends where the next begins."""
    for group, following in pairwise(groups):
        if following.starts:
            group.end = group.end or following.starts[0]
    return list(groups)


def _filled(
    groups: Sequence[_Group], sounds: Sequence[tuple[str | None, str]], length: float
) -> list[Span]:
    result: list[Span] = []
    at = 0.0
    for group, (initial, final) in zip(groups, sounds, strict=True):
        at = _pause(result, at, group.starts[0], initial)
        vowel = group.starts[1] if initial else at
        if initial:
            result.append(Span(initial, at, vowel))
        at = group.end or length
        result.append(Span(final, vowel, at))
    if length > at:
        result.append(Span(SILENCE, at, length))
    return result


def _pause(result: list[Span], start: float, end: float, initial: str | None) -> float:
    """Give the pause between two syllables away; returns where the next sound begins."""
    if end - start >= SHORT_GAP:
        sound = end - CLOSURE if initial in STOPS else end
        result.append(Span(SILENCE, start, sound))
        return sound
    if initial in STOPS or not result:
        return start
    result[-1] = Span(result[-1].sound, result[-1].start, end)
    return end


def moved(spans: Sequence[Span], factor: float, lead: float) -> list[Span]:
    """The spans after the sound was stretched by `factor` and `lead` seconds were put before it."""
    return [Span(s.sound, lead + factor * s.start, lead + factor * s.end) for s in spans]


def labels(spans: Sequence[Span], frames: int, shift: float = 0.01) -> NDArray[np.int16]:
    """The pdf of every frame; `shift` is the seconds between frames. No span: silence."""
    result = np.full(frames, SIL_PDF, np.int16)
    for span in spans:
        for pdf, start, end in _halves(span):
            first, last = (max(0, round((t - FRAME_CENTRE) / shift + 0.5)) for t in (start, end))
            result[first:last] = pdf
    return result


def _halves(span: Span) -> list[tuple[int, float, float]]:
    if span.sound == SILENCE:
        return [(SIL_PDF, span.start, span.end)]
    if span.sound in INITIAL_PDFS:
        return [(INITIAL_PDFS[span.sound], span.start, span.end)]
    first, second = FINAL_PDFS[span.sound]
    middle = (span.start + span.end) / 2
    return [(first, span.start, middle), (second, middle, span.end)]
