from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, inspect, text

from callcenter.core.records import Party, Segment
from callcenter.store import calls, transcripts
from callcenter.store.sql import MIGRATIONS, Store
from callcenter.store.tables import Base
from tests.store.conftest import NOON


def tables(store: Store) -> set[str]:
    with store.session() as session:
        return set(filter(is_table, inspect(session.connection()).get_table_names()))


def is_table(name: str) -> bool:
    """Neither what an index of grams is made of nor Alembic's own."""
    return "_grams" not in name and name != "alembic_version"


def test_the_migrated_schema_is_the_one_in_tables(store: Store) -> None:
    with store.session() as session:
        opts = {"compare_type": True, "include_name": lambda name, *_: is_table(name or "")}
        context = MigrationContext.configure(session.connection(), opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_constraints_bear_the_names_of_the_convention(store: Store) -> None:
    with store.session() as session:
        found = inspect(session.connection())
        for table in Base.metadata.sorted_tables:
            keys = {key["name"] for key in found.get_foreign_keys(table.name)}
            assert keys == {key.name for key in table.foreign_key_constraints}
            assert found.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"


def test_down_and_up_again(store: Store) -> None:
    assert tables(store) == set(Base.metadata.tables)
    store.downgrade()
    assert tables(store) == set()
    assert store.revision() == ""
    store.upgrade()
    assert tables(store) == set(Base.metadata.tables)
    assert store.revision() != ""


FIRST_CALL = (
    """INSERT INTO calls (call_id, direction, line, caller_number, callee_number, agent, rang_at,
    ended_by, call_result, disposition, transcribed, work_order_linked_by) VALUES ('c1', 'inbound',
    'front', '+86 138-0000-0001', '4008000000', '8001', '2025-03-04 12:00:00.000000', 'caller',
    'answered', 'ordinary', true, '')""",
    """INSERT INTO segments (call_id, party, start_ms, end_ms, text, words, live)
    VALUES ('c1', 'caller', 0, 900, '你好', '[]', true)""",
)
"""A call as the first schema kept it."""


def test_calls_of_the_first_schema_live_through_the_second(store: Store) -> None:
    heard = Segment(Party.CALLER, 0, 900, "你好")
    store.downgrade("0001")
    assert store.revision() == "0001"
    assert "transcripts" not in tables(store)
    with store.session(write=True) as session:
        for row in FIRST_CALL:
            session.execute(text(row))
    store.upgrade()
    with store.session(write=True) as session:
        call = calls.get_call(session, "c1")
        assert ([one.text for one in call.segments], call.transcripts) == (["你好"], [])
        assert call.source == "13800000001"
        transcripts.keep(session, "c1", "mini", NOON, [heard], [])
    store.downgrade("0001")
    store.upgrade()
    with store.session() as session:
        call = calls.get_call(session, "c1")
        assert ([one.text for one in call.segments], call.transcripts) == (["你好"], [])


def test_a_folder_with_a_percent_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "100%s"
    shutil.copytree(MIGRATIONS, odd)
    monkeypatch.setattr("callcenter.store.sql.MIGRATIONS", odd)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    store.upgrade()
    assert tables(store) == set(Base.metadata.tables)
    store.close()


def test_a_new_revision_is_written_without_our_own_types(tmp_path: Path) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("0*", "__pycache__"))
    (copy / "versions").mkdir(exist_ok=True)
    config = Config(stdout=(tmp_path / "told").open("w"))
    config.set_main_option("script_location", str(copy))
    engine = create_engine("sqlite://", poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, "all of it", autogenerate=True, rev_id="9001")
    config.stdout.close()
    written = (copy / "versions" / "9001_all_of_it.py").read_text()
    assert "sa.DateTime(timezone=True)" in written
    assert "UtcDateTime" not in written
    compile(written, "9001", "exec")


@pytest.mark.sqlite
def test_foreign_keys_rest_while_a_migration_runs(store: Store) -> None:
    with store._migrating() as config:
        connection = config.attributes["connection"]
        assert connection.scalar(text("PRAGMA foreign_keys")) == 0
    with store.session() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
