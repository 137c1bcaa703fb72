"""The statistical judge: what it says of plain cases, its evidence, and files that are no model."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.scripts.judge import BUCKETS, LABELS, LONGEST, MODEL, Judge, pieces, save


@pytest.fixture(scope="module")
def judge() -> Judge:
    shipped = Judge.open()
    assert shipped is not None
    return shipped


def likeliest(scores: dict[str, float]) -> str:
    return max(scores, key=lambda label: scores[label])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("你声音真好听，晚上陪我睡觉好不好", "harassment"),
        ("你这个废物，滚", "harassment"),
        ("下班我在你们门口堵你，打断你的腿", "harassment"),
        ("我要投诉你们，打了三次电话都没有人管", "complaint"),
        ("这什么破手机，用了两天就坏了，我要退货", "complaint"),
        ("你好，我想查一下我的快递到哪儿了", "ordinary"),
        ("这件羽绒服要干洗吗", "ordinary"),
    ],
)
def test_plain_cases(judge: Judge, text: str, label: str) -> None:
    assert likeliest(judge.score(text)) == label


def test_a_homophone_weighs_nearly_what_the_word_does(judge: Judge) -> None:
    assert likeliest(judge.score("你给我滚单，你这个非物")) == "harassment"


def test_the_evidence_is_in_the_text_and_not_for_ordinary_talk(judge: Judge) -> None:
    text = "小姐你声音真好听今天晚上陪我睡觉吧"
    reasons = judge.reasons(text, 2)
    assert 0 < len(reasons) <= 2
    assert all(reason in text and len(reason) > 1 for reason in reasons)
    assert judge.reasons("我想查一下话费余额") == []
    assert judge.reasons(text, 0) == []


def test_nothing_said_is_ordinary(judge: Judge) -> None:
    assert judge.score("")["ordinary"] == judge.score("，。！ \x00😀")["ordinary"] == 1.0


@settings(deadline=None)
@given(text=st.text(max_size=80), n=st.integers(0, 5))
def test_any_text_has_probabilities_and_evidence_that_does_not_raise(
    judge: Judge, text: str, n: int
) -> None:
    scores = judge.score(text)
    assert tuple(scores) == LABELS
    assert sum(scores.values()) == pytest.approx(1)
    assert len(judge.reasons(text, n)) <= n


def test_only_the_beginning_of_an_endless_line_is_looked_at(judge: Judge) -> None:
    text = "我要投诉你们的快递" * 2000
    assert judge.score(text) == judge.score(text[:LONGEST])
    assert judge.score("\ud800滚") != {}


def test_pieces_know_their_place() -> None:
    found = {(piece.start, piece.end) for piece in pieces("滚蛋")}
    assert found == {
        (-1, 0),
        (0, 1),
        (1, 2),
        (2, 3),
        (-1, 1),
        (0, 2),
        (1, 3),
        (-1, 2),
        (0, 3),
        (-1, 3),
    }


def test_numbers_are_one() -> None:
    three, eight = ({p.bucket for p in pieces(f"打了{n}次")} for n in ("三", "8"))
    assert three & eight == three


def test_the_shipped_model_is_small() -> None:
    assert MODEL.stat().st_size <= 5_000_000


def test_what_is_saved_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "new" / "judge.npz"
    save(file, *parts())
    saved = Judge.open(file)
    assert saved is not None
    assert saved.score("货") == pytest.approx(dict.fromkeys(LABELS, 1 / 3))


def test_a_missing_file_is_no_judge_and_no_news(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Judge.open(tmp_path / "none.npz") is None
    assert not caplog.records


@pytest.mark.parametrize("cut", [0, 10, 300])
def test_a_damaged_file_is_told_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cut: int
) -> None:
    file = tmp_path / "judge.npz"
    file.write_bytes(MODEL.read_bytes()[:cut])
    assert_refused(file, caplog)


def test_other_bytes_and_folders_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "judge.npz"
    data = bytearray(MODEL.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    assert_refused(file, caplog)
    caplog.clear()
    assert_refused(tmp_path, caplog)


def test_a_pickle_is_not_loaded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "judge.npz"
    np.savez(file, version=np.array({"a": 1}, dtype=object))
    assert_refused(file, caplog)


@pytest.mark.parametrize("wrong", ["version", "shape", "type", "missing", "infinite", "bare"])
def test_another_kind_of_model_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    weights, scale, bias = parts()
    model = {"version": np.array(1), "weights": weights, "scale": scale, "bias": bias}
    changes = {
        "version": {"version": np.array(9)},
        "shape": {"bias": bias[:2]},
        "type": {"weights": weights.astype(np.int16)},
        "infinite": {"scale": scale * np.inf},
    }
    model |= changes.get(wrong, {})
    if wrong == "missing":
        del model["weights"]
    file = tmp_path / "judge.npz"
    with file.open("wb") as out:
        if wrong == "bare":
            np.save(out, weights[:, :4])
        else:
            np.savez_compressed(out, **model)
    assert_refused(file, caplog)


def parts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = len(LABELS)
    return (
        np.zeros((count, BUCKETS), np.int8),
        np.ones(count, np.float32),
        np.zeros(count, np.float32),
    )


def assert_refused(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert Judge.open(file) is None
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
