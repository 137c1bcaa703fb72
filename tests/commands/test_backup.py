"""`callcenter backup` and `callcenter restore`: what was copied comes back, or nothing does."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from callcenter.commands import backup as backups
from callcenter.commands import copies
from callcenter.commands.backup import backup
from callcenter.commands.restore import restore
from callcenter.core.errors import BackupFailed, MissingPiece, StoreError
from callcenter.core.events import CallRang, RecordStepped
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests.casework.conftest import after
from tests.casework.harassed import Harassed
from tests.postgresql import Server, needs_postgresql

OUTSIDE = (
    '{"package": "callcenter backup", "format": 1, "made_at": "", "software": "", "schema": "",'
    '"trail_entries": 0, "trail_head": "", "files": [{"path": "recordings/../../x", "bytes": 1,'
    '"sha256": "", "changed_ns": 0}]}'
)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harassed]:
    """A service's folder with two recorded calls, a key, and a minute between two copies."""
    folder = tmp_path / "house"
    folder.mkdir()
    made = Harassed(folder)
    made.call("c1", sound=True)
    made.call("c2", 60, sound=True)
    step = ("account", "AC-1", "request", "李静", "requested", 0, {"person": "王芳", "roles": []})
    made.books.write(RecordStepped("", after(0), *step))
    (folder / "data" / "callcenter.key").write_text("the key", "utf-8")
    (folder / "data" / "reports").mkdir()
    (folder / "data" / "reports" / "day.csv").write_text("日报", "utf-8")
    minutes = count()
    monkeypatch.setattr(backups, "now", lambda: NOON + timedelta(minutes=next(minutes)))
    yield made
    made.store.close()


def another(folder: Path) -> Path:
    """The configuration of a place where nothing is yet."""
    file = folder / "other" / "c.toml"
    file.parent.mkdir()
    file.write_text("", "utf-8")
    return file


def the_copy(folder: Path) -> Path:
    (made,) = copies.copies(folder)
    return made


def calls_in(file: Path) -> int:
    with closing(Store(file)) as store, store.session() as session:
        return session.scalar(select(func.count()).select_from(Call)) or 0


def test_what_was_copied_comes_back_on_an_empty_place(
    house: Harassed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "copies"
    assert backup(house.config, kept) == 0
    told = capsys.readouterr().out
    assert "audit trail: " in told
    assert f"the key is not in it, keep it elsewhere: {house.folder}/data/callcenter.key" in told
    other = another(tmp_path)
    assert restore(other, kept) == 0
    told = capsys.readouterr().out
    assert "recordings: 2 of 2 are in " in told
    assert f"put the key back, no copy has it: {other.parent}/data/callcenter.key" in told
    assert calls_in(other.parent / "data" / "callcenter.db") == 2
    assert (other.parent / "data" / "reports" / "day.csv").read_text("utf-8") == "日报"
    assert not (other.parent / "data" / "callcenter.key").exists()
    assert (other.parent / "data" / "callcenter.db").stat().st_mode & 0o077 == 0
    assert (the_copy(kept) / "config" / "c.toml").read_bytes() == house.config.read_bytes()


def test_secrets_are_in_no_copy(house: Harassed, tmp_path: Path) -> None:
    secret = house.folder / "data" / "sms.token"
    secret.write_text("the token", "utf-8")
    house.config.write_text('[sms]\ntoken_file = "data/sms.token"\n', "utf-8")
    backup(house.config, tmp_path / "copies")
    for file in copies.files_in(tmp_path / "copies"):
        assert b"the token" not in file.read_bytes()
        assert b"the key" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0 or file.name == copies.MANIFEST


def test_what_has_not_changed_takes_no_room_again(house: Harassed, tmp_path: Path) -> None:
    kept = tmp_path / "copies"
    backup(house.config, kept)
    house.call("c3", 120, sound=True)
    backup(house.config, kept)
    first, second = copies.copies(kept)
    wavs = {file.relative_to(second): file.stat() for file in second.rglob("*.wav")}
    assert len(wavs) == 3
    for path, stat in wavs.items():
        assert stat.st_nlink == (2 if (first / path).exists() else 1)
    house.call("c4", 180, sound=True)
    backup(house.config, kept, keep=2)
    assert [path.name for path in copies.copies(kept)] == [second.name, "20261123T040400Z"]
    assert restore(another(tmp_path), second) == 0


def test_a_copy_is_made_while_the_service_writes(house: Harassed, tmp_path: Path) -> None:
    with house.store.session(write=True) as session:
        session.execute(text("UPDATE calls SET agent = 'elsewhere'"))
        session.flush()
        assert backup(house.config, tmp_path / "copies") == 0
        file = the_copy(tmp_path / "copies") / "database" / "callcenter.db"
        with closing(sqlite3.connect(file)) as copied:
            assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            agents = copied.execute("SELECT DISTINCT agent FROM calls").fetchall()
    assert agents != [("elsewhere",)]


def test_a_copy_that_is_not_whole_is_not_put_back(
    house: Harassed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup(house.config, tmp_path / "copies")
    copy = the_copy(tmp_path / "copies")
    other = another(tmp_path)
    assert restore(other, copy, check=True) == 0
    first, second = sorted(copy.rglob("*.wav"))
    second.unlink()
    first.chmod(0o600)
    first.write_bytes(first.read_bytes()[:-2] + b"xx")
    with pytest.raises(BackupFailed, match="is not whole, 2 files are wrong; nothing was put back"):
        restore(other, copy)
    told = capsys.readouterr().err
    assert "was changed" in told
    assert "is missing" in told
    assert list(other.parent.iterdir()) == [other]


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        '{"package": "callcenter backup", "format": 2}',
        OUTSIDE,
        '{"package": "callcenter backup", "format": 1, "files": 3}',
    ],
)
def test_garbage_is_no_manifest(tmp_path: Path, manifest: str) -> None:
    (tmp_path / copies.MANIFEST).write_text(manifest, "utf-8")
    with pytest.raises(BackupFailed, match="is no manifest of a backup"):
        restore(another(tmp_path), tmp_path)


