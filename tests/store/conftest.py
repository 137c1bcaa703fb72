"""An empty store for each test, over SQLite and over PostgreSQL, and calls to write into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.core.events import CallAnswered, CallEnded, CallRang
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
CALLER = "13800000001"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'new' / 'callcenter.db'}"


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def books(store: Store) -> SqlBooks:
    return SqlBooks(store)


def rung(call_id: str, at: float = 0, number: str = CALLER) -> CallRang:
    return CallRang(call_id, after(at), number, "4008000000", "front")


def ring(books: SqlBooks, call_id: str, at: float = 0, number: str = CALLER) -> None:
    books.write(rung(call_id, at, number))


def answer(books: SqlBooks, call_id: str, at: float = 5, agent: str = "8001") -> None:
    books.write(CallAnswered(call_id, after(at), agent))


def end(books: SqlBooks, call_id: str, at: float = 60, disposition: str = "") -> None:
    books.write(CallEnded(call_id, after(at), "caller", "answered", disposition))
