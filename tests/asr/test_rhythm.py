"""When a model has news, read from its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcenter.asr import bundled
from callcenter.asr.rhythm import Rhythm, rhythm
from tests.asr.broken import Damage, copy, garbage, gone
from tests.asr.fleet import model
from tests.asr.sound import load, silence


def test_the_bundled_models_rhythm_is_read() -> None:
    found = rhythm(bundled())
    assert found != Rhythm()
    assert found.first - found.every >= found.every / 2 > 0


def test_partial_results_change_in_that_rhythm_and_at_no_other_time() -> None:
    import vosk

    found = rhythm(bundled())
    ear, sound, last, news = vosk.KaldiRecognizer(model(), 8000), load("order"), "", 0
    step = 40
    for at in range(0, len(sound), 2 * step):
        ear.AcceptWaveform(sound[at : at + 2 * step])
        said = json.loads(ear.PartialResult()).get("partial", "")
        late = (at // 2 + step - found.first) % found.every
        if said != last:
            assert late < step or late >= found.every - 2 * step
            last, news = said, news + 1
    assert news > 5
    ear.AcceptWaveform(silence(0.1))


def conf(text: str) -> Damage:
    return lambda raw: text.encode()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.conf", gone),
        ("model.conf", garbage),
        ("model.conf", conf("--frames-per-chunk=21\n")),
        ("model.conf", conf("--frames-per-chunk=0\n--frame-subsampling-factor=3\n")),
        ("model.conf", conf("--frames-per-chunk=9999\n--frame-subsampling-factor=3\n")),
        ("final.mdl", gone),
        ("final.mdl", garbage),
    ],
)
def test_a_model_that_does_not_tell_is_asked_every_100_ms(
    tmp_path: Path, name: str, damage: Damage
) -> None:
    assert rhythm(copy(tmp_path / "m", {name: damage})) == Rhythm(800, 800)


@pytest.mark.parametrize(
    ("settings", "context", "expected"),
    [
        ("--frames-per-chunk=21\n--frame-subsampling-factor=3\n", b"21 ", Rhythm(3480, 1680)),
        ("--frames-per-chunk=20\n--frame-subsampling-factor=3\n", b"21 ", Rhythm(3480, 1680)),
        (
            "--frames-per-chunk=50\n--frame-subsampling-factor=1\n",
            b"\4\15\0\0\0",
            Rhythm(5160, 4000),
        ),
    ],
)
def test_chunks_and_context_make_the_rhythm(
    tmp_path: Path, settings: str, context: bytes, expected: Rhythm
) -> None:
    files = {"model.conf": conf(settings), "final.mdl": lambda raw: b"x<RightContext> " + context}
    assert rhythm(copy(tmp_path / "m", files)) == expected
