"""What follows for work orders: from transfers (E1, E2), promises (W12), follow-ups (C16, W16)."""

from __future__ import annotations

from datetime import UTC

import pytest

from callcenter.casework.follow_ups import plans as follow_up_plans
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.orders import steps as order_steps
from callcenter.core.events import (
    PromiseDecided,
    PromiseHeard,
    RecordStepped,
    TransferDone,
    TransferStarted,
)
from callcenter.core.records import Promise
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, Day, after
from tests.casework.orders.ordered import HOUR, Orders


def test_e1_e2_the_record_goes_with_the_call(day: Day) -> None:
    number = day.take("c1", at=0).number
    day.write(TransferStarted("c1", after(20), "8001", "8002", "要找主管，刹车异响"))
    day.write(TransferDone("c1", after(25), "8001", "8002"))
    with day.store.session() as session:
        order = order_steps.get(session, number)
        last = trail.of(session, "work_order", number)[-1]
    assert (order.owner, order.note, order.state) == ("8002", "要找主管，刹车异响", "draft")
    assert (last.action, last.person) == ("transfer", "8001")
    day.write(TransferDone("c1", after(30), "8002", "13900000000", outside=True))
    with day.store.session() as session:
        assert order_steps.get(session, number).owner == "8002"


def heard(day: Day, promise_id: str, at: float = 30) -> None:
    promise = Promise(promise_id, "call_back", after(HOUR), "一小时内给您回电", 0, 900)
    day.write(PromiseHeard("c1", after(at), promise))


def test_w12_a_promise_heard_and_accepted_is_the_orders(day: Day) -> None:
    number = day.take("c1", at=0).number
    heard(day, "p1")
    heard(day, "p2")
    day.write(PromiseDecided("c1", after(40), "p2", False, "王芳", after(HOUR)))
    accepted = PromiseDecided("c1", after(50), "p1", True, "王芳", after(2 * HOUR))
    for event in (accepted, accepted, PromiseDecided("c1", after(60), "p1", True, "周涛", NOON)):
        day.write(event)
    with day.store.session() as session:
        order = order_steps.get(session, number)
        last = trail.of(session, "work_order", number)[-1]
    (promise,) = order.promises
    assert (promise["promise_id"], promise["made_by"], promise["what"]) == (
        "p1",
        "王芳",
        "call_back",
    )
    assert order.due_at == after(2 * HOUR)
    assert (last.action, last.person) == ("promise", "王芳")


def test_a_promise_without_an_open_order_changes_nothing(day: Day) -> None:
    number = day.take("c1", at=0).number
    with day.store.session(write=True) as session:
        order_steps.get(session, number).state = "closed"
    heard(day, "p1")
    followed = day.books.write(PromiseDecided("c1", after(50), "p1", True, "王芳", after(HOUR)))
    assert not [fact for fact in followed if isinstance(fact, RecordStepped)]


@pytest.mark.parametrize(("satisfied", "state"), [(True, "closed"), (False, "in_progress")])
def test_w16_c16_what_a_follow_up_hears_goes_into_the_order(
    store: Store, satisfied: bool, state: str
) -> None:
    orders = Orders(store)
    number = orders.open(type="repair", caller_number="13800000001")
    orders.books = SqlBooks(store, [follow_up_plans.consequence(UTC)])
    orders.act(number, "wrap_up_solved", 60, content="漏水", solution="已修好")
    with store.session() as session:
        planned = follow_ups.open_for(session, "13800000001")
    assert planned is not None
    assert planned.about == number
    heard = {"satisfied": satisfied, "result": "客户这样说"}
    what = ("follow_up", planned.number, "reached", "周涛", "done", planned.version)
    orders.books.write(RecordStepped("", after(90), *what, heard))
    order = orders.order(number)
    assert (order.state, order.promises[0]["kept"], order.contacts[0]["note"]) == (
        state,
        True,
        "客户这样说",
    )
    with store.session() as session:
        assert follow_ups.open_for(session, "13800000001") is None, "once is enough"
