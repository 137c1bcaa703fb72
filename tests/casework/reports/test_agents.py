"""座席报表: each agent's figures, with recovery breaks outside of all of them."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from callcenter.casework.paper.sheet import Cell, Figure, Share, Table, plain
from callcenter.casework.reports import agents as agents_report
from callcenter.casework.reports import floor, service
from callcenter.casework.reports.periods import Period
from callcenter.core.events import (
    AgentChanged,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallRang,
    CallResumed,
    RecordStepped,
)
from callcenter.core.records import Agent
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after
from tests.counting import questions

pytestmark = pytest.mark.both_databases

WHO = (Agent("8001", "王芳"), Agent("8002", "李静"))
HOUR = 3600.0
LATER = after(9 * HOUR)


class House:
    """A day of two agents, who begin it ready at noon."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)
        self.count = 0

    def call(
        self, at: float, waits: float | None = 5, agent: str = "8001", out: bool = False
    ) -> str:
        self.count += 1
        call_id, number = f"c{self.count:03d}", f"138{self.count:08d}"
        way = ("4008", number, "front") if out else (number, "4008", "front")
        ends = "outbound", agent
        self.books.write(CallRang(call_id, after(at), *way, *(ends if out else ())))
        end = at + (waits or 0) + 60
        if waits is not None:
            self.books.write(CallAnswered(call_id, after(at + waits), agent))
            self.stands(at + waits, "on_call", call_id, agent)
            self.stands(end, "wrap_up", call_id, agent)
            self.stands(end + 30, "ready", agent=agent)
        result = "answered" if waits is not None else "abandoned"
        self.books.write(CallEnded(call_id, after(end), "caller", result, ""))
        return call_id

    def stands(self, at: float, state: str, call_id: str = "", agent: str = "8001") -> None:
        self.books.write(AgentChanged(call_id, after(at), agent, state, "", agent))

    def record(self, kind: str, number: str, **fields: Any) -> None:
        what = (kind, number, "open", "王芳", "open", 0, fields)
        self.books.write(RecordStepped("", NOON, *what))

    def shift(self, start: float, end: float, kind: str = "duty") -> None:
        self.count += 1
        span = {"starts_at": after(start), "ends_at": after(end)}
        number = f"SH-{self.count}"
        what = {"agent": "8001", "day": "2025-03-04", "kind": kind, **span}
        self.books.write(RecordStepped("", NOON, "shift", number, "plan", "李", "planned", 0, what))

    def tables(self, period: str = "day") -> dict[str, Table]:
        with self.store.session() as session:
            sheet = agents_report.sheet(session, Period.of(period, NOON, UTC), LATER, WHO)
        return {table.title: table for table in sheet.tables}

    def cell(self, table: str, who: str, column: str) -> Any:
        return plain(self.figure(table, who, column))

    def figure(self, table: str, who: str, column: str) -> Cell:
        found = self.tables()[table]
        (row,) = [row for row in found.rows if row[0] == who]
        return row[found.columns.index(column)]


@pytest.fixture
def house(store: Store) -> House:
    made = House(store)
    for agent in WHO:
        made.stands(0, "ready", agent=agent.number)
    return made


def test_k1_k2_how_each_agent_answered(house: House) -> None:
    house.call(100, waits=5)
    house.call(300, waits=16)
    house.call(500, waits=30, agent="8002")
    house.call(700, waits=None)
    assert house.cell("接听", "8001", "三声内接起率") == Share(1, 2)
    assert house.cell("接听", "8001", "平均振铃声数") == 2.5
    assert house.cell("接听", "8001", "平均应答速度") == timedelta(seconds=10.5)
    assert house.cell("接听", "8001", "服务水平（按接起）") == Share(2, 2)
    assert house.cell("接听", "8001", "服务水平（按来电）") is None
    assert house.cell("接听", "全部", "服务水平（按来电）") == Share(2, 4)
    assert house.cell("接听", "全部", "服务水平（按接起）") == Share(2, 3)
    assert house.cell("接听", "8002", "首次解决率") == Share(1, 1)
    taken = house.figure("接听", "8002", "接起")
    assert isinstance(taken, Figure)
    assert taken.counts.endswith("direction=inbound&blocked=false&taken=true&agent=8002")


def test_the_house_s_figures_are_those_of_the_service_report(house: House) -> None:
    house.call(100, waits=5)
    house.call(300, waits=None)
    with house.store.session() as session:
        rows = {
            row[0]: plain(row[1])
            for row in service.sheet(session, Period.of("day", NOON, UTC)).tables[0].rows
        }
        now = floor.today(session, LATER, UTC, timedelta(minutes=10))
    for name in ("三声内接起率", "服务水平（按来电）", "平均应答速度", "首次解决率"):
        assert house.cell("接听", "全部", name) == rows[name]
    assert (now.house.level_of_offered, now.by_agent["8001"].answered) == (Share(1, 2), 1)


