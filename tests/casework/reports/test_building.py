"""Reports that are built by themselves once their time is over (R1)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from callcenter.casework import steps
from callcenter.casework.messages import record as messages
from callcenter.casework.reports import building
from callcenter.casework.reports.building import Builder, Office, Plan
from callcenter.casework.reports.catalogue import REPORTS
from callcenter.config.house import REPORT_NAMES
from callcenter.core.errors import NoSuchRecord, StoreError
from callcenter.core.events import CallAnswered, CallEnded, CallRang, Event
from callcenter.core.reports import DueReport
from callcenter.desk.clerk import Clerk
from callcenter.store.books import SqlBooks
from callcenter.store.report_tables import BuiltReport
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after
from tests.jobs import once

MORNING = datetime(2025, 3, 5, 8, 30, tzinfo=UTC)
MADE = dict.fromkeys(REPORTS, "harassment")


class Room:
    """Where reports are built; `now` may be moved."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.books, self.folder = store, SqlBooks(store), folder
        self.now = MORNING

    def builder(self, *periods: str, **plan: object) -> Builder:
        wanted = {"names": ("service",), "forms": ("xlsx", "pdf"), "at": time(8), **plan}
        made = Plan(periods, folder=self.folder, **wanted)  # type: ignore[arg-type]
        office = Office(lambda category: MADE.get(category, ""), tuple, UTC)
        return Builder(self.store, made, office, lambda: self.now)

    async def write(self, event: Event) -> None:
        self.books.write(event)

    def built(self) -> list[BuiltReport]:
        with self.store.session() as session:
            return list(building.listing(session))


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    made = Room(store, tmp_path / "out")
    made.books.write(
        CallRang("c1", NOON, "13800000001", "4008000000", "front"),
        CallAnswered("c1", after(5), "8001"),
        CallEnded("c1", after(60), "caller", "answered", "ordinary"),
    )
    return made


async def test_r1_what_is_due_is_built_once_and_what_was_missed_is_made_up_for(room: Room) -> None:
    clerk = Clerk(room.builder("day", "week"), room.write)
    assert await once(clerk.task()) == 2
    assert await once(clerk.task()) == 0
    room.now += timedelta(days=3)
    assert await once(clerk.task()) == 3
    days = [row.since for row in room.built() if row.period == "day"]
    assert [f"{since:%m-%d}" for since in days] == ["03-07", "03-06", "03-05", "03-04"]
    (week,) = [row for row in room.built() if row.period == "week"]
    assert (week.title, week.opened_by, week.state) == ("客服周报", "system", "built")
    assert len(list(room.folder.iterdir())) == 10


async def test_r1_what_was_built_can_be_fetched_as_long_as_it_is_what_was_built(
    room: Room,
) -> None:
    await once(Clerk(room.builder("day"), room.write).task())
    (row,) = room.built()
    assert building.content(row, "pdf").startswith(b"%PDF")
    assert building.content(row, "xlsx").startswith(b"PK")
    with pytest.raises(NoSuchRecord, match="not built as csv; there is: xlsx, pdf"):
        building.content(row, "csv")
    file = room.folder / "2025-03-04-day-service.pdf"
    file.write_bytes(b"%PDF something else")
    with pytest.raises(NoSuchRecord, match="was changed after it was built"):
        building.content(row, "pdf")
    file.unlink()
    with pytest.raises(NoSuchRecord, match="is gone"):
        building.content(row, "pdf")


async def test_r1_who_gets_it_by_mail_gets_its_files(room: Room) -> None:
    people = ("lead@example.com", "boss@example.com")
    await once(Clerk(room.builder("day", mail=people), room.write).task())
    with room.store.session() as session:
        letters = messages.waiting(session, room.now)
        row = steps.get(session, BuiltReport, letters[0].number.replace("MS", "RP"))
    assert [letter.to for letter in letters] == list(people)
    assert [Path(path).suffix for path in letters[0].files] == [".xlsx", ".pdf"]
    assert letters[0].text == f"客服日报（{row.number}）见附件。"


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_built_of_an_empty_house(room: Room, name: str) -> None:
    fact, *_ = room.builder("month", names=(name,)).build(DueReport(name, "month", NOON))
    room.books.write(fact)
    assert len(room.built()) == 1


def test_the_configuration_knows_every_report() -> None:
    assert tuple(REPORTS) == REPORT_NAMES


async def test_a_folder_that_cannot_be_written_is_told(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.folder.write_text("no folder")
    builder = room.builder("day")
    with pytest.raises(StoreError, match="cannot be written"):
        builder.build(builder.due()[0])
    assert await once(Clerk(builder, room.write).task()) == 0
    assert "reports service day 2025-03-0" in caplog.text
    assert "cannot be written" in caplog.text
