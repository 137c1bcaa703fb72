"""Puts a quiet tone in place of what a party said, in a stereo WAV of ours. Touches that file only.

The tone is counted from the file's beginning, so that to hide a part twice changes nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

import numpy as np

from callcenter.audio.wav import HEADER_BYTES
from callcenter.core.records import Party
from callcenter.core.redaction import Hidden

TONE_HZ = 400
LOUDNESS = 600
"""Of 32767, -35 dBFS: heard as "something is hidden here", never loud."""
SIDES = {Party.CALLER: 0, Party.AGENT: 1}
BLOCK = np.dtype(("<i2", 2)).itemsize
log = logging.getLogger(__name__)


def hide(
    fd: int,
    rate: int,
    hidden: Hidden,
    keep: Callable[[bytes], None] | None,
    write_at: Callable[[int, bytes, int], int] = os.pwrite,
) -> None:
    """Replace that span of that party's channel; `keep` is given what was there, before.

    Raises OSError. What cannot be kept is hidden all the same.
    """
    first, stop = (ms * rate // 1000 for ms in (hidden.start_ms, hidden.end_ms))
    at = HEADER_BYTES + first * BLOCK
    block = os.pread(fd, (stop - first) * BLOCK, at)
    sides = np.frombuffer(block[: len(block) // BLOCK * BLOCK], "<i2").reshape(-1, 2).copy()
    if not len(sides):
        return
    side = sides[:, SIDES[hidden.party]]
    if keep is not None:
        _try(keep, side.tobytes())
    turns = np.arange(first, first + len(sides)) * (2 * np.pi * TONE_HZ / rate)
    side[:] = np.asarray(LOUDNESS * np.sin(turns), np.int16)
    data = sides.tobytes()
    while data:
        gone = write_at(fd, data, at)
        data, at = data[gone:], at + gone


def _try(keep: Callable[[bytes], None], pcm: bytes) -> None:
    try:
        keep(pcm)
    except Exception as error:
        log.error("the original of what was hidden could not be kept: %s", error)
