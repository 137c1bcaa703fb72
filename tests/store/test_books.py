from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.core import events
from callcenter.core.errors import NoSuchCall, NoSuchWorkOrder, StoreError
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    GapLeft,
    HitFound,
    PartialHeard,
    PromptEnded,
    PromptStarted,
    ProposalWithdrawn,
    RecordingClosed,
    SegmentHeard,
    TerminationConfirmed,
    TerminationProposed,
    TranscriptCompleted,
    VerdictGiven,
    WorkOrderLinked,
)
from callcenter.core.records import Gap, Hit, Party, RecordingInfo, Segment, Word
from callcenter.store import (
    assist_books,
    calls,
    case_books,
    keeping_books,
    ladder_books,
    live_books,
    outbound,
    privacy_books,
    record_books,
    staff_books,
)
from callcenter.store.books import PAGES, SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Base, Call, WorkOrder
from tests.store.conftest import CALLER, NOON, after, answer, end, ring

SEGMENT = Segment(Party.CALLER, 100, 900, "你好", (Word("你好", 100, 900, 0.9),))
WHY = "辱骂对方：“难听的话”听起来像“那听的话”"
HIT = Hit("insult-1", "insult", Party.CALLER, 100, 900, "难听的话", False, "sound", 0.65, 4, WHY)
RECORDING = RecordingInfo("2025/03/04/c1.wav", 60.5, "ab" * 32)

WHOLE_CALL: list[Event] = [
    CallRang("c1", NOON, CALLER, "4008000000", "front"),
    CallAnswered("c1", after(5), "8001"),
    PartialHeard("c1", after(6), Segment(Party.CALLER, 100, 500, "你", final=False)),
    SegmentHeard("c1", after(7), SEGMENT),
    HitFound("c1", after(7), HIT),
    GapLeft("c1", after(8), Gap(Party.AGENT, 1000, 2000, "the queue was full")),
    TerminationProposed("c1", after(9), "insult", "line_fault", "难听的话"),
    ProposalWithdrawn("c1", after(9.5)),
    TerminationConfirmed("c1", after(10), "8001", "line_fault"),
    PromptStarted("c1", after(10), "line_fault", 6000),
    PromptEnded("c1", after(16), "line_fault", 6000, 5980),
    CallEnded("c1", after(17), "system", "answered", "harassment", transcribed=False),
    RecordingClosed("c1", after(18), RECORDING),
    TranscriptCompleted("c1", after(30)),
    VerdictGiven("c1", after(60), "harassment", "骂人", "李主管"),
]


