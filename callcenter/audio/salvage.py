"""Finds the recording that a crash left behind; it is whole up to its last half second."""

from __future__ import annotations

import hashlib
from pathlib import Path

from callcenter.audio.wav import read_wav
from callcenter.core.errors import SoundFileError
from callcenter.core.records import RecordingInfo


def salvage(folder: Path, call_id: str) -> RecordingInfo | None:
    """The recording of `call_id` under `folder`, hashed as it lies; None where there is none."""
    for file in folder.glob(f"*/*/*/{call_id}.wav"):
        try:
            sound = read_wav(file)
        except SoundFileError:
            continue
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        place = file.relative_to(folder).as_posix()
        return RecordingInfo(place, sound.seconds, digest, len(sound.channels))
    return None
