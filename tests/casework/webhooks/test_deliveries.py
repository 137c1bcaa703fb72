from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.casework.webhooks import deliveries
from callcenter.casework.webhooks.deliveries import KEPT, VISIBLE, Deliveries, wait_after
from callcenter.core.events import BlockLifted, CallAnswered, CallEnded, CallRang, RecordStepped
from callcenter.core.webhooks import Outcome, Parcel, Target
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.webhook_tables import Delivery
from tests.casework.conftest import after

CRM = Target("crm", topics=frozenset({"call", "block", "customer"}), masked=False)
OTHER = Target("other", topics=frozenset({"call"}))


class There:
    """What is owed to the two, at a time that the test sets."""

    def __init__(self, store: Store) -> None:
        self.at = 0.0
        self.store = store
        self.books = SqlBooks(store, [deliveries.consequence([CRM, OTHER])])
        self.crm = Deliveries(store, CRM, self.now, {"8001": "王芳"}.__getitem__)

    def now(self) -> datetime:
        return after(self.at)

    def ring(self, call_id: str, at: float = 0) -> None:
        self.books.write(CallRang(call_id, after(at), "13800000001", "4008000000", "front"))

    def call(self, call_id: str, at: float = 0) -> None:
        self.ring(call_id, at)
        self.books.write(CallAnswered(call_id, after(at + 1), "8001"))
        self.books.write(CallEnded(call_id, after(at + 2), "caller", "answered", ""))

    def take(self, most: int = 100) -> list[str]:
        return told(self.crm.take(most))

    def settle(self, parcels: Sequence[Parcel], problem: str = "", refused: bool = False) -> int:
        return self.crm.settle([Outcome(one, problem, refused) for one in parcels])


def told(parcels: Sequence[Parcel]) -> list[str]:
    return [f"{one.subject}" for one in parcels]


@pytest.fixture
def there(store: Store) -> There:
    store.upgrade()
    return There(store)


def test_a_fact_is_owed_to_each_who_wants_it_and_once_however_often_it_is_written(
    there: There,
) -> None:
    there.call("c1")
    there.ring("c1")
    there.books.write(BlockLifted("", after(5), "13800000001", "李主管", "误封"))
    with there.store.session() as session:
        owed = session.execute(select(Delivery.target, Delivery.type).order_by(Delivery.id)).all()
        assert "13800000001" not in str(session.scalars(select(Delivery.facts)).all())
    calls = ("call.rang", "call.answered", "call.ended")
    both = [(name, type) for type in calls for name in ("crm", "other")]
    assert [tuple(one) for one in owed] == [*both, ("crm", "block.lifted")]


def test_the_keys_differ_and_last(there: There) -> None:
    there.call("c1")
    first = there.crm.take(9)
    assert len({one.key for one in first}) == 3
    there.at += VISIBLE.total_seconds() + 1
    assert [one.key for one in there.crm.take(9)] == [one.key for one in first]


def test_what_is_on_its_way_is_nobody_elses_until_it_is_lost(there: There) -> None:
    there.call("c1")
    there.call("c2")
    assert there.take(2) == ["c1", "c1"]
    assert there.take() == ["c2"] * 3, "the third of c1 waits for the two before it"
    assert there.take() == []
    there.at += VISIBLE.total_seconds() + 1
    assert there.take() == ["c1"] * 3 + ["c2"] * 3


def test_what_was_taken_is_done_and_what_was_not_is_tried_again_in_order(there: There) -> None:
    there.call("c1")
    first, second, third = there.crm.take(9)
    outcomes = [Outcome(first), Outcome(second, "answered 400", True), Outcome(third, tried=False)]
    assert there.crm.settle(outcomes) == 0
    assert there.take() == [], "the refused one waits, and with it what comes after it"
    there.at += wait_after(1).total_seconds()
    assert [one.id for one in there.crm.take(9)] == [second.id, third.id]
    standing = there.crm.standing()
    assert (standing.waiting, standing.problem) == (2, "answered 400")
    assert standing.oldest == after(1)


def test_who_was_away_is_tried_when_the_courier_likes(there: There) -> None:
    there.ring("c1")
    there.settle(there.crm.take(9), "cannot be reached")
    assert there.take() == ["c1"]


def test_waits_grow_to_ten_minutes() -> None:
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 9, 10**6)] == [5, 10, 20, 600, 600]


def test_what_nobody_took_for_days_is_given_up_and_sent_again_when_a_person_asks(
    there: There,
) -> None:
    there.ring("c1")
    there.ring("c2")
    there.at = CRM.give_up.total_seconds() + 1
    (one, _) = there.crm.take(9)
    assert there.settle([one], "answered 500") == 1
    assert there.crm.tidy() == 1, "the one that was not even tried"
    assert there.crm.tidy() == 0
    assert (there.crm.standing().given_up, there.take()) == (2, [])
    assert there.crm.revive() == 2
    assert there.take() == ["c1", "c2"]
    assert there.crm.tidy() == 0


def test_what_is_long_done_is_forgotten(there: There) -> None:
    there.ring("c1")
    there.settle(there.crm.take(9))
    assert there.crm.standing().sent_at == after(0)
    there.at += (KEPT + timedelta(seconds=1)).total_seconds()
    there.crm.tidy()
    with there.store.session() as session:
        assert session.scalars(select(Delivery.target)).all() == ["other"]


def test_a_long_backlog_of_one_record_leaves_room_for_others(there: There) -> None:
    owed = deliveries.consequence([CRM])
    with there.store.session(write=True) as session:
        for version in range(12):
            step = ("customer", "KH-1", "note", "王芳", "open", version, {})
            assert owed(session, RecordStepped("", after(version), *step)) == []
    there.ring("c1", 20)
    assert there.take() == ["customer/KH-1"] * 10 + ["c1"]


def test_settling_twice_or_what_is_gone_changes_nothing(there: There) -> None:
    there.ring("c1")
    parcels = there.crm.take(9)
    there.settle(parcels)
    assert there.settle(parcels, "late") == 0
    assert there.settle([Parcel(999, "k", "s", b"")], "late") == 0
    assert there.crm.settle([]) == 0
    assert there.crm.standing().waiting == 0