def kinds(root: type[Event] = Event) -> Iterator[type[Event]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def whole(store: Store, call_id: str = "c1") -> Call:
    with store.session() as session:
        return calls.get_call(session, call_id)


def counts(store: Store) -> dict[str, int]:
    with store.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def draft(store: Store, number: str, type: str = "enquiry") -> None:
    with store.session() as session:
        session.add(
            WorkOrder(
                number=number,
                state="draft",
                version=1,
                opened_at=NOON,
                opened_by="system",
                changed_at=NOON,
                changed_by="system",
                caller_number=CALLER,
                owner="8001",
                type=type,
            )
        )


def test_every_kind_of_event_has_its_page() -> None:
    known = {kind for kind in kinds() if getattr(events, kind.__name__, None) is kind}
    assert set(PAGES) == known
    written = {type(event) for event in WHOLE_CALL} | {
        WorkOrderLinked,
        events.MicrophoneMuted,
        events.SoundLost,
        events.Ticked,
    }
    rooms = (case_books, ladder_books, assist_books, live_books, record_books, staff_books)
    rooms = (*rooms, keeping_books, privacy_books, outbound)
    assert written.union(*(room.PAGES for room in rooms)) == known


def test_a_whole_call_is_written_down(store: Store, books: SqlBooks) -> None:
    assert [list(books.write(event)) for event in WHOLE_CALL] == [[]] * len(WHOLE_CALL)
    call = whole(store)
    assert (call.direction, call.line, call.caller_number) == ("inbound", "front", CALLER)
    assert (call.callee_number, call.agent) == ("4008000000", "8001")
    assert (call.rang_at, call.answered_at, call.ended_at) == (NOON, after(5), after(17))
    assert (call.ended_by, call.call_result) == ("system", "answered")
    assert (call.disposition, call.transcribed) == ("harassment", True)


def test_what_was_heard_is_written_down(store: Store, books: SqlBooks) -> None:
    for event in WHOLE_CALL:
        books.write(event)
    call = whole(store)
    (segment,) = call.segments
    (hit,) = call.hits
    (gap,) = call.gaps
    assert (segment.party, segment.start_ms, segment.end_ms) == ("caller", 100, 900)
    assert (segment.text, segment.live) == ("你好", True)
    assert [Word(**word) for word in segment.words] == list(SEGMENT.words)
    assert (hit.rule, hit.category, hit.party, hit.text) == (
        "insult-1", "insult", "caller", "难听的话",
    )  # fmt: skip
    assert (hit.operator, hit.score, hit.severity, hit.why) == ("sound", 0.65, 4, WHY)
    assert (gap.party, gap.start_ms, gap.end_ms) == ("agent", 1000, 2000)
    assert (gap.reason, gap.filled) == ("the queue was full", True)


def test_what_was_done_is_written_down(store: Store, books: SqlBooks) -> None:
    for event in WHOLE_CALL:
        books.write(event)
    call = whole(store)
    (prompt,) = call.prompts
    (verdict,) = call.verdicts
    assert (prompt.name, prompt.started_at) == ("line_fault", after(10))
    assert (prompt.file_ms, prompt.sent_ms) == (6000, 5980)
    assert [(d.kind, d.actor, d.reason, d.evidence, d.at) for d in call.decisions] == [
        ("proposed", "system", "insult", "难听的话", after(9)),
        ("withdrawn", "system", "", "", after(9.5)),
        ("confirmed", "8001", "", "", after(10)),
    ]
    assert (verdict.verdict, verdict.reason, verdict.reviewer) == ("harassment", "骂人", "李主管")
    assert call.recording is not None
    assert (call.recording.path, call.recording.seconds) == (RECORDING.path, 60.5)
    assert (call.recording.channels, call.recording.sha256) == (2, "ab" * 32)


def test_a_repeated_event_is_one_fact(store: Store, books: SqlBooks) -> None:
    for event in WHOLE_CALL:
        books.write(event)
    once = counts(store)
    for event in WHOLE_CALL:
        books.write(event)
    assert counts(store) == once
    assert whole(store).ended_at == after(17)


def test_the_first_answer_and_the_first_end_count(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    answer(books, "c1", at=5, agent="8001")
    answer(books, "c1", at=6, agent="8002")
    end(books, "c1", at=60)
    books.write(CallEnded("c1", after(90), "system", "interrupted", ""))
    call = whole(store)
    assert (call.agent, call.answered_at) == ("8001", after(5))
    assert (call.ended_at, call.call_result) == (after(60), "answered")


def test_words_transcribed_afterwards_stand_beside_those_heard_live(
    store: Store, books: SqlBooks
) -> None:
    ring(books, "c1")
    books.write(SegmentHeard("c1", after(7), SEGMENT))
    late = Segment(SEGMENT.party, 100, 900, SEGMENT.text, live=False)
    books.write(SegmentHeard("c1", after(99), late))
    assert sorted(row.live for row in whole(store).segments) == [False, True]


def test_the_end_of_a_prompt_belongs_to_its_newest_playing(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    for start in (10, 20):
        books.write(PromptStarted("c1", after(start), "analysis", 4000))
    books.write(PromptEnded("c1", after(24), "analysis", 4000, 4000))
    assert [row.sent_ms for row in whole(store).prompts] == [0, 4000]


def test_the_end_of_a_prompt_is_proof_even_when_its_start_is_missing(
    store: Store, books: SqlBooks
) -> None:
    ring(books, "c1")
    books.write(PromptEnded("c1", after(24), "analysis", 4000, 3000))
    (prompt,) = whole(store).prompts
    assert (prompt.file_ms, prompt.sent_ms) == (4000, 3000)


@pytest.mark.parametrize("event", [e for e in WHOLE_CALL if not isinstance(e, CallRang)])
def test_an_unknown_call_is_told(store: Store, books: SqlBooks, event: Event) -> None:
    if isinstance(event, PartialHeard):
        assert books.write(event) == []
    else:
        with pytest.raises(NoSuchCall, match="c1"):
            books.write(event)
    assert set(counts(store).values()) == {0}


def test_a_link_is_written(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    draft(store, "WO-1")
    books.write(WorkOrderLinked("c1", after(5), "WO-1", "complaint", "system"))
    call = whole(store)
    assert (call.work_order_number, call.work_order_linked_by) == ("WO-1", "system")
    assert call.work_order is not None
    assert call.work_order.type == "enquiry", "what changes an order is a step in it"


def test_the_system_never_undoes_what_a_person_linked(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    draft(store, "WO-1")
    draft(store, "WO-2")
    books.write(WorkOrderLinked("c1", after(5), "WO-1", "enquiry", "system"))
    books.write(WorkOrderLinked("c1", after(9), "WO-2", "suggestion", "王芳"))
    books.write(WorkOrderLinked("c1", after(10), "WO-1", "complaint", "system"))
    books.write(WorkOrderLinked("c1", after(10), "WO-2", "complaint", "system"))
    call = whole(store)
    assert (call.work_order_number, call.work_order_linked_by) == ("WO-2", "王芳")


def test_a_link_to_nothing_is_refused(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    with pytest.raises(NoSuchWorkOrder, match="WO-9"):
        books.write(WorkOrderLinked("c1", after(5), "WO-9", "enquiry", "王芳"))
    assert whole(store).work_order_number is None


def test_consequences_are_written_and_told(store: Store) -> None:
    def then_recorded(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, CallEnded):
            return []
        assert session.get_one(Call, event.call_id).ended_at == event.at
        return [RecordingClosed(event.call_id, event.at, RECORDING)]

    def then_reviewed(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, RecordingClosed):
            return []
        return [VerdictGiven(event.call_id, event.at, "ordinary", "安静", "李主管")]

    books = SqlBooks(store, [then_recorded, then_reviewed])
    ring(books, "c1")
    followed = books.write(CallEnded("c1", after(9), "caller", "abandoned", ""))
    assert [type(fact) for fact in followed] == [RecordingClosed, VerdictGiven]
    before = counts(store)
    for fact in followed:
        books.write(fact)
    assert counts(store) == before
    assert len(whole(store).verdicts) == 1


def test_a_consequence_that_fails_takes_its_cause_back(store: Store) -> None:
    def fails(session: Session, event: Event) -> list[Event]:
        raise KeyError(event.call_id)

    with pytest.raises(KeyError):
        SqlBooks(store, [fails]).write(WHOLE_CALL[0])
    assert counts(store)["calls"] == 0


def test_a_closed_disk_is_one_line(store: Store, books: SqlBooks) -> None:
    store.downgrade()
    with pytest.raises(StoreError, match=r'no such table: calls|relation "calls" does not exist'):
        books.write(WHOLE_CALL[0])


def test_calls_that_a_crash_cut_are_ended_at_their_last_sign(store: Store, books: SqlBooks) -> None:
    ring(books, "ringing")
    ring(books, "talking", at=1)
    answer(books, "talking", at=5)
    books.write(SegmentHeard("talking", after(7), SEGMENT))
    ring(books, "deaf", at=2)
    answer(books, "deaf", at=6)
    books.write(TerminationProposed("deaf", after(40), "silent", "analysis", "20 s"))
    ring(books, "over", at=3)
    end(books, "over", at=60)
    written = books.close_interrupted()
    assert [fact.call_id for fact in written] == ["ringing", "talking", "deaf"]
    assert whole(store, "over").call_result == "answered"
    found = [whole(store, name) for name in ("ringing", "talking", "deaf")]
    assert {(c.ended_by, c.call_result) for c in found} == {("system", "interrupted")}
    assert [c.ended_at for c in found] == [after(0), after(5.9), after(40)]
    assert [c.transcribed for c in found] == [True, True, False]
    assert books.close_interrupted() == []


def test_sound_that_reached_no_disk_is_a_gap_that_nothing_fills(
    store: Store, books: SqlBooks
) -> None:
    ring(books, "c1")
    answer(books, "c1")
    for _ in range(2):
        books.write(events.SoundLost("c1", after(20), 3000, 4500))
    end(books, "c1")
    found = whole(store)
    told = [(gap.party, gap.start_ms, gap.end_ms, gap.reason, gap.filled) for gap in found.gaps]
    assert told == [("caller", 3000, 4500, "disk", True), ("agent", 3000, 4500, "disk", True)]
    assert found.transcribed


def test_a_gap_that_is_told_after_the_end_is_transcribed_too(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    answer(books, "c1")
    end(books, "c1")
    books.write(GapLeft("c1", after(90), Gap(Party.AGENT, 1000, 2000, "interrupted")))
    assert not whole(store).transcribed


def test_an_interrupted_call_with_a_gap_waits_for_its_transcript(
    store: Store, books: SqlBooks
) -> None:
    ring(books, "c1")
    answer(books, "c1")
    books.write(SegmentHeard("c1", after(7), SEGMENT))
    books.write(GapLeft("c1", after(8), Gap(Party.AGENT, 1000, 2000, "the queue was full")))
    books.write(PromptStarted("c1", after(30), "line_fault", 6000))
    books.close_interrupted()
    assert not whole(store).transcribed
    assert whole(store).ended_at == after(30)


def test_h7_a_tick_is_a_decision_of_the_agent(store: Store, books: SqlBooks) -> None:
    books.write(WHOLE_CALL[0])
    for what in ("laughter", "several_voices", "laughter"):
        books.write(events.Ticked("c1", after(8), "8001", what))
    told = [(one.kind, one.reason, one.actor) for one in whole(store).decisions]
    assert told == [("ticked", "laughter", "8001"), ("ticked", "several_voices", "8001")]


def test_what_comes_together_is_written_as_if_it_came_alone(store: Store, books: SqlBooks) -> None:
    books.write(*WHOLE_CALL, *WHOLE_CALL)
    together = counts(store)
    assert whole(store).ended_at == after(17)
    for event in WHOLE_CALL:
        books.write(event)
    assert counts(store) == together
    assert together["segments"] == together["hits"] == together["recordings"] == 1


def test_nothing_is_written_where_one_of_many_is_refused(store: Store, books: SqlBooks) -> None:
    with pytest.raises(NoSuchCall, match="c2"):
        books.write(*WHOLE_CALL, VerdictGiven("c2", after(60), "ordinary", "", "李主管"))
    assert set(counts(store).values()) == {0}


def test_a_consequence_sees_what_came_before_it_in_the_same_transaction(store: Store) -> None:
    seen: list[Call] = []
    stood: list[tuple[str, str]] = []

    def looks(session: Session, event: Event) -> list[Event]:
        call = session.get_one(Call, event.call_id)
        seen.append(call)
        stood.append((call.agent, call.call_result))
        return []

    SqlBooks(store, [looks]).write(WHOLE_CALL[0], WHOLE_CALL[1], WHOLE_CALL[11])
    assert stood == [("", ""), ("8001", ""), ("8001", "answered")]
