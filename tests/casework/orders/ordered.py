"""Work orders over a real database, with steps taken as by an agent, a lead and a clerk."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from callcenter.casework.orders import calls as work_orders
from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.effects import Rules
from callcenter.casework.steps import Actor
from callcenter.core.hours import Hours
from callcenter.core.people import LEADS, People
from callcenter.store.books import SqlBooks
from callcenter.store.order_tables import WorkOrder
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after

PEOPLE = People({"李主管": LEADS, "王芳": {"agent"}, "周涛": {"agent"}, "派单员": {"agent"}})
RULES = Rules(Hours(zone=UTC), compensation_fen=5000)
WHAT = {
    "happened_at": NOON - timedelta(days=1),
    "place": "二号店",
    "concerned": "张先生",
    "content": "刹车异响",
    "phone": "138 0000 0001",
}
TICKED = {"announced": True, "identity_verified": True, "told": True}
HOUR = 3600


class Orders:
    """Where they are kept."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [work_orders.consequence(lambda category: "", UTC)])

    def open(self, at: float = 0, **given: Any) -> str:
        with self.store.session() as session:
            actor = Actor("王芳", after(at), PEOPLE, UTC)
            fact = order_steps.open_order(session, {"type": "enquiry"} | given, actor)
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str, at: float = 60, by: str = "王芳", **given: Any) -> None:
        seen = given.pop("seen", None)
        with self.store.session() as session:
            actor = Actor(by, after(at), PEOPLE)
            fact = order_steps.act(session, number, action, given, actor, RULES, seen)
        self.books.write(fact)

    def pending(self, **given: Any) -> str:
        number = self.open(**given)
        self.act(number, "wrap_up", 30, **WHAT)
        return number

    def solved(self, **given: Any) -> str:
        number = self.pending(**given)
        self.act(number, "solve", 50, solution="换新刹车片")
        return number

    def order(self, number: str) -> WorkOrder:
        with self.store.session() as session:
            return order_steps.get(session, number)

    def state(self, number: str) -> str:
        return self.order(number).state

    def promises(self, number: str) -> list[tuple[str, bool | None]]:
        return [(one["what"], one["kept"]) for one in self.order(number).promises]

    def board(self, at: float) -> order_lists.Board:
        with self.store.session() as session:
            return order_lists.board(session, after(at), RULES.hours)
