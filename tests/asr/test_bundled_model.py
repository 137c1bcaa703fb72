"""The bundled model's figures, proved anew: sound made here, through the real recogniser.

What is said comes from `independent.txt` (nobody who wrote the corpus has seen it), in espeak-ng
voices that no training has heard. The full tables are in docs/models/mini-cmn.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

for package in ("scipy", "pypinyin", "jieba"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra train)")

from callcenter.asr import bundled  # noqa: E402 — after the check above
from callcenter.asr.train import corpus, exams, measure  # noqa: E402
from callcenter.asr.train.exams import Question  # noqa: E402
from callcenter.asr.train.synth import HELD_OUT_VOICES, TRAINING_VOICES  # noqa: E402
from callcenter.asr.train.texts import domain_sentences  # noqa: E402
from callcenter.asr.unpacked import unpacked  # noqa: E402

MEGABYTES = 10


@pytest.fixture(scope="module")
def model() -> Any:
    from vosk import Model, SetLogLevel

    SetLogLevel(-1)
    return Model(str(unpacked(bundled())))  # which hears the same, for less work


@cache
def independent() -> tuple[Question, ...]:
    return tuple(exams.synthetic(corpus.independent()[::3], seed=4))


@cache
def learnt() -> tuple[Question, ...]:
    return tuple(exams.synthetic(domain_sentences()[::900], seed=5))


@cache
def learnt_in_noise() -> tuple[Question, ...]:
    return tuple(exams.synthetic(domain_sentences()[::900], seed=6, snr_db=10))


def heard(model: Any, questions: tuple[Question, ...]) -> dict[str, float]:
    return measure.figures(questions, [measure.hear(model, question) for question in questions])


def test_no_voice_of_the_exams_is_one_of_the_training() -> None:
    assert not set(HELD_OUT_VOICES) & set(TRAINING_VOICES)


def test_no_sentence_of_the_independent_exam_was_learnt() -> None:
    assert not set(corpus.independent()) & {*domain_sentences(), *corpus.expanded()}


@pytest.mark.parametrize(
    ("questions", "characters", "syllables"),
    [(independent, 9, 5), (learnt, 6, 3), (learnt_in_noise, 10, 8)],
    ids=["independent sentences", "learnt sentences", "learnt sentences at 10 dB"],
)
def test_error_rates(
    model: Any,
    questions: Callable[[], tuple[Question, ...]],
    characters: float,
    syllables: float,
) -> None:
    found = heard(model, questions())
    assert found["n"] >= 30
    assert found["cer"] <= characters
    assert found["syllable_error"] <= syllables


def test_words_lie_within_100_ms_of_where_they_were_said(model: Any) -> None:
    found = heard(model, independent())
    assert found["within_100_ms"] >= 98


def test_a_closed_list_is_told_apart(model: Any) -> None:
    """Sixteen sentences of nobody's corpus as a runtime grammar: the right one, nearly always."""
    listed = (bundled() / "graph" / "words.txt").read_text("utf-8").splitlines()
    known = frozenset(line.split()[0] for line in listed)
    questions = independent()[:16]
    grammar = json.dumps(
        [" ".join(measure.in_words(q.text, known)) for q in questions] + ["[unk]"],
        ensure_ascii=False,
    )
    answers = [measure.hear(model, question, grammar).text for question in questions]
    right = sum(q.text == answer for q, answer in zip(questions, answers, strict=True))
    assert right >= len(questions) - 2


def test_sound_that_is_none_of_the_list_is_unknown(model: Any) -> None:
    grammar = json.dumps(["投诉", "退货", "[unk]"], ensure_ascii=False)
    sound = np.concatenate([question.samples for question in independent()[20:24]])
    other = replace(independent()[0], samples=sound)
    assert measure.hear(model, other, grammar).text == ""


def test_tones_music_and_fax_say_nothing(model: Any) -> None:
    """DTMF, ring-back, busy and fax tones, music on hold."""
    calls = tuple(exams.lines(24, seed=8))
    assert [measure.hear(model, call).text for call in calls] == [""] * len(calls)


def test_it_stays_small_enough_to_ship() -> None:
    files = [file for file in Path(bundled()).rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= MEGABYTES * 1_000_000
