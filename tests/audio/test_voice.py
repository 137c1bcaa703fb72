"""Speech synthesis: pinyin, tones, and the rendered lines understood by the recogniser."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.voice import (
    Line,
    read_lines,
    render,
    special_information_tone,
    to_pinyin,
)
from callcenter.audio.wav import read_wav
from callcenter.core.errors import PackError
from callcenter.core.records import Party

ROOT = Path(__file__).parent.parent.parent / "callcenter"
SHIPPED = [ROOT / "scripts" / "prompts" / "prompts.toml", ROOT / "demo" / "voices" / "lines.toml"]


def test_pinyin_with_tone_digits():
    assert to_pinyin("您好，再见。").split() == ["nin2", "hao3", ",", "zai4", "jian4", "."]
    assert to_pinyin("女士").split() == ["nv3", "shi4"]


def test_the_special_information_tone_rises_in_three_steps():
    sound = special_information_tone()
    for third, hertz in zip(np.array_split(sound, 3), (950, 1400, 1800), strict=True):
        spectrum = np.abs(np.fft.rfft(third[100:-100] * np.hanning(len(third) - 200)))
        found = np.argmax(spectrum) * 8000 / (len(third) - 200)
        assert abs(found - hertz) < 10


@pytest.mark.parametrize("file", SHIPPED, ids=lambda f: f.stem)
def test_every_shipped_line_has_its_sound_and_is_understood(file: Path):
    engine = VoskEngine()
    try:
        for line in read_lines(file):
            if "tone:sit" in line.say:
                continue  # the tone itself is heard as a syllable; its sentences stand elsewhere
            pcm = read_wav(file.parent / f"{line.name}.wav").channels[0]
            heard = "".join(s.text for s in engine.transcribe(Party.CALLER, pcm))
            assert heard == "".join(c for text in line.say for c in text if c.isalnum())
    finally:
        engine.close()


def test_the_shipped_voices_are_small():
    size = sum(f.stat().st_size for file in SHIPPED for f in file.parent.glob("*.wav"))
    assert size < 2_000_000


def test_a_bad_file_is_refused(tmp_path: Path):
    file = tmp_path / "lines.toml"
    file.write_text('[[line]]\nname = "a"\n', "utf-8")
    with pytest.raises(PackError, match="expected \\[\\[line\\]\\] with name, say"):
        read_lines(file)


@pytest.mark.external
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_line_is_spoken_and_understood(tmp_path: Path):
    file = tmp_path / "lines.toml"
    file.write_text(
        '[[line]]\nname = "bye"\nsay = ["谢谢您的来电，再见。", "tone:sit"]\nvoice = "f2"\n',
        "utf-8",
    )
    (made,) = render(file)
    assert read_lines(file) == [Line("bye", ("谢谢您的来电，再见。", "tone:sit"))]
    pcm = read_wav(made).channels[0]
    engine = VoskEngine()
    heard = "".join(s.text for s in engine.transcribe(Party.CALLER, pcm[: len(pcm) - 2 * 12_000]))
    engine.close()
    assert heard.startswith("谢谢您的来电再见")
