from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from callcenter.core.records import RecordingInfo
from tests.web.fakes import START, FakeDesk, enquiry, harassment, sound

URL = "/api/v1/calls/h/recording"


@pytest.fixture
def wav(desk: FakeDesk, recordings: Path) -> bytes:
    harassment(desk, "h", START, sound(recordings, "2026/11/22/h.wav", seconds=1))
    return (recordings / "2026/11/22/h.wav").read_bytes()


async def test_the_whole_recording(client: httpx.AsyncClient, wav: bytes) -> None:
    answer = await client.get(URL)
    assert answer.status_code == 200
    assert answer.content == wav
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{"5f" * 32}"'


async def test_a_part_of_it(client: httpx.AsyncClient, wav: bytes) -> None:
    answer = await client.get(URL, headers={"Range": "bytes=44-1043"})
    assert answer.status_code == 206
    assert answer.content == wav[44:1044]
    assert answer.headers["content-range"] == f"bytes 44-1043/{len(wav)}"
    assert answer.headers["content-length"] == "1000"


async def test_a_part_beyond_its_end(client: httpx.AsyncClient, wav: bytes) -> None:
    answer = await client.get(URL, headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(wav)}"
    assert answer.json() == {"detail": f"the recording has {len(wav)} bytes"}


async def test_only_its_head(client: httpx.AsyncClient, wav: bytes) -> None:
    answer = await client.head(URL)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(wav))
    assert answer.content == b""


async def test_a_browser_that_has_it_is_told_so(client: httpx.AsyncClient, wav: bytes) -> None:
    etag = (await client.head(URL)).headers["etag"]
    assert (await client.get(URL, headers={"If-None-Match": etag})).status_code == 304


async def test_a_part_of_another_version_becomes_the_whole(
    client: httpx.AsyncClient, wav: bytes
) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert (await client.get(URL, headers=headers)).content == wav
    headers["If-Range"] = f'"{"5f" * 32}"'
    assert (await client.get(URL, headers=headers)).content == wav[:10]


async def test_a_call_without_a_recording(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "h", START)
    answer = await client.get(URL)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "call h has no finished recording"}


@pytest.mark.parametrize(
    "path", ["gone.wav", "../secret.wav", "/etc/passwd", "", ".", "a\x00b", "link.wav", "x" * 5000]
)
async def test_nothing_outside_the_folder_is_ever_read(
    client: httpx.AsyncClient, desk: FakeDesk, recordings: Path, path: str
) -> None:
    secret = recordings.parent / "secret.wav"
    secret.write_bytes(b"secret")
    (recordings / "link.wav").symlink_to(secret)
    harassment(desk, "h", START, RecordingInfo(path, 1.0, "ab" * 32))
    answer = await client.get(URL)
    assert answer.status_code == 404
    assert "missing" in answer.json()["detail"]
    page = (await client.get("/calls/h")).text
    assert "录音文件不见了" in page


async def test_a_recording_says_whether_it_is_what_was_kept(
    client: httpx.AsyncClient, desk: FakeDesk, recordings: Path
) -> None:
    info = sound(recordings, "2026/11/22/h.wav", seconds=1)
    file = recordings / info.path
    kept = replace(info, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    harassment(desk, "h", START, kept)
    assert (await client.get(URL)).headers["x-recording-integrity"] == "intact"
    file.write_bytes(file.read_bytes()[:-2] + b"\x00\x01")
    answer = await client.get(URL, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["x-recording-integrity"]) == (206, "altered")
    assert (await client.head(URL)).headers["x-recording-integrity"] == "altered"
