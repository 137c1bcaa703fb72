"""Questions about calls that are narrowed to what somebody may know of; and about the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from callcenter.core import events as ev
from callcenter.core.visitor import EVERY_CALL, Scope
from callcenter.store import calls, scoped, trail
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from callcenter.store.trail import Wanted
from tests.store.conftest import NOON, after

SCOPES = [
    (EVERY_CALL, {"a", "b", "c"}),
    (Scope(frozenset({"8001"})), {"a", "c"}),
    (Scope(frozenset({"nobody"})), set()),
    (Scope(lines=frozenset({"back"})), {"c"}),
    (Scope(lines=frozenset({"4008000000"})), {"a", "b", "c"}),
    (Scope(frozenset({"8001"}), frozenset({"front"})), {"a"}),
]


@pytest.fixture
def three(books: SqlBooks) -> None:
    """`c` was given on from 8001 to 8002."""
    for call_id, line, agent in (("a", "front", "8001"), ("b", "front", "8002"), ("c", "back", "")):
        books.write(ev.CallRang(call_id, NOON, "13800000001", "4008000000", line))
        if agent:
            books.write(ev.CallAnswered(call_id, after(1), agent))
    books.write(ev.CallAnswered("c", after(1), "8001"))
    books.write(ev.TransferDone("c", after(2), "8001", "8002"))


@pytest.mark.parametrize(("scope", "known"), SCOPES)
@pytest.mark.usefixtures("three")
def test_every_question_of_a_narrowed_session_is(
    store: Store, scope: Scope, known: set[str]
) -> None:
    with store.session() as session:
        scoped.narrow(session, scope)
        assert {call.call_id for call in calls.list_calls(session)} == known
        assert set(session.scalars(select(Call.call_id))) == known
        assert session.scalar(select(func.count()).select_from(Call)) == len(known)
    with store.session() as session:
        assert {one for one in ("a", "b", "c") if scoped.covers(session, scope, one)} == known
        assert scoped.covers(session, scope, "nothing")
        assert len(calls.list_calls(session)) == 3, "another session is not narrowed"


def test_the_trail_is_asked_by_person_deed_record_and_time(store: Store, books: SqlBooks) -> None:
    for second, (person, action) in enumerate(
        [("陈静", "play"), ("吴敏", "play"), ("陈静", "reveal"), ("陈静", "play")]
    ):
        books.write(ev.Accessed("", after(second), person, action, "call", f"c{second}"))
    asked = [
        (Wanted(), ["c3", "c2", "c1", "c0"]),
        (Wanted(person="陈静"), ["c3", "c2", "c0"]),
        (Wanted(person="陈静", action="play"), ["c3", "c0"]),
        (Wanted(kind="call", number="c1"), ["c1"]),
        (Wanted(kind="customer"), []),
        (Wanted(since=after(1), until=after(3)), ["c2", "c1"]),
    ]
    with store.session() as session:
        for wanted, numbers in asked:
            assert [one.number for one in trail.find(session, wanted)] == numbers
        first = trail.find(session, Wanted(), limit=2)
        older = trail.find(session, Wanted(), before=first[-1].id, limit=2)
        assert [one.number for one in older] == ["c1", "c0"]
        assert trail.find(session, Wanted(since=NOON + timedelta(days=1))) == []
