"""`callcenter restore`: puts a copy back where nothing is yet, and says whether it is whole."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from callcenter.commands import copies
from callcenter.commands.copies import Kept, Manifest, read_manifest, sha256_of
from callcenter.commands.kept import is_there, open_kept
from callcenter.config import Config, load
from callcenter.core.errors import BackupFailed
from callcenter.store import copies as databases
from callcenter.store import trail
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.store.tables import RecordingRow
from callcenter.store.trail import Entry

SHOWN = 10
"""Problems that are told one by one."""


def restore(file: Path, folder: Path, *, check: bool = False) -> int:
    """Put back the copy, or the newest of these copies; `check`: only look whether it is whole.

    1 where the audit trail or a recording is not as it should be. Raises ConfigError, BackupFailed
    where the copy is not whole or where something is there already, StoreError, MissingPiece.
    """
    config, copy = load(file), _copy_in(folder)
    manifest = read_manifest(copy)
    _check_whole(copy, manifest)
    print(f"{copy}: whole, {len(manifest.files)} files of {manifest.made_at}")
    if check:
        return 0
    _check_empty(config)
    try:
        _put_back(config, copy, manifest)
    except OSError as error:
        where = error.filename or config.data
        raise BackupFailed(f"{where}: cannot be written: {error.strerror or error}") from error
    return _look(config, copy, manifest)


def _copy_in(folder: Path) -> Path:
    """Raises BackupFailed."""
    if (folder / copies.MANIFEST).is_file():
        return folder
    found = copies.copies(folder)
    if not found:
        raise BackupFailed(f"{folder}: there is no finished copy; expected what backup made")
    return found[-1]


def _check_whole(copy: Path, manifest: Manifest) -> None:
    """Every file as the manifest has it. Raises BackupFailed."""
    wrong = [
        f"{one.path}: {told}" for one in manifest.files.values() if (told := _wrong(copy, one))
    ]
    if not any(path.startswith("database/") for path in manifest.files):
        wrong.append("there is no database in it")
    for told in wrong[:SHOWN]:
        print(f"callcenter: {told}", file=sys.stderr)
    if wrong:
        raise BackupFailed(
            f"{copy}: is not whole, {len(wrong)} files are wrong; nothing was put back"
        )


def _wrong(copy: Path, kept: Kept) -> str:
    file = copy / kept.path
    if file.is_symlink() or not file.is_file():
        return "is missing"
    try:
        return "" if sha256_of(file) == (kept.bytes, kept.sha256) else "was changed"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _check_empty(config: Config) -> None:
    """Raises BackupFailed."""
    if is_there(config):
        raise BackupFailed("there is a database already; expected a place where nothing is yet")
    recordings = Path(config.recordings)
    if any(file.name != "README.md" for file in copies.files_in(recordings)):
        raise BackupFailed(f"{recordings}: is not empty; expected a place where nothing is yet")


def _put_back(config: Config, copy: Path, manifest: Manifest) -> None:
    """The database comes last: what was broken off before is no service that looks whole."""
    for kept in manifest.files.values():
        where, _, path = kept.path.partition("/")
        root = {"recordings": config.recordings, "data": config.data}.get(where)
        if root:
            _take(copy / kept.path, Path(root) / path, kept)
    for kept in manifest.files.values():
        if kept.path.startswith("database/"):
            databases.put_back(copy / kept.path, config.database)


def _take(source: Path, target: Path, kept: Kept) -> None:
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    os.utime(target, ns=(kept.changed_ns, kept.changed_ns))


def _look(config: Config, copy: Path, manifest: Manifest) -> int:
    """What was put back, against itself: the trail's chain, the recordings' hashes."""
    with closing(open_kept(config)) as store:
        problems = [*_trail_problems(store, manifest), *_recording_problems(store, config)]
    for told in problems[:SHOWN]:
        print(f"callcenter: {told}", file=sys.stderr)
    print(f"restored to {config.database if isinstance(config.database, Path) else 'the server'}")
    print(f"configuration of that time: {copy / 'config'}")
    if not config.key_file.exists() and not os.environ.get("CALLCENTER_KEY"):
        print(f"密钥不在备份里，请放回原处 put the key back, no copy has it: {config.key_file}")
    return 1 if problems else 0


def _trail_problems(store: Store, manifest: Manifest) -> Iterator[str]:
    with store.session() as session:
        found = trail.verify(session)
        known = session.scalar(select(Entry.id).where(Entry.digest == manifest.trail_head))
    if found.broken_at:
        yield f"the audit trail is broken at entry {found.broken_at}: {found.why}"
    elif manifest.trail_entries and not known:
        yield "the audit trail does not hold the head that the manifest names"
    else:
        print(f"audit trail: {found.entries} entries, none changed")


def _recording_problems(store: Store, config: Config) -> Iterator[str]:
    """Of the recordings in the database: gone, or not the one that was kept."""
    wanted = select(RecordingRow).where(RecordingRow.path != "").order_by(RecordingRow.path)
    with store.session() as session:
        rows = session.scalars(wanted).all()
    recordings, good = Recordings(Path(config.recordings)), 0
    for row in rows:
        file = recordings.file(row.path)
        if file and sha256_of(file)[1] != row.sha256:
            yield f"the recording of call {row.call_id} is not the one that was kept"
        elif not (file or config.archive.url):
            yield f"the recording of call {row.call_id} is missing"
        good += file is not None
    print(f"recordings: {good} of {len(rows)} are in {config.recordings}")
    if config.archive.url and good < len(rows):
        print(f"the other {len(rows) - good} should be in the archive, which no copy holds")
