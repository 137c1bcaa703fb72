"""The database of a service, for commands that look at what it kept. Makes none."""

from __future__ import annotations

from pathlib import Path

from callcenter.config import Config
from callcenter.core.errors import StoreError
from callcenter.store.sql import Store


def open_kept(config: Config) -> Store:
    """The service's database; unlike the service, this makes none. Raises StoreError."""
    database = config.database
    if isinstance(database, Path) and not database.exists():
        raise _missing(str(database))
    store = Store(database)
    try:
        if isinstance(database, str) and not store.revision():
            raise _missing(store.where)
        store.upgrade()
    except StoreError:
        store.close()
        raise
    return store


def _missing(where: str) -> StoreError:
    return StoreError(f"{where}: there is no database; expected --config of a service's calls")
