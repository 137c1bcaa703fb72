"""Spans of agents' states: kept, closed after a crash, taken up again at the start."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.casework.staff import attendance, recovery
from callcenter.core.events import AgentChanged, CallAnswered, CallEnded, CallRang
from callcenter.core.records import Agent
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import after

WHO = (Agent("8001", "王芳"), Agent("8002", "李静"), Agent("8003", "新人"))


class House:
    """Agents whose states are written down."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [recovery.consequence])

    def stands(
        self, at: float, state: str, reason: str = "", agent: str = "8001", by: str = ""
    ) -> None:
        self.books.write(AgentChanged("", after(at), agent, state, reason, by or agent))

    def spans(self, agent: str = "8001") -> list[tuple[str, float, float | None]]:
        with self.store.session() as session:
            found = attendance.spans(session, after(-1), after(99_999))
        zero = after(0)
        return [
            (
                span.state,
                (span.since - zero) / timedelta(seconds=1),
                span.until and (span.until - zero) / timedelta(seconds=1),
            )
            for span in found.get(agent, ())
        ]

    def interrupted(self) -> list[AgentChanged]:
        with self.store.session() as session:
            left = attendance.interrupted(session)
        self.books.write(*left)
        return left

    def resumed(self, at: float) -> list[str]:
        with self.store.session() as session:
            found = attendance.resumed(session, WHO, after(at))
        self.books.write(*found)
        return [
            f"{e.agent} {e.state} {e.reason}".strip() for e in found if isinstance(e, AgentChanged)
        ]


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def test_r4_every_change_closes_the_span_before(house: House) -> None:
    house.stands(0, "ready")
    house.stands(60, "break", "用餐")
    house.stands(60, "break", "用餐")
    house.stands(90, "ready")
    spans = [("ready", 0, 60), ("break", 60, 90), ("ready", 90, None)]
    assert house.spans() == spans
    house.stands(60, "break", "用餐")
    assert house.spans() == spans, "written again it changes nothing"


def test_r4_who_decides_for_somebody_else_stands_in_the_trail(house: House) -> None:
    house.stands(0, "ready")
    house.stands(60, "offline", by="李主管")
    with house.store.session() as session:
        (entry,) = trail.of(session, "agent", "8001")
    assert (entry.person, entry.action, entry.state) == ("李主管", "set_state", "offline")


def test_r4_a_crash_closes_at_the_last_sign_of_life(house: House) -> None:
    house.stands(0, "ready")
    house.stands(0, "offline", agent="8002")
    house.books.write(CallRang("c1", after(500), "13800000001", "4008", "front"))
    left = house.interrupted()
    assert {(e.agent, e.state, e.reason, e.at) for e in left} == {
        ("8001", "offline", "interrupted", after(500)),
        ("8002", "offline", "interrupted", after(500)),
    }
    assert house.spans()[0] == ("ready", 0, 500)
    assert house.interrupted() == [], "once"


def test_r4_agents_stand_where_they_stood_before_the_restart(house: House) -> None:
    house.stands(0, "on_call")
    house.stands(0, "break", "用餐", agent="8002")
    house.interrupted()
    assert house.resumed(900) == ["8001 ready", "8002 break 用餐", "8003 ready"]
    house.stands(950, "offline", agent="8002")
    house.stands(960, "offline", "stopped", agent="8001", by="system")
    assert house.resumed(1000) == ["8001 ready", "8002 offline", "8003 ready"]


def test_h23_a_recovery_break_goes_on_after_a_restart(house: House) -> None:
    house.books.write(CallRang("c1", after(0), "13800000001", "4008", "front"))
    house.books.write(CallAnswered("c1", after(1), "8001"))
    house.books.write(CallEnded("c1", after(60), "system", "answered", "harassment"))
    with house.store.session() as session:
        taken = recovery.take(session, "8001", after(70))
    house.books.write(taken)
    house.stands(70, "recovery")
    house.interrupted()
    with house.store.session() as session:
        found = attendance.resumed(session, WHO[:1], after(100))
    assert [type(fact).__name__ for fact in found] == ["AgentChanged", "RecoveryBreakTaken"]
    assert found[0].state == "recovery"  # type: ignore[union-attr]
