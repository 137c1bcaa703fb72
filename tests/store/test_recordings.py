"""The one door to recordings: the folder first, else the archive, and nothing outside them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from callcenter.core.errors import ArchiveAway, StoreAway, StoreError
from callcenter.core.office import Archived
from callcenter.store.recordings import PIECE_BYTES, Recordings, digest

PATH = "2026/11/22/a.wav"


class Shelves:
    """core.office.Archive, in memory; away while `away`."""

    where = "s3://shelves"

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.away = False
        self.reads: list[tuple[int, int]] = []

    def put(self, path: str, file: str, sha256: str) -> None:
        self._there().__setitem__(path, Path(file).read_bytes())

    def find(self, path: str) -> Archived | None:
        found = self._there().get(path)
        return None if found is None else Archived(len(found), "")

    def read(self, path: str, first: int, stop: int) -> bytes:
        self.reads.append((first, stop))
        return self._there()[path][first:stop]

    def delete(self, path: str) -> None:
        self._there().pop(path, None)

    def _there(self) -> dict[str, bytes]:
        if self.away:
            raise ArchiveAway("s3://shelves: gone")
        return self.kept


@pytest.fixture
def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def door(tmp_path: Path, shelves: Shelves) -> Recordings:
    file = tmp_path / "in" / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(b"here")
    (tmp_path / "secret.wav").write_bytes(b"outside")
    return Recordings(tmp_path / "in", shelves)


def test_the_folder_comes_first(door: Recordings, shelves: Shelves) -> None:
    shelves.kept[PATH] = b"far away"
    sound = door.sound(PATH)
    assert sound is not None
    with sound.open() as opened:
        assert (sound.size, opened.read()) == (4, b"here")
    shelves.away = True
    assert door.sha256(PATH) == digest(sound)


def test_else_the_archive_piece_by_piece(door: Recordings, shelves: Shelves) -> None:
    content = bytes(range(256)) * (PIECE_BYTES // 128)
    shelves.kept["b.wav"] = content
    sound = door.sound("b.wav")
    assert sound is not None
    with sound.open() as opened:
        assert opened.seek(-3, io.SEEK_END) == len(content) - 3
        assert opened.read() == content[-3:]
        opened.seek(5)
        assert (opened.read(4), opened.tell()) == (content[5:9], 9)
        opened.seek(len(content) + 9)
        assert opened.read() == b""
    assert all(stop - first <= PIECE_BYTES for first, stop in shelves.reads)
    with sound.open() as opened:
        assert opened.read() == content


@pytest.mark.parametrize(
    "path", ["", ".", "..", "/etc/passwd", "../secret.wav", "2026/../../secret.wav", "a//b", "a\0b"]
)
def test_nothing_outside_is_opened_or_removed(
    door: Recordings, shelves: Shelves, path: str
) -> None:
    shelves.kept[path] = b"what a bucket may hold"
    assert door.remove(path) == 0
    assert path in shelves.kept
    assert door.file(path) is None
    assert door.sound(path) is None
    assert (door.folder.parent / "secret.wav").exists()


def test_what_is_nowhere_and_what_cannot_be_asked(door: Recordings, shelves: Shelves) -> None:
    assert door.sound("c.wav") is None
    assert door.sha256("c.wav") == ""
    shelves.away = True
    with pytest.raises(ArchiveAway):
        door.sound("c.wav")
    assert Recordings(door.folder).sound("c.wav") is None


def test_it_is_removed_wherever_it_lies(door: Recordings, shelves: Shelves) -> None:
    shelves.kept |= {PATH: b"here", "b.wav": b"far"}
    beside = door.folder / f"{PATH}.outline"
    beside.write_bytes(b"{}")
    other = beside.with_name("a.wave.wav")
    other.write_bytes(b"another call's")
    shelves.away = True
    with pytest.raises(StoreAway):
        door.remove(PATH)
    assert beside.exists()
    shelves.away = False
    assert door.remove(PATH) == 3
    assert door.sound(PATH) is None
    assert other.exists()
    assert (door.remove("b.wav"), door.remove("b.wav"), shelves.kept) == (1, 0, {})


def test_a_second_folder_stands_in_and_is_cleared_too(door: Recordings, tmp_path: Path) -> None:
    copy = tmp_path / "second" / PATH
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"here")
    both = Recordings(door.folder, second=tmp_path / "second")
    assert list(both.files(PATH)) == [door.folder / PATH, copy]
    (door.folder / PATH).unlink()
    assert both.file(PATH) == copy
    assert both.remove(PATH) == 1
    assert not copy.exists()


def test_what_cannot_be_removed_is_told(door: Recordings) -> None:
    (door.folder / "d.wav").mkdir()
    with pytest.raises(StoreError, match=r"d\.wav: cannot be removed"):
        door.remove("d.wav")
