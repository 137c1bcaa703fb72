"""What a crash cut off: ended, with its recording, and what nobody listened to waits."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callcenter.audio.wav import read_wav, write_wav
from callcenter.casework.interrupted import closings, without
from callcenter.core import events as ev
from callcenter.core.records import Gap, Party, Segment
from callcenter.store import calls
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests.casework.conftest import NOON

ONE, TWO, LOST = (f"20250304T12000{n}-00aa11bb22c{n}" for n in range(3))


def at(ms: int) -> datetime:
    return NOON + timedelta(milliseconds=ms)


@pytest.fixture
def books(store: Store) -> SqlBooks:
    return SqlBooks(store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2025" / "03" / "04").mkdir(parents=True)
    return tmp_path


def record(folder: Path, call_id: str, ms: int) -> None:
    write_wav(folder / "2025" / "03" / "04" / f"{call_id}.wav", bytes(16 * ms), bytes(16 * ms))


def answered(books: SqlBooks, call_id: str, agent: str = "8001") -> None:
    books.write(ev.CallRang(call_id, at(-900), "13800000001", "95000", "main"))
    books.write(ev.CallAnswered(call_id, at(0), agent))


def close(store: Store, books: SqlBooks, folder: Path) -> list[Sequence[ev.Event]]:
    with store.session() as session:
        found = list(closings(session, folder, at(99_000)))
    for facts in found:
        books.write(*facts)
    return found


def gaps(call: Call) -> Iterator[tuple[str, int, int]]:
    return ((gap.party, gap.start_ms, gap.end_ms) for gap in call.gaps)


def test_what_was_said_after_the_last_words_waits_to_be_heard(
    store: Store, books: SqlBooks, folder: Path
) -> None:
    answered(books, ONE)
    books.write(ev.SegmentHeard(ONE, at(4000), Segment(Party.CALLER, 500, 3000, "你好")))
    books.write(ev.GapLeft(ONE, at(5000), Gap(Party.CALLER, 4000, 5000, "queue full")))
    books.write(ev.PromptStarted(ONE, at(6000), "line_fault", 3000))
    record(folder, ONE, 8000)
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, ONE)
    assert (call.call_result, call.ended_by, call.ended_at) == ("interrupted", "system", at(8000))
    assert call.recording is not None
    assert call.recording.seconds == 8.0
    assert not call.transcribed
    found = set(gaps(call))
    caller = {("caller", 3000, 4000), ("caller", 4000, 5000), ("caller", 5000, 8000)}
    assert found == caller | {("agent", 0, 6000)}
    assert close(store, books, folder) == []


def test_an_empty_recording_waits_for_nobody(store: Store, books: SqlBooks, folder: Path) -> None:
    answered(books, ONE)
    record(folder, ONE, 0)
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, ONE)
    assert call.recording is not None
    assert (call.recording.seconds, call.transcribed, list(gaps(call))) == (0.0, True, [])


def test_one_that_was_never_answered_is_closed_at_its_ring(
    store: Store, books: SqlBooks, folder: Path
) -> None:
    books.write(ev.CallRang(ONE, at(0), "13800000001", "95000", "main"))
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, ONE)
    assert (call.call_result, call.ended_at, call.transcribed) == ("interrupted", at(0), True)


def test_a_recording_that_turns_up_later_is_found(
    store: Store, books: SqlBooks, folder: Path
) -> None:
    answered(books, ONE, agent="")
    close(store, books, folder)
    record(folder, ONE, 2000)
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, ONE)
        assert [one.call_id for one in calls.untranscribed(session)] == [ONE]
    assert call.recording is not None
    assert list(gaps(call)) == [("caller", 0, 2000)]


def test_a_recording_of_a_call_that_was_not_yet_written_is_a_call(
    store: Store, books: SqlBooks, folder: Path
) -> None:
    answered(books, ONE)
    record(folder, ONE, 2000)
    record(folder, LOST, 100)
    (folder / "2025" / "03" / "04" / "holiday.wav").touch()
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, LOST)
    assert (call.caller_number, call.call_result) == ("", "interrupted")
    assert call.recording is not None
    assert call.rang_at == NOON + timedelta(seconds=2)
    assert close(store, books, folder) == []


@pytest.mark.parametrize(
    ("span", "others", "left"),
    [
        ((0, 10), [], [(0, 10)]),
        ((0, 10), [(0, 10)], []),
        ((0, 10), [(2, 3), (5, 20)], [(0, 2), (3, 5)]),
        ((5, 10), [(0, 6), (5, 7)], [(7, 10)]),
        ((5, 10), [(20, 30)], [(5, 10)]),
        ((5, 5), [], []),
    ],
)
def test_a_span_without_others(span, others, left) -> None:
    assert list(without(span, others)) == left


def test_what_was_hidden_stays_hidden(store: Store, books: SqlBooks, folder: Path) -> None:
    """The process may have ended between the fact and the tone."""
    answered(books, ONE)
    books.write(ev.Redacted(ONE, at(4000), "caller", 1000, 2000, "phone"))
    record(folder, ONE, 8000)
    close(store, books, folder)
    with store.session() as session:
        call = calls.get_call(session, ONE)
    assert call.recording is not None
    file = folder / call.recording.path
    assert hashlib.sha256(file.read_bytes()).hexdigest() == call.recording.sha256
    caller = array("h", read_wav(file).channels[0])
    assert [any(caller[n * 8000 : n * 8000 + 8000]) for n in range(8)] == [n == 1 for n in range(8)]
