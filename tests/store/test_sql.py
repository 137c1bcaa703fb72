from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError, TimeoutError

from callcenter.core.errors import StoreAway, StoreError
from callcenter.store.dialects import BUSY_MS
from callcenter.store.sql import Store
from callcenter.store.tables import Block
from tests.postgresql import Server, needs_postgresql
from tests.store.conftest import NOON


def block(number: str) -> Block:
    return Block(number=number, blocked_at=NOON, blocked_by="王芳", reason="辱骂")


def add_and_fail(store: Store) -> None:
    with store.session() as session:
        session.add(block("2"))
        session.flush()
        raise KeyError(2)


def fill(store: Store, pragma: str) -> None:
    with store.session() as session:
        session.execute(text(pragma))
        session.add(Block(number="1", blocked_at=NOON, blocked_by="", reason="x" * 100_000))


def numbers(store: Store) -> list[str]:
    with store.session() as session:
        return [row.number for row in session.query(Block).order_by(Block.number)]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", BUSY_MS)],
)
def test_every_connection_has_its_pragmas(store: Store, pragma: str, value: object) -> None:
    with store.session() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_file_and_folder_are_for_the_owner_only(url: str) -> None:
    store = Store(url)
    store.upgrade()
    path = Path(store.where)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with store.session(write=True) as session:
        session.add(block("1"))
        assert stat.S_IMODE(path.with_name(path.name + "-wal").stat().st_mode) == 0o600
    store.close()


def test_a_session_commits_what_ends_well_and_forgets_the_rest(store: Store) -> None:
    with store.session() as session:
        session.add(block("1"))
    with pytest.raises(KeyError, match="2"):
        add_and_fail(store)
    assert numbers(store) == ["1"]


def test_what_was_kept_is_there_after_closing(database: str, store: Store) -> None:
    with store.session() as session:
        session.add(block("1"))
    store.close()
    store.close()
    again = Store(database)
    again.upgrade()
    assert numbers(again) == ["1"]
    again.close()


def test_loaded_rows_can_be_read_after_their_session(store: Store) -> None:
    with store.session() as session:
        session.add(block("1"))
    with store.session() as session:
        kept = session.get_one(Block, "1")
    assert (kept.blocked_at, kept.expires_at) == (NOON, None)


def test_moments_are_kept_in_utc_and_none_without_a_zone(store: Store) -> None:
    beijing = NOON.astimezone(timezone(timedelta(hours=8)))
    with store.session() as session:
        session.add(Block(number="1", blocked_at=beijing, blocked_by="", reason=""))
    with store.session() as session:
        kept = session.get_one(Block, "1").blocked_at
    assert (kept, kept.tzinfo) == (NOON, UTC)
    with pytest.raises(StatementError, match="without a zone"), store.session() as session:
        session.add(
            Block(number="2", blocked_at=NOON.replace(tzinfo=None), blocked_by="", reason="")
        )


def test_a_reader_sees_one_moment_while_another_writes(store: Store) -> None:
    with store.session() as reader:
        assert reader.query(Block).count() == 0
        with store.session(write=True) as writer:
            writer.add(block("1"))
        assert reader.query(Block).count() == 0
    assert numbers(store) == ["1"]


