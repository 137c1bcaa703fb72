"""The ledger: in order, never dropping, patient with a store that is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from callcenter.core import events
from callcenter.core.errors import WrittenLater
from callcenter.core.records import Party, Segment
from callcenter.desk import ledger as room
from callcenter.desk import pending
from callcenter.desk.ledger import Ledger, catch_up
from callcenter.store.spool import FileSpool
from tests.fakes import NOON, FakeBooks
from tests.waiting import until

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


class Moods(FakeBooks):
    """Books that are away while told so."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = True

    def write(self, *told: events.Event) -> Sequence[events.Event]:
        self.away = int(self.gone)
        return super().write(*told)


class Stuck(FakeBooks):
    """Books that hold up whoever writes, as a server that hangs does."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def write(self, *told: events.Event) -> Sequence[events.Event]:
        assert self.go_on.wait(30)
        return super().write(*told)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(pending, "LATE_SECONDS", 0.02)


@pytest.mark.usefixtures("quick")
async def test_what_the_store_does_not_take_is_on_disk_and_is_written_once(tmp_path: Path):
    books, spool = Moods(), FileSpool(tmp_path / "spool")
    ledger = Ledger(books, lambda event: None, spool)
    for number in range(5):
        ledger.note(ended(number))
    await until(lambda: ledger.spooled == 5)
    ledger.note(ended(5))
    await until(lambda: ledger.spooled == 6)
    assert [e.call_id for e in FileSpool(tmp_path / "spool").oldest(9)[1]] == list("012345")
    assert ledger.late_seconds > 0
    books.gone = False
    await until(lambda: ledger.waiting == 0)
    assert books.written == [ended(number) for number in range(6)]
    assert (ledger.spooled, ledger.late_seconds) == (0, 0)
    assert not (tmp_path / "spool").exists()
    ledger.note(ended(6))
    await ledger.close()
    assert books.written[-1] == ended(6)


@pytest.mark.usefixtures("quick")
async def test_a_store_that_hangs_holds_up_nothing_else(tmp_path: Path):
    books, spool = Stuck(), FileSpool(tmp_path / "spool")
    ledger = Ledger(books, lambda event: None, spool)
    for number in range(3 * room.MOST_TOGETHER):
        ledger.note(ended(number))
    await until(lambda: ledger.spooled == 3 * room.MOST_TOGETHER)
    books.go_on.set()
    await until(lambda: ledger.waiting == 0)
    assert books.written == [ended(number) for number in range(3 * room.MOST_TOGETHER)]
    await ledger.close()


@pytest.mark.usefixtures("quick")
async def test_a_person_is_told_in_time_and_their_decision_is_written_later(tmp_path: Path):
    books, published = Moods(), []
    ledger = Ledger(books, published.append, FileSpool(tmp_path / "spool"))
    with pytest.raises(WrittenLater, match="已存在本机"):
        await ledger.decide(ANSWERED)
    assert ledger.spooled == 1
    assert not published
    books.gone = False
    await until(lambda: published == [ANSWERED])
    assert books.written == [ANSWERED]
    await ledger.close()


@pytest.mark.usefixtures("quick")
async def test_a_decision_that_is_refused_after_all_is_counted(tmp_path: Path):
    books = Moods()
    ledger = Ledger(books, lambda event: None, FileSpool(tmp_path / "spool"))
    with pytest.raises(WrittenLater):
        await ledger.decide(ANSWERED)
    books.refuses, books.gone = events.CallAnswered, False
    await until(lambda: ledger.refused_later == 1)
    assert ledger.refused == 1
    await ledger.close()


@pytest.mark.usefixtures("quick")
async def test_what_is_left_at_the_end_is_written_at_the_next_start(tmp_path: Path):
    books = Moods()
    ledger = Ledger(books, lambda event: None, FileSpool(tmp_path / "spool"))
    for number in range(3):
        ledger.note(ended(number))
    await asyncio.wait_for(ledger.close(), 20)
    left, books.gone, books.refuses = FileSpool(tmp_path / "spool"), False, None
    assert left.waiting == 3
    assert catch_up(books, left) == 3
    assert books.written == [ended(number) for number in range(3)]
    assert catch_up(books, left) == 0


def test_catching_up_passes_over_what_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    spool = FileSpool(tmp_path / "spool")
    spool.put([ended(0), ANSWERED, ended(1)])
    books = FakeBooks(refuses=events.CallAnswered)
    assert catch_up(books, spool) == 3
    assert books.written == [ended(0), ended(1)]
    assert "CallAnswered was refused" in caplog.text
    assert spool.waiting == 0


@pytest.mark.usefixtures("quick")
async def test_where_the_disk_is_full_too_it_waits_in_memory(tmp_path: Path):
    (tmp_path / "file").touch()
    books = Moods()
    ledger = Ledger(books, lambda event: None, FileSpool(tmp_path / "file" / "spool"))
    ledger.note(ended(0))
    with pytest.raises(WrittenLater, match="内存"):
        await ledger.decide(ANSWERED)
    assert ledger.trouble
    books.gone = False
    await until(lambda: ledger.waiting == 0)
    assert books.written == [ended(0), ANSWERED]
    await ledger.close()
