from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, text

from callcenter.core.events import RecordStepped
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.order_tables import OrderPromise, WorkOrder
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests.store.conftest import NOON, after, ring

BEFORE = """INSERT INTO work_orders (number, created_at, caller_number, agent, type, status)
    VALUES (:number, '2025-03-04 12:00:00.000000', '13800000001', '8001', 'complaint', :status)"""
STATES = {"WO-1": "draft", "WO-2": "in_progress", "WO-3": "closed"}


def states(store: Store) -> dict[str, str]:
    with store.session() as session:
        return dict(session.execute(select(WorkOrder.number, WorkOrder.state)).all())  # type: ignore[arg-type]


def test_work_orders_of_before_become_records(store: Store) -> None:
    books = SqlBooks(store)
    ring(books, "c1")
    store.downgrade("0009")
    with store.session(write=True) as session:
        for number, status in zip(STATES, ("draft", "open", "closed"), strict=True):
            session.execute(text(BEFORE), {"number": number, "status": status})
        session.execute(text("UPDATE calls SET work_order_number = 'WO-2'"))
    store.upgrade()
    assert states(store) == STATES
    with store.session() as session:
        order = session.get_one(Call, "c1").work_order
        assert order is not None
        assert (order.number, order.opened_at, order.owner) == ("WO-2", NOON, "8001")
        assert (order.type, order.caller_number, order.version) == ("complaint", "13800000001", 1)
        assert (order.opened_by, order.changed_by, order.changed_at) == ("system", "system", NOON)
        assert (order.promises, order.contacts, order.severe, order.chased) == ([], [], False, 0)
        assert session.get_one(WorkOrder, "WO-3").closed_at == NOON
    books.write(stepped("WO-2", 1, "archived"))
    with store.session() as session:
        assert trail.verify(session).entries == 1
    store.downgrade("0009")
    with store.session() as session:
        rows = session.execute(
            text("SELECT number, status, agent FROM work_orders ORDER BY number")
        ).all()
    assert [tuple(row) for row in rows] == [
        ("WO-1", "draft", "8001"),
        ("WO-2", "closed", "8001"),
        ("WO-3", "closed", "8001"),
    ]
    store.upgrade()
    assert states(store) == STATES | {"WO-2": "closed"}


def stepped(number: str, version: int, state: str, **changes: object) -> RecordStepped:
    what = ("work_order", number, "step", "王芳", state, version)
    return RecordStepped("", after(version), *what, changes)


def test_promises_stand_in_rows_as_the_order_has_them(store: Store, books: SqlBooks) -> None:
    promise = {
        "what": "reply",
        "due_at": "2025-03-04T13:00:00+00:00",
        "made_at": "2025-03-04T12:00:00+00:00",
        "made_by": "王芳",
        "ended_at": None,
        "kept": None,
    }
    kept = promise | {"ended_at": "2025-03-04T12:30:00+00:00", "kept": True}
    books.write(stepped("WO-1", 0, "draft", type="enquiry", promises=[promise]))
    books.write(stepped("WO-1", 1, "draft", promises=[kept, promise]))
    books.write(stepped("WO-1", 2, "pending", note="没动承诺"))
    with store.session() as session:
        rows = session.scalars(select(OrderPromise).order_by(OrderPromise.id)).all()
    assert [(row.kept, row.ended_at) for row in rows] == [
        (True, datetime(2025, 3, 4, 12, 30, tzinfo=UTC)),
        (None, None),
    ]
    assert rows[1].due_at == datetime(2025, 3, 4, 13, tzinfo=UTC)
