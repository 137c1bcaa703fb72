from __future__ import annotations

from datetime import UTC, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework import steps
from callcenter.casework.complaints.record import IMPLEMENTED
from callcenter.casework.follow_ups import lists as follow_up_lists
from callcenter.casework.follow_ups import plans as follow_up_plans
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.follow_ups import report as follow_up_report
from callcenter.casework.paper.sheet import Share, plain
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.hours import Hours
from callcenter.core.people import People
from callcenter.store.books import SqlBooks
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.sql import Store
from tests.casework.complaints.test_record import DAY, Register
from tests.casework.conftest import NOON, after

WINDOW = Hours({day: ((time(9), time(12)), (time(14), time(20))) for day in range(7)}, zone=UTC)
WANTED: dict[str, Any] = {
    "reason": "order",
    "about": "WO-1",
    "phone": "138 0000 0001",
    "customer": "赵先生",
    "due_at": after(3 * DAY),
}


class Desk:
    """Where follow-ups are made."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [follow_up_plans.consequence(UTC)])

    def plan(self, phone: str = "13800000001", **wanted: Any) -> str:
        fields = WANTED | {"phone": phone} | wanted
        with self.store.session() as session:
            fact = follow_ups.plan(session, fields, Actor("李主管", NOON, People({}), UTC))
        self.books.write(fact)
        return fact.number

    def act(
        self, number: str, action: str, by: str = "1001", at: float = 10_800, **wanted: Any
    ) -> FollowUp:
        with self.store.session() as session:
            actor = Actor(by, after(at), People({}), UTC)
            fact = follow_ups.act(session, number, action, wanted, actor, hours=WINDOW)
        self.books.write(fact)
        return self.row(number)

    def row(self, number: str) -> FollowUp:
        with self.store.session() as session:
            return steps.get(session, FollowUp, number)

    def all(self, **wanted: Any) -> list[FollowUp]:
        with self.store.session() as session:
            return list(follow_ups.listing(session, **wanted))


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_f3_f6_f14_a_follow_up_is_planned_called_and_written_down(desk: Desk) -> None:
    number = desk.plan(content="空调修好没有")
    assert number == "FU-20250304-0001"
    assert desk.row(number).phone == "13800000001"
    desk.act(number, "allot", "李主管", agent="1001")
    desk.act(number, "begin")
    with pytest.raises(Refused, match="reached needs: satisfied, result"):
        desk.act(number, "reached")
    asked = [{"question": "修好了吗", "answer": "修好了"}]
    row = desk.act(number, "reached", satisfied=True, result="很满意", answers=asked, call_id="c7")
    assert (row.state, row.satisfied, row.answers, row.calls) == ("done", True, asked, ["c7"])
    assert row.done_at == after(10_800)


def test_f4_nobody_is_called_in_their_rest_unless_they_asked(desk: Desk) -> None:
    number = desk.plan()
    desk.act(number, "allot", "李主管", agent="1001")
    with pytest.raises(NotNow, match=r"not called at this hour; from 03-04 14:00"):
        desk.act(number, "begin", at=1800)
    assert desk.act(number, "begin", at=1800, agreed=True).state == "calling"


def test_f11_one_customer_one_caller(desk: Desk) -> None:
    number = desk.plan()
    with pytest.raises(Refused, match=rf"138\S*0001 has follow-up {number} \(due\) already"):
        desk.plan("+86 13800000001", reason="member")
    desk.act(number, "allot", "李主管", agent="1001")
    with pytest.raises(NotNow, match=f"follow-up {number} is 1001's"):
        desk.act(number, "begin", "1002")
    desk.act(number, "begin")
    with pytest.raises(NotNow, match="1001's"):
        desk.act(number, "reached", "1002", satisfied=True, result="好")
    desk.act(number, "reached", satisfied=True, result="好")
    assert desk.plan(reason="member") != number


def test_f10_three_failed_tries_then_a_message(desk: Desk) -> None:
    number = desk.plan()
    desk.act(number, "allot", "李主管", agent="1001")
    for count, state in enumerate(("allotted", "allotted", "unreachable"), 1):
        desk.act(number, "begin")
        row = desk.act(number, "not_reached", result="无人接听")
        assert (row.state, len(row.tries)) == (state, count)
    assert row.tries[0]["result"] == "无人接听"
    row = desk.act(number, "message", message="MS-1")
    assert (row.state, row.message) == ("messaged", "MS-1")


def test_f1_overdue_ones_are_found_the_most_urgent_first(desk: Desk) -> None:
    late = desk.plan("13800000002", due_at=after(DAY))
    later = desk.plan("13800000003", due_at=after(2 * DAY))
    assert [row.number for row in desk.all(due_before=after(3 * DAY))] == [late, later]
    assert not desk.all(due_before=after(DAY))


def test_f5_what_waits_is_allotted_evenly(desk: Desk) -> None:
    waiting = [desk.plan(f"1380000{n:04d}") for n in range(5)]
    with desk.store.session() as session:
        load = follow_ups.load(session, {"1001": ("林晓雯",), "1002": ()})
    made = follow_ups.allotment(waiting, load | {"1002": 3})
    assert sorted(made.values()) == ["1001"] * 4 + ["1002"]
    with pytest.raises(Refused, match="expected at least one"):
        follow_ups.allotment(waiting, {})


@given(st.integers(0, 60), st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_f5_loads_differ_by_one_at_most_among_who_got_any(count: int, loads: list[int]) -> None:
    load = {str(n): has for n, has in enumerate(loads)}
    given = follow_ups.allotment([str(n) for n in range(count)], load)
    assert len(given) == count
    got = [load[agent] + list(given.values()).count(agent) for agent in set(given.values())]
    assert not got or max(got) - min(got) <= 1


def test_c15_c16_f15_a_complaint_is_followed_up_and_hears_the_answer(
    desk: Desk, store: Store
) -> None:
    register = Register(store)
    register.books = desk.books
    number = register.open()
    register.walk(number, IMPLEMENTED)
    (planned,) = desk.all(reason="complaint")
    assert (planned.about, planned.customer, planned.opened_by) == (number, "赵先生", "system")
    assert planned.due_at - planned.opened_at == timedelta(days=3)
    desk.act(planned.number, "allot", "李主管", agent="1001")
    desk.act(planned.number, "begin")
    desk.act(planned.number, "reached", satisfied=False, result="又漏了")
    with store.session() as session:
        row = steps.get(session, Complaint, number)
    assert (row.state, row.rounds, row.feedback, row.changed_by) == (
        "investigated",
        1,
        "又漏了",
        "1001",
    )


def test_f2_f7_r11_the_summary_counts_what_was_due(desk: Desk) -> None:
    done, missed, late = (desk.plan(f"1380000000{n}", reason="member") for n in range(3))
    for number in (done, late):
        desk.act(number, "allot", "李主管", agent="1001")
    desk.act(done, "begin")
    desk.act(done, "reached", satisfied=True, result="好")
    desk.act(late, "begin", at=5 * DAY + 10_800)
    desk.act(late, "reached", at=5 * DAY + 10_800, satisfied=False, result="送货太慢")
    desk.act(desk.plan("13900000009"), "cancel", "李主管", result="号码是空号")
    with desk.store.session() as session:
        sheet = follow_up_report.sheet(session, NOON, NOON + timedelta(days=9))
    by_reason, by_agent, unhappy = sheet.tables
    row = dict(zip(by_reason.columns, map(plain, by_reason.rows[0]), strict=True))
    assert row["分类"] == "会员"
    assert (row["回访率"], row["及时率"], row["满意度"]) == (Share(2, 3), Share(1, 3), Share(1, 2))
    assert [one[0] for one in by_agent.rows] == ["1001", "未分配", "合计"]
    assert [one[-1] for one in unhappy.rows] == ["送货太慢"]
    assert missed


def customer(desk: Desk, number: str, phone: str, **more: Any) -> None:
    numbers = [{"number": phone, "e164": "", "kind": "mobile", "extension": ""}] if phone else []
    fields = {"name": f"客户{number}", "customer_class": "ordinary", "numbers": numbers, **more}
    what = ("customer", number, "open", "王芳", "active", 0, fields)
    desk.books.write(RecordStepped("", NOON, *what))


def build(desk: Desk, reason: str, at: float) -> list[str]:
    """Plan what is due; for whom."""
    planned = []
    actor = Actor("李主管", after(at), People({}), UTC)
    with desk.store.session() as session:
        found = follow_up_lists.due(session, reason, after(at))
    for one in found:
        with desk.store.session() as session:
            fact = follow_up_lists.plan_for(one, reason, "十一月", session, actor)
        desk.books.write(fact)
        planned.append(one.number)
    return planned


def test_f2_every_member_is_called_once_a_month(desk: Desk) -> None:
    customer(desk, "CU-1", "13800000001", member=True, agent="1001")
    customer(desk, "CU-2", "13800000002", member=True)
    customer(desk, "CU-3", "13800000003")
    assert build(desk, "member", 0) == ["CU-1", "CU-2"]
    assert build(desk, "member", 20 * DAY) == []
    assert [row.plan for row in desk.all(plan="十一月")] == ["十一月"] * 2
    for row in desk.all():
        desk.act(row.number, "cancel", "李主管", result="号码不对")
    assert build(desk, "member", 29 * DAY) == ["CU-1", "CU-2"]


def test_f13_who_stays_away_for_120_days(desk: Desk) -> None:
    customer(desk, "CU-1", "13800000001", last_purchase_at=after(-121 * DAY))
    customer(desk, "CU-2", "13800000002", last_purchase_at=after(-119 * DAY))
    customer(desk, "CU-3", "13800000003")
    assert build(desk, "lapsed", 0) == ["CU-1"]
    assert build(desk, "lapsed", 2 * DAY) == ["CU-2"]
    customer(desk, "CU-4", "", last_purchase_at=after(-300 * DAY))
    with pytest.raises(Refused, match="no number to call"):
        build(desk, "lapsed", 0)
