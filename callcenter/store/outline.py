"""How loud each party of a recording is, piece by piece, for drawing it.

Measured once, when the recording is closed or first asked for, and kept in a file beside it. Reads
that recording, writes that file.
"""

from __future__ import annotations

import json
import os
import secrets
import wave
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from callcenter.store.recordings import Sound

SHORTEST_MS = 20
MOST_PIECES = 36_000
"""Of a longer recording the pieces are longer: an hour has 100 ms each."""
READ_PIECES = 500
LOUDEST = 100
ENDING = ".outline"
"""Of the file beside the recording: its first line says of which size and change it was measured,
the rest is the outline as JSON."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The loudest sample of each piece of `piece_ms`, 0 to 100; 100 is the recording's loudest."""

    piece_ms: int
    caller: list[int]
    agent: list[int]


def kept(file: Path, sound: Sound | None = None) -> bytes:
    """The outline of a stereo WAV (16 bit) as JSON; measured where none is kept of the recording as
    it lies there now, or as `sound` is, which the archive has.

    Raises OSError where it cannot be read, ValueError where it is no such WAV.
    """
    if sound is not None and sound.file is None:
        return _kept_of_far(file, sound)
    known = file.stat()
    measured_of = f"{known.st_size} {known.st_mtime_ns}\n".encode()
    beside = file.with_name(file.name + ENDING)
    with suppress(OSError):
        found = beside.read_bytes()
        if found.startswith(measured_of):
            return found[len(measured_of) :]
    told = json.dumps(asdict(measured(file)), separators=(",", ":")).encode()
    with suppress(OSError):  # a folder that is only read: it is measured again the next time
        _put(beside, measured_of + told)
    return told


def _kept_of_far(file: Path, sound: Sound) -> bytes:
    """What is kept beside where the file was, if it was as long."""
    beside = file.with_name(file.name + ENDING)
    with suppress(OSError):
        found = beside.read_bytes()
        if found.startswith(f"{sound.size} ".encode()):
            return found.partition(b"\n")[2]
    with sound.open() as content:
        return json.dumps(asdict(measured(file, content)), separators=(",", ":")).encode()


def measured(file: Path, content: BinaryIO | None = None) -> Outline:
    """The outline, measured now. Raises as `kept` does."""
    try:
        with wave.open(content or str(file), "rb") as sound:
            return _measure(sound, file)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{file.name} is no WAV: {error}") from None


def _put(file: Path, content: bytes) -> None:
    """Wholly or not at all; for the owner only, as recordings are."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


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
