from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from callcenter.casework import handovers, steps
from callcenter.casework.paper.sheet import text
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import People
from callcenter.store.books import SqlBooks
from callcenter.store.handover_tables import Handover
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after


class Shift:
    """The end of 王芳's shift; 李静 comes."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)

    def order(self, number: str, state: str = "in_progress", **more: Any) -> None:
        changes = {"type": "repair", "owner": "王芳", "title": f"漏水 {number}", **more}
        what = ("work_order", number, "open", "王芳", state, 0, changes)
        self.books.write(RecordStepped("", NOON, *what))

    def draw(self, starts_at: datetime | None = None) -> str:
        with self.store.session() as session:
            actor = Actor("王芳", NOON, People({}))
            fact = handovers.draw(session, "2025-03-04 早班", actor, starts_at)
        self.books.write(fact)
        return fact.number

    def act(
        self, number: str, action: str, by: str = "王芳", at: float = 60, **given: Any
    ) -> Handover:
        with self.store.session() as session:
            actor = Actor(by, after(at), People({}))
            fact = handovers.act(session, number, action, given, actor)
        self.books.write(fact)
        return self.row(number)

    def row(self, number: str) -> Handover:
        with self.store.session() as session:
            return steps.get(session, Handover, number)


@pytest.fixture
def shift(store: Store) -> Shift:
    return Shift(store)


def test_j1_the_sheet_holds_what_is_unfinished(shift: Shift) -> None:
    shift.order("WO-1", due_at=after(7200))
    shift.order("WO-2", alarm="danger")
    shift.order("WO-3", state="closed")
    row = shift.row(shift.draw())
    assert [(item["number"], item["by_voice"]) for item in row.items] == [
        ("WO-1", False),
        ("WO-2", True),
    ]
    assert row.items[0]["due_at"] == after(7200).isoformat()
    shift.order("WO-4")
    shift.act(row.number, "add", sort="temporary", text="晚上八点系统升级")
    row = shift.act(row.number, "draw_again")
    assert [item["text"] for item in row.items][-2:] == ["漏水 WO-4", "晚上八点系统升级"]


@pytest.mark.parametrize(
    ("sort", "name", "by_voice"),
    [
        ("temporary", "j2", False),
        ("from_above", "j3", True),
        ("dispute", "j10", False),
        ("special", "j11", True),
    ],
)
def test_j2_j3_j10_j11_what_the_giver_adds(
    shift: Shift, sort: str, name: str, by_voice: bool
) -> None:
    number = shift.draw()
    row = shift.act(number, "add", sort=sort, text=f"事项 {name}")
    assert (row.items[0]["sort"], row.items[0]["by_voice"]) == (sort, by_voice)
    with pytest.raises(Refused, match="what is added is one of"):
        shift.act(number, "add", sort="order", text="x")


def test_j6_j7_j8_every_item_is_confirmed_before_both_have_signed(shift: Shift) -> None:
    shift.order("WO-1")
    number = shift.draw()
    shift.act(number, "add", sort="from_above", text="明天九点回访赵先生")
    with pytest.raises(Refused, match="王芳's to give"):
        shift.act(number, "give", "李静", taker="李静")
    with pytest.raises(Refused, match="somebody else"):
        shift.act(number, "give", taker="王芳")
    shift.act(number, "give", taker="李静")
    with pytest.raises(Refused, match="2 items are not confirmed yet"):
        shift.act(number, "take", "李静")
    with pytest.raises(Refused, match="李静's to take"):
        shift.act(number, "tick", "王芳", item=0)
    shift.act(number, "tick", "李静", item=0)
    with pytest.raises(Refused, match="told by voice, too"):
        shift.act(number, "tick", "李静", item=1)
    with pytest.raises(Refused, match="there are 2 items, from 0; got 2"):
        shift.act(number, "tick", "李静", item=2)
    shift.act(number, "tick", "李静", item=1, told_by_voice=True)
    row = shift.act(number, "take", "李静", at=300)
    assert (row.state, row.given_at, row.taken_at) == ("taken", after(60), after(300))
    with pytest.raises(NotNow, match="add is not possible; possible: nothing"):
        shift.act(number, "add", sort="temporary", text="晚了")


@pytest.mark.parametrize(("at", "early"), [(2600, True), (2800, False)])
def test_j5_fifteen_minutes_early(shift: Shift, at: float, early: bool) -> None:
    number = shift.draw(NOON + timedelta(hours=1))
    assert handovers.was_early(shift.row(number)) is None
    shift.act(number, "give", taker="李静")
    assert handovers.was_early(shift.act(number, "arrive", "李静", at=at)) is early


def test_j4_j9_j11_the_book_the_log_and_the_paper(shift: Shift) -> None:
    shift.order("WO-1", due_at=after(7200))
    number = shift.draw()
    shift.act(number, "log", text="赵先生情绪激动，已报组长")
    shift.act(number, "give", taker="李静")
    row = shift.act(number, "send_back", "李静", text="WO-1 的电话不对")
    assert (row.state, row.given_at) == ("draft", None)
    sheet = handovers.paper(row)
    assert sheet.signatures == ("交班人", "接班人")
    items, log = sheet.tables
    assert [text(cell) for cell in items.rows[0]][1:4] == ["未完成工单", "WO-1", "漏水 WO-1"]
    assert [line for (line,) in log.rows] == [
        "王芳：赵先生情绪激动，已报组长",
        "李静：WO-1 的电话不对",
    ]
    with shift.store.session() as session:
        assert [one.number for one in handovers.listing(session, person="李静")] == [number]
        assert not handovers.listing(session, person="赵敏")


def test_j7_whose_turn_it_is_and_since_when_a_signature_is_missing(shift: Shift) -> None:
    number = shift.draw()
    row = shift.row(number)
    assert handovers.late_since(row, NOON + timedelta(days=9)) is None
    assert "give" in handovers.yours(row, {"王芳"}.__contains__)
    assert "give" not in handovers.yours(row, {"李静"}.__contains__)
    row = shift.act(number, "give", taker="李静")
    assert not {"arrive", "tick", "take"} & set(handovers.yours(row, {"王芳"}.__contains__))
    assert {"arrive", "tick", "take"} <= set(handovers.yours(row, {"李静"}.__contains__))
    due = after(60) + handovers.SIGN_WITHIN
    assert handovers.late_since(row, due) is None
    assert handovers.late_since(row, due + timedelta(seconds=1)) == due
    planned = shift.row(shift.draw(NOON + timedelta(hours=1)))
    assert handovers.late_since(planned, NOON + timedelta(hours=2)) == NOON + timedelta(hours=1)
    assert handovers.late_since(shift.act(number, "take", "李静"), NOON + timedelta(9)) is None
