"""Writes events down: as many as come together in one transaction, one page of code for each kind.

Touches the database through its Store only; called by the ledger's thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchCall, NoSuchWorkOrder
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    GapLeft,
    HitFound,
    MicrophoneMuted,
    PartialHeard,
    PromptEnded,
    PromptStarted,
    ProposalWithdrawn,
    RecordingClosed,
    SegmentHeard,
    SoundLost,
    TerminationConfirmed,
    TerminationProposed,
    Ticked,
    TranscriptCompleted,
    VerdictGiven,
    WorkOrderLinked,
)
from callcenter.core.numbers import plain
from callcenter.core.records import Party, Word
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
    trail,
)
from callcenter.store.facts import ask, check_call, known, once, once_in_call, replace, set_once
from callcenter.store.sql import Store
from callcenter.store.tables import (
    Call,
    Decision,
    GapRow,
    HitRow,
    PromptRow,
    RecordingRow,
    SegmentRow,
    Verdict,
    WorkOrder,
)

Consequence = Callable[[Session, Event], Sequence[Event]]
"""What follows from a fact that was just written, in the same transaction."""

LINK = select(Call.work_order_linked_by).where(Call.call_id == bindparam("call"))
SYSTEM = "system"
"""The `actor` and `linked_by` of what no person decided."""


class SqlBooks:
    """core.office.Books over a Store."""

    def __init__(self, store: Store, consequences: Sequence[Consequence] = ()) -> None:
        self._store = store
        self._consequences = tuple(consequences)

    def write(self, *events: Event) -> Sequence[Event]:
        """Write these events, in order, and what follows from them: wholly or not at all.

        Returns the facts that followed; they are written already, and writing them again changes
        nothing. Raises NoSuchCall, NoSuchWorkOrder, StoreError.
        """
        with self._store.session(write=True) as session:
            return self.enter(session, *events)

    def enter(self, session: Session, *events: Event) -> list[Event]:
        """The same within a writing session that is open already."""
        if new := record_books.new_ones(session, events):
            record_books.open_together(session, new)
            return [fact for event in events for fact in self._follow(session, event)]
        return [fact for event in events for fact in self._enter(session, event)]

    def close_interrupted(self) -> Sequence[Event]:
        """End the calls that a crash left open, as `ended_by` system, `call_result` interrupted.

        For start-up, before any line is open. Returns what was written, CallEnded first.
        """
        with self._store.session() as session:
            endings = calls.endings(session)
        return [fact for ending in endings for fact in (ending, *self.write(ending))]

    def _enter(self, session: Session, event: Event) -> list[Event]:
        is_new = PAGES[type(event)](session, event)
        session.flush()
        session.expire_all()
        # What follows from a fact was written together with it.
        return [] if is_new is False else self._follow(session, event)

    def _follow(self, session: Session, event: Event) -> list[Event]:
        followed: list[Event] = []
        for consequence in self._consequences:
            for fact in consequence(session, event):
                followed += [fact, *self._enter(session, fact)]
        return followed


def _call(session: Session, event: Event) -> Call:
    return calls.get_call(session, event.call_id, loaded=False)


def _not_kept(session: Session, event: PartialHeard | MicrophoneMuted) -> None:
    """What is shown live and never stored."""


def _rang(session: Session, event: CallRang) -> None:
    out = event.direction == "outbound"
    once(
        session,
        Call,
        {"call_id": event.call_id},
        direction=event.direction,
        line=event.line,
        caller_number=event.caller_number,
        source=plain(event.callee_number if out else event.caller_number),
        callee_number=event.callee_number,
        agent=event.agent,
        rang_at=event.at,
        node=event.node,
    )


def _answered(session: Session, event: CallAnswered) -> bool:
    keys = {"call_id": event.call_id}
    answered = set_once(session, Call, keys, answered_at=event.at, agent=event.agent)
    if not answered:
        check_call(session, event.call_id)
    return answered


def _segment(session: Session, event: SegmentHeard) -> bool:
    heard = event.segment
    keys = {
        "call_id": event.call_id,
        "party": heard.party.value,
        "start_ms": heard.start_ms,
        "end_ms": heard.end_ms,
        "text": heard.text,
        "live": heard.live,
    }
    return once_in_call(session, SegmentRow, keys, words=[_fields(word) for word in heard.words])


def _fields(word: Word) -> dict[str, str | int | float]:
    return {
        "word": word.word,
        "start_ms": word.start_ms,
        "end_ms": word.end_ms,
        "confidence": word.confidence,
    }


def _hit(session: Session, event: HitFound) -> None:
    hit = event.hit
    keys = {
        "call_id": event.call_id,
        "rule": hit.rule,
        "party": hit.party.value,
        "start_ms": hit.start_ms,
        "end_ms": hit.end_ms,
    }
    once_in_call(session, HitRow, keys, **{k: v for k, v in asdict(hit).items() if k not in keys})


def _gap(session: Session, event: GapLeft) -> None:
    gap = event.gap
    keys = {
        "call_id": event.call_id,
        "party": gap.party.value,
        "start_ms": gap.start_ms,
        "end_ms": gap.end_ms,
    }
    if once_in_call(session, GapRow, keys, reason=gap.reason):
        replace(session, Call, {"call_id": event.call_id}, transcribed=False)


def _sound_lost(session: Session, event: SoundLost) -> None:
    """In both channels, and nothing waits to be transcribed there."""
    for party in Party:
        keys = {
            "call_id": event.call_id,
            "party": party.value,
            "start_ms": event.start_ms,
            "end_ms": event.end_ms,
        }
        once_in_call(session, GapRow, keys, reason=event.reason, filled=True)


def _proposed(session: Session, event: TerminationProposed) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "kind": "proposed", "prompt": event.prompt}
    rest = {"actor": SYSTEM, "reason": event.reason, "evidence": event.evidence}
    once_in_call(session, Decision, keys, **rest)


def _withdrawn(session: Session, event: ProposalWithdrawn) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "kind": "withdrawn"}
    once_in_call(session, Decision, keys, actor=SYSTEM)


def _confirmed(session: Session, event: TerminationConfirmed) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "kind": "confirmed", "prompt": event.prompt}
    if once_in_call(session, Decision, keys, actor=event.agent):
        trail.sign(session, event, "call", event.call_id, "confirm_termination", event.agent)


def _ticked(session: Session, event: Ticked) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "kind": "ticked", "reason": event.what}
    if once_in_call(session, Decision, keys, actor=event.agent):
        trail.sign(session, event, "call", event.call_id, "tick", event.agent)


def _prompt_started(session: Session, event: PromptStarted) -> None:
    keys = {"call_id": event.call_id, "name": event.name, "started_at": event.at}
    once_in_call(session, PromptRow, keys, file_ms=event.file_ms)


def _prompt_ended(session: Session, event: PromptEnded) -> None:
    _call(session, event)
    newest = (
        select(PromptRow)
        .filter_by(call_id=event.call_id, name=event.name)
        .order_by(PromptRow.id.desc())
        .limit(1)
    )
    row = session.scalar(newest)
    if row is None:
        row = PromptRow(call_id=event.call_id, name=event.name, started_at=event.at)
        session.add(row)
    row.file_ms, row.sent_ms = event.file_ms, event.sent_ms


def _ended(session: Session, event: CallEnded) -> bool:
    ended = set_once(
        session,
        Call,
        {"call_id": event.call_id},
        ended_at=event.at,
        ended_by=event.ended_by,
        call_result=event.call_result,
        disposition=event.disposition,
        transcribed=event.transcribed,
    )
    if not ended:
        check_call(session, event.call_id)
    return ended


def _recording(session: Session, event: RecordingClosed) -> None:
    keys, found = {"call_id": event.call_id}, asdict(event.recording)
    if not once_in_call(session, RecordingRow, keys, **found):
        replace(session, RecordingRow, keys, **found)


def _transcribed(session: Session, event: TranscriptCompleted) -> None:
    _call(session, event).transcribed = True
    session.execute(update(GapRow).where(GapRow.call_id == event.call_id).values(filled=True))


def _linked(session: Session, event: WorkOrderLinked) -> bool:
    """An empty number asks for a new work order, which a consequence opens, as it changes the type
    of one; the system never undoes what a person linked."""
    link = ask(session, LINK, call=event.call_id)
    if link is None:
        raise NoSuchCall(f"no call {event.call_id}")
    signed = ("call", event.call_id, "link", event.linked_by)
    if event.linked_by != SYSTEM and trail.is_signed(session, event, *signed):
        return False
    by_person = link.work_order_linked_by not in ("", SYSTEM)
    if not event.number or (event.linked_by == SYSTEM and by_person):
        return True
    if not known(session, WorkOrder, {"number": event.number}):
        raise NoSuchWorkOrder(f"no work order {event.number}")
    linked = {"work_order_number": event.number, "work_order_linked_by": event.linked_by}
    replace(session, Call, {"call_id": event.call_id}, **linked)
    if event.linked_by != SYSTEM:
        trail.sign(session, event, *signed)
    return True


def _verdict(session: Session, event: VerdictGiven) -> None:
    keys = {
        "call_id": event.call_id,
        "at": event.at,
        "verdict": event.verdict,
        "reviewer": event.reviewer,
    }
    if once_in_call(session, Verdict, keys, reason=event.reason):
        what = ("call", event.call_id, "judge", event.reviewer, event.verdict)
        trail.sign(session, event, *what)


PAGES: dict[type[Event], Callable[[Session, Any], bool | None]] = {
    CallRang: _rang,
    CallAnswered: _answered,
    PartialHeard: _not_kept,
    MicrophoneMuted: _not_kept,
    SegmentHeard: _segment,
    GapLeft: _gap,
    SoundLost: _sound_lost,
    HitFound: _hit,
    TerminationProposed: _proposed,
    ProposalWithdrawn: _withdrawn,
    TerminationConfirmed: _confirmed,
    Ticked: _ticked,
    PromptStarted: _prompt_started,
    PromptEnded: _prompt_ended,
    CallEnded: _ended,
    RecordingClosed: _recording,
    TranscriptCompleted: _transcribed,
    WorkOrderLinked: _linked,
    VerdictGiven: _verdict,
    **case_books.PAGES,
    **ladder_books.PAGES,
    **assist_books.PAGES,
    **live_books.PAGES,
    **record_books.PAGES,
    **staff_books.PAGES,
    **keeping_books.PAGES,
    **outbound.PAGES,
    **privacy_books.PAGES,
}
"""How each kind of event is written down; a test walks the kinds, so none can be forgotten. A page
gives False where it stands there already."""
