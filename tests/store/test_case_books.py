from __future__ import annotations

import pytest
from sqlalchemy import func, select

from callcenter.core.errors import NoSuchCall
from callcenter.core.events import (
    BillLineMatched,
    CaseActionTaken,
    CaseOpened,
    Event,
    EvidenceExported,
    NumberRecovered,
)
from callcenter.store.books import SqlBooks
from callcenter.store.case_books import PAGES
from callcenter.store.case_tables import HarassmentCase
from callcenter.store.sql import Store
from callcenter.store.tables import Base
from tests.store.conftest import CALLER, NOON, after, end, ring

BILL = "ab" * 32
A_CASE: list[Event] = [
    CaseOpened("c1", NOON, "HC-1", "", "unknown", "陈静", ("c1",), "夜里来电"),
    CaseActionTaken("c1", after(1), "HC-1", "note", "陈静", "再听一遍", "open", "open"),
    BillLineMatched("c1", after(2), CALLER, "", NOON, 55, BILL, 7, "陈静"),
    NumberRecovered("c1", after(3), CALLER, "陈静", BILL, 7),
    CaseActionTaken(
        "c1", after(4), "HC-1", "add_calls", "陈静", "", "open", "open", ("c2",), "home"
    ),
    EvidenceExported("c1", after(5), "陈静", ("c1", "c2"), "cd" * 32, "HC-1"),
    CaseActionTaken("c1", after(6), "HC-1", "close", "陈静", "道歉了", "open", "closed"),
]


def counts(store: Store) -> dict[str, int]:
    with store.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_every_page_is_in_the_case() -> None:
    assert {type(event) for event in A_CASE} == set(PAGES)


def test_a_repeated_decision_is_one_fact(store: Store, books: SqlBooks) -> None:
    for call_id in ("c1", "c2"):
        ring(books, call_id, number="anonymous")
        end(books, call_id, disposition="harassment")
    for event in A_CASE:
        books.write(event)
    once = counts(store)
    for event in A_CASE:
        books.write(event)
    assert counts(store) == once
    assert (once["harassment_cases"], once["case_calls"], once["case_actions"]) == (1, 2, 5)
    with store.session() as session:
        case = session.get_one(HarassmentCase, "HC-1")
        assert (case.state, case.caller_number, case.source_type) == ("closed", CALLER, "home")
        assert [call.call_id for call in case.calls] == ["c1", "c2"]
        assert [action.action for action in case.actions] == [
            "opened", "note", "number_recovered", "add_calls", "close",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "event", [event for event in A_CASE if not isinstance(event, CaseActionTaken)]
)
def test_an_unknown_call_is_told(store: Store, books: SqlBooks, event: Event) -> None:
    with pytest.raises(NoSuchCall, match="c1"):
        books.write(event)
    assert set(counts(store).values()) == {0}
