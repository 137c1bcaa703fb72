"""`callcenter seed`: a demo company that every page and report has something to show of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.audio.wav import read_wav
from callcenter.casework.complaints.statistics import sheet as complaint_sheet
from callcenter.casework.follow_ups.report import sheet as follow_up_sheet
from callcenter.casework.reports import ladder, service
from callcenter.casework.reports.periods import Period
from callcenter.commands.seed import month
from callcenter.config import load
from callcenter.outfit import open_book
from callcenter.store import trail
from callcenter.store.calls import get_call
from callcenter.store.case_tables import BillLine
from callcenter.store.kinds import KINDS
from callcenter.store.ladder_tables import BlockDecision, BreakRow
from callcenter.store.sql import Store
from callcenter.store.tables import Call, RecordingRow, SegmentRow, Verdict
from callcenter.store.trail import Entry
from tests.casework.harassed import Harassed
from tests.conftest import RunCallcenter

END = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAYS = 5
CONFIG = '[hours]\nzone = "Asia/Shanghai"\n'
NOT_SEEDED = {"customer_exchange", "review", "hold", "erasure"}
"""A file of customers that never left or came would be a lie; nobody has claimed a call yet, asked
to be forgotten, or to have anything kept for longer."""
TO_COME = {"coaching", "report", "rule_book"}
"""Coaching comes of a bad mark, which a few days may not bring; the service makes the others."""


def lived(folder: Path, number: int, days: int) -> Store:
    """The store of so many days."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "c.toml").write_text(CONFIG, "utf-8")
    config = load(folder / "c.toml")
    store = Store(Path(config.data) / "callcenter.db")
    store.upgrade()
    month.live(config, store, open_book(config), number, END, lambda done, of: None, days)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = lived(tmp_path_factory.mktemp("seed"), 1, DAYS)
    yield made
    made.close()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    with store.session() as session:
        yield session


def count(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_there_is_something_of_every_kind(session: Session) -> None:
    empty = {name for name, kind in KINDS.items() if not count(session, kind.table)}
    assert empty <= NOT_SEEDED | TO_COME
    assert all(count(session, table) for table in (Verdict, BlockDecision, BreakRow, BillLine))
    dispositions = set(session.scalars(select(Call.disposition)))
    assert dispositions >= {"harassment", "complaint", "ordinary", "suggestion", "abandoned"}
    directions = set(session.scalars(select(Call.direction)))
    assert directions == {"inbound", "outbound"}


def test_it_is_all_in_the_trail_and_lies_in_the_past(session: Session) -> None:
    found = trail.verify(session)
    assert found.broken_at == 0
    assert found.entries > 1000
    kinds = set(session.scalars(select(Entry.kind)))
    assert kinds >= {"call", "block", "promise", "work_order", "complaint", "follow_up"}
    assert session.scalar(select(func.max(Call.rang_at))) < END


def test_the_reports_have_something_to_show(session: Session) -> None:
    since, until = service.span("month", END)
    for sheet in (
        service.sheet(session, Period.of("week", END)),
        complaint_sheet(session, since, until),
        follow_up_sheet(session, since, until),
    ):
        assert sum(len(table.rows) for table in sheet.tables) >= 10
    found = ladder.report(session, END)
    assert found.sources
    assert found.withheld_calls
    assert sum(rung.used for rung in found.rungs) > 5


def test_nobodys_number_is_used_and_only_some_calls_have_sound(
    session: Session, store: Store
) -> None:
    sources = set(session.scalars(select(Call.source))) - {""}
    assert all(number.startswith(("154", "0101")) for number in sources)
    recorded = session.scalars(select(RecordingRow)).all()
    assert len(recorded) == 3
    for row in recorded:
        sound = read_wav(Path(store.where).parent.parent / "recordings" / row.path)
        call = get_call(session, row.call_id)
        assert call.segments[-1].end_ms <= sound.seconds * 1000
    assert count(session, SegmentRow) > 10 * len(recorded)


def test_a_number_always_lives_the_same_days(tmp_path: Path) -> None:
    told = []
    for name in ("a", "b"):
        made = lived(tmp_path / name, 3, 1)
        with made.session() as session:
            what = (Entry.at, Entry.person, Entry.kind, Entry.action, Entry.changes)
            steps = session.execute(select(*what).order_by(Entry.id))
            told.append([tuple(row) for row in steps])
        made.close()
    assert told[0] == told[1]
    assert len(told[0]) > 200


def test_a_store_with_calls_is_left_alone(run_callcenter: RunCallcenter, tmp_path: Path) -> None:
    kept = Harassed(tmp_path)
    kept.call("c1")
    kept.store.close()
    done = run_callcenter("seed", "--config", str(kept.config))
    assert done.returncode == 1
    assert "has calls already; expected --into-existing, or another store" in done.stderr
