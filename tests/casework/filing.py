"""Where customers are kept: files, and calls from their numbers."""

from __future__ import annotations

from typing import Any

from callcenter.casework import steps
from callcenter.casework.customers import merging as customer_merging
from callcenter.casework.customers import record as customers
from callcenter.casework.customers.effects import Rules
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.events import CallAnswered, CallEnded, CallRang, Event
from callcenter.store.books import SqlBooks
from callcenter.store.customer_tables import Customer
from callcenter.store.sql import Store
from tests.casework.conftest import after

RULES = Rules()
MOBILE, OFFICE = "13800000001", "01088880001"


class Filing:
    """Customers over the real books."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [customer_merging.consequence()])

    def actor(self, by: str, at: float = 0) -> Actor:
        with self.store.session() as session:
            return Actor(by, after(at), accounts.people(session))

    def open(self, name: str, *numbers: str, at: float = 0, **fields: Any) -> str:
        given = {"name": name, "numbers": list(numbers), **fields}
        with self.store.session() as session:
            fact = customers.open_file(session, given, self.actor("王芳", at), RULES)
        self.books.write(fact)
        return fact.number

    def act(
        self, number: str, action: str, by: str = "王芳", at: float = 1, **given: Any
    ) -> list[Event]:
        with self.store.session() as session:
            fact = customers.act(session, number, action, given, self.actor(by, at), RULES)
        return list(self.books.write(fact))

    def file(self, number: str) -> Customer:
        with self.store.session() as session:
            return steps.get(session, Customer, number)

    def call(self, call_id: str, at: float, number: str = MOBILE, agent: str = "8001") -> None:
        self.books.write(CallRang(call_id, after(at), number, "4008000000", "front"))
        if agent:
            self.books.write(CallAnswered(call_id, after(at + 5), agent))
        self.books.write(CallEnded(call_id, after(at + 60), "caller", "answered", "ordinary"))
