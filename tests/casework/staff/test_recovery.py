"""Recovery breaks: offered after confirmed harassment, taken once, ended by the agent."""

from __future__ import annotations

import pytest

from callcenter.casework.staff import recovery
from callcenter.casework.staff.recovery import Breaks
from callcenter.core.errors import Refused
from callcenter.core.events import CallAnswered, CallEnded, CallRang, Event, RecoveryBreakOffered
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import after

HOUR = 3600.0


@pytest.fixture
def books(store: Store) -> SqlBooks:
    return SqlBooks(store, [recovery.consequence])


def ended(books: SqlBooks, call_id: str, disposition: str, agent: str = "8001") -> list[Event]:
    books.write(CallRang(call_id, after(0), "13800000001", "4008000000", "front"))
    books.write(CallAnswered(call_id, after(1), agent))
    return list(books.write(CallEnded(call_id, after(60), "system", "answered", disposition)))


def test_h23_only_confirmed_harassment_brings_a_break(books: SqlBooks) -> None:
    assert ended(books, "c1", "harassment") == [RecoveryBreakOffered("c1", after(60), "8001")]
    assert ended(books, "c2", "suspected") == []
    assert ended(books, "c3", "silent") == []
    assert ended(books, "c4", "harassment", agent="") == [], "a blocked caller met nobody"


def test_h23_a_break_is_taken_and_ended(store: Store, books: SqlBooks) -> None:
    ended(books, "c1", "harassment")
    with store.session() as session:
        taken = recovery.take(session, "8001", after(100))
    assert taken.call_id == "c1"
    books.write(taken)
    with store.session() as session:
        assert recovery.being_taken(session) == [taken]
        with pytest.raises(Refused, match="on a recovery break already"):
            recovery.take(session, "8001", after(110))
        books.write(recovery.back(session, "8001", after(20 * HOUR)))
    with store.session() as session:
        assert recovery.being_taken(session) == []
        with pytest.raises(Refused, match="agent 8001 is on no recovery break"):
            recovery.back(session, "8001", after(21 * HOUR))


def test_a_break_that_is_not_offered_or_was_declined_cannot_be_taken(
    store: Store, books: SqlBooks
) -> None:
    ended(books, "c1", "harassment")
    with store.session() as session:
        with pytest.raises(Refused, match="no recovery break is offered to agent 8002"):
            recovery.take(session, "8002", after(100))
        with pytest.raises(Refused, match="no recovery break is offered"):
            recovery.take(session, "8001", after(13 * HOUR))
        books.write(recovery.back(session, "8001", after(120)))
    with store.session() as session, pytest.raises(Refused, match="no recovery break"):
        recovery.take(session, "8001", after(130))


def test_h24_breaks_are_counted_by_agent(store: Store, books: SqlBooks) -> None:
    for n, call_id in enumerate(("taken", "refused", "nothing")):
        ended(books, call_id, "harassment", agent="8001" if n < 2 else "8002")
        with store.session() as session:
            if call_id == "taken":
                books.write(recovery.take(session, "8001", after(100)))
        with store.session() as session:
            if n < 2:
                books.write(recovery.back(session, "8001", after(200)))
    with store.session() as session:
        found = recovery.breaks(session, after(0), after(61))
        assert found == {"8001": Breaks(2, 1, 1), "8002": Breaks(1, 0, 0)}
        assert recovery.breaks(session, after(61), after(900)) == {}
