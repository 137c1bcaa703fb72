"""Hides numbers in a recording that is closed already. Touches its file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from callcenter.audio.growing import BLOCK_BYTES, sha256_of
from callcenter.audio.tone import hide
from callcenter.audio.wav import HEADER_BYTES
from callcenter.core.records import RecordingInfo
from callcenter.core.redaction import Hidden, Keep

_RATE_AT, _RATE_BYTES = 24, 4


def hide_in(
    folder: Path, path: str, spans: Iterable[Hidden], keep: Keep | None = None
) -> RecordingInfo:
    """Put tones in place of what was said there; what the recording is from now on.

    Raises OSError.
    """
    fd = os.open(folder / path, os.O_RDWR | os.O_CLOEXEC)
    try:
        rate = int.from_bytes(os.pread(fd, _RATE_BYTES, _RATE_AT), "little")
        for hidden in spans:
            keeping = partial(_keep, keep, path, hidden, rate) if keep else None
            hide(fd, rate, hidden, keeping)
        os.fsync(fd)
        samples = (os.fstat(fd).st_size - HEADER_BYTES) // BLOCK_BYTES
        return RecordingInfo(path, samples / rate, sha256_of(fd))
    finally:
        os.close(fd)


def _keep(keep: Keep, path: str, hidden: Hidden, rate: int, pcm: bytes) -> None:
    keep(path, hidden, pcm, rate)
