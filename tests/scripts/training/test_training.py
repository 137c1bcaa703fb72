"""The judge's training: labels by heading, noise that repeats, a fit that learns, the command."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

from callcenter.scripts.judge import LABELS, Judge, save
from callcenter.scripts.training import __main__ as command
from callcenter.scripts.training import measure, texts
from callcenter.scripts.training.fit import Settings, fit, matrix, predict
from callcenter.scripts.training.noise import Noise, framed
from callcenter.scripts.training.texts import Example, label_of, own, sortings

RUDE = ["你这个废物滚", "你是猪吗闭嘴", "废物闭嘴", "滚开你这头猪"]
CROSS = ["我要投诉你们的快递", "退钱我要投诉", "快递又坏了退钱", "投诉投诉退钱"]
CALM = ["请问几点开门", "谢谢我知道了", "我想查一下余额", "请问余额几点更新"]


def small() -> list[Example]:
    """Four lines of each label, each a topic of its own."""
    kinds = zip(LABELS, (RUDE, CROSS, CALM), strict=True)
    return [Example(line, label, line) for label, lines in kinds for line in lines]


def test_every_line_of_our_own_has_one_label() -> None:
    examples = own()
    counts = Counter(example.label for example in examples)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) > 1500
    assert len({example.text for example in examples}) == len(examples)


def test_every_row_of_the_table_finds_lines() -> None:
    rows = sortings((texts.HERE / "labels.tsv").read_text("utf-8"))
    headed = {row.file: list(texts.headed(texts.CORPUS / row.file)) for row in rows}
    idle = [
        row
        for row in rows
        if row.heading != "*" and not any(row.fits(row.file, h) for h, _ in headed[row.file])
    ]
    assert idle == []


def test_the_first_row_that_fits_counts_and_the_agent_is_ordinary() -> None:
    rows = sortings("-\ta.txt\tMixed\ncomplaint/agent\ta.txt\t*\n")
    assert label_of(rows, "a.txt", "Mixed: both", "退钱") == "-"
    assert label_of(rows, "a.txt", "Angry", "退钱") == "complaint"
    assert label_of(rows, "a.txt", "Angry", "您别急") == "ordinary"
    assert label_of(rows, "b.txt", "Angry", "退钱") == "-"


@pytest.mark.parametrize("table", ["rude\ta.txt\t*", "ordinary a.txt *"])
def test_a_wrong_table_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match=r"labels\.tsv"):
        sortings(table)


def test_noise_repeats_and_spares_a_clean_line() -> None:
    noise = Noise(["滚蛋单淡", "投诉头树"])
    assert noise.heard("滚蛋", 0, Random(1)) == "滚蛋"
    heard = [noise.heard("滚蛋投诉abc" * 20, 0.5, Random(seed)) for seed in (1, 1, 2)]
    assert heard[0] == heard[1] != heard[2]
    assert any(c in heard[0] for c in "单淡")


def test_a_frame_leaves_the_line_whole() -> None:
    line = framed("我要退货", Random(3))
    assert "我要退货" in line
    assert line == framed("我要退货", Random(3))


def test_what_is_fitted_tells_the_lines_apart(tmp_path: Path) -> None:
    examples = small()
    x = matrix([example.text for example in examples])
    y = np.array([LABELS.index(example.label) for example in examples])
    fitted = fit(x, y, Settings(least=1))
    odds = predict(x, fitted)
    assert (odds.argmax(axis=1) == y).all()
    save(tmp_path / "judge.npz", fitted.weights, fitted.scale, fitted.bias)
    judge = Judge.open(tmp_path / "judge.npz")
    assert judge is not None
    said = [list(judge.score(example.text).values()) for example in examples]
    assert np.allclose(said, odds, atol=1e-4)


def test_a_line_without_letters_is_a_row_like_any_other() -> None:
    assert matrix(["，", "好"]).shape[0] == 2


def test_topics_are_held_out_whole() -> None:
    fold = measure.folds(["a", "b", "a", "c"], 3)
    assert fold[0] == fold[2]


def test_the_figures_are_right() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2, 2, 2])
    said = np.array([0, 1, 1, 1, 2, 2, 2, 0])
    shares = measure.confusion(truth, said)
    assert shares[0].tolist() == [0.5, 0.5, 0]
    assert measure.f1(shares) == pytest.approx([2 * 0.5 / 1.75, 2 / 2.5, 1.5 / 1.75])
    odds = np.eye(3)[said]
    lines = measure.table("0%", truth, odds, (0.5,))
    assert "recall 0.500, false per thousand ordinary 250.0" in lines[1]


def test_the_command_measures_and_writes_the_same_model_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(texts, "own", small)
    with caplog.at_level(logging.INFO):
        assert command.main(["--out", str(tmp_path / "one.npz"), "--folds", "2"]) == 0
        assert command.main(["--out", str(tmp_path / "two.npz"), "--folds", "0"]) == 0
    assert "macro-F1" in caplog.text
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