def test_nothing_is_ever_overwritten(house: Harassed, tmp_path: Path) -> None:
    kept = tmp_path / "copies"
    backup(house.config, kept)
    with pytest.raises(BackupFailed, match="there is a database already"):
        restore(house.config, kept)
    other = another(tmp_path)
    (other.parent / "recordings").mkdir()
    (other.parent / "recordings" / "a.wav").touch()
    with pytest.raises(BackupFailed, match="recordings: is not empty"):
        restore(other, kept)
    with pytest.raises(BackupFailed, match="there is no finished copy"):
        restore(other, tmp_path / "nowhere")


def test_a_changed_trail_or_recording_is_told_when_it_comes_back(
    house: Harassed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with house.store.session(write=True) as session:
        session.execute(text("DROP TRIGGER trail_stays"))
        session.execute(text("UPDATE trail SET changes = '{}'"))
    next(house.recordings.rglob("*.wav")).write_bytes(b"another sound")
    assert backup(house.config, tmp_path / "copies") == 0
    assert "the audit trail is broken at entry 1" in capsys.readouterr().err
    assert restore(another(tmp_path), tmp_path / "copies") == 1
    told = capsys.readouterr().err
    assert "the audit trail is broken at entry 1" in told
    assert "is not the one that was kept" in told


def test_a_copy_that_cannot_be_made_leaves_nothing_behind(
    house: Harassed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupFailed, match="expected a place outside"):
        backup(house.config, house.folder / "data" / "copies")
    with pytest.raises(BackupFailed, match="how many copies"):
        backup(house.config, tmp_path / "copies", keep=-1)
    with pytest.raises(StoreError, match="there is no database"):
        backup(another(tmp_path), tmp_path / "copies")
    file = tmp_path / "a file"
    file.touch()
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup(house.config, file)
    assert list((tmp_path / "copies").iterdir()) == []


def test_files_that_vanish_meanwhile_are_passed_over(
    house: Harassed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = house.recordings / "gone.wav"
    hidden.touch()
    os.mkfifo(house.recordings / "pipe")
    (house.recordings / "link.wav").symlink_to(hidden)
    manifest = copies.Manifest("", "", "", 0, "")
    copying = copies.Copying(tmp_path / "part", manifest, None)
    found = list(copies.files_in(house.recordings))
    hidden.unlink()
    for file in found:
        copying.take(file, f"recordings/{file.name}")
    assert manifest.passed_over == ["recordings/gone.wav"]
    assert sorted(manifest.files) == ["recordings/c1.wav", "recordings/c2.wav"]
    assert json.loads(manifest.as_json())["passed_over"] == ["recordings/gone.wav"]


@needs_postgresql
def test_a_database_server_is_dumped_and_put_back(
    postgresql_server: Server, house: Harassed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = postgresql_server.url(postgresql_server.new())
    other = another(tmp_path)
    other.write_text(f'[store]\nurl = "{bare}"\n', "utf-8")
    with postgresql_server.lent() as url:
        house.config.write_text(f'[store]\nurl = "{url}"\n', "utf-8")
        with closing(Store(url)) as store:
            SqlBooks(store).write(CallRang("c1", NOON, "13800000001", "95000", "main"))
        assert backup(house.config, tmp_path / "copies") == 0
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(MissingPiece, match="pg_dump is missing"):
            backup(house.config, tmp_path / "copies")
        monkeypatch.undo()
    assert restore(other, tmp_path / "copies") == 0
    with closing(Store(bare)) as store, store.session() as session:
        assert session.scalars(select(Call.call_id)).all() == ["c1"]
    with pytest.raises(BackupFailed, match="there is a database already"):
        restore(other, tmp_path / "copies")
