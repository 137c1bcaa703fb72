from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select

from callcenter.core.errors import NoSuchCall, StoreError
from callcenter.core.events import (
    GapLeft,
    HitFound,
    RecordingClosed,
    SegmentHeard,
    TerminationProposed,
)
from callcenter.core.records import Gap, Hit, Party, RecordingInfo, Segment, Word
from callcenter.store import calls, transcripts
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Base, Transcript, TranscriptHit, TranscriptSegment
from callcenter.store.transcripts import Recorded
from tests.store.conftest import NOON, after, answer, end, ring

BIG, SMALL = "vosk-model-cn-0.22", "mini"
LIVE = Segment(Party.CALLER, 100, 900, "你号", (Word("你号", 100, 900, 0.4),))
HIT = Hit("insult-1", "insult", Party.CALLER, 100, 900, "难听的话")
FIRST = Segment(Party.AGENT, 0, 80, "喂", (Word("喂", 0, 80, 0.9),))
BETTER = Segment(Party.CALLER, 100, 900, "你好", (Word("你好", 100, 900, 0.9),))


def kept_call(books: SqlBooks, call_id: str = "c1", at: float = 0) -> None:
    ring(books, call_id, at)
    answer(books, call_id, at + 5)
    books.write(SegmentHeard(call_id, after(at + 6), LIVE))
    books.write(HitFound(call_id, after(at + 6), HIT))
    books.write(GapLeft(call_id, after(at + 7), Gap(Party.AGENT, 0, 90, "overload")))
    books.write(TerminationProposed(call_id, after(at + 8), "insult", "line_fault", "难听的话"))
    end(books, call_id, at + 60, "harassment")
    recording = RecordingInfo(f"2025/03/04/{call_id}.wav", 60.5, "ab" * 32)
    books.write(RecordingClosed(call_id, after(at + 61), recording))


def keep(store: Store, model: str, *segments: Segment, at: datetime = NOON, hits=()) -> None:
    with store.session(write=True) as session:
        transcripts.keep(session, "c1", model, at, segments, hits)


def texts(store: Store) -> dict[str, list[str]]:
    with store.session() as session:
        call = calls.get_call(session, "c1")
    return {one.model: [segment.text for segment in one.segments] for one in call.transcripts}


def all_but_transcripts(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.session() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table)).all()]
            for table in Base.metadata.sorted_tables
            if not table.name.startswith("transcript")
        }


def test_a_transcript_stands_beside_what_was_heard_live(store: Store, books: SqlBooks) -> None:
    kept_call(books)
    before = all_but_transcripts(store)
    new_hit = Hit("threat-2", "threat", Party.CALLER, 100, 400, "你")
    keep(store, BIG, BETTER, FIRST, at=after(99), hits=[new_hit])
    assert all_but_transcripts(store) == before
    with store.session() as session:
        (made,) = calls.get_call(session, "c1").transcripts
    assert (made.model, made.made_at) == (BIG, after(99))
    first, second = made.segments
    assert (first.party, first.start_ms, first.end_ms, first.text) == ("agent", 0, 80, "喂")
    assert [Word(**word) for word in second.words] == list(BETTER.words)
    assert not second.live
    (hit,) = made.hits
    assert (hit.rule, hit.category, hit.party) == ("threat-2", "threat", "caller")
    assert (hit.start_ms, hit.end_ms, hit.text) == (100, 400, "你")


def test_the_same_model_again_replaces_its_own_transcript_only(
    store: Store, books: SqlBooks
) -> None:
    kept_call(books)
    keep(store, SMALL, LIVE, hits=[HIT])
    keep(store, BIG, LIVE, hits=[HIT])
    keep(store, BIG, BETTER, at=after(7))
    assert texts(store) == {SMALL: ["你号"], BIG: ["你好"]}
    with store.session() as session:
        rows = (Transcript, TranscriptSegment, TranscriptHit)
        counts = [session.scalar(select(func.count()).select_from(row)) for row in rows]
    assert counts == [2, 2, 1]


def test_hits_of_a_transcript_flag_nothing(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    answer(books, "c1")
    end(books, "c1", disposition="ordinary")
    keep(store, BIG, BETTER, hits=[HIT])
    with store.session() as session:
        assert calls.list_calls(session, flagged=True) == []
        assert not calls.is_flagged(calls.get_call(session, "c1"))


def test_a_transcript_of_no_call_is_refused(store: Store) -> None:
    with pytest.raises(NoSuchCall):
        keep(store, BIG, BETTER)
    assert all_but_transcripts(store)["calls"] == []


def test_a_replacement_that_fails_leaves_the_old_one(store: Store, books: SqlBooks) -> None:
    kept_call(books)
    keep(store, BIG, LIVE)

    unkeepable = replace(BETTER, text=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"NOT NULL|not-null"):
        keep(store, BIG, BETTER, unkeepable)
    assert texts(store) == {BIG: ["你号"]}


def test_which_calls_have_sound(store: Store, books: SqlBooks) -> None:
    kept_call(books, "c1", 0)
    kept_call(books, "c2", 100)
    ring(books, "rings", 200)
    end(books, "rings", 210, "abandoned")
    ring(books, "lost", 300)
    answer(books, "lost", 301)
    end(books, "lost", 310)
    ring(books, "runs", 400)
    answer(books, "runs", 401)

    def ids(**wanted: object) -> list[str]:
        with store.session() as session:
            return [one.call_id for one in transcripts.recorded(session, **wanted)]  # type: ignore[arg-type]

    assert ids() == ["c1", "c2", "lost"]
    assert ids(since=after(100)) == ["c2", "lost"]
    assert ids(before=after(100)) == ["c1"]
    assert ids(call_id="c2") == ["c2"]
    assert ids(call_id="c1", since=after(1)) == []
    assert ids(call_id="runs") == []
    with pytest.raises(NoSuchCall, match="no call none"):
        ids(call_id="none")
    with store.session() as session:
        first, _, lost = transcripts.recorded(session)
    assert first == Recorded("c1", "2025/03/04/c1.wav", 60.5, "ab" * 32)
    assert lost == Recorded("lost", "", 0, "")
