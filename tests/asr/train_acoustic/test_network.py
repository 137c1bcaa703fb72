"""The network: folding changes nothing, training is repeatable, the maps are those of features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch (extra `train`) is not installed")

from callcenter.asr.train import network as net  # noqa: E402 — after the check above
from callcenter.asr.train.network_shape import CONTEXT, LAYERS, SOUND_COUNT, STRIDE  # noqa: E402


def some_stream(seed: int = 1, weight: float = 1.0) -> net.Stream:
    rng = np.random.default_rng(seed)
    pdfs = np.repeat(rng.integers(0, 402, 60), 8).astype(np.int16)
    cepstra = rng.normal(0, 3, (len(pdfs), 40)).astype(np.float16)
    return net.Stream(cepstra, pdfs, weight)


def trained(seed: int = 1, steps: int = 2, threads: int = 1) -> net.Network:
    net.set_up(seed)
    streams = [some_stream(1), some_stream(2, 0.5)]
    made = net.Network(*net.statistics(streams))
    rng = np.random.default_rng(seed)
    net.train(made, streams, net.Plan(steps, batch=4), rng, lambda *_: None, threads)
    return made


def by_hand(affines: list[tuple[np.ndarray, np.ndarray]], cepstra: np.ndarray) -> np.ndarray:
    """Scores of the sounds as Kaldi computes them from the folded layers, for each frame."""
    x = np.pad(cepstra, ((CONTEXT, CONTEXT), (0, 0)), mode="edge").astype(np.float64)
    for (matrix, bias), (_, taps, apart) in zip(affines, LAYERS, strict=False):
        count = len(x) - apart * (taps - 1)
        joined = np.concatenate([x[apart * t : apart * t + count] for t in range(taps)], 1)
        x = np.maximum(joined @ matrix.T + bias, 0)
    matrix, bias = affines[len(LAYERS)]
    scores = x @ matrix.T + bias
    return np.asarray(scores - np.log(np.exp(scores).sum(1, keepdims=True)))


def test_folded_layers_give_the_same_scores() -> None:
    made = trained()
    cepstra = np.random.default_rng(5).normal(0, 3, (30, 40)).astype(np.float32)
    expected = net.scores(made, cepstra)
    assert expected.shape == (30, SOUND_COUNT)
    assert by_hand(net.affines(made), cepstra) == pytest.approx(expected, abs=1e-3)


def test_every_third_frame_is_the_same_as_dense() -> None:
    made = trained()
    cepstra = torch.randn(1, 2 * CONTEXT + 10, 40)
    with torch.no_grad():
        dense, thin = made(cepstra, dense=True)[0], made(cepstra)[0]
    assert torch.allclose(dense[:, :, ::STRIDE], thin, atol=1e-5)


def test_the_seed_decides() -> None:
    first, again, other = (net.affines(trained(seed))[0][0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_number_of_threads_changes_nothing() -> None:
    for (matrix, bias), (other_matrix, other_bias) in zip(
        net.affines(trained()), net.affines(trained(threads=2)), strict=True
    ):
        assert np.array_equal(matrix, other_matrix)
        assert np.array_equal(bias, other_bias)


def test_a_twin_has_the_same_weights_and_norms_of_its_own() -> None:
    made = trained()
    twin = made.twin()
    assert {id(weight) for weight in twin.parameters()} == {id(w) for w in made.parameters()}
    before = net.affines(made)
    twin.train()(torch.randn(2, 2 * CONTEXT + 10, 40))
    for (matrix, _), (same, _) in zip(before, net.affines(made), strict=True):
        assert np.array_equal(matrix, same)


def test_labels_lie_in_the_middle_of_what_the_network_sees() -> None:
    pdfs = (np.arange(400) % 402).astype(np.int16)
    cepstra = np.repeat(pdfs[:, None], 40, 1).astype(np.float16)
    rows, wanted = net.batch([net.Stream(cepstra, pdfs)], 3, np.random.default_rng(1))
    made = net.Network(np.zeros(40, np.float32), np.ones(40, np.float32)).eval()
    assert made(rows)[0].shape == (3, SOUND_COUNT, net.CHUNK)
    middle = rows[:, CONTEXT : CONTEXT + net.CHUNK * STRIDE : STRIDE, 0]
    assert torch.equal(middle.long(), wanted)


def test_a_network_is_kept_and_read(tmp_path: Path) -> None:
    made = trained()
    net.save(made, tmp_path / "n.pt")
    found = net.affines(net.load(tmp_path / "n.pt"))
    for (a, b), (c, d) in zip(net.affines(made), found, strict=True):
        assert np.array_equal(a, c)
        assert np.array_equal(b, d)


def test_shares_follow_the_weights() -> None:
    only = [net.Stream(np.zeros((10, 40), np.float16), np.full(10, at, np.int16), weight)
            for at, weight in ((0, 3.0), (1, 1.0))]  # fmt: skip
    sounds, tones = net.class_shares(only)
    assert sounds[:2] == pytest.approx([0.75, 0.25], abs=0.001)
    assert tones[0] == pytest.approx(1, abs=0.001)


def test_changes_keep_the_shape_and_differ() -> None:
    made = trained()
    cepstra = torch.randn(8, 50, 40)
    changed = net.Change(made)(cepstra, np.random.default_rng(1))
    assert changed.shape == cepstra.shape
    assert torch.isfinite(changed).all()
    assert not torch.allclose(changed, cepstra)
