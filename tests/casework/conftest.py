"""Books with the rules of casework joined on, and a working day to write into them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.casework.orders import calls as work_orders
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    HitFound,
    RecordStepped,
    VerdictGiven,
    WorkOrderLinked,
)
from callcenter.core.records import Hit, Party
from callcenter.store import calls
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests.casework.harassed import Harassed

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
GROUPS = {"insult": "harassment", "quality": "complaint", "idea": "suggestion"}


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Day:
    """A day at the desk: what happens is written, what follows is handed back, but for the steps in
    records, which the trail has."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [work_orders.consequence(GROUPS.__getitem__, UTC)])

    def ring(self, call_id: str, at: float, number: str = "13800000001") -> None:
        self.books.write(CallRang(call_id, after(at), number, "4008000000", "front"))

    def answer(self, call_id: str, at: float, agent: str = "8001") -> list[Event]:
        return self.write(CallAnswered(call_id, after(at), agent))

    def write(self, event: Event) -> list[Event]:
        followed = self.books.write(event)
        return [fact for fact in followed if not isinstance(fact, RecordStepped)]

    def take(self, call_id: str, at: float, number: str = "13800000001") -> WorkOrderLinked:
        """Ring and answer; the link that follows."""
        self.ring(call_id, at, number)
        (link,) = self.answer(call_id, at + 5)
        assert isinstance(link, WorkOrderLinked)
        return link

    def hit(self, call_id: str, category: str) -> None:
        hit = Hit(f"{category}-1", category, Party.CALLER, 0, 900, "……")
        self.books.write(HitFound(call_id, after(7), hit))

    def end(self, call_id: str, at: float, disposition: str = "") -> list[Event]:
        return self.write(CallEnded(call_id, after(at), "caller", "answered", disposition))

    def relink(
        self, call_id: str, number: str | None, at: float, type: str | None = None
    ) -> list[Event]:
        with self.store.session() as session:
            fact = work_orders.relink(session, call_id, number, by="王芳", at=after(at), type=type)
        return self.write(fact)

    def judge(self, call_id: str) -> None:
        self.books.write(VerdictGiven(call_id, after(999), "ordinary", "没事", "李主管"))

    def call(self, call_id: str) -> Call:
        with self.store.session() as session:
            return calls.get_call(session, call_id)

    def type_of(self, number: str) -> str:
        with self.store.session() as session:
            return work_orders.get(session, number).type


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def day(store: Store) -> Day:
    return Day(store)


@pytest.fixture
def harassed(tmp_path: Path) -> Iterator[Harassed]:
    made = Harassed(tmp_path)
    yield made
    made.store.close()
