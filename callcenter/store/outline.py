"""How loud each party of a recording is, piece by piece, for drawing it. Reads that file only."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHORTEST_MS = 20
MOST_PIECES = 36_000
"""Of a longer recording the pieces are longer: an hour has 100 ms each."""
READ_PIECES = 500
LOUDEST = 100


@dataclass(frozen=True, slots=True)
class Outline:
    """The loudest sample of each piece of `piece_ms`, 0 to 100; 100 is the recording's loudest."""

    piece_ms: int
    caller: list[int]
    agent: list[int]


def outline(file: Path) -> Outline:
    """The outline of a stereo WAV (16 bit), kept for the next one who asks.

    Raises OSError where it cannot be read, ValueError where it is no such WAV.
    """
    known = file.stat()
    return _outline(file, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=32)
def _outline(file: Path, changed: int, size: int) -> Outline:
    try:
        with wave.open(str(file), "rb") as sound:
            return _measure(sound, file)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{file.name} is no WAV: {error}") from None


def _measure(sound: wave.Wave_read, file: Path) -> Outline:
    if (sound.getnchannels(), sound.getsampwidth()) != (2, 2):
        raise ValueError(f"{file.name}: expected 16-bit stereo")
    length_ms = sound.getnframes() * 1000 // sound.getframerate()
    piece_ms = SHORTEST_MS * max(1, -(-length_ms // (SHORTEST_MS * MOST_PIECES)))
    samples = sound.getframerate() * piece_ms // 1000
    peaks = [np.zeros((0, 2), np.int32)]
    while pcm := sound.readframes(samples * READ_PIECES):
        peaks.append(_peaks(np.frombuffer(pcm, "<i2").reshape(-1, 2), samples))
    whole = np.concatenate(peaks)
    scaled = np.rint(whole * (LOUDEST / max(1, int(whole.max(initial=0))))).astype(int)
    return Outline(piece_ms, scaled[:, 0].tolist(), scaled[:, 1].tolist())


def _peaks(samples: NDArray[np.int16], piece: int) -> NDArray[np.int32]:
    """The loudest of each piece, the last one being as long as it is."""
    loud = np.abs(samples.astype(np.int32))
    return np.maximum.reduceat(loud, np.arange(0, len(loud), piece), axis=0).astype(np.int32)
