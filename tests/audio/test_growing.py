from __future__ import annotations

import hashlib
import io
import os
import wave
from pathlib import Path, PurePosixPath

import pytest

from callcenter.audio.growing import NOTHING, GrowingWav
from callcenter.audio.wav import read_wav
from callcenter.core.records import RecordingInfo

PLACE = PurePosixPath("2024/05/06/a.wav")


class WatchedDisk:
    """A disk that writes a few bytes at a time and keeps what a crash would leave each time."""

    def __init__(self) -> None:
        self.left_behind: list[bytes] = []

    def __call__(self, fd: int, data: bytes, offset: int) -> int:
        piece = data if offset == 0 else data[:100]
        gone = os.pwrite(fd, piece, offset)
        self.left_behind.append(os.pread(fd, 1 << 20, 0))
        return gone


def test_a_crash_at_any_moment_leaves_a_whole_wav(tmp_path: Path) -> None:
    disk = WatchedDisk()
    wav = GrowingWav(tmp_path, PLACE, disk)
    wav.create()
    for part in range(5):
        wav.put(part * 200, bytes([part]) * 800)
    wav.close()
    lengths = []
    for left in disk.left_behind:
        with wave.open(io.BytesIO(left)) as theirs:
            assert theirs.getparams()[:3] == (2, 2, 8000)
            sound = theirs.readframes(theirs.getnframes())
            assert len(sound) == theirs.getnframes() * 4
        assert sound == b"".join(bytes([part]) * 800 for part in range(len(sound) // 800))
        lengths.append(len(sound) // 4)
    assert lengths == sorted(lengths)
    assert set(lengths) == {0, 200, 400, 600, 800, 1000}


def test_what_was_never_written_is_silence(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path, PLACE)
    wav.put(100, b"\1\0\2\0" * 50)
    wav.lengthen(400)
    wav.lengthen(10)
    info = wav.info()
    wav.close()
    wav.close()
    content = (tmp_path / PLACE).read_bytes()
    assert info == RecordingInfo(str(PLACE), 400 / 8000, hashlib.sha256(content).hexdigest())
    left, right = read_wav(tmp_path / PLACE).channels
    assert left == bytes(200) + b"\1\0" * 50 + bytes(500)
    assert right == bytes(200) + b"\2\0" * 50 + bytes(500)


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path / "new" / "recordings", PLACE)
    wav.create()
    wav.sync()
    wav.close()
    file = tmp_path / "new" / "recordings" / PLACE
    assert file.stat().st_mode & 0o777 == 0o600
    for folder in list(file.parents)[:4]:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_there_is_never_touched(tmp_path: Path) -> None:
    infos = []
    for value in (b"\1", b"\2", b"\3"):
        wav = GrowingWav(tmp_path, PLACE)
        wav.put(0, value * 4)
        infos.append(wav.info())
        wav.close()
    assert [info.path for info in infos] == [
        "2024/05/06/a.wav",
        "2024/05/06/a-2.wav",
        "2024/05/06/a-3.wav",
    ]
    for info, value in zip(infos, (b"\1", b"\2", b"\3"), strict=True):
        assert read_wav(tmp_path / info.path).channels[0] == value * 2


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "2024").write_text("a file in the way")
    wav = GrowingWav(tmp_path, PLACE)
    with pytest.raises(OSError, match="2024"):
        wav.put(0, bytes(4))
    assert wav.info() == NOTHING
    wav.close()
