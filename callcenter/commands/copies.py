"""A copy of everything a service keeps, as a folder with a manifest: for `backup` and `restore`.

    20261123T031500Z/
        manifest.json     what is in it: sizes, SHA-256, schema, head of the audit trail
        database/         callcenter.db (SQLite) or callcenter.dump (PostgreSQL)
        recordings/       as in the recordings folder
        data/             what else lies in the data folder: edited rules, reports
        config/           the configuration file

Files that have not changed since the copy before are hard links to it: they take no room again.
Neither the key of [secrets] nor any other file with a secret is ever in a copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from callcenter.config import Config
from callcenter.core.errors import BackupFailed

FORMAT = 1
MANIFEST = "manifest.json"
PART = ".part"
CHUNK_BYTES = 1 << 20
MOST_BYTES = 1 << 28
"""Of a manifest: three million files."""
NAME = re.compile(r"\d{8}T\d{6}Z")
DATABASE = re.compile(r"callcenter\.db(-\w+|\.part)?")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a copy: its path there, bytes, SHA-256, and when it was last changed (ns)."""

    path: str
    bytes: int
    sha256: str
    changed_ns: int


@dataclass(slots=True)
class Manifest:
    """What a copy holds."""

    made_at: str
    software: str
    schema: str
    trail_entries: int
    trail_head: str
    files: dict[str, Kept] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    """Files that vanished or could not be read while they were copied."""

    def as_json(self) -> bytes:
        """The one text that stands for it."""
        told = asdict(self) | {"format": FORMAT, "package": "callcenter backup"}
        told["files"] = [asdict(self.files[path]) for path in sorted(self.files)]
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def copies(folder: Path) -> list[Path]:
    """The finished copies in this folder, oldest first."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if NAME.fullmatch(path.name))
    return sorted(path for path in found if (path / MANIFEST).is_file())


def read_manifest(copy: Path) -> Manifest:
    """Raises BackupFailed."""
    file = copy / MANIFEST
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BackupFailed(f"{file}: is too large to be a manifest")
        told = json.loads(file.read_bytes())
        return _manifest(told)
    except OSError as error:
        raise BackupFailed(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{file}: is no manifest of a backup") from error


def _manifest(told: Mapping[str, Any]) -> Manifest:
    if told["package"] != "callcenter backup" or told["format"] != FORMAT:
        raise ValueError("of another kind")
    files = [
        Kept(one["path"], one["bytes"], one["sha256"], one["changed_ns"]) for one in told["files"]
    ]
    names = ("made_at", "software", "schema", "trail_entries", "trail_head")
    texts = {name: told[name] for name in names}
    return Manifest(**texts, files={one.path: one for one in files if _inside(one.path)})


def _inside(path: str) -> bool:
    """Raises ValueError for what would lie elsewhere."""
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or ".." in parts:
        raise ValueError("a path outside")
    return True


def sha256_of(file: Path) -> tuple[int, str]:
    """How many bytes a file has, and their SHA-256. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


class Copying:
    """A copy that is being made; `before` is the one that unchanged files are shared with."""

    def __init__(self, folder: Path, manifest: Manifest, before: Path | None) -> None:
        """Raises BackupFailed where the manifest of the copy before cannot be read."""
        self._folder = folder
        self._manifest = manifest
        self._before = before
        self._known = read_manifest(before).files if before else {}

    def note(self, path: str) -> None:
        """A file that lies there already."""
        file = self._folder / path
        size, sha256 = sha256_of(file)
        self._manifest.files[path] = Kept(path, size, sha256, file.stat().st_mtime_ns)

    def take(self, source: Path, path: str) -> None:
        """Link or copy this file. What vanishes or cannot be read meanwhile is told and passed
        over; that the copy cannot be written raises OSError."""
        target = self._folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            stat = source.stat()
            known = self._known.get(path)
            if known and _is_same(known, stat) and self._link(known, target):
                self._manifest.files[path] = known
                return
            reading = source.open("rb")
        except OSError:
            self._manifest.passed_over.append(path)
            return
        with reading, target.open("xb") as writing:
            shutil.copyfileobj(reading, writing, CHUNK_BYTES)
        os.utime(target, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
        target.chmod(0o600)
        size, sha256 = sha256_of(target)
        self._manifest.files[path] = Kept(path, size, sha256, stat.st_mtime_ns)

    def _link(self, known: Kept, target: Path) -> bool:
        """False where the one before is gone, or its disk knows no links: then it is copied."""
        assert self._before is not None
        try:
            os.link(self._before / known.path, target)
        except OSError:
            return False
        return target.stat().st_size == known.bytes


def _is_same(known: Kept, stat: os.stat_result) -> bool:
    return (known.bytes, known.changed_ns) == (stat.st_size, stat.st_mtime_ns)


def files_in(folder: Path) -> Iterator[Path]:
    """Every plain file, in order; no link is followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(place, name)
            if file.is_file() and not file.is_symlink():
                yield file


def is_kept_elsewhere(file: Path, config: Config) -> bool:
    """Whether a file of the data folder is the database, a recording or a secret."""
    if file.parent == Path(config.data) and DATABASE.fullmatch(file.name):
        return True
    return file.is_relative_to(Path(config.recordings)) or file.resolve() in secret_files(config)


def secret_files(config: Config) -> set[Path]:
    """The files with secrets that the configuration names: `…_file`, and private keys."""
    return {
        config.key_file.resolve(),
        *(Path(one).resolve() for one in _named(config.model_dump())),
    }


def _named(table: Any) -> Iterator[str]:
    if isinstance(table, tuple):
        for one in table:
            yield from _named(one)
    elif isinstance(table, dict):
        for name, value in table.items():
            if isinstance(value, str) and value and (name == "key" or name.endswith("_file")):
                yield value
            yield from _named(value)