def test_writers_wait_for_each_other(store: Store) -> None:
    def count_up() -> None:
        for _ in range(20):
            with store.session(write=True) as session:
                session.add(block(f"{session.query(Block).count():04d}"))

    writers = [threading.Thread(target=count_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert numbers(store) == [f"{n:04d}" for n in range(80)]


def test_what_the_database_refuses_is_one_line_without_the_words(store: Store) -> None:
    for _ in range(2):
        store.upgrade()
    with store.session() as session:
        session.add(block("13800000001"))
    with pytest.raises(StoreError) as error, store.session() as session:
        session.add(block("13800000001"))
    assert str(error.value) in (
        f"{store.where}: UNIQUE constraint failed: blocklist.number",
        f'{store.where}: duplicate key value violates unique constraint "pk_blocklist"',
    )
    assert "13800000001" not in repr(error.value.__cause__)


def test_a_locked_file_may_pass_later(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.store.dialects.BUSY_MS", 1)
    store = Store(url)
    store.upgrade()
    other = sqlite3.connect(store.where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreAway, match="database is locked"), store.session(write=True):
        pass
    other.close()
    with store.session(write=True) as session:
        session.add(block("1"))
    assert numbers(store) == ["1"]
    store.close()


@pytest.mark.sqlite
def test_a_full_disk_may_pass_later(store: Store) -> None:
    with pytest.raises(StoreAway, match="full"):
        fill(store, "PRAGMA max_page_count=1")
    fill(store, "PRAGMA max_page_count=100000")
    assert numbers(store) == ["1"]


def test_a_pool_that_is_used_up_may_pass_later(store: Store) -> None:
    with pytest.raises(StoreAway, match="one too many"), store.session():
        raise TimeoutError("one too many")


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20d" / "callcenter.db"
    store = Store(path)
    store.upgrade()
    assert path.stat().st_size > 0
    store.close()


def test_questions_before_the_first_upgrade_are_answered_in_one_line(url: str) -> None:
    store = Store(url)
    assert store.revision() == ""
    with pytest.raises(StoreError, match="no such table: blocklist"):
        numbers(store)
    store.close()


@needs_postgresql
def test_a_writer_s_place_that_stays_taken_may_be_free_later(
    postgresql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = {"options": "-c lock_timeout=1"}
    with postgresql_server.lent() as url:
        first = Store(url)
        monkeypatch.setattr("callcenter.store.dialects._CONNECTING", impatient)
        second = Store(url)
        with first.session(write=True):
            with pytest.raises(StoreAway, match="lock timeout"), second.session(write=True):
                pass
            assert numbers(second) == []
        with second.session(write=True) as session:
            session.add(block("1"))
        assert numbers(first) == ["1"]
        first.close()
        second.close()


@needs_postgresql
def test_what_the_server_will_never_take_is_not_tried_again(postgresql_server: Server) -> None:
    endless = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(9000))
    with postgresql_server.lent() as url:
        store = Store(url)
        with pytest.raises(StoreError, match="index row") as error, store.session() as session:
            session.add(block(endless))
        assert type(error.value) is StoreError
        store.close()


@needs_postgresql
def test_two_nodes_that_start_at_once_migrate_once(postgresql_server: Server) -> None:
    url = postgresql_server.url(postgresql_server.new())
    stores = [Store(url) for _ in range(3)]
    starts = [threading.Thread(target=store.upgrade) for store in stores]
    for start in starts:
        start.start()
    for start in starts:
        start.join(timeout=60)
    assert {numbers(store) == [] for store in stores} == {True}
    assert len({store.revision() for store in stores}) == 1
    for store in stores:
        store.close()


CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%blocklist%'"""


def write_while_it_is_cut(store: Store, other: Store) -> None:
    with store.session() as session:
        session.add(block("1"))
        session.flush()
        with other.session() as second:
            second.execute(text(CUT))
        session.add(block("2"))


@needs_postgresql
def test_a_connection_that_the_server_cut_is_made_anew(postgresql_server: Server) -> None:
    with postgresql_server.lent() as url:
        store, other = Store(url), Store(url)
        with pytest.raises(StoreAway):
            write_while_it_is_cut(store, other)
        with store.session(write=True) as session:
            session.add(block("3"))
        assert numbers(store) == ["3"]
        store.close()
        other.close()


def test_a_server_that_is_gone_may_come_back_and_its_password_is_not_told(tmp_path: Path) -> None:
    store = Store(f"postgresql+psycopg://callcenter:secret@/calls?host={tmp_path}")
    with pytest.raises(StoreAway, match="connection") as error:
        store.upgrade()
    assert store.where == "postgresql+psycopg://callcenter:***@/calls"
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)
    store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "expected a URL such as sqlite:///"),
        ("", "expected a URL such as sqlite:///"),
        ("sqlite://", "expected a file"),
        ("sqlite:///:memory:", "expected a file"),
        ("sqlite:///file:x.db?uri=true", "expected a file"),
        ("nosuch://host/name", "database nosuch: "),
        ("mysql+nosuch://user:secret@host/name", "database mysql"),
        ("sqlite:////dev/null/x.db", "/dev/null/x.db: .*; expected a file that can be read"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_in_one_line(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as error:
        Store(url)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Is a directory; expected a file"):
        Store(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"shopping list\n" * 200)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=r"notes\.db: file is not a database"):
        store.upgrade()
    store.close()
    assert path.read_bytes() == b"shopping list\n" * 200


def test_a_database_from_a_newer_version_is_left_alone(store: Store) -> None:
    with store.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"made by a newer callcenter \(schema 9999, .* 0\d+\)"):
        store.upgrade()


def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE verdicts (mine)")
    other.close()
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="table verdicts already exists"):
        store.upgrade()
    with store.session() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    assert tables == ["verdicts"]
    store.close()
