"""Shifts: planned, changed, cancelled, read from a table; and who is missing from one (K3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.casework.staff import seats, shift_table, shifts
from callcenter.casework.staff.shifts import Rules
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import AgentChanged
from callcenter.core.people import SUPERVISOR, People
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.staff_tables import Shift
from tests.casework.conftest import NOON, after
from tests.counting import questions

RULES = Rules(("8001", "8002"), ZoneInfo("Asia/Shanghai"))
PEOPLE = People({"李主管": {SUPERVISOR}}, ("agent",))
ALLOWED = timedelta(minutes=10)
HOUR = 3600.0
DAY = timedelta(days=1)


class Plan:
    """Shifts over the real books; noon UTC is 20:00 on the wall."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store, [shifts.exchanged])

    def plan(
        self, start: str, end: str, kind: str = "duty", by: str = "李主管", **more: Any
    ) -> str:
        fields = {"agent": "8001", "day": "2025-03-04", "start": start, "end": end, "kind": kind}
        with self.store.session() as session:
            actor = Actor(by, NOON, PEOPLE, UTC)
            fact = shifts.plan(session, fields | more, actor, RULES)
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str, **fields: Any) -> None:
        with self.store.session() as session:
            actor = Actor("李主管", NOON, PEOPLE, UTC)
            fact = shifts.act(session, number, action, fields, actor, rules=RULES)
        self.books.write(fact)

    def stands(self, at: float, state: str, reason: str = "", by: str = "") -> None:
        self.books.write(AgentChanged("", after(at), "8001", state, reason, by or "8001"))

    def listed(self, since: datetime = NOON - timedelta(days=9)) -> list[str]:
        with self.store.session() as session:
            found = shifts.listing(session, since, NOON + timedelta(days=9))
        return [f"{one.starts_at:%d %H:%M} {one.ends_at:%d %H:%M} {one.kind}" for one in found]

    def check(self, text: str) -> shift_table.Checked:
        with self.store.session() as session:
            return shift_table.check(session, text.encode(), RULES)

    def missing(self, at: float) -> dict[str, float]:
        with self.store.session() as session:
            found = seats.unattended(session, after(at), ALLOWED)
        return {who: (since - NOON).total_seconds() for who, since in found.items()}

    def duty(self, since: float, until: float) -> seats.Duty:
        with self.store.session() as session:
            return seats.duties(session, (after(since), after(until)), ALLOWED)["8001"]


@pytest.fixture
def plan(store: Store) -> Plan:
    return Plan(store)


def test_k3_a_shift_is_planned_on_the_wall_and_may_end_tomorrow(plan: Plan) -> None:
    assert plan.plan("22:00", "06:00") == "SH-20250304-0001"
    plan.plan("09:00", "18:00")
    plan.plan("12:00", "13:00", "meal")
    assert plan.listed() == [
        "04 01:00 04 10:00 duty",
        "04 04:00 04 05:00 meal",
        "04 14:00 04 22:00 duty",
    ]
    assert plan.listed(since=after(HOUR)) == ["04 14:00 04 22:00 duty"]


def test_k3_a_lead_plans_and_nobody_is_at_two_seats_at_once(plan: Plan) -> None:
    with pytest.raises(Refused, match="王芳 may not do this"):
        plan.plan("09:00", "18:00", by="王芳")
    number = plan.plan("09:00", "18:00")
    with pytest.raises(Refused, match=f"agent 8001 has {number} at that time"):
        plan.plan("17:59", "20:00", "overtime")
    plan.plan("17:59", "20:00", agent="8002")
    with pytest.raises(Refused, match="there is no agent '7'"):
        plan.plan("09:00", "10:00", agent="7")
    with pytest.raises(Refused, match="'9点' is no time of day"):
        plan.plan("9点", "18:00")


def test_k3_a_shift_is_changed_and_cancelled(plan: Plan) -> None:
    number = plan.plan("09:00", "18:00")
    plan.act(number, "change", start="10:00")
    assert plan.listed() == ["04 02:00 04 10:00 duty"]
    with pytest.raises(Refused, match="cancel needs: note"):
        plan.act(number, "cancel")
    plan.act(number, "cancel", note="调班")
    assert plan.listed() == []
    with pytest.raises(NotNow, match="is cancelled"):
        plan.act(number, "change", start="11:00")
    plan.plan("09:00", "18:00")


def test_k3_a_table_of_shifts_is_checked_line_by_line(plan: Plan) -> None:
    plan.plan("09:00", "18:00")
    checked = plan.check(
        "工号,日期,开始,结束,班次\n8001,2025-03-05,09:00,18:00,\n8001,2025-03-05,9:30,10:00,培训\n"
        "8001,2025-03-05,17:00,19:00,加班\n8001,2025-03-04,8:00,09:01,值班\n8003,2025-03-05,9,18,\n"
        "8002,三月五日,09:00,18:00,\n8002,2025-03-05,09:00,18:00,夜班\n"
    )
    assert [(one["agent"], one["kind"]) for one in checked.drafts] == [
        ("8001", "duty"),
        ("8001", "training"),
    ]
    assert [(one.line, one.reason) for one in checked.problems] == [
        (4, "agent 8001 has line 2 at that time"),
        (5, "agent 8001 has SH-20250304-0001 at that time"),
        (6, "there is no agent '8003'; expected their number"),
        (7, "'三月五日' is no day; expected such as 2026-11-22"),
        (8, "no kind '夜班' of shift; expected: duty, overtime, meal, training, leave"),
    ]
    for bad, why in (("", "empty"), ("工号,日期\n1,2", "columns are missing: 开始, 结束")):
        with pytest.raises(Refused, match=why):
            plan.check(bad)


