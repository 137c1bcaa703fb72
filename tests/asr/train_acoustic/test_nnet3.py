"""The writer of final.mdl: what was written is there, and the real Vosk decodes with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from callcenter.asr.phones import PDF_COUNT, TRANSITION_COUNT, TRIPLES
from callcenter.asr.train import nnet3
from callcenter.asr.train.features import MFCC_CONF
from callcenter.asr.train.model_conf import MODEL_CONF
from callcenter.asr.train.network_shape import LAYERS, SOUND_COUNT, SOUND_OF, TONE_COUNT, TONE_OF

from .reader import parse

BUNDLED = Path(nnet3.__file__).parents[1] / "mini"
DECODE = """
import sys
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
ear = KaldiRecognizer(Model(sys.argv[1]), 8000)
ear.SetWords(True)
for _ in range(10):
    ear.AcceptWaveform(sys.stdin.buffer.read(3200))
print("heard", ear.FinalResult())
"""


def random_affines(seed: int = 1) -> list[nnet3.Affine]:
    rng = np.random.default_rng(seed)
    widths = [40, *(width for width, _, _ in LAYERS)]
    shapes = [
        (width, before * taps) for before, (width, taps, _) in zip(widths, LAYERS, strict=False)
    ]
    shapes += [(SOUND_COUNT, widths[-1]), (TONE_COUNT, widths[-1])]
    return [
        (rng.normal(0, 0.03, shape).astype(np.float32), np.zeros(shape[0], np.float32))
        for shape in shapes
    ]


def priors() -> tuple[nnet3.Floats, nnet3.Floats]:
    sounds = np.full(SOUND_COUNT, 1 / SOUND_COUNT, np.float32)
    return sounds, np.full(TONE_COUNT, 1 / TONE_COUNT, np.float32)


def test_every_pdf_has_its_sound_and_its_tone() -> None:
    assert (SOUND_COUNT, TONE_COUNT) == (98, 11)
    assert len(SOUND_OF) == len(TONE_OF) == PDF_COUNT
    pairs = set(zip(SOUND_OF.tolist(), TONE_OF.tolist(), strict=True))
    assert len(pairs) == PDF_COUNT
    assert (SOUND_OF[0], TONE_OF[0]) == (0, 0)
    assert np.all((TONE_OF == 0) == (np.arange(PDF_COUNT) < 22))


def test_what_was_written_can_be_read() -> None:
    affines = random_affines()
    found = parse(nnet3.final_mdl(affines, priors(), 0.8))
    assert found.context == (21, 21)
    assert found.triples == len(TRIPLES) == 1563
    assert found.chances == pytest.approx([0, *[np.log(0.5)] * TRANSITION_COUNT])
    assert found.config[0] == "input-node name=input dim=40"
    assert found.config[-1] == "output-node name=output input=joined objective=linear"
    names = [name for name in found.affines if name != "joined"]
    for name, (matrix, bias) in zip(names, affines, strict=True):
        error = np.abs(found.affines[name][0] - matrix)
        assert error.max() <= np.ptp(matrix) / 63
        assert np.median(error) <= np.ptp(matrix) / 200
        assert np.array_equal(found.affines[name][1], bias)
    assert len(found.priors) == PDF_COUNT
    assert found.priors == pytest.approx((1 / 98) * (1 / 11) ** 0.8)


def test_a_pdf_gets_the_scores_of_its_sound_and_its_tone() -> None:
    matrix, bias = nnet3.joining(0.5)
    scores = np.arange(SOUND_COUNT + TONE_COUNT, dtype=np.float32)
    expected = SOUND_OF + 0.5 * (SOUND_COUNT + TONE_OF)
    assert matrix @ scores + bias == pytest.approx(expected)


def test_the_transition_model_is_that_of_the_bundled_model() -> None:
    ours = nnet3.final_mdl(random_affines(), priors(), 1.0)
    bundled = (BUNDLED / "am" / "final.mdl").read_bytes()
    assert ours[: ours.index(b"<Nnet3>")] == bundled[: bundled.index(b"<Nnet3>")]


def test_the_real_vosk_decodes_with_it(tmp_path: Path) -> None:
    """In a process of its own: a wrong file makes the library abort."""
    for name in ("am", "conf"):
        (tmp_path / name).mkdir()
    (tmp_path / "graph").symlink_to(BUNDLED / "graph")
    (tmp_path / "am" / "final.mdl").write_bytes(nnet3.final_mdl(random_affines(), priors(), 0.8))
    (tmp_path / "conf" / "mfcc.conf").write_text(MFCC_CONF)
    (tmp_path / "conf" / "model.conf").write_text(MODEL_CONF)
    sound = np.random.default_rng(1).normal(0, 3000, 16_000).astype(np.int16)
    done = subprocess.run(
        [sys.executable, "-c", DECODE, str(tmp_path)],
        input=sound.tobytes(),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"heard {")
    assert b"ERROR" not in done.stderr
