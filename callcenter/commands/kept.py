"""The database of a service, for commands that look at what it kept. Makes none."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from callcenter.config import Config
from callcenter.core.errors import StoreError
from callcenter.store.sql import Store


def open_kept(config: Config) -> Store:
    """The service's database, with the newest schema; unlike the service, this makes none.

    Raises StoreError.
    """
    store = open_existing(config)
    try:
        store.upgrade()
    except StoreError:
        store.close()
        raise
    return store


def open_existing(config: Config) -> Store:
    """The same as it is, for who only reads it beside a service. Raises StoreError."""
    if not is_there(config):
        where = str(config.database) if isinstance(config.database, Path) else "the server"
        raise StoreError(f"{where}: there is no database; expected --config of a service's calls")
    return Store(config.database)


def is_there(config: Config) -> bool:
    """Whether the service has ever kept anything. Raises StoreError."""
    if isinstance(config.database, Path):
        return config.database.exists()
    with closing(Store(config.database)) as store:
        return bool(store.revision())
