"""Calibrating: which phrases are asked for, which setting is chosen, what is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

for package in ("scipy", "pypinyin"):
    pytest.importorskip(package, reason=f"{package} is not installed")

from callcenter.asr.spotting import Calibration, calibration  # noqa: E402
from callcenter.asr.train import calibrate  # noqa: E402
from callcenter.asr.train.calibrate import Score  # noqa: E402
from callcenter.asr.train.exams import Question  # noqa: E402

KNOWN = frozenset({"我要", "投诉", "你们"})
SOUND = np.zeros(160, np.int16)


def score(weight: int, confidence: float, hits: int, false: int) -> Score:
    return Score(Calibration(weight, confidence), 20, hits, false, 10.0)


def test_phrases_are_whole_words_of_three_to_six_characters() -> None:
    found = calibrate.phrases([Question(SOUND, "我要投诉你们")], KNOWN)
    assert sorted(found) == ["我要投诉", "我要投诉你们", "投诉你们"]


def test_the_most_hits_with_few_enough_false_alarms_win() -> None:
    scores = [score(5, 0.6, 9, 4), score(5, 0.8, 7, 1), score(5, 0.9, 7, 1), score(5, 0.95, 3, 0)]
    assert calibrate.best(scores) == scores[2]


def test_where_all_alarm_too_often_the_most_hits_win() -> None:
    scores = [score(5, 0.6, 9, 40), score(20, 0.6, 8, 30)]
    assert calibrate.best(scores) == scores[0]


def test_what_is_written_is_what_the_model_spots_by(tmp_path: Path) -> None:
    calibrate.write(tmp_path, Calibration(20, 0.85, 4))
    assert calibration(tmp_path) == Calibration(20, 0.85, 4)
