from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.casework.paper.sheet import Cell, Figure, Share, Table, plain
from callcenter.casework.reports import service as service_report
from callcenter.casework.reports.periods import Period
from callcenter.core.events import CallAnswered, CallEnded, CallRang, HitFound, RecordStepped
from callcenter.core.records import Hit, Party
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after

pytestmark = pytest.mark.both_databases

CHINA = ZoneInfo("Asia/Shanghai")


class House:
    """A day of calls."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)
        self.count = 0

    def call(
        self,
        at: float,
        waits: float | None = 5,
        number: str = "",
        agent: str = "8001",
        how: str = "",
        result: str = "answered",
    ) -> str:
        self.count += 1
        call_id, number = f"c{self.count:03d}", number or f"138{self.count:08d}"
        events: list[Any] = [CallRang(call_id, after(at), number, "4008000000", "front")]
        if waits is not None:
            events.append(CallAnswered(call_id, after(at + waits), agent))
        end = at + (waits or 0) + 60
        result = result if waits is not None else "abandoned"
        events.append(CallEnded(call_id, after(end), "caller", result, how))
        self.books.write(*events)
        return call_id

    def tables(self, period: str = "day") -> dict[str, Table]:
        with self.store.session() as session:
            sheet = service_report.sheet(session, Period.of(period, NOON, UTC))
        return {table.title: table for table in sheet.tables}


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def row(table: Table, name: str) -> dict[str, Cell]:
    (found,) = [row for row in table.rows if row[0] == name]
    return dict(zip(table.columns, found, strict=True))


def bare(table: Table) -> list[tuple[object, ...]]:
    """The rows without what they count."""
    return [tuple(map(plain, one)) for one in table.rows]


def begins(table: Table) -> list[tuple[object, ...]]:
    return [one[:2] for one in bare(table)]


def now(table: Table, name: str) -> object:
    return plain(row(table, name)["本期"])


def test_k1_k2_r1_r3_how_calls_were_answered(house: House) -> None:
    house.call(0, waits=5)
    house.call(60, waits=15, agent="8002")
    house.call(120, waits=18)
    house.call(180, waits=30)
    house.call(240, waits=None)
    house.call(300, waits=4, how="harassment")
    house.call(-86_400, waits=4)
    table = house.tables()["接听"]
    assert now(table, "来电") == 6
    assert plain(row(table, "来电")["上期"]) == 1
    assert now(table, "接起率") == Share(5, 6)
    assert now(table, "三声内接起率") == Share(3, 5)
    assert now(table, "服务水平（按来电）") == Share(4, 6)
    assert now(table, "服务水平（按接起）") == Share(4, 5)
    assert now(table, "平均应答速度") == timedelta(seconds=72 / 5)
    assert now(table, "平均通话时长") == timedelta(seconds=60)
    assert now(table, "骚扰来电") == 1
    listed = row(table, "来电")["本期"]
    assert isinstance(listed, Figure)
    assert listed.counts.startswith("calls?since=2025-03-04T00:00:00Z&until=2025-03-05")


def test_who_calls_again_within_a_day_was_not_helped_at_once(house: House) -> None:
    for at in (0, 600):
        house.call(at, number="13900000001")
    house.call(1200, number="13900000002")
    house.call(1300, number="13900000003", how="harassment")
    assert now(house.tables()["接听"], "首次解决率") == Share(2, 3)


def test_r2_by_agent_and_by_time(house: House) -> None:
    house.call(0)
    house.call(3600, waits=30)
    house.call(7200, agent="8002", how="harassment")
    tables = house.tables()
    agent = row(tables["座席"], "8001")
    assert (plain(agent["接起"]), plain(agent["三声内接起率"])) == (2, Share(1, 2))
    assert plain(row(tables["座席"], "8002")["骚扰来电"]) == 1
    assert begins(tables["按时段"]) == [("12:00", 1), ("13:00", 1), ("14:00", 1)]
    assert begins(house.tables("month")["按日期"]) == [("03-04", 3)]


def test_r8_r10_what_is_common_and_what_is_important(house: House) -> None:
    for at in (0, 60):
        call_id = house.call(at)
        for start in (0, 900):
            hit = Hit("q1", "quality", Party.CALLER, start, start + 500, "坏了")
            house.books.write(HitFound(call_id, after(at + 9), hit))
    order = {"type": "repair", "alarm": "danger", "title": "漏电", "owner": "工程部"}
    what = ("work_order", "WO-1", "open", "王芳", "in_progress", 0, order)
    house.books.write(RecordStepped("", NOON, *what))
    tables = house.tables()
    assert bare(tables["常见问题"]) == [("听到", "quality", 2), ("工单", "repair", 1)]
    assert bare(tables["重要信息"]) == [("WO-1", "漏电", "工程部", "in_progress")]


def test_k2_a_mail_is_answered_within_one_working_day(house: House) -> None:
    for number, (asked, answered) in enumerate(((0, 3600), (0, 10 * 3600), (3600, None))):
        due = after(asked) + timedelta(hours=9)
        promise = {
            "what": "mail",
            "due_at": due.isoformat(),
            "made_at": after(asked).isoformat(),
            "made_by": "王芳",
            "ended_at": after(answered).isoformat() if answered else None,
            "kept": after(answered) <= due if answered else None,
        }
        order = {"type": "enquiry", "promises": [promise]}
        what = ("work_order", f"WO-{number}", "open", "王芳", "draft", 0, order)
        house.books.write(RecordStepped("", NOON, *what))
    told = row(house.tables()["承诺与时限"], "邮件一个工作日内答复")
    assert [plain(told[name]) for name in ("到期", "按时", "及时率")] == [3, 1, Share(1, 3)]


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        ("day", "2026-03-01", "2026-03-02"),
        ("week", "2026-02-23", "2026-03-02"),
        ("month", "2026-03-01", "2026-04-01"),
    ],
)
def test_r1_a_period_begins_at_midnight_on_the_wall(period: str, since: str, until: str) -> None:
    late = datetime(2026, 2, 28, 17, tzinfo=UTC)
    found = service_report.span(period, late, CHINA)
    assert [f"{at:%Y-%m-%d %H:%M%z}" for at in found] == [f"{d} 00:00+0800" for d in (since, until)]
