"""What waits to be transcribed is the recording that was kept, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from callcenter.casework.backlog import StoredBacklog
from callcenter.core import events as ev
from callcenter.core.errors import SoundFileError
from callcenter.core.records import RecordingInfo
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from tests.casework.kept import NOON, Kept
from tests.web.fakes import sound


def test_a_recording_that_was_changed_is_not_transcribed(store: Store, tmp_path: Path) -> None:
    path = sound(tmp_path, "c1.wav", seconds=1).path
    sha256 = hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
    kept = Kept(store)
    kept.begin("c1", NOON)
    kept.books.write(ev.CallEnded("c1", NOON, "caller", "answered", "ordinary", transcribed=False))
    kept.books.write(ev.RecordingClosed("c1", NOON, RecordingInfo(path, 1.0, sha256)))
    backlog = StoredBacklog(store, Recordings(tmp_path))
    assert [one.path for one in backlog.waiting()] == [path]
    assert backlog.sound(path)
    content = (tmp_path / path).read_bytes()
    (tmp_path / path).write_bytes(content[:-2] + b"\x00\x01")
    with pytest.raises(SoundFileError, match="not the recording that was kept"):
        backlog.sound(path)
