"""The database of a service, for commands that look at what it kept. Makes none."""

from __future__ import annotations

from pathlib import Path

from callcenter.config import Config
from callcenter.core.errors import StoreError
from callcenter.store.sql import Store


def open_kept(config: Config) -> Store:
    """The service's database; unlike the service, this makes none. Raises StoreError."""
    file = Path(config.data) / "callcenter.db"
    if not file.exists():
        raise StoreError(f"{file}: there is no database; expected --config of a service's calls")
    store = Store(file)
    try:
        store.upgrade()
    except StoreError:
        store.close()
        raise
    return store
