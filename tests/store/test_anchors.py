"""The end of the trail, written down elsewhere: what is cut off or forged anew is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from callcenter.core.errors import StoreError
from callcenter.core.events import RecordStepped
from callcenter.store import anchors, trail
from callcenter.store.anchors import Anchor
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.trail import Entry
from tests.store.conftest import NOON, after
from tests.store.test_trail import OPENING, stepped


def write(books: SqlBooks, *versions: int) -> None:
    for version in versions:
        books.write(stepped(version, "request", version, **OPENING))


def keep(store: Store, file: Path) -> Anchor | None:
    with store.session() as session:
        return anchors.keep(session, file, NOON)


def lost(store: Store, file: Path) -> Anchor | None:
    with store.session() as session:
        return anchors.lost(session, anchors.read(file))


def unguarded(store: Store, *harm: str) -> None:
    """As somebody does who owns the database."""
    on = " ON trail" if store.where.startswith("postgresql") else ""
    with store.session(write=True) as session:
        for guard in ("trail_stays", "trail_stands"):
            session.execute(text(f"DROP TRIGGER {guard}{on}"))
        for statement in harm:
            session.execute(text(statement))


def test_where_the_trail_ends_is_written_once(store: Store, books: SqlBooks, tmp_path: Path):
    file = tmp_path / "elsewhere" / "anchors.txt"
    assert keep(store, file) is None, "nothing stands in it yet"
    write(books, 0)
    first = keep(store, file)
    assert first is not None
    assert keep(store, file) is None, "it ends as before"
    write(books, 1)
    second = keep(store, file)
    assert anchors.read(file) == [first, second]
    assert lost(store, file) is None
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_end_that_was_cut_off_is_found(store: Store, books: SqlBooks, tmp_path: Path):
    file = tmp_path / "anchors.txt"
    write(books, 0, 1)
    kept = keep(store, file)
    unguarded(store, "DELETE FROM trail WHERE version = 2")
    with store.session() as session:
        assert trail.verify(session).broken_at == 0, "the chain alone does not show it"
    assert lost(store, file) == kept


def test_a_trail_that_was_forged_anew_is_found(store: Store, books: SqlBooks, tmp_path: Path):
    file = tmp_path / "anchors.txt"
    write(books, 0, 1)
    keep(store, file)
    unguarded(store, "DELETE FROM trail")
    with store.session(write=True) as session:
        for version in (0, 1):
            what = ("account", "AC-1", "request", "别人", "requested")
            trail.add(session, RecordStepped("", after(version), *what, version, OPENING))
    with store.session() as session:
        found = trail.verify(session)
        assert (found.entries, found.broken_at) == (2, 0)
        assert session.query(Entry).count() == 2
    assert lost(store, file) is not None


def test_what_is_no_anchor_is_passed_over(store: Store, books: SqlBooks, tmp_path: Path):
    file = tmp_path / "anchors.txt"
    file.write_bytes(b"2026-11-22T12:00:00+00:00 entry 1 head ab\n\xff\xfe\nnote: monday\n")
    assert anchors.read(file) == []
    write(books, 0)
    kept = keep(store, file)
    with file.open("a") as more:
        more.write("2026-11-22T13:00:00+00:00 ent")
    assert anchors.read(file) == [kept]


def test_a_file_that_cannot_be_written_is_told(store: Store, books: SqlBooks, tmp_path: Path):
    write(books, 0)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        keep(store, tmp_path / "file" / "anchors.txt")
