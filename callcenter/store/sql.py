"""Opens the database, brings its schema up to date, lends sessions; the only file that knows
which database it is. Touches the database file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from callcenter.core.errors import StoreAway, StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 5000
"""How long a SQLite connection waits for another one's write to end."""
PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""SQLite's result codes that may be gone at the next try: https://sqlite.org/rescode.html"""


class Store:
    """The database behind a URL such as `sqlite:///data/callcenter.db`, or a SQLite file's path.

    A new SQLite file can be read by its owner only, and so can the folder made for it. Raises
    StoreError where the URL cannot be used or the file cannot be opened.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = _parsed(url)
        self.where = self._url.database or self._url.render_as_string(hide_password=True)
        """What messages call this database: its file, or its URL without the password."""
        if self._url.get_backend_name() == "sqlite":
            _make_file(Path(self.where))
        self._engine = _engine(self._url)
        writing = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self._read = sessionmaker(self._engine, expire_on_commit=False)
        self._write = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back when something raises.

        `write=True` takes the writer's place at once, so that what is read stays true until it is
        written; a reader sees the database as it was at its first question. What was loaded can
        still be read afterwards. Raises StoreError where the database refuses, StoreAway where the
        same may pass later.
        """
        maker = self._write if write else self._read
        with _told(self.where), maker.begin() as session:
            if write:
                session.connection()
            yield session

    def revision(self) -> str:
        """The revision of the schema in the database, "" where it has none yet.

        Raises StoreError where it cannot be read or was made by a newer callcenter.
        """
        with _told(self.where), self._engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision() or ""
        script = ScriptDirectory.from_config(_config())
        if found and found not in {known.revision for known in script.walk_revisions()}:
            raise StoreError(
                f"{self.where}: made by a newer callcenter (schema {found}, this one knows up to "
                f"{script.get_current_head()}); expected that version or a backup from before it"
            )
        return found

    def upgrade(self) -> None:
        """Bring the schema to the newest revision, wholly or not at all. Raises StoreError."""
        self.revision()
        with self._migrating() as config:
            command.upgrade(config, "head")

    def downgrade(self, revision: str = "base") -> None:
        """Take the schema back to `revision`; what newer tables held is gone. Raises StoreError."""
        with self._migrating() as config:
            command.downgrade(config, revision)

    @contextmanager
    def _migrating(self) -> Iterator[Config]:
        engine = _engine(self._url, migrating=True)
        with _told(self.where), engine.begin() as connection:
            yield _config(connection)

    def close(self) -> None:
        """Close every connection; may be called twice."""
        self._engine.dispose()


def _parsed(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text is not repeated: it may hold a password.
        raise StoreError("database: expected a URL such as sqlite:///data/callcenter.db") from None
    named = parsed.database or ""
    if parsed.get_backend_name() == "sqlite" and (not named or named.startswith((":", "file:"))):
        raise StoreError(f"database {url}: expected a file, such as sqlite:///data/callcenter.db")
    return parsed


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror}; expected a file that can be read and written"
        ) from error


def _engine(url: URL, *, migrating: bool = False) -> Engine:
    """An engine that never prints what people said: errors come without their parameters."""
    options: dict[str, Any] = {"poolclass": NullPool} if migrating else {}
    try:
        engine = create_engine(url, hide_parameters=True, **options)
    except (ArgumentError, ImportError) as error:
        raise StoreError(f"database {url.drivername}: {_line(error)}") from error
    if engine.dialect.name == "sqlite":
        _dress_sqlite(engine, migrating)
    return engine


def _dress_sqlite(engine: Engine, migrating: bool) -> None:
    """Pragmas on each connection, and transactions that begin where we say.

    The driver's own habit is to begin at the first INSERT, which leaves the question before it,
    and every CREATE TABLE, outside. Foreign keys rest while tables are rebuilt by a migration.
    """
    begin = "BEGIN IMMEDIATE" if migrating else "BEGIN"

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        try:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("sqlite_begin", begin))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Turn what the database says into one line that names it."""
    try:
        yield
    except (DBAPIError, TimeoutError, sqlite3.Error) as error:
        told = error.orig if isinstance(error, DBAPIError) else error
        kind = StoreAway if _is_passing(error, told) else StoreError
        raise kind(f"{where}: {_line(told)}") from error


def _is_passing(error: Exception, told: BaseException | None) -> bool:
    if isinstance(told, sqlite3.Error):
        # An extended code holds its primary one in the low byte.
        return getattr(told, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in PASSING
    return isinstance(error, (OperationalError, InterfaceError, TimeoutError))


def _line(error: BaseException | None) -> str:
    return str(error).partition("\n")[0]
