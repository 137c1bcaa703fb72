"""Calls made from clean speech: the same from the same seed, and within their bounds."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy (extra `train`) is not installed")

from callcenter.asr.train import augment
from callcenter.asr.train.align import Span
from callcenter.asr.train.augment import RATE, Variety

CLEAN = (np.sin(np.arange(22050) / 20) * 8000).astype(np.int16)
SPANS = [Span("m", 0.2, 0.4), Span("a1", 0.4, 1.0)]


def made(seed: int, **variety: float | tuple[float, float]) -> augment.Call:
    rng = np.random.default_rng(seed)
    others = [np.sin(np.arange(4000) / 9)]
    return augment.call(rng, CLEAN, 22050, SPANS, others, Variety(**variety))  # type: ignore[arg-type]


def test_the_seed_decides() -> None:
    first, again, other = made(3), made(3), made(4)
    assert np.array_equal(first.samples, again.samples)
    assert first.spans == again.spans
    assert len(first.samples) != len(other.samples)


@pytest.mark.parametrize("seed", range(40))
def test_spans_follow_the_sound(seed: int) -> None:
    call = made(seed)
    assert call.samples.dtype == np.int16
    assert 0 < call.spans[0].start < call.spans[-1].end <= len(call.samples) / RATE
    assert call.spans[0].start == pytest.approx(call.lead + 0.2 * call.factor)
    assert np.abs(call.samples.astype(int)).max() > 100


def test_warping_stretches() -> None:
    call = made(1, warp=(1.1, 1.1), warped=1.0)
    assert call.spans[-1].end - call.spans[0].start == pytest.approx(0.88)


@pytest.mark.parametrize("seed", range(30))
def test_a_call_of_tones_or_music_has_no_speech(seed: int) -> None:
    call = augment.line_call(np.random.default_rng(seed), 1.5)
    assert call.spans == []
    assert len(call.samples) == 1.5 * RATE
    assert np.any(call.samples)


def test_noise_has_the_power_of_one() -> None:
    for seed in range(20):
        sound = augment.noise(np.random.default_rng(seed), 4000, [np.ones(100)])
        assert np.mean(sound**2) == pytest.approx(1)


def test_g711_is_nearly_what_it_was() -> None:
    sound = np.arange(-32767, 32768, 7)
    heard = augment.telephone(sound.astype(np.int16)).astype(int)
    assert np.all(np.abs(heard - sound) <= 40 + np.abs(sound) * 0.03)
    assert np.array_equal(augment.telephone(heard.astype(np.int16)), heard)
