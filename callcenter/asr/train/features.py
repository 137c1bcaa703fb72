"""Features as Vosk computes them at run time (conf/mfcc.conf), by kaldi-native-fbank; its one door.

Also the linear maps on these features that stand for a longer vocal tract, a masked band or another
telephone line: with as many cepstra as mel bins the cepstrum can be undone exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 40
LOW_HZ, HIGH_HZ = 40.0, 3800.0
LIFTER = 22.0
MFCC_CONF = """\
--sample-frequency=8000
--frame-length=25
--frame-shift=10
--use-energy=false
--num-mel-bins=40
--num-ceps=40
--low-freq=40
--high-freq=3800
--dither=0.0
--allow-downsample=true
--allow-upsample=true
"""

Floats = NDArray[np.float32]


def mfcc(samples: NDArray[np.int16], shift_ms: float = 10.0) -> Floats:
    """(frames, SIZE) cepstra of 8 kHz samples; `shift_ms` apart (10 at run time)."""
    import kaldi_native_fbank as knf  # an extra: only where features are made

    options = knf.MfccOptions()
    options.frame_opts.samp_freq = 8000
    options.frame_opts.frame_shift_ms = shift_ms
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = SIZE
    options.mel_opts.low_freq, options.mel_opts.high_freq = LOW_HZ, HIGH_HZ
    options.num_ceps = SIZE
    options.use_energy = False
    computer = knf.OnlineMfcc(options)
    computer.accept_waveform(8000, samples.astype(np.float32).tolist())
    computer.input_finished()
    frames = [computer.get_frame(at) for at in range(computer.num_frames_ready)]
    return np.array(frames, np.float32).reshape(-1, SIZE)


def to_cepstra() -> Floats:
    """The matrix from log mel energies to cepstra: cosine transform, then lifter."""
    row, column = np.mgrid[:SIZE, :SIZE]
    cosines = np.sqrt(2 / SIZE) * np.cos(np.pi / SIZE * (column + 0.5) * row)
    cosines[0] = np.sqrt(1 / SIZE)
    lifter = 1 + 0.5 * LIFTER * np.sin(np.pi * np.arange(SIZE) / LIFTER)
    return np.asarray(lifter[:, None] * cosines, np.float32)


def to_mel() -> Floats:
    """The matrix from cepstra back to log mel energies."""
    return np.asarray(np.linalg.inv(to_cepstra().astype(np.float64)), np.float32)


def warp(factor: float) -> Floats:
    """Log mel energies as if every resonance lay `factor` times as high (a shorter tract)."""
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), SIZE + 2)[1:-1]
    hertz = 700 * (np.exp(edges / 1127) - 1)
    place = np.interp(_mel(hertz / factor), edges, np.arange(SIZE))
    below = np.minimum(np.floor(place).astype(int), SIZE - 2)
    matrix = np.zeros((SIZE, SIZE), np.float32)
    matrix[np.arange(SIZE), below] = 1 - (place - below)
    matrix[np.arange(SIZE), below + 1] = place - below
    return matrix


def _mel(hertz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log(1 + np.asarray(hertz) / 700))
