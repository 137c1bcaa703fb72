"""What a crash left is found and hashed as it lies."""

from __future__ import annotations

import hashlib
import wave
from datetime import date
from pathlib import Path

from callcenter.audio.salvage import recorded_since, salvage
from callcenter.audio.wav import wav_header, write_wav

CALL_ID = "20261122T120000-00aa11bb22cc"


def place(folder: Path) -> Path:
    file = folder / "2026" / "11" / "22" / f"{CALL_ID}.wav"
    file.parent.mkdir(parents=True)
    return file


def test_a_recording_is_found_by_its_call(tmp_path: Path):
    file = place(tmp_path)
    write_wav(file, bytes(16000), bytes(16000))
    found = salvage(tmp_path, CALL_ID)
    assert found is not None
    assert found.path == f"2026/11/22/{CALL_ID}.wav"
    assert (found.seconds, found.channels) == (1.0, 2)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_no_recording_or_one_that_is_none(tmp_path: Path):
    assert salvage(tmp_path, CALL_ID) is None
    place(tmp_path).write_bytes(b"not sound")
    assert salvage(tmp_path, CALL_ID) is None


def test_what_was_written_after_the_header_counts(tmp_path: Path):
    file = place(tmp_path)
    sound = bytes(range(256)) * 250
    file.write_bytes(wav_header(2, 32000) + sound + b"\1")
    found = salvage(tmp_path, CALL_ID)
    assert found is not None
    assert found.seconds == 2.0
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    with wave.open(str(file)) as whole:
        assert (whole.getframerate(), whole.getnframes()) == (8000, 16000)
        assert whole.readframes(16000) == sound


def test_a_file_without_its_header_is_an_empty_recording(tmp_path: Path):
    file = place(tmp_path)
    for size in (0, 20):
        file.write_bytes(wav_header(2, 0)[:size])
        found = salvage(tmp_path, CALL_ID)
        assert found is not None
        assert found.seconds == 0.0
        with wave.open(str(file)) as whole:
            assert whole.getnframes() == 0


def test_another_rate_stays(tmp_path: Path):
    place(tmp_path).write_bytes(wav_header(2, 0, 16000) + bytes(64000))
    found = salvage(tmp_path, CALL_ID)
    assert found is not None
    assert found.seconds == 1.0


def test_recordings_since_a_day(tmp_path: Path):
    place(tmp_path).touch()
    place_of_old = tmp_path / "2026" / "11" / "21"
    place_of_old.mkdir()
    (place_of_old / "20261121T120000-00aa11bb22cc.wav").touch()
    (place_of_old / "other.wav").touch()
    assert list(recorded_since(tmp_path, date(2026, 11, 22))) == [CALL_ID]
    assert len(list(recorded_since(tmp_path, date(2026, 1, 1)))) == 2
