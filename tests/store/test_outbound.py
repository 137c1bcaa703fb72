"""What was dialled, as the limits count it; and what is left of what was refused."""

from __future__ import annotations

import json

from callcenter.core import events as ev
from callcenter.core.outbound import Use
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.outbound import SqlTolls
from callcenter.store.sql import Store
from tests.store.conftest import NOON, after


def dialled(
    books: SqlBooks, call_id: str, number: str, agent: str, at: float, talk: float | None = None
) -> None:
    """A call out that rang `at` seconds after noon for 10 s, and was talked for so long."""
    books.write(ev.CallRang(call_id, after(at), "95000", number, "main", "outbound", agent))
    if talk is not None:
        books.write(ev.CallAnswered(call_id, after(at + 10), agent))
        if talk:
            books.write(ev.CallEnded(call_id, after(at + 10 + talk), "agent", "answered", ""))


def test_minutes_of_today_and_calls_to_the_number(store: Store) -> None:
    store.upgrade()
    books = SqlBooks(store)
    dialled(books, "yesterday", "13800138001", "1001", -100_000, 60)
    dialled(books, "mine", "13800138001", "1001", 0, 60)
    dialled(books, "theirs", "+8613800138001", "1002", 0, 120)
    dialled(books, "not taken", "13800138002", "1001", 200)
    dialled(books, "still talking", "13800138003", "1001", 290, 0)
    books.write(ev.CallRang("in", after(1), "13800138001", "95000", "main"))
    books.write(ev.CallAnswered("in", after(2), "1001"))
    tolls = SqlTolls(store, lambda: after(400))
    assert tolls.since(NOON, "1001", "138 0013 8001") == Use(160, 280, 2)
    assert tolls.since(NOON, "1003", "13800138009") == Use(0, 280, 0)


def test_a_refusal_stands_in_the_trail_without_the_number(store: Store) -> None:
    store.upgrade()
    books = SqlBooks(store)
    refused = ev.DialRefused("", NOON, "1001", "barred", "+85****5678", "main")
    books.write(refused)
    books.write(refused)
    with store.session() as session:
        (entry,) = trail.of(session, "agent", "1001")
        assert trail.verify(session).why == ""
    told = json.loads(entry.changes)
    assert (entry.action, entry.person, entry.state) == ("dial_refused", "1001", "barred")
    assert told["to"] == "+85****5678"
