"""Copies a whole database while it is in use, and puts a copy back. Touches files; runs the
pg_dump and pg_restore of PostgreSQL.

SQLite: the online backup API in one step, which in WAL mode keeps nobody from writing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from callcenter.core.errors import MissingPiece, StoreError
from callcenter.store import dialects

NAMES = {dialects.SQLITE: "callcenter.db", dialects.POSTGRESQL: "callcenter.dump"}
"""What the file of a copy is called."""


def copy(database: str | Path, folder: Path) -> Path:
    """Write the database as it is at this moment into a new file in `folder`.

    Raises StoreError, and MissingPiece where PostgreSQL's programs are not installed.
    """
    url = dialects.parsed(database)
    backend = url.get_backend_name()
    file = folder / NAMES[backend]
    _COPY[backend](url, file)
    with file.open("rb+") as made:
        os.fsync(made.fileno())
    return file


def put_back(file: Path, database: str | Path) -> None:
    """Make the database from such a file. Raises StoreError where it is there already, where the
    file is of the other kind of database, or cannot be read; MissingPiece as above."""
    url = dialects.parsed(database)
    backend = url.get_backend_name()
    if file.name != NAMES[backend]:
        raise StoreError(f"{file.name} is no copy of a {backend} database, which is configured")
    _PUT_BACK[backend](url, file)


def _copy_sqlite(url: URL, file: Path) -> None:
    source = Path(url.database or "")
    if not source.is_file():
        raise StoreError(f"{source}: there is no database to copy")
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(file)) as made:
            read.execute(f"PRAGMA busy_timeout={dialects.BUSY_MS}")
            read.backup(made, pages=-1)
            # One file that is whole by itself; the service makes it WAL again.
            made.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"{source}: cannot be copied: {error}") from error
    file.chmod(0o600)


def _put_back_sqlite(url: URL, file: Path) -> None:
    target = Path(url.database or "")
    if target.exists():
        raise StoreError(f"{target}: there is a database already; expected none")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(file, part)
        part.chmod(0o600)
        part.replace(target)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror}") from error


def _copy_postgresql(url: URL, file: Path) -> None:
    _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    file.chmod(0o600)


def _put_back_postgresql(url: URL, file: Path) -> None:
    one = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(url, "pg_restore", *one, str(file))


def _run(url: URL, program: str, *words: str) -> None:
    """The password goes by the environment: the list of processes is open to everybody."""
    plain = url.set(drivername="postgresql", password=None)
    env = dict(os.environ)
    if url.password:
        env["PGPASSWORD"] = str(url.password)
    command = [program, f"--dbname={plain.render_as_string()}", *words]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise MissingPiece(f"{program} is missing: apt install postgresql-client") from None
    if done.returncode:
        told = done.stderr.strip().partition("\n")[0]
        raise StoreError(f"{dialects.called(url)}: {told or f'{program}: {done.returncode}'}")


_COPY: dict[str, Callable[[URL, Path], None]] = {
    dialects.SQLITE: _copy_sqlite,
    dialects.POSTGRESQL: _copy_postgresql,
}
_PUT_BACK: dict[str, Callable[[URL, Path], None]] = {
    dialects.SQLITE: _put_back_sqlite,
    dialects.POSTGRESQL: _put_back_postgresql,
}
