"""People's speech: which sounds lie where is found out, not given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy (extra `train`) is not installed")

from callcenter.asr.phones import FINAL_PDFS, INITIAL_PDFS, SIL_PDF
from callcenter.asr.train import human
from callcenter.asr.train.align import SILENCE, Span
from callcenter.asr.train.human import Clip, Copy
from callcenter.asr.train.network_shape import SOUND_COUNT, SOUND_OF

SIL = int(SOUND_OF[SIL_PDF])
M = int(SOUND_OF[INITIAL_PDFS["m"]])
A1, A2 = (int(SOUND_OF[pdf]) for pdf in FINAL_PDFS["a1"])


def scores(*pieces: tuple[int, int]) -> np.ndarray:
    """(class, frames) pieces, each clearly the most likely there."""
    classes = [sound for sound, count in pieces for _ in range(count)]
    result = np.full((len(classes), SOUND_COUNT), -5.0, np.float32)
    result[np.arange(len(classes)), classes] = 0
    return result


def frames(spans: list[Span]) -> list[tuple[str, int]]:
    edges = [round((s.end - 0.0075) / 0.01) for s in spans]
    sizes = np.diff([0, *edges]).tolist()
    return [(span.sound, size) for span, size in zip(spans, sizes, strict=True)]


def test_sounds_and_silences_are_found() -> None:
    said = scores((SIL, 9), (M, 6), (A1, 7), (A2, 8), (SIL, 12), (M, 5), (A1, 6), (A2, 6), (SIL, 5))
    found = human.align(said, ["ma1", "ma4"])
    assert found
    assert frames(found[0]) == [
        (SILENCE, 9), ("m", 6), ("a1", 15), (SILENCE, 12), ("m", 5), ("a4", 12), (SILENCE, 5),
    ]  # fmt: skip
    assert found[1] == pytest.approx(0)


def test_silence_may_be_missing_but_no_sound_is_too_short() -> None:
    found = human.align(scores((M, 6), (A1, 5), (A2, 9), (M, 1), (A1, 6), (A2, 6)), ["ma1", "ma1"])
    assert found
    sounds = frames(found[0])
    assert [sound for sound, _ in sounds] == ["m", "a1", "m", "a1"]
    assert sounds[2][1] == 3
    assert found[1] < 0


def test_what_is_too_short_cannot_be_aligned() -> None:
    assert human.align(scores((M, 5)), ["ma1", "ma1"]) is None


def test_the_worst_are_left_out() -> None:
    spans = [Span("m", 0, 1)]
    found = [(spans, -float(at)) for at in range(10)]
    kept = human.without_worst([*found, None], 0.2)
    assert kept.count(None) == 3
    assert kept[0] == spans


def test_copies_are_the_same_from_the_same_seed_and_keep(tmp_path: Path) -> None:
    pytest.importorskip("kaldi_native_fbank", reason="kaldi-native-fbank is not installed")
    sound = (np.sin(np.arange(4000) / 5) * 4000).astype(np.int16)
    clips = [Clip(sound, ("ma1",), "x"), Clip(sound[:3000], ("ba1",), "y")]
    first, again = (list(human.copies(np.random.default_rng(2), clips, 2)) for _ in range(2))
    assert [c.clip for c in first] == [0, 1, 0, 1]
    human.store(tmp_path / "kept.npz", first)
    for other in (again, human.stored(tmp_path / "kept.npz")):
        for a, b in zip(first, other, strict=True):
            assert np.array_equal(a.cepstra, b.cepstra)
            assert (a.clip, a.factor, a.lead, a.shift_ms) == (b.clip, b.factor, b.lead, b.shift_ms)


def test_labels_follow_a_copy_and_unaligned_clips_are_left_out() -> None:
    cepstra = np.zeros((100, 40), np.float16)
    made = [Copy(0, cepstra, 2.0, 0.1, 10.0), Copy(1, cepstra, 1.0, 0.0, 10.0)]
    all_cepstra, pdfs = human.relabelled(made, [[Span("m", 0.1, 0.2)], None])
    assert all_cepstra.shape == (100, 40)
    assert np.flatnonzero(pdfs == INITIAL_PDFS["m"]).tolist() == list(range(29, 49))


def test_runs_are_trimmed_syllables() -> None:
    sound = np.concatenate([np.zeros(4000), np.full(800, 9000), np.zeros(4000)]).astype(np.int16)
    runs = human.runs(np.random.default_rng(1), [Clip(sound, ("ma1",), "x")], 8)
    assert {len(run.syllables) for run in runs} <= set(range(1, 7))
    assert all(1200 < len(r.samples) / len(r.syllables) < 2400 for r in runs)


def test_a_folder_is_read(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed")
    lines = [
        {"path": "a.flac", "text": "您好", "speaker": "x"},
        {"path": "a.flac", "text": "OK 好", "speaker": "x"},
        {"path": "a.flac", "pinyin": "lv4", "speaker": "y"},
        {"path": "a.flac", "pinyin": "what", "speaker": "y"},
    ]
    soundfile.write(tmp_path / "a.flac", np.zeros(800, np.int16), 8000)
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    pytest.importorskip("jieba", reason="jieba (extra `train`) is not installed")
    found = human.read_clips(tmp_path)
    assert [clip.syllables for clip in found] == [("nin2", "hao3"), ("lv4",)]
    soundfile.write(tmp_path / "a.flac", np.zeros(800, np.int16), 16000)
    with pytest.raises(ValueError, match="16000 Hz"):
        human.read_clips(tmp_path)
