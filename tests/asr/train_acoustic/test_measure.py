"""The yardstick: distances, shares and times are what they are said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

for package in ("scipy", "pypinyin"):
    pytest.importorskip(package, reason=f"{package} is not installed")

from callcenter.asr.train import exams, measure  # noqa: E402 — after the check above
from callcenter.asr.train.exams import Question  # noqa: E402
from callcenter.asr.train.measure import Heard  # noqa: E402

SOUND = np.arange(160, dtype=np.int16)


def question(text: str, *syllables: str, times: tuple[float, ...] = ()) -> Question:
    return Question(SOUND, text, syllables, times[:-1], times[1:], "m2")


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [("", "", 0), ("你好", "你好", 0), ("你好", "", 2), ("", "好", 1), ("你好吗", "您好", 2),
     ("一二三四", "二三四五", 2)],
)  # fmt: skip
def test_distance(said: str, heard: str, expected: int) -> None:
    assert measure.distance(said, heard) == measure.distance(heard, said) == expected


def test_figures_of_right_and_wrong_answers() -> None:
    asked = [
        question("你好", "ni3", "hao3", times=(0.5, 0.7, 1.0)),
        question("再见", "zai4", "jian4", times=(0.5, 0.7, 1.0)),
    ]
    given = [
        Heard("你好", (("你好", 0.52, 0.9),)),
        Heard("在建", (("在建", 0.5, 1.0),)),
    ]
    found = measure.figures(asked, given)
    assert found["n"] == 2
    assert found["cer"] == 50
    assert found["syllable_error"] == 0
    assert found["exact"] == 50
    assert found["time_p90_ms"] == 100
    assert found["within_100_ms"] == 100


def test_a_text_in_the_models_words() -> None:
    words = frozenset({"产品", "质量", "质", "有"})
    assert measure.in_words("产品质量有X", words) == ("产品", "质量", "有", "X")


def test_an_exam_is_kept_and_read(tmp_path: Path) -> None:
    asked = [question("你好", "ni3", "hao3", times=(0.5, 0.7, 1.0)), question("")]
    exams.write(tmp_path / "e.npz", asked)
    for a, b in zip(asked, exams.read(tmp_path / "e.npz"), strict=True):
        assert np.array_equal(a.samples, b.samples)
        assert (a.text, tuple(b.syllables), tuple(b.starts)) == (b.text, a.syllables, a.starts)


def test_line_sounds_say_nothing_and_are_the_same_from_the_same_seed() -> None:
    first, again = (list(exams.lines(5, 3)) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        assert a.text == ""
        assert np.array_equal(a.samples, b.samples)
        assert np.any(a.samples)
