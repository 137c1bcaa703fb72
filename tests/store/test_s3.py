"""What the archive asks of an S3 server, asked of a real one: OpenStack Swift."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.core.errors import ArchiveAway
from callcenter.core.office import Archive, Archived
from callcenter.store.recordings import Recordings, digest
from callcenter.store.s3 import PART_BYTES, Place, S3Archive
from tests.s3 import SECRET, S3Server

pytestmark = pytest.mark.external
PATH = "2026/11/22/20261122T080000-0123456789ab.wav"


@pytest.fixture(scope="module")
def place(s3_server: S3Server) -> Place:
    return s3_server.bucket("doors")


@pytest.fixture
def archive(place: Place) -> Archive:
    return S3Archive(replace(place, prefix=secrets.token_hex(4)))


def written(folder: Path, content: bytes) -> tuple[str, str]:
    """A file and its SHA-256."""
    file = folder / "a.wav"
    file.write_bytes(content)
    return str(file), hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 44, PART_BYTES + 1], ids=str)
def test_what_is_put_is_found_read_and_deleted(archive: Archive, tmp_path: Path, size: int) -> None:
    content = secrets.token_bytes(size)
    file, sha256 = written(tmp_path, content)
    archive.put(PATH, file, sha256)
    assert archive.find(PATH) == Archived(size, sha256)
    assert archive.read(PATH, 0, size) == content
    assert archive.read(PATH, size // 2, size) == content[size // 2 :]
    sound = Recordings(tmp_path, archive).sound(PATH)
    assert sound is not None
    assert (sound.size, sound.file, digest(sound)) == (size, None, sha256)
    archive.delete(PATH)
    assert archive.find(PATH) is None
    archive.delete(PATH)


def test_what_is_put_again_takes_the_place_of_the_first(archive: Archive, tmp_path: Path) -> None:
    for content in (b"first", b"second one"):
        archive.put(PATH, *written(tmp_path, content))
    assert archive.read(PATH, 0, 10) == b"second one"


def test_what_is_not_there(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        archive.read(PATH, 0, 1)
    with pytest.raises(OSError, match="nowhere"):
        archive.put(PATH, str(tmp_path / "nowhere"), "")


def test_a_wrong_secret_and_a_bucket_that_is_not_there(place: Place, tmp_path: Path) -> None:
    for wrong in (replace(place, secret="wrong"), replace(place, bucket="no-such")):
        archive = S3Archive(wrong)
        with pytest.raises(ArchiveAway, match=r"^s3://\S+: .*") as refused:
            archive.put(PATH, *written(tmp_path, b"sound"))
        told = str(refused.value)
        assert "\n" not in told
        assert SECRET not in told
        assert "wrong" not in told


def test_a_server_that_is_gone(place: Place, tmp_path: Path) -> None:
    archive = S3Archive(replace(place, endpoint="http://127.0.0.1:9"))
    file = written(tmp_path, b"sound")
    for ask in (
        lambda: archive.put(PATH, *file),
        lambda: archive.find(PATH),
        lambda: archive.read(PATH, 0, 1),
        lambda: archive.delete(PATH),
    ):
        with pytest.raises(ArchiveAway, match=r"^s3://doors/centre/sound: "):
            ask()


def test_a_bucket_in_the_servers_name() -> None:
    aliyun = Place("sound", endpoint="https://oss-cn-hangzhou.aliyuncs.com/", in_host=True)
    assert aliyun.server == "https://sound.oss-cn-hangzhou.aliyuncs.com"
    assert replace(aliyun, in_host=False).server == "https://oss-cn-hangzhou.aliyuncs.com"
    assert Place("sound", in_host=True).server == ""
