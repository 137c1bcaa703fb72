from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError

from callcenter.core.errors import NoSuchCall
from callcenter.core.events import (
    CallEnded,
    HitFound,
    ProposalWithdrawn,
    RecordingClosed,
    SegmentHeard,
    TerminationConfirmed,
    TerminationProposed,
    TranscriptCompleted,
    VerdictGiven,
)
from callcenter.core.records import Hit, Party, RecordingInfo, Segment
from callcenter.store import calls
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.store.conftest import after, answer, end, ring


def hit(books: SqlBooks, call_id: str) -> None:
    found = Hit("quality-1", "quality", Party.CALLER, 0, 900, "坏了")
    books.write(HitFound(call_id, after(9), found))


def judge(books: SqlBooks, call_id: str) -> None:
    books.write(VerdictGiven(call_id, after(99), "ordinary", "没事", "李主管"))


def ids(store: Store, **wanted: object) -> list[str]:
    with store.session() as session:
        return [call.call_id for call in calls.list_calls(session, **wanted)]  # type: ignore[arg-type]


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    told: list[str] = []

    def listen(*args: object) -> None:
        told.append(str(args[2]))

    event.listen(store._engine, "before_cursor_execute", listen)
    yield told
    event.remove(store._engine, "before_cursor_execute", listen)


def test_newest_first_a_page_at_a_time(store: Store, books: SqlBooks) -> None:
    for n, at in enumerate([0, 10, 10, 10, 20]):
        ring(books, f"c{n}", at=at)
    assert ids(store) == ["c4", "c3", "c2", "c1", "c0"]
    assert ids(store, limit=2) == ["c4", "c3"]
    assert ids(store, limit=2, before="c3") == ["c2", "c1"]
    assert ids(store, limit=2, before="c1") == ["c0"]
    assert ids(store, before="c0") == []


@pytest.mark.parametrize(("limit", "length"), [(-5, 1), (0, 1), (3, 3), (10**9, 5)])
def test_the_limit_stays_in_bounds(store: Store, books: SqlBooks, limit: int, length: int) -> None:
    for n in range(5):
        ring(books, f"c{n}", at=n)
    assert len(ids(store, limit=limit)) == length


def test_an_unknown_cursor_is_told(store: Store) -> None:
    with pytest.raises(NoSuchCall, match="nobody"):
        ids(store, before="nobody")


def test_by_caller(store: Store, books: SqlBooks) -> None:
    ring(books, "c1", number="13800000001")
    ring(books, "c2", number="13800000002")
    assert ids(store, caller_number="13800000002") == ["c2"]
    assert ids(store, caller_number="' OR 1=1 --") == []


@pytest.fixture
def mixed(books: SqlBooks) -> SqlBooks:
    """Six calls: ordinary, hit, confirmed, silent, blocked, and a hit that is still running."""
    for n, name in enumerate(["plain", "hit", "confirmed", "silent", "blocked", "running"]):
        ring(books, name, at=n)
    for name in ("hit", "running"):
        hit(books, name)
    books.write(TerminationConfirmed("confirmed", after(9), "8001", "analysis"))
    for name, disposition in [
        ("plain", "enquiry"),
        ("hit", ""),
        ("confirmed", ""),
        ("silent", "silent"),
        ("blocked", "blocked"),
    ]:
        end(books, name, disposition=disposition)
    return books


FLAGGED = ["running", "blocked", "silent", "confirmed", "hit"]


def test_what_is_flagged(store: Store, mixed: SqlBooks) -> None:
    assert ids(store, flagged=True) == FLAGGED
    assert ids(store, flagged=False) == ["plain"]
    with store.session() as session:
        listed = calls.list_calls(session)
    assert [call.call_id for call in listed if calls.is_flagged(call)] == FLAGGED


def test_a_proposal_flags_until_it_is_withdrawn(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    flags = []
    for fact in [
        TerminationProposed("c1", after(20), "silent", "line_fault", "20 s"),
        ProposalWithdrawn("c1", after(25)),
        TerminationConfirmed("c1", after(30), "8001", "line_fault"),
    ]:
        books.write(fact)
        with store.session() as session:
            assert calls.is_flagged(calls.get_call(session, "c1")) == bool(ids(store, flagged=True))
        flags.append(ids(store, flagged=True))
    assert flags == [["c1"], [], ["c1"]]


def test_what_waits_for_review(store: Store, mixed: SqlBooks) -> None:
    judge(mixed, "silent")
    with store.session() as session:
        waiting = [call.call_id for call in calls.flagged_unreviewed(session)]
        rest = calls.flagged_unreviewed(session, limit=1, before="blocked")
    assert waiting == ["blocked", "confirmed", "hit"]
    assert [call.call_id for call in rest] == ["confirmed"]
    assert ids(store, reviewed=True) == ["silent"]
    assert ids(store, ended=False) == ["running"]


def test_a_list_asks_the_same_few_questions_however_long(store: Store, mixed: SqlBooks) -> None:
    asked = []
    for limit in (1, 6):
        with statements(store) as told, store.session() as session:
            for call in calls.list_calls(session, limit=limit, flagged=True):
                assert calls.is_flagged(call)
                assert (call.work_order, call.recording, call.verdicts) == (None, None, [])
        asked.append(len(told))
    assert asked[0] == asked[1] <= 7


def test_the_transcript_of_a_listed_call_is_asked_of_the_call(
    store: Store, mixed: SqlBooks
) -> None:
    with store.session() as session:
        listed = calls.list_calls(session)[0]
        with pytest.raises(InvalidRequestError, match="raise"):
            _ = listed.segments
        assert calls.get_call(session, listed.call_id).segments == []


def test_a_whole_call_is_loaded_in_order(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    for start in (2000, 0, 1000):
        books.write(SegmentHeard("c1", after(9), Segment(Party.CALLER, start, start + 9, "喂")))
    with store.session() as session:
        call = calls.get_call(session, "c1")
    assert [row.start_ms for row in call.segments] == [0, 1000, 2000]
    assert (call.gaps, call.hits, call.prompts, call.recording) == ([], [], [], None)


def test_an_unknown_call_is_told(store: Store) -> None:
    with store.session() as session:
        for loaded in (True, False):
            with pytest.raises(NoSuchCall, match="no call c9"):
                calls.get_call(session, "c9", loaded=loaded)


def test_what_waits_to_be_transcribed(store: Store, books: SqlBooks) -> None:
    for n, name in enumerate(["late", "unrecorded", "done", "live"]):
        ring(books, name, at=n)
        answer(books, name, at=n + 1)
    for name in ("late", "unrecorded"):
        books.write(CallEnded(name, after(60), "caller", "answered", "", transcribed=False))
    end(books, "done")
    for name in ("late", "done"):
        books.write(RecordingClosed(name, after(61), RecordingInfo(f"{name}.wav", 9, "00")))
    with store.session() as session:
        (waiting,) = calls.untranscribed(session)
    assert waiting.call_id == "late"
    assert waiting.recording is not None
    assert (waiting.recording.path, waiting.gaps) == ("late.wav", [])
    books.write(TranscriptCompleted("late", after(90)))
    with store.session() as session:
        assert calls.untranscribed(session) == []
        assert [call.call_id for call in calls.interrupted(session)] == ["live"]
