"""Commands that look at what a service kept, where that is on a database server."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.commands.doctor import _database
from callcenter.commands.kept import open_kept
from callcenter.config import Config, StoreConfig
from callcenter.core.errors import StoreError
from tests.postgresql import Server, needs_postgresql


@needs_postgresql
def test_a_server_is_asked_and_nothing_is_made_there(postgresql_server: Server) -> None:
    bare = postgresql_server.url(postgresql_server.new())
    with pytest.raises(StoreError, match="there is no database"):
        open_kept(Config(store=StoreConfig(url=bare)))
    assert _database(bare).endswith("made at the first start")
    with postgresql_server.lent() as url:
        store = open_kept(Config(store=StoreConfig(url=url)))
        assert f"schema {store.revision()}" in _database(url)
        store.close()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"callcenter\.db: there is no database"):
        open_kept(Config(data=str(tmp_path)))
    assert not list(tmp_path.iterdir())
