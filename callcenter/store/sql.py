"""Opens the database, brings its schema up to date, lends sessions. Touches the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from callcenter.core.errors import StoreAway, StoreError
from callcenter.store import dialects

MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """The database behind a URL such as `sqlite:///data/callcenter.db` or
    `postgresql+psycopg://name@host/callcenter`, or a SQLite file's path.

    A new SQLite file can be read by its owner only, and so can the folder made for it. Raises
    StoreError where the URL cannot be used or the file cannot be opened.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = dialects.parsed(url)
        self.where = dialects.called(self._url)
        """What messages call this database: its file, or its URL without the password."""
        dialects.make_place(self._url)
        self._engine = dialects.engine(self._url)
        self._read = sessionmaker(dialects.reading(self._engine), expire_on_commit=False)
        self._write = sessionmaker(dialects.writing(self._engine), expire_on_commit=False)

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
        engine = dialects.engine(self._url, migrating=True)
        with _told(self.where), engine.begin() as connection:
            yield _config(connection)

    def close(self) -> None:
        """Close every connection; may be called twice."""
        self._engine.dispose()


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
        _hush(error, told)
        kind = StoreAway if dialects.is_passing(error, told) else StoreError
        raise kind(f"{where}: {_line(told)}") from error


def _hush(*errors: BaseException | None) -> None:
    """PostgreSQL's further lines tell the values, too: what somebody said, or a number."""
    for error in errors:
        if error is not None:
            error.args = (_line(error),)


def _line(error: BaseException | None) -> str:
    return str(error).partition("\n")[0]
