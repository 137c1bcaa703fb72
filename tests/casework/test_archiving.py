"""Recordings go to a real S3 server, stay for a while, and are played and proved from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from callcenter.bus.local import LocalBus
from callcenter.casework.archiving import Archivist
from callcenter.casework.backlog import StoredBacklog
from callcenter.casework.evidence import files as evidence_files
from callcenter.casework.evidence import gathering as evidence
from callcenter.casework.evidence.gathering import Maker, Wish
from callcenter.commands.retranscribe import sealed
from callcenter.core.errors import ArchiveAway, SoundFileError
from callcenter.core.events import RecordingClosed, TranscriptCompleted
from callcenter.core.records import Party, RecordingInfo
from callcenter.store import transcripts
from callcenter.store.archive_tables import ArchivedRecording
from callcenter.store.recordings import Recordings
from callcenter.store.s3 import Place, S3Archive
from callcenter.store.tables import Call
from callcenter.web.app import create_app
from callcenter.web.pages.words.evidence import wording
from tests.casework.harassed import NIGHT, Harassed
from tests.s3 import S3Server
from tests.web.fakes import FakeDesk

pytestmark = pytest.mark.external


class Archived(Harassed):
    """A house whose recordings go to an archive; `now` is what its clock says."""

    def __init__(self, folder: Path, place: Place) -> None:
        super().__init__(folder)
        self.door = Recordings(self.recordings, S3Archive(place))
        self.now = NIGHT
        self.archivist = self.new()

    def new(self) -> Archivist:
        """As after a restart."""
        return Archivist(self.store, self.door, timedelta(days=7), lambda: self.now)

    def upload(self) -> list[str]:
        due = list(self.archivist.due())
        for call_id in due:
            self.archivist.upload(call_id)
        return due

    def shed(self) -> list[str]:
        old = list(self.archivist.old())
        for call_id in old:
            self.archivist.shed(call_id)
        return old

    def path(self, call_id: str) -> str:
        with self.store.session() as session:
            (one,) = transcripts.recorded(session, call_id=call_id)
        return one.path

    def file(self, call_id: str) -> Path:
        return self.recordings / self.path(call_id)

    def far(self, call_id: str) -> bytes:
        assert self.door.archive
        return self.door.archive.read(self.path(call_id), 0, 1 << 30)

    def put(self, call_id: str, content: bytes) -> None:
        """Somebody else writes into the bucket."""
        assert self.door.archive
        other = self.folder / "other"
        other.write_bytes(content)
        self.door.archive.put(self.path(call_id), str(other), "")

    def row(self, call_id: str) -> ArchivedRecording | None:
        with self.store.session() as session:
            return session.get(ArchivedRecording, call_id)


@pytest.fixture(scope="module")
def place(s3_server: S3Server) -> Place:
    return s3_server.bucket("archiving")


@pytest.fixture
def house(tmp_path: Path, place: Place) -> Iterator[Archived]:
    house = Archived(tmp_path, place)
    house.call("c1", sound=True)
    yield house
    house.store.close()


def test_a_recording_is_uploaded_kept_for_a_while_and_then_only_there(house: Archived) -> None:
    content = house.file("c1").read_bytes()
    assert house.upload() == ["c1"]
    assert house.far("c1") == content
    assert (house.upload(), house.archivist.waiting) == ([], 0)
    house.now += timedelta(days=6, hours=23)
    assert house.shed() == []
    house.now += timedelta(hours=1)
    assert house.shed() == ["c1"]
    assert not house.file("c1").exists()
    row = house.row("c1")
    assert row is not None
    assert row.shed_at == house.now
    assert (house.upload(), house.shed()) == ([], [])
    assert house.door.sha256(house.path("c1")) == row.sha256


def test_while_the_server_is_away_nothing_is_lost_and_people_are_told(
    house: Archived, s3_server: S3Server
) -> None:
    s3_server.down()
    try:
        with pytest.raises(ArchiveAway):
            house.upload()
        assert house.file("c1").exists()
        told = house.archivist.notice()
        assert "1 段录音先留在本机，不会丢" in told
    finally:
        s3_server.up()
    house.archivist = house.new()  # the service was started again meanwhile
    assert house.upload() == ["c1"]
    assert house.archivist.notice() == ""


def test_nothing_is_removed_here_that_the_archive_does_not_give_back_whole(
    house: Archived,
) -> None:
    house.upload()
    content = house.file("c1").read_bytes()
    house.put("c1", content[:-1] + b"!")
    house.now += timedelta(days=8)
    with pytest.raises(SoundFileError, match="the archive has another"):
        house.shed()
    assert house.file("c1").read_bytes() == content
    assert house.upload() == ["c1"]
    assert house.far("c1") == content


def test_what_was_altered_here_is_not_archived_over_its_seal(house: Archived) -> None:
    house.file("c1").write_bytes(house.file("c1").read_bytes() + b"!")
    with pytest.raises(SoundFileError, match="is not what was sealed"):
        house.upload()
    assert house.row("c1") is None


def test_what_is_sealed_anew_is_uploaded_anew(house: Archived) -> None:
    """A recording whose sound was covered by a tone later, say."""
    house.upload()
    content = house.file("c1").read_bytes()[:-4] + bytes(4)
    house.file("c1").write_bytes(content)
    with house.store.session() as session:
        (was,) = transcripts.recorded(session)
    made = RecordingInfo(was.path, was.seconds, hashlib.sha256(content).hexdigest())
    house.write(RecordingClosed("c1", NIGHT, made))
    house.now += timedelta(days=8)
    assert house.shed() == []
    assert house.upload() == ["c1"]
    assert house.far("c1") == content


def test_where_numbers_must_not_stay_it_goes_once_all_of_it_was_heard(house: Archived) -> None:
    with house.store.session(write=True) as session:
        session.execute(update(Call).values(transcribed=False))
    wary = Archivist(house.store, house.door, timedelta(0), lambda: house.now, heard_first=True)
    assert (wary.due(), wary.waiting) == ([], 0)  # a gap waits to be transcribed
    house.upload()
    assert wary.old() == []
    house.write(TranscriptCompleted("c1", NIGHT))
    assert wary.old() == ["c1"]


def test_another_nodes_recordings_are_left_to_it(house: Archived) -> None:
    house.file("c1").rename(house.folder / "on another node.wav")
    assert house.upload() == []
    assert house.archivist.waiting == 1


@pytest.fixture
def gone(house: Archived) -> Archived:
    """Its recording lies in the archive alone."""
    house.upload()
    house.now += timedelta(days=8)
    house.shed()
    assert not house.file("c1").exists()
    return house


def test_evidence_transcripts_and_backfill_read_the_archive(gone: Archived) -> None:
    with gone.store.session() as session:
        found = evidence.gather(session, Wish(calls=("c1",)))
        (one,) = transcripts.recorded(session)
    maker = Maker("陈静", NIGHT, "mini", "callcenter 9.9")
    package = evidence_files.write(found, gone.door, gone.folder / "out", maker, wording([]))
    assert package.problems == ()
    manifest = json.loads((package.folder / "manifest.json").read_text("utf-8"))
    assert "calls/001-c1/recording.wav" in json.dumps(manifest)
    assert sealed(gone.door, one).seconds == one.seconds
    sound = StoredBacklog(gone.store, gone.door).sound(one.path)
    assert len(sound[Party.CALLER]) == round(one.seconds * 16000)
    gone.put("c1", b"RIFF something else")
    altered = evidence_files.write(found, gone.door, gone.folder / "o2", maker, wording([]))
    assert "IS NOT THE ONE THAT WAS KEPT" in altered.problems[0]
    with pytest.raises(SoundFileError, match="damaged"):
        sealed(gone.door, one)


async def test_it_is_played_proved_and_drawn_from_the_archive(
    gone: Archived, s3_server: S3Server
) -> None:
    content, etag = gone.far("c1"), ""
    bus = LocalBus()
    app = create_app(
        desk=FakeDesk(gone.store, bus),
        store=gone.store,
        bus=bus,
        recordings=gone.door,
        allowed_hosts=["desk.test"],
        now=lambda: NIGHT,
    )
    transport = httpx.ASGITransport(app)
    url = "/api/v1/calls/c1/recording"
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        whole = await client.get(url)
        assert (whole.status_code, whole.content) == (200, content)
        etag = whole.headers["etag"]
        part = await client.get(url, headers={"Range": "bytes=1000-1999"})
        assert (part.status_code, part.content) == (206, content[1000:2000])
        assert part.headers["content-range"] == f"bytes 1000-1999/{len(content)}"
        assert (await client.get(url, headers={"If-None-Match": etag})).status_code == 304
        assert (await client.get(f"{url}/integrity")).json()["state"] == "intact"
        drawn = (await client.get(f"{url}/outline")).json()
        assert len(drawn["caller"]) == len(drawn["agent"]) == 100
        gone.put("c1", content[:-1] + b"!")
        assert (await client.get(f"{url}/integrity")).json()["state"] == "altered"
        s3_server.down()
        try:
            away = await client.get(url)
            assert away.status_code == 503
            assert away.json()["detail"].startswith("s3://archiving/centre/sound: ")
            page = await client.get("/calls/c1")
            assert "归档暂时连不上" in page.text
        finally:
            s3_server.up()
