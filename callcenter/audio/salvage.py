"""Finds the recording that a crash left behind, mends its header, hashes it. Touches its file."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from callcenter.audio.growing import BLOCK_BYTES, sha256_of
from callcenter.audio.wav import HEADER_BYTES, wav_header
from callcenter.core.records import SAMPLE_RATE, WIDE_RATE, RecordingInfo

CHANNELS = 2
_SIZE = struct.Struct("<I")
_RATE_AT = 24
_DATA_AT = HEADER_BYTES - _SIZE.size
_CALL_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{12}")


def salvage(folder: Path, call_id: str) -> RecordingInfo | None:
    """The recording of `call_id` under `folder`; None where there is none, or none of ours.

    Its header tells of every whole sample afterwards: a process that is killed may have written
    half a second more than the header says, or nothing but the file.
    """
    for file in folder.glob(f"*/*/*/{call_id}.wav"):
        if found := _mended(folder, file):
            return found
    return None


def recorded_since(folder: Path, day: date) -> Iterator[str]:
    """The ids of the calls that were recorded on this day (UTC) or later, by their file names."""
    first = day.strftime("%Y/%m/%d")
    for file in folder.glob("[0-9]*/*/*/*.wav"):
        if file.parent.relative_to(folder).as_posix() >= first and _CALL_ID.fullmatch(file.stem):
            yield file.stem


def _mended(folder: Path, file: Path) -> RecordingInfo | None:
    try:
        fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        rate = _rate(os.pread(fd, HEADER_BYTES, 0))
        if rate is None:
            return None
        sound = max(0, os.fstat(fd).st_size - HEADER_BYTES) // BLOCK_BYTES * BLOCK_BYTES
        os.pwrite(fd, wav_header(CHANNELS, sound, rate), 0)
        seconds, place = sound / BLOCK_BYTES / rate, file.relative_to(folder).as_posix()
        return RecordingInfo(place, seconds, sha256_of(fd), CHANNELS)
    finally:
        os.close(fd)


def _rate(header: bytes) -> int | None:
    """Samples a second; None where this is no header of ours, or only a part of another file."""
    if len(header) < HEADER_BYTES:
        return SAMPLE_RATE if wav_header(CHANNELS, 0).startswith(header) else None
    (rate,), (told,) = (_SIZE.unpack_from(header, at) for at in (_RATE_AT, _DATA_AT))
    is_ours = rate in (SAMPLE_RATE, WIDE_RATE) and header == wav_header(CHANNELS, told, rate)
    return rate if is_ours else None
