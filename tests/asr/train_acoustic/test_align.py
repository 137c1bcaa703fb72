"""espeak-ng's events become times for every sound."""

from __future__ import annotations

import shutil
from itertools import pairwise

import numpy as np
import pytest

from callcenter.asr.phones import FINAL_PDFS, INITIAL_PDFS, SIL_PDF
from callcenter.asr.train.align import (
    SILENCE,
    Span,
    labels,
    moved,
    names_of,
    spans,
)
from callcenter.asr.train.synth import ESPEAK_RATE, Event, Speaker, Spoken, Utterance

SENTENCE = Utterance((("ni3", "hao3"), ("zhong1", "guo2", "ren2"), ("er4",)))
SOUNDS = ["n", "i3", "h", "ao3", "zh", "ong1", "g", "uo2", "r", "en2", "er4"]


def spoken(*events: tuple[float, str], seconds: float = 2.0) -> Spoken:
    samples = np.zeros(int(seconds * ESPEAK_RATE), np.int16)
    return Spoken(samples, tuple(Event(round(at * ESPEAK_RATE), name) for at, name in events))


def times(found: list[Span]) -> list[tuple[str, float, float]]:
    return [(s.sound, round(s.start, 2), round(s.end, 2)) for s in found]


def test_a_short_pause_before_a_stop_is_its_closure() -> None:
    sound = spoken(
        (0, ""), (0, "m"), (0.1, "a"), (0.3, "_|"), (0.3, ""), (0.35, "k"), (0.4, "uo"), (0.8, "_|")
    )
    assert times(spans(sound, ["ma1", "guo2"])) == [
        ("m", 0, 0.1), ("a1", 0.1, 0.3), ("g", 0.3, 0.4), ("uo2", 0.4, 0.8), (SILENCE, 0.8, 2),
    ]  # fmt: skip


def test_a_short_pause_before_another_sound_belongs_to_what_came_before() -> None:
    sound = spoken((0, ""), (0, "a"), (0.3, "_|"), (0.3, ""), (0.35, "m"), (0.4, "a"), (2, "_|"))
    assert times(spans(sound, ["a1", "ma1"])) == [("a1", 0, 0.35), ("m", 0.35, 0.4), ("a1", 0.4, 2)]


def test_a_long_pause_is_silence_but_for_the_closure() -> None:
    sound = spoken((0, ""), (0, "a"), (0.3, "_|"), (0.3, ""), (0.5, "t"), (0.6, "a"), (2, "_|"))
    assert times(spans(sound, ["a1", "da1"])) == [
        ("a1", 0, 0.3), (SILENCE, 0.3, 0.46), ("d", 0.46, 0.6), ("a1", 0.6, 2),
    ]  # fmt: skip


def test_events_that_do_not_fit_give_nothing() -> None:
    one = spoken((0, ""), (0, "m"), (0.5, "_|"))
    assert spans(one, ["ma1"]) == []
    assert spans(one, ["m1", "a1"]) == []
    assert spans(one, ["ma1"], {"ma1": ("m", "a")}) == []


def test_joined_words_are_told_apart_by_their_syllables_names() -> None:
    names = {"ma1": ("m", "a"), "guo2": ("k", "uo")}
    sound = spoken((0, ""), (0, "m"), (0.1, "a"), (0.3, "k"), (0.4, "uo"), (0.8, "_|"))
    assert times(spans(sound, ["ma1", "guo2"], names))[:4] == [
        ("m", 0, 0.1), ("a1", 0.1, 0.3), ("g", 0.3, 0.4), ("uo2", 0.4, 0.8),
    ]  # fmt: skip


def test_labels_of_frames() -> None:
    found = [Span("m", 0.1, 0.2), Span("a1", 0.2, 0.4), Span(SILENCE, 0.4, 0.5)]
    made = labels(found, 60).tolist()
    first, second = FINAL_PDFS["a1"]
    assert [made[at] for at in (0, 12, 22, 34, 45, 59)] == [
        SIL_PDF, INITIAL_PDFS["m"], first, second, SIL_PDF, SIL_PDF,
    ]  # fmt: skip
    assert made.count(first) == made.count(second) == made.count(INITIAL_PDFS["m"]) == 10
    assert labels(found, 60, 0.02).tolist().count(first) == 5


def test_moved() -> None:
    assert moved([Span("m", 1, 2)], 2.0, 0.5) == [Span("m", 2.5, 4.5)]


@pytest.mark.external
@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_a_sentence_really_spoken() -> None:
    speaker = Speaker()
    try:
        apart = speaker.speak(SENTENCE)
        alone = {s: speaker.speak(Utterance(((s,),))) for s in SENTENCE.syllables}
        joined = speaker.speak(Utterance(SENTENCE.words, joined=True))
    finally:
        speaker.close()
    assert apart
    assert joined
    names = {syllable: names_of(sound) for syllable, sound in alone.items() if sound}
    for sound, known in ((apart, None), (joined, names)):
        found = spans(sound, SENTENCE.syllables, known)
        assert [s.sound for s in found if s.sound != SILENCE] == SOUNDS
        assert all(0.01 < s.end - s.start < 0.5 for s in found)
        assert all(a.end == b.start for a, b in pairwise(found))
        assert found[-1].end == pytest.approx(len(sound.samples) / ESPEAK_RATE)


@pytest.mark.external
@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_a_speaker_starts_again_after_a_crash() -> None:
    speaker = Speaker()
    try:
        assert speaker.speak(SENTENCE)
        assert speaker._child is not None
        speaker._child.kill()
        assert speaker.speak(SENTENCE) is None
        assert speaker.speak(SENTENCE)
    finally:
        speaker.close()
