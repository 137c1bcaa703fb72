from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from callcenter.casework.orders import lists as order_lists
from callcenter.store.sql import Store
from tests.casework.conftest import after
from tests.casework.orders.ordered import RULES, Orders

pytestmark = pytest.mark.both_databases


@pytest.fixture
def orders(store: Store) -> Orders:
    return Orders(store)


def test_w15_the_clerk_hands_orders_over_and_they_are_counted(orders: Orders) -> None:
    first, second, third = (orders.pending() for _ in range(3))
    orders.act(first, "dispatch", 100, by="派单员", owner="周涛", department="售后")
    orders.act(second, "dispatch", 200, by="派单员", owner="周涛")
    orders.act(second, "accept", 210, by="周涛")
    orders.act(second, "dispatch", 300, by="派单员", owner="王芳")
    orders.act(first, "promise", 310, due_at=after(400))
    orders.act(first, "chase", 410, note="客户又来电")
    orders.act(first, "chase", 420)
    row = orders.order(first)
    assert (row.owner, row.dispatched_by, row.dispatched_at) == ("周涛", "派单员", after(100))
    assert (row.chased, row.chased_at, row.note) == (2, after(420), "客户又来电")
    with orders.store.session() as session:
        counts = order_lists.owners(session, after(500), after(0), after(250))
        later = order_lists.owners(session, after(500), after(250), after(500))
    assert counts == [
        order_lists.OwnersCount("王芳", 2, 0, 0, 0, after(300)),
        order_lists.OwnersCount("周涛", 1, 1, 2, 1, after(100)),
    ]
    assert [one.dispatched for one in later] == [1, 0]
    assert orders.state(third) == "pending"


def test_lists_by_what_is_asked_for(orders: Orders) -> None:
    one = orders.pending(title="刹车", caller_number="13800000001", customer_number="CU-1")
    other = orders.open(at=5, type="repair", phone="010-8888 0001", content="100%漏水")
    asked: dict[str, order_lists.Asked] = {
        one: order_lists.Asked(state="pending", owner="王芳", customer="CU-1", text="刹车"),
        other: order_lists.Asked(type="repair", phone="010 88880001", text="100%漏"),
    }
    with orders.store.session() as session:
        for number, question in asked.items():
            assert [order.number for order in order_lists.find(session, question)] == [number]
        both = order_lists.find(session, order_lists.Asked())
        assert [order.number for order in both] == [other, one]
        assert len(order_lists.find(session, order_lists.Asked(), limit=1)) == 1
        assert not order_lists.find(session, order_lists.Asked(text="1%漏"))


def statements(orders: Orders, ask: Callable[[Session], object]) -> int:
    """How many statements a question takes."""
    asked: list[str] = []
    with orders.store.session() as session:
        engine = session.get_bind()
        listen = (engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
        session.connection()
        event.listen(*listen)
        ask(session)
        event.remove(*listen)
    return len(asked)


def test_a_list_takes_as_many_questions_for_many_as_for_one(orders: Orders) -> None:
    for n in range(5):
        number = orders.pending(title=f"第{n}张")
        orders.act(number, "promise", due_at=after(500 + n))
    span = (after(600), after(0), after(600))
    assert statements(orders, lambda s: order_lists.find(s, order_lists.Asked())) == 1
    assert statements(orders, lambda s: order_lists.owners(s, *span)) == 1
    assert statements(orders, lambda s: order_lists.board(s, after(600), RULES.hours)) == 3
