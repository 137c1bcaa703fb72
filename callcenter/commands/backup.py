"""`callcenter backup`: database and recordings as they are now, while the service runs."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path

from callcenter import __version__
from callcenter.app import now
from callcenter.commands import copies
from callcenter.commands.copies import MANIFEST, NAME, PART, Copying, Manifest
from callcenter.commands.kept import open_existing
from callcenter.config import Config, load
from callcenter.core.errors import BackupFailed
from callcenter.store import copies as databases
from callcenter.store import trail


def backup(file: Path, folder: Path, keep: int = 0) -> int:
    """Add a copy to `folder`, named for this moment (UTC), and remove all but the newest `keep`;
    0 keeps all. 1 where files were passed over.

    Raises ConfigError, StoreError, MissingPiece, BackupFailed; no half a copy is left.
    """
    config = load(file)
    if keep < 0:
        raise BackupFailed("--keep: expected how many copies to keep, or 0 for all")
    name = f"{now():%Y%m%dT%H%M%SZ}"
    part = folder / f"{name}{PART}"
    try:
        _check_place(folder, config)
        part.mkdir(mode=0o700, parents=True)
        manifest = _write(config, file, part)
        part.rename(folder / name)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        where = error.filename or folder
        raise BackupFailed(f"{where}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _tell(config, folder / name, manifest)
    _forget(folder, keep)
    return 1 if manifest.passed_over else 0


def _check_place(folder: Path, config: Config) -> None:
    """A copy within what is copied would grow without end."""
    for own in (config.data, config.recordings):
        if folder.resolve().is_relative_to(Path(own).resolve()):
            raise BackupFailed(f"{folder}: lies in {own}; expected a place outside, best elsewhere")


def _write(config: Config, file: Path, part: Path) -> Manifest:
    """The database goes first: every recording that it knows is there when it is its turn."""
    with closing(open_existing(config)) as store:
        schema = store.revision()
        with store.session() as session:
            verified = trail.verify(session)
    if verified.broken_at:
        told = f"the audit trail is broken at entry {verified.broken_at}: {verified.why}"
        print(f"callcenter: {told}; the copy is made all the same", file=sys.stderr)
    made_at = now().isoformat()
    manifest = Manifest(made_at, __version__, schema, verified.entries, verified.head)
    before = copies.copies(part.parent)
    copying = Copying(part, manifest, before[-1] if before else None)
    (part / "database").mkdir(mode=0o700)
    kept = databases.copy(config.database, part / "database")
    copying.note(f"database/{kept.name}")
    _take_folder(copying, Path(config.recordings), "recordings", config)
    _take_folder(copying, Path(config.data), "data", config)
    copying.take(file, f"config/{file.name}")
    (part / MANIFEST).write_bytes(manifest.as_json())
    _flush(part)
    return manifest


def _take_folder(copying: Copying, folder: Path, name: str, config: Config) -> None:
    for file in copies.files_in(folder):
        if name == "recordings" or not copies.is_kept_elsewhere(file, config):
            copying.take(file, f"{name}/{file.relative_to(folder).as_posix()}")


def _flush(folder: Path) -> None:
    """Onto the disk, before the copy gets its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.sync()


def _tell(config: Config, made: Path, manifest: Manifest) -> None:
    size = sum(one.bytes for one in manifest.files.values())
    print(f"{made}: {len(manifest.files)} files, {size / 1e6:,.1f} MB")
    print(f"audit trail: {manifest.trail_entries} entries, head {manifest.trail_head}")
    print(
        f"密钥不在备份里，请另行妥善保存 the key is not in it, keep it elsewhere: {config.key_file}"
    )
    for path in manifest.passed_over:
        print(f"callcenter: passed over, it vanished or cannot be read: {path}", file=sys.stderr)


def _forget(folder: Path, keep: int) -> None:
    """The oldest ones, and what a copy that was broken off left long ago."""
    old = copies.copies(folder)[:-keep] if keep else []
    left = [path for path in folder.glob(f"*{PART}") if NAME.fullmatch(path.stem)]
    for path in (*old, *left):
        shutil.rmtree(path, ignore_errors=True)
        print(f"removed {path}")
