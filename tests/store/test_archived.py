"""Which recordings the archive lacks, and which work failed: asked of both databases."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from callcenter.casework.archiving import Archivist
from callcenter.core.events import RecordingClosed
from callcenter.core.jobs import LONGEST_PAUSE, Failure
from callcenter.core.office import Archived
from callcenter.core.records import RecordingInfo
from callcenter.store.archive_tables import ArchivedRecording
from callcenter.store.books import SqlBooks
from callcenter.store.failures import StoredFailures
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.store.tables import RecordingRow
from tests.store.conftest import NOON, after, answer, end, ring
from tests.store.test_recordings import Shelves


class Marked(Shelves):
    """An archive that keeps the mark, too."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[str, str] = {}

    def put(self, path: str, file: str, sha256: str) -> None:
        super().put(path, file, sha256)
        self.marks[path] = sha256

    def find(self, path: str) -> Archived | None:
        found = super().find(path)
        return found and Archived(found.size, self.marks.get(path, ""))


def test_what_is_closed_is_due_until_it_is_there_as_it_is(
    store: Store, books: SqlBooks, tmp_path: Path
) -> None:
    clock = [NOON]
    door = Recordings(tmp_path, Marked())
    archivist = Archivist(store, door, timedelta(days=1), lambda: clock[0], heard_first=True)

    def close(call_id: str, sound: bytes) -> None:
        (tmp_path / f"{call_id}.wav").write_bytes(sound)
        made = RecordingInfo(f"{call_id}.wav", 1.0, hashlib.sha256(sound).hexdigest())
        books.write(RecordingClosed(call_id, after(70), made))

    for call_id in ("c2", "c1"):
        ring(books, call_id)
        answer(books, call_id)
        end(books, call_id)
        close(call_id, call_id.encode())
    assert (archivist.due(), archivist.waiting) == (["c1", "c2"], 2)
    archivist.upload("c1")
    archivist.upload("c1")  # as after a crash, before it was written down
    assert archivist.due() == ["c2"]
    close("c1", b"covered by a tone")
    assert archivist.due() == ["c1", "c2"]
    archivist.upload("c1")
    clock[0] += timedelta(days=1)
    assert archivist.old() == ["c1"]
    archivist.shed("c1")
    assert archivist.old() == []
    assert door.sha256("c1.wav") == hashlib.sha256(b"covered by a tone").hexdigest()
    assert not (tmp_path / "c1.wav").exists()
    with store.session(write=True) as session:  # retention: the row goes with the recording's
        session.delete(session.get_one(RecordingRow, "c1"))
    with store.session() as session:
        assert session.get(ArchivedRecording, "c1") is None
    archivist.upload("gone")
    archivist.shed("gone")


def test_what_fails_stands_until_it_is_done_or_nobody_tries_any_more(store: Store) -> None:
    failures = StoredFailures(store)
    first = Failure("archive", "c1", 1, NOON, "away")
    again = Failure("archive", "c1", 2, after(5), "still away")
    other = Failure("reports", "service day", 1, after(6), "no room")
    for failure in (first, again, other):
        failures.note(failure)
    assert failures.standing(after(7)) == [other, again]
    assert failures.standing(NOON + 3 * LONGEST_PAUSE) == []
    failures.forget("archive", "c1")
    failures.forget("archive", "never")
    assert failures.standing(after(7)) == [other]
