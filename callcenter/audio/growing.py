"""A stereo WAV that grows by position and is valid after every step. Touches its own file.

Samples first, then the sizes in the header, each in one write: a process killed between the two
leaves a whole, shorter sound. What was never written is a hole in the file, which reads as
silence, so later sound stays where it belongs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path, PurePosixPath

from callcenter.audio.tone import hide
from callcenter.audio.wav import HEADER_BYTES, wav_header
from callcenter.core.records import SAMPLE_RATE, RecordingInfo
from callcenter.core.redaction import Hidden

WriteAt = Callable[[int, bytes, int], int]
"""As os.pwrite: descriptor, bytes, offset; returns how many went. Raises OSError."""

BLOCK_BYTES = 4
"""One sample of both channels."""
MAX_SAMPLES = (2**32 - HEADER_BYTES) // BLOCK_BYTES
"""As much as the header's 32-bit sizes can tell: 37 hours at 8 kHz."""
NOTHING = RecordingInfo(path="", seconds=0.0, sha256="")
"""What is told of a recording for which not even a header could be written."""

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_HASH_BYTES = 1 << 20


class GrowingWav:
    """One file in `folder`, made at the first step; every step may block and raise OSError."""

    def __init__(self, folder: Path, path: PurePosixPath, write_at: WriteAt = os.pwrite) -> None:
        self._folder = folder
        self._wanted = path
        self._write_at = write_at
        self._fd: int | None = None
        self._begun = False
        self.rate = SAMPLE_RATE
        """Samples a second; may be set before the first `put`."""
        self.path = ""
        """In the folder, once it is made."""
        self.samples = 0
        """How many samples a channel the header tells of."""

    def create(self) -> None:
        """Make the file, with no sound in it yet, unless it is there."""
        self._opened()

    def put(self, start: int, block: bytes) -> None:
        """Write interleaved sound at sample `start`; again after an error if need be."""
        fd = self._opened()
        self._write(fd, block, HEADER_BYTES + start * BLOCK_BYTES)
        self._tell(fd, start + len(block) // BLOCK_BYTES)

    def lengthen(self, samples: int) -> None:
        """Let the sound last at least `samples`: silence to there, and nothing past the end."""
        fd = self._opened()
        length = max(samples, self.samples)
        os.ftruncate(fd, HEADER_BYTES + length * BLOCK_BYTES)
        self._tell(fd, length)

    def hide(self, hidden: Hidden, keep: Callable[[bytes], None] | None) -> None:
        """A quiet tone in place of what a party said there; `keep` is given what was there."""
        hide(self._opened(), self.rate, hidden, keep, self._write_at)

    def sync(self) -> None:
        """Have it on the disk itself."""
        os.fsync(self._opened())

    def info(self) -> RecordingInfo:
        """Path in the folder, seconds and SHA-256 of the file as it is now."""
        if self._fd is None or not self._begun:
            return NOTHING
        return RecordingInfo(self.path, self.samples / self.rate, sha256_of(self._fd))

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def _opened(self) -> int:
        if self._fd is None:
            self._fd = self._create()
        if not self._begun:
            self._write(self._fd, wav_header(2, 0, self.rate), 0)
            self._begun = True
        return self._fd

    def _create(self) -> int:
        """A new file, never one that is there: a second of the same name gets `-2`."""
        where = self._folder / self._wanted.parent
        for number in count(1):
            name = self._wanted.name if number == 1 else _numbered(self._wanted, number)
            try:
                fd = _opened_in(self._folder, self._wanted.parent, where / name)
            except FileExistsError:
                continue
            self.path = str(self._wanted.with_name(name))
            return fd
        raise AssertionError("count() has no end")  # pragma: no cover

    def _tell(self, fd: int, samples: int) -> None:
        if samples > self.samples:
            self._write(fd, wav_header(2, samples * BLOCK_BYTES, self.rate), 0)
            self.samples = samples

    def _write(self, fd: int, data: bytes, offset: int) -> None:
        while data:
            gone = self._write_at(fd, data, offset)
            data, offset = data[gone:], offset + gone


def _numbered(path: PurePosixPath, number: int) -> str:
    return f"{path.stem}-{number}{path.suffix}"


def _opened_in(folder: Path, below: PurePosixPath, file: Path) -> int:
    """The file, new, in the folder `below` in `folder`, which is made by the first call of a day.
    Raises FileExistsError."""
    try:
        return os.open(file, _FLAGS, 0o600)
    except FileNotFoundError:
        _make_private(folder, below)
        return os.open(file, _FLAGS, 0o600)


def _make_private(folder: Path, below: PurePosixPath) -> None:
    """What has to be made is for its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in below.parts:
        folder /= part
        folder.mkdir(mode=0o700, exist_ok=True)


def sha256_of(fd: int) -> str:
    """Of the whole file, read bit by bit."""
    digest = hashlib.sha256()
    at = 0
    while piece := os.pread(fd, _HASH_BYTES, at):
        digest.update(piece)
        at += len(piece)
    return digest.hexdigest()