def test_k3_who_is_signed_out_or_away_for_too_long_is_missing(plan: Plan) -> None:
    plan.plan("18:00", "23:00")
    plan.plan("21:00", "21:30", "meal")
    assert plan.missing(0) == {}, "nobody knows: nothing was ever seen of them"
    plan.stands(-2 * HOUR, "ready")
    plan.stands(0, "break", "用餐")
    assert plan.missing(600) == {}
    assert plan.missing(601) == {"8001": 0}
    plan.stands(700, "offline")
    assert plan.missing(800) == {"8001": 0}, "signing out is not coming back"
    plan.stands(900, "ready")
    assert plan.missing(1000) == {}
    plan.stands(3000, "offline")
    assert plan.missing(4500) == {}, "their meal"
    assert plan.missing(HOUR * 1.5 + 601) == {"8001": HOUR * 1.5}
    assert plan.missing(3 * HOUR + 1) == {}, "the shift is over"


def test_k3_h23_nobody_is_blamed_for_recovery_or_for_a_service_that_is_down(plan: Plan) -> None:
    plan.plan("18:00", "23:00")
    plan.stands(0, "ready")
    plan.stands(600, "recovery")
    assert plan.missing(600 + HOUR) == {}
    plan.stands(600 + HOUR, "offline", "interrupted", by="system")
    assert plan.missing(2 * HOUR) == {}
    plan.stands(2.5 * HOUR, "offline")
    duty = plan.duty(0, 3 * HOUR)
    assert duty.absent == timedelta(minutes=30)
    due = sum((until - since for since, until in duty.due), timedelta())
    assert due == timedelta(minutes=40), "ten minutes ready, thirty signed out"


def test_who_is_missing_is_three_queries(plan: Plan) -> None:
    for agent in ("8001", "8002"):
        plan.plan("18:00", "23:00", agent=agent)
    plan.stands(0, "ready")
    with questions() as asked:
        plan.missing(100)
    assert len(asked) == 3


def test_k3_two_agents_take_each_others_shift(plan: Plan) -> None:
    early, late = plan.plan("08:00", "16:00"), plan.plan("12:00", "20:00", agent="8002")
    after_it = plan.plan("20:00", "21:00")

    def exchange(one: str, other: str, by: str = "李主管", seen: int | None = None) -> None:
        with plan.store.session() as session:
            actor = Actor(by, NOON, PEOPLE, UTC)
            fact = shifts.exchange(session, one, other, actor, seen)
        plan.books.write(fact)
        plan.books.write(fact)

    exchange(early, late, seen=1)
    with plan.store.session() as session:
        found = {
            one.number: one.agent for one in shifts.listing(session, NOON - 9 * DAY, NOON + DAY)
        }
    assert found == {early: "8002", late: "8001", after_it: "8001"}
    with pytest.raises(Refused, match="one agent's shifts"):
        exchange(late, after_it)
    with pytest.raises(Refused, match="may not do this"):
        exchange(early, late, by="座席")
    with pytest.raises(NotNow, match="was changed by 李主管"):
        exchange(early, late, seen=1)
    assert exchanged_from(plan, early, late) == [("8001", late), ("8002", early)]
    third = plan.plan("09:00", "11:00", agent="8001")
    with pytest.raises(Refused, match=f"agent 8001 has {third} at that time"):
        exchange(early, late)


def exchanged_from(plan: Plan, *numbers: str) -> list[tuple[str, str]]:
    """Who had each of these shifts before, and which the other is."""
    with plan.store.session() as session:
        rows = [session.get_one(Shift, number) for number in numbers]
        return [(row.exchanged_from, row.exchanged_with) for row in rows]


def test_k3_an_exchange_is_both_steps_or_none(plan: Plan) -> None:
    early, late = plan.plan("08:00", "16:00"), plan.plan("12:00", "20:00", agent="8002")
    with plan.store.session() as session:
        actor = Actor("李主管", NOON, PEOPLE, UTC)
        fact = shifts.exchange(session, early, late, actor)
        gone = shifts.act(
            session, late, "cancel", {"note": "病假"}, actor, rules=Rules(["8001", "8002"], UTC)
        )
    plan.books.write(gone)
    with pytest.raises(Refused, match="was changed meanwhile"):
        plan.books.write(fact)
    with plan.store.session() as session:
        assert session.get_one(Shift, early).agent == "8001", "neither was changed"
