"""The ledger: in order, never dropping, patient with a store that is away."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.core import events
from callcenter.core.records import Party, Segment
from callcenter.desk import ledger as room
from callcenter.desk.ledger import Ledger
from tests.fakes import NOON, FakeBooks

ANSWERED = events.CallAnswered("c1", NOON, "1001")
LINKED = events.WorkOrderLinked("c1", NOON, "WO-1", "enquiry", "system")


def ended(number: int) -> events.CallEnded:
    return events.CallEnded(str(number), NOON, "caller", "answered", "ordinary")


async def test_everything_is_written_in_order_before_it_closes():
    books, published = FakeBooks(), []
    ledger = Ledger(books, published.append)
    for number in range(200):
        ledger.note(ended(number))
    await ledger.close()
    assert [event.call_id for event in books.written] == [str(n) for n in range(200)]
    assert not published


async def test_what_follows_from_a_fact_is_published():
    books, told = FakeBooks(), asyncio.Queue()
    books.follow[events.CallAnswered] = LINKED
    ledger = Ledger(books, told.put_nowait)
    ledger.note(ANSWERED)
    assert await asyncio.wait_for(told.get(), 5) == LINKED
    await ledger.close()


async def test_words_still_being_said_are_not_written():
    books = FakeBooks()
    ledger = Ledger(books, lambda event: None)
    segment = Segment(Party.CALLER, 0, 10, "您", final=False)
    ledger.note(events.PartialHeard("c1", NOON, segment))
    await ledger.close()
    assert not books.written


async def test_a_store_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "RETRY_SECONDS", 0.01)
    books = FakeBooks(away=3)
    ledger = Ledger(books, lambda event: None)
    await asyncio.wait_for(ledger.write(ANSWERED), 5)
    assert books.written == [ANSWERED]
    await ledger.close()


async def test_what_is_refused_is_passed_over_and_told_to_who_waits():
    books, published = FakeBooks(refuses=events.CallAnswered), []
    ledger = Ledger(books, published.append)
    with pytest.raises(ValueError, match="refuses"):
        await ledger.write(ANSWERED)
    await ledger.write(ended(1))
    assert books.written == [ended(1)]
    assert published == [ended(1)]
    await ledger.close()


async def test_closing_does_not_wait_for_a_store_that_stays_away():
    ledger = Ledger(FakeBooks(away=10**9), lambda event: None)
    ledger.note(ANSWERED)
    await asyncio.wait_for(ledger.close(), 5)


async def test_what_waits_is_written_together():
    books = FakeBooks()
    ledger = Ledger(books, lambda event: None)
    for number in range(2 * room.MOST_TOGETHER + 50):
        ledger.note(ended(number))
    assert ledger.waiting == 2 * room.MOST_TOGETHER + 50
    await ledger.close()
    assert books.together == [room.MOST_TOGETHER, room.MOST_TOGETHER, 50]
    assert [event.call_id for event in books.written] == [str(n) for n in range(450)]
    assert ledger.waiting == 0


async def test_what_nobody_waits_for_is_written_within_a_moment():
    books, told = FakeBooks(), asyncio.Queue()
    books.follow[events.CallAnswered] = LINKED
    ledger = Ledger(books, told.put_nowait)
    ledger.note(ended(0))
    ledger.note(ANSWERED)
    assert await asyncio.wait_for(told.get(), 5) == LINKED
    assert books.together == [2]
    await ledger.close()


async def test_a_decision_is_written_after_what_was_noted_before_it():
    books, published = FakeBooks(), []
    ledger = Ledger(books, published.append)
    ledger.note(ended(0))
    await ledger.write(ANSWERED)
    assert books.written == [ended(0), ANSWERED]
    ledger.note(ended(1))
    await ledger.close()
    assert books.written == [ended(0), ANSWERED, ended(1)]


async def test_one_that_is_refused_takes_no_other_with_it():
    books, published = FakeBooks(refuses=events.CallAnswered), []
    books.follow[events.CallEnded] = LINKED
    ledger = Ledger(books, published.append)
    for number in range(3):
        ledger.note(ended(number))
    with pytest.raises(ValueError, match="refuses"):
        await ledger.write(ANSWERED)
    ledger.note(ended(3))
    await ledger.close()
    await asyncio.sleep(0)
    assert books.written == [ended(number) for number in range(4)]
    assert published == [LINKED] * 4


async def test_what_waited_for_the_store_is_written_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "RETRY_SECONDS", 0.01)
    books = FakeBooks(away=3)
    ledger = Ledger(books, lambda event: None)
    for number in range(5):
        ledger.note(ended(number))
    await asyncio.wait_for(ledger.write(ANSWERED), 5)
    assert books.written == [*(ended(number) for number in range(5)), ANSWERED]
    await ledger.close()
