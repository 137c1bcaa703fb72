"""What a crash left is found and hashed as it lies."""

from __future__ import annotations

import hashlib
from pathlib import Path

from callcenter.audio.salvage import salvage
from callcenter.audio.wav import write_wav

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
