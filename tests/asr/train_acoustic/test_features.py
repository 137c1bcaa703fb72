"""Features are those of Kaldi, and their maps do what they say."""

from __future__ import annotations

import numpy as np
import pytest

knf = pytest.importorskip("kaldi_native_fbank", reason="kaldi-native-fbank is not installed")

from callcenter.asr.train import features  # noqa: E402 — after the check above

SOUND = (np.sin(np.arange(8000) ** 1.5 / 300) * 5000).astype(np.int16)
GOLDEN = {"mean": [50.138, 58.686, 31.602, -41.603], "tenth": [44.363, 60.102, 79.67, 41.349]}
"""The mean of the first four cepstra, and those of the tenth frame, as first computed."""


def directly(conf: str) -> np.ndarray:
    """By kaldi-native-fbank, with the options read from the text of mfcc.conf."""
    given = dict(line.removeprefix("--").split("=") for line in conf.splitlines())
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = float(given["sample-frequency"])
    options.frame_opts.frame_length_ms = float(given["frame-length"])
    options.frame_opts.frame_shift_ms = float(given["frame-shift"])
    options.frame_opts.dither = float(given["dither"])
    options.use_energy = given["use-energy"] == "true"
    options.mel_opts.num_bins = int(given["num-mel-bins"])
    options.mel_opts.low_freq = float(given["low-freq"])
    options.mel_opts.high_freq = float(given["high-freq"])
    options.num_ceps = int(given["num-ceps"])
    computer = knf.OnlineMfcc(options)
    computer.accept_waveform(8000, SOUND.astype(np.float32).tolist())
    computer.input_finished()
    return np.array([computer.get_frame(at) for at in range(computer.num_frames_ready)])


def test_they_are_those_of_the_conf_file() -> None:
    found = features.mfcc(SOUND)
    assert found.shape == (98, features.SIZE)
    assert np.array_equal(found, directly(features.MFCC_CONF))


def test_they_stay_as_they_are() -> None:
    found = features.mfcc(SOUND)
    assert found[:, :4].mean(0) == pytest.approx(GOLDEN["mean"], abs=0.01)
    assert found[10, :4] == pytest.approx(GOLDEN["tenth"], abs=0.01)


def test_frames_may_lie_further_apart() -> None:
    assert len(features.mfcc(SOUND, 20.0)) == 49
    assert features.mfcc(SOUND[:100]).shape == (0, features.SIZE)


def test_cepstra_can_be_undone() -> None:
    undone = features.to_mel() @ features.to_cepstra()
    assert np.abs(undone - np.eye(features.SIZE)).max() < 1e-5


def test_silence_is_flat_in_mel() -> None:
    mel = features.mfcc(np.zeros(400, np.int16)) @ features.to_mel().T
    assert np.ptp(mel) < 0.01


@pytest.mark.parametrize("factor", [0.84, 0.95, 1.0, 1.08, 1.19])
def test_warping_moves_resonances(factor: float) -> None:
    matrix = features.warp(factor)
    assert matrix.sum(1) == pytest.approx(np.ones(features.SIZE))
    peak = np.exp(-((np.arange(features.SIZE) - 20) ** 2) / 4).astype(np.float32)
    moved = int((matrix @ peak).argmax())
    assert np.sign(moved - 20) == np.sign(round(factor - 1, 2))
