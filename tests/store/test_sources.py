"""What is kept of a number: attempts, prompts, verdicts, whether it is a customer's."""

from __future__ import annotations

import pytest

from callcenter.core.errors import StoreError
from callcenter.core.events import (
    CallEnded,
    PromptStarted,
    TerminationUndone,
    VerdictGiven,
    WorkOrderLinked,
)
from callcenter.core.office import Directory
from callcenter.core.records import CallerHistory
from callcenter.store import sources
from callcenter.store.books import SqlBooks
from callcenter.store.customers import is_known
from callcenter.store.directory import SqlDirectory, add_block
from callcenter.store.sql import Store
from callcenter.store.tables import WorkOrder
from tests.store.conftest import CALLER, NOON, after, answer, end, ring

HOUR = 3600.0
DAY = 24 * HOUR


def history(store: Store, number: str = CALLER, at: float = HOUR) -> CallerHistory:
    directory: Directory = SqlDirectory(store, lambda: after(at))
    return directory.history(number)


def served(books: SqlBooks, call_id: str, disposition: str, at: float = 0) -> None:
    ring(books, call_id, at)
    answer(books, call_id, at + 5)
    end(books, call_id, at + 60, disposition)


def judge(books: SqlBooks, call_id: str, verdict: str, at: float) -> None:
    books.write(VerdictGiven(call_id, after(at), verdict, "听过了", "李主管"))


@pytest.mark.parametrize(
    ("seconds", "attempts"),
    [
        ((), 0),
        ((0,), 1),
        ((0, 59, 60), 1),
        ((0, 60.001), 2),
        ((0, 50, 100), 2),
        ((300, 0, 20), 2),
    ],
)
def test_h5_calls_within_60_seconds_of_the_first_are_one_attempt(seconds, attempts):
    assert sources.count_attempts(after(second) for second in seconds) == attempts


def test_h5_the_history_counts_a_day_however_the_number_is_written(store, books):
    ring(books, "old", -DAY)
    ring(books, "c1", 0, "+86 138-0000-0001")
    ring(books, "c2", 30, "008613800000001")
    ring(books, "c3", 600)
    ring(books, "other", 700, "13900000002")
    assert history(store, "+8613800000001") == CallerHistory(calls_24h=3, attempts=2)


def test_withheld_numbers_are_never_counted_together(store, books):
    for call_id, number in (("c1", ""), ("c2", "anonymous"), ("c3", "Anonymous")):
        ring(books, call_id, 0, number)
    assert history(store, "anonymous") == CallerHistory()
    assert history(store, "") == CallerHistory()


def test_h12_prompts_played_to_a_number_are_counted_unless_undone(store, books):
    ring(books, "c1")
    answer(books, "c1")
    books.write(PromptStarted("c1", after(10), "line_fault", 6000))
    books.write(TerminationUndone("c1", after(11), "8001"))
    assert history(store).prompts_a == 0
    books.write(PromptStarted("c1", after(20), "line_fault", 6000))
    ring(books, "c2", 100)
    books.write(PromptStarted("c2", after(110), "analysis", 9000))
    ring(books, "old", -31 * DAY)
    books.write(PromptStarted("old", after(-31 * DAY), "line_fault", 6000))
    found = history(store)
    assert (found.prompts_a, found.prompts_b) == (1, 1)


def test_the_newest_verdict_on_any_call_of_the_number(store, books):
    served(books, "c1", "suspected")
    served(books, "c2", "suspected", 100)
    judge(books, "c2", "harassment", 200)
    judge(books, "c1", "complaint", 300)
    assert history(store).last_verdict == "complaint"
    judge(books, "c1", "harassment", 400)
    assert history(store).last_verdict == "harassment"


def test_h4_a_customer_is_known_by_a_verdict_or_by_closed_work(store, books):
    served(books, "c1", "suspected")
    assert not history(store).known_customer
    judge(books, "c1", "ordinary", 100)
    assert history(store).known_customer
    judge(books, "c1", "harassment", 200)
    assert not history(store).known_customer, "the newest verdict counts"


def test_h4_an_ordinary_call_makes_a_customer_once_its_work_order_is_closed(store, books):
    with store.session(write=True) as session:
        order = WorkOrder(
            number="WO-1", state="in_progress", version=1, opened_at=NOON, opened_by="system",
            changed_at=NOON, changed_by="system", caller_number=CALLER, owner="8001",
            type="complaint",
        )  # fmt: skip
        session.add(order)
    served(books, "c1", "complaint")
    books.write(WorkOrderLinked("c1", after(5), "WO-1", "complaint", "system"))
    assert not history(store).known_customer
    with store.session(write=True) as session:
        session.get_one(WorkOrder, "WO-1").state = "closed"
    assert history(store).known_customer
    with store.session() as session:
        assert not is_known(session, "")


def test_a_call_that_nobody_answered_makes_no_customer(store, books):
    ring(books, "c1")
    books.write(CallEnded("c1", after(9), "caller", "abandoned", "ordinary"))
    judge(books, "c1", "ordinary", 20)
    assert not history(store).known_customer


def test_h18_whether_the_number_is_blocked(store, books):
    with store.session(write=True) as session:
        add_block(session, CALLER, by="李主管", reason="骚扰", at=NOON, expires_at=after(HOUR))
    assert history(store, at=HOUR - 1).blocked
    assert not history(store, at=HOUR).blocked


def test_harassing_attempts_are_what_people_say(store, books):
    served(books, "confirmed", "harassment", 0)
    served(books, "acquitted", "harassment", 1000)
    judge(books, "acquitted", "complaint", 1100)
    served(books, "suspected", "suspected", 2000)
    served(books, "convicted", "suspected", 3000)
    judge(books, "convicted", "harassment", 3100)
    served(books, "at_once", "harassment", 3030)
    with store.session() as session:
        assert sources.harassing_attempts(session, CALLER, NOON - sources.DAY) == 2
        assert sources.harassing_attempts(session, CALLER, after(1)) == 1
        assert sources.blocked_attempts(session, CALLER, NOON - sources.DAY) == 0


def test_a_store_that_is_away_says_so(store):
    store.close()
    store.downgrade()
    with pytest.raises(StoreError):
        history(store)
