"""What is different about SQLite and PostgreSQL: connections, the writer's place, passing errors.

The only file that knows which database it is, besides the questions of `search.py`, what
migrations share in `searched.py`, and whole copies in `copies.py`. Touches the database file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

from callcenter.core.errors import StoreError
from callcenter.store.grams import as_tokens, folded

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVERS = {SQLITE: "sqlite", POSTGRESQL: "postgresql+psycopg"}
BUSY_MS = 5000
"""How long a connection waits for another one's write to end."""
CONNECT_SECONDS = 5
WRITER = 0x63616C6C
"""The advisory lock of PostgreSQL that stands for the writer's place."""
WRITES = "callcenter_writes"
"""The execution option of an engine whose transactions take the writer's place at once."""
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
PASSING_STATES = ("08", "25006", "40", "53", "55", "57", "58")
"""The same of PostgreSQL's, which is a standby, restarts, is full or busy:
https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def parsed(url: str | Path) -> URL:
    """The URL of a database; a path is that of a SQLite file. Raises StoreError."""
    if isinstance(url, Path):
        return URL.create(SQLITE, database=str(url))
    try:
        found = make_url(url)
    except ArgumentError:
        # The text is not repeated: it may hold a password.
        raise StoreError(
            "database: expected a URL such as sqlite:///data/callcenter.db or "
            "postgresql+psycopg://name@host/callcenter"
        ) from None
    backend, named = found.get_backend_name(), found.database or ""
    if backend not in DRIVERS:
        raise StoreError(f"database {found.drivername}: expected sqlite or postgresql")
    if backend == SQLITE and (not named or named.startswith((":", "file:"))):
        raise StoreError(f"database {url}: expected a file, such as sqlite:///data/callcenter.db")
    return found.set(drivername=DRIVERS[backend])


def is_server(url: str | Path) -> bool:
    """Whether it is a database server's, which several machines may share. Raises StoreError."""
    return parsed(url).get_backend_name() == POSTGRESQL


def called(url: URL) -> str:
    """What messages call this database: its file, or its URL without the password."""
    if url.get_backend_name() == SQLITE:
        return url.database or ""
    return url.set(query={}).render_as_string(hide_password=True)


def make_place(url: URL) -> None:
    """Where the database is a new file: make it, and its folder, for the owner only.

    Raises StoreError.
    """
    if url.get_backend_name() != SQLITE:
        return
    path = Path(url.database or "")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror}; expected a file that can be read and written"
        ) from error


def engine(url: URL, *, migrating: bool = False) -> Engine:
    """An engine that never prints what people said: errors come without their parameters.

    Raises StoreError.
    """
    options: dict[str, Any] = {"poolclass": NullPool} if migrating else {}
    if url.get_backend_name() == POSTGRESQL:
        # Without the look whether the server has hstore.
        options |= {"connect_args": _CONNECTING, "pool_pre_ping": True, "use_native_hstore": False}
    try:
        made = create_engine(url, hide_parameters=True, **options)
    except ImportError as error:
        raise StoreError(
            f"database {url.drivername}: {error}; pip install 'callcenter[postgresql]' brings it"
        ) from error
    except ArgumentError as error:
        raise StoreError(f"database {url.drivername}: {error}") from error
    _DRESS[made.dialect.name](made, migrating)
    return made


def is_sqlite(session: Session) -> bool:
    """Which of the two this session asks."""
    return session.get_bind().dialect.name == SQLITE


def reading(engine: Engine) -> Engine:
    """For transactions that see the database as it was at their first question."""
    if engine.dialect.name == SQLITE:
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def writing(engine: Engine) -> Engine:
    """For transactions that take the writer's place when they begin: what they read stays true."""
    return engine.execution_options(**{WRITES: True})


def is_passing(error: Exception, told: BaseException | None) -> bool:
    """Whether the same may go well at the next try; `told` is what the driver raised."""
    if isinstance(told, sqlite3.Error):
        # An extended code holds its primary one in the low byte.
        return getattr(told, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in PASSING
    if code := getattr(told, "sqlstate", None):
        return str(code).startswith(PASSING_STATES)
    return isinstance(error, (OperationalError, InterfaceError, TimeoutError))


def _dress_sqlite(engine: Engine, migrating: bool) -> None:
    """Pragmas on each connection, and transactions that begin where we say.

    The driver's own habit is to begin at the first INSERT, which leaves the question before it,
    and every CREATE TABLE, outside. Foreign keys rest while tables are rebuilt by a migration.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        try:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            # What is erased is overwritten; most builds do so by themselves.
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
            # Our triggers call our functions, which some builds would forbid them.
            connection.execute("PRAGMA trusted_schema=ON")
            connection.create_function("folded", 1, folded, deterministic=True)
            connection.create_function("grams", 1, as_tokens, deterministic=True)
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = migrating or connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _dress_postgresql(engine: Engine, migrating: bool) -> None:
    """One writer at a time, as with SQLite, and moments in UTC.

    The trail's chain and the numbers of records rest on it, whichever node writes. A transaction
    that waited for the place must see what was written meanwhile, so it is no REPEATABLE READ.
    """
    from psycopg.types.string import StrDumperUnknown

    class Text(StrDumperUnknown):
        """PostgreSQL keeps no NUL in a text, and who rings may send one."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "") if "\0" in obj else obj)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.adapters.register_dumper(str, Text)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if migrating or connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")


_CONNECTING = {
    "connect_timeout": CONNECT_SECONDS,
    "client_encoding": "utf8",
    "options": f"-c lock_timeout={BUSY_MS} -c timezone=UTC",
}
_DRESS: dict[str, Callable[[Engine, bool], None]] = {
    SQLITE: _dress_sqlite,
    POSTGRESQL: _dress_postgresql,
}