def test_r4_handling_hold_wrap_up_and_occupancy(house: House) -> None:
    first = house.call(100, waits=0)
    house.books.write(CallHeld(first, after(110), "8001"), CallResumed(first, after(130), "8001"))
    second = house.call(400, waits=0, out=True)
    house.books.write(CallHeld(second, after(450), "8001"))
    house.stands(490, "offline")
    assert house.cell("处理", "8001", "处理") == 2
    assert house.cell("处理", "8001", "外呼") == 1
    assert house.cell("处理", "8001", "平均通话时长") == timedelta(seconds=60)
    assert house.cell("处理", "8001", "平均保持时长") == timedelta(seconds=15), "20 s, and 10 s"
    assert house.cell("处理", "8001", "平均话后时长") == timedelta(seconds=30)
    assert house.cell("处理", "8001", "平均处理时长") == timedelta(seconds=90)
    assert house.cell("处理", "8001", "利用率") == Share(180, 490)


def test_w12_f13_what_was_promised_was_done_in_time_by_whom(house: House) -> None:
    due = after(60).isoformat()
    promise = {"what": "reply", "due_at": due, "made_at": due, "call_id": "", "promise_id": ""}
    promise |= {"ended_at": due, "kept": True}
    made = [promise | {"made_by": "8001"}, promise | {"made_by": "王芳", "kept": False}]
    house.record("work_order", "WO-1", type="enquiry", owner="8001", promises=made)
    follow_up = {"reason": "member", "phone": "138", "agent": "8002", "due_at": after(60)}
    house.record("follow_up", "FU-1", **follow_up, done_at=after(30))
    house.record("follow_up", "FU-2", **follow_up)
    assert house.cell("承诺与时限", "8001", "承诺及时率") == Share(1, 2), "by number and by name"
    assert house.cell("承诺与时限", "8002", "回访及时率") == Share(1, 2)
    assert house.cell("承诺与时限", "全部", "会员回访率") == Share(1, 2)
    assert house.cell("承诺与时限", "8002", "投诉告知及时率") == Share(0, 0)


def test_k3_shifts_kept_and_seats_left(house: House) -> None:
    house.shift(0, HOUR)
    house.stands(1800, "break")
    house.stands(2700, "ready")
    assert house.cell("在岗", "8001", "排班遵守率") == Share(2700, 3600)
    assert house.cell("在岗", "8001", "空岗次数") == 1
    assert house.cell("在岗", "8001", "空岗时长") == timedelta(minutes=15)
    assert house.cell("在岗", "8002", "排班遵守率") == Share(0, 0)
    house.shift(1800, 2400, "meal")
    assert house.cell("在岗", "8001", "排班遵守率") == Share(2700, 3000)
    assert house.cell("在岗", "8001", "空岗次数") == 0


def test_h23_a_recovery_break_changes_no_figure_but_its_own(house: House) -> None:
    house.shift(0, HOUR)
    house.call(100, waits=5)
    house.stands(HOUR, "offline")

    def figures() -> dict[str, list[tuple[Cell, ...]]]:
        return {title: list(table.rows) for title, table in house.tables().items()}

    before = figures()
    rate, used = (
        house.cell(*which) for which in (("在岗", "8001", "排班遵守率"), ("处理", "8001", "利用率"))
    )
    # The agent recovers in the time after the shift, and, in another house, within it.
    house.stands(HOUR + 60, "recovery")
    house.stands(HOUR + 1860, "offline")
    after_ = figures()
    assert house.cell("在岗", "8001", "恢复休息") == timedelta(minutes=30)
    assert {title: rows for title, rows in after_.items() if title != "在岗"} == {
        title: rows for title, rows in before.items() if title != "在岗"
    }
    assert (house.cell("在岗", "8001", "排班遵守率"), house.cell("处理", "8001", "利用率")) == (
        rate,
        used,
    )


def test_h23_recovery_within_a_shift_is_neither_due_nor_missed(house: House) -> None:
    house.shift(0, HOUR)
    house.stands(1200, "recovery")
    house.stands(3000, "ready")
    house.stands(HOUR, "offline")
    assert house.cell("在岗", "8001", "排班遵守率") == Share(1800, 1800)
    assert house.cell("在岗", "8001", "空岗次数") == 0
    assert house.cell("处理", "8001", "利用率") == Share(0, 1800)


def test_the_report_asks_twelve_questions_however_many_agents(house: House) -> None:
    for n in range(5):
        house.call(100 + 200 * n, agent=f"80{n}0")
    with questions() as asked:
        rows = house.tables("month")["接听"].rows
    assert len(rows) == 8
    assert len(asked) == 12
