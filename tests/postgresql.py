"""Runs a PostgreSQL server of the tests' own: a Unix socket, no network, nothing kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from callcenter.store.sql import Store
from callcenter.store.tables import Base
from tests.waiting import PATIENCE_S

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
"""Whom a server runs as where we are root, which it refuses to be."""
OFF = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
INITDB = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
SETTINGS = {"listen_addresses": "", "max_connections": "40", "shared_buffers": "32MB"}


def _binaries() -> Path | None:
    """The folder of the server's programs; Debian keeps them where no PATH looks."""
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb", path=os.pathsep.join(map(str, newest))) or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _command() -> list[str] | None:
    """What goes before the server's programs: they refuse to be root, and end when we do (SIGQUIT
    is their immediate shutdown). None where that cannot be."""
    if not (setpriv := shutil.which("setpriv")):
        return None
    command = [setpriv, "--pdeathsig", "QUIT"]
    if os.geteuid() != 0:
        return command
    known = subprocess.run(["id", USER], capture_output=True, check=False).returncode == 0
    return [*command, "--reuid", USER, "--regid", USER, "--init-groups"] if known else None


BINARIES = _binaries()
COMMAND = _command()
needs_postgresql = pytest.mark.skipif(
    BINARIES is None or COMMAND is None,
    reason="PostgreSQL is not installed (apt install postgresql)",
)


SCHEMA = """SELECT (SELECT max(version_num) FROM alembic_version),
(SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace),
(SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_trigger)"""
"""The same as long as no table, index or trigger was taken away or made."""
COUNTER = "SELECT 1 FROM pg_class WHERE relkind = 'S' AND relname = %s || '_id_seq'"


class Database:
    """One that tests share, one after the other, over a connection that stays: a new one would
    have to learn of every table anew, and TRUNCATE makes a new file for each."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.asking = _connected(folder, name)
        self._schema = self.asking.execute(SCHEMA).fetchone()
        looks = (
            f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM {one})" for one in Base.metadata.tables
        )
        self._looks = " UNION ALL ".join(looks)

    def is_emptied(self) -> bool:
        """False where the test left another schema, or somebody who holds a row."""
        if self.asking.execute(SCHEMA).fetchone() != self._schema:
            return False
        try:
            for (filled,) in self.asking.execute(self._looks).fetchall():
                self.asking.execute(f"DELETE FROM {filled}")
                if self.asking.execute(COUNTER, (filled,)).fetchone():
                    self.asking.execute("SELECT setval(%s, 1, false)", (f"{filled}_id_seq",))
        except psycopg.errors.LockNotAvailable:
            return False
        return True


class Server:
    """A server with its databases; each test has one that is empty but for its schema."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = ""
        self._free: list[Database] = []

    def new(self, template: str = "template0") -> str:
        """The name of a new database, made like this one."""
        name = f"test_{next(self._numbers)}"
        with _connected(self._folder) as asking:
            asking.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def url(self, name: str) -> str:
        """Of the database with this name."""
        return f"postgresql+psycopg://{USER}@/{name}?host={quote(str(self._folder))}"

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of an empty database that has every table."""
        self._template = self._template or self._migrated()
        mine = self._free.pop() if self._free else Database(self._folder, self.new(self._template))
        yield self.url(mine.name)
        if mine.is_emptied():
            self._free.append(mine)
            return
        mine.asking.close()
        with _connected(self._folder) as asking:
            asking.execute(f"DROP DATABASE {mine.name} WITH (FORCE)")

    def close(self) -> None:
        """Say goodbye."""
        for one in self._free:
            one.asking.close()

    def _migrated(self) -> str:
        name = self.new()
        with closing(Store(self.url(name))) as store:
            store.upgrade()
        return name


@contextmanager
def running() -> Iterator[Server]:
    """A server that answers, until the end."""
    # A socket's path has at most 107 characters, and pytest's own folders may be too deep.
    folder = Path(tempfile.mkdtemp(prefix="callcenter-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    try:
        subprocess.run(_program("initdb", folder, *INITDB), capture_output=True, check=True)
        settings = SETTINGS | dict.fromkeys(OFF, "off") | {"unix_socket_directories": str(folder)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_program("postgres", folder, *words), stderr=log)
        try:
            _wait(process, folder)
            with closing(Server(folder)) as server:
                yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str, folder: Path, *words: str) -> list[str]:
    assert BINARIES is not None
    assert COMMAND is not None
    return [*COMMAND, str(BINARIES / name), "-D", str(folder / "data"), *words]


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return once it answers."""
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        with suppress(psycopg.OperationalError), _connected(folder):
            return
        time.sleep(0.02)  # between two looks
    raise AssertionError((folder / "log").read_text("utf-8"))


def _connected(folder: Path, name: str = "postgres") -> psycopg.Connection:
    options = "-c session_replication_role=replica -c lock_timeout=100"
    return psycopg.connect(
        host=str(folder), user=USER, dbname=name, autocommit=True, options=options
    )
