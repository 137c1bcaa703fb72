"""Writes events down: one transaction an event, one page of code a kind of event.

Touches the database through its Store only; called by the ledger's thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchWorkOrder
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
    TerminationConfirmed,
    TerminationProposed,
    Ticked,
    TranscriptCompleted,
    VerdictGiven,
    WorkOrderLinked,
)
from callcenter.core.numbers import plain
from callcenter.store import assist_books, calls, case_books, ladder_books, live_books
from callcenter.store.facts import once as _once
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

SYSTEM = "system"
"""The `actor` and `linked_by` of what no person decided."""


class SqlBooks:
    """core.ports.Books over a Store."""

    def __init__(self, store: Store, consequences: Sequence[Consequence] = ()) -> None:
        self._store = store
        self._consequences = tuple(consequences)

    def write(self, event: Event) -> Sequence[Event]:
        """Write one event and what follows from it, wholly or not at all.

        Returns the facts that followed; they are written already, and writing them again changes
        nothing. Raises NoSuchCall, NoSuchWorkOrder, StoreError.
        """
        with self._store.session(write=True) as session:
            return self._enter(session, event)

    def close_interrupted(self) -> Sequence[Event]:
        """End the calls that a crash left open, as `ended_by` system, `call_result` interrupted.

        For start-up, before any line is open. Returns what was written, CallEnded first.
        """
        with self._store.session() as session:
            endings = calls.endings(session)
        return [fact for ending in endings for fact in (ending, *self.write(ending))]

    def _enter(self, session: Session, event: Event) -> list[Event]:
        PAGES[type(event)](session, event)
        session.flush()
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
    if session.get(Call, event.call_id) is None:
        out = event.direction == "outbound"
        call = Call(
            call_id=event.call_id,
            direction=event.direction,
            line=event.line,
            caller_number=event.caller_number,
            source=plain(event.callee_number if out else event.caller_number),
            callee_number=event.callee_number,
            agent=event.agent,
            rang_at=event.at,
        )
        session.add(call)


def _answered(session: Session, event: CallAnswered) -> None:
    call = _call(session, event)
    if call.answered_at is None:
        call.answered_at, call.agent = event.at, event.agent


def _segment(session: Session, event: SegmentHeard) -> None:
    heard = event.segment
    keys = {
        "call_id": _call(session, event).call_id,
        "party": heard.party.value,
        "start_ms": heard.start_ms,
        "end_ms": heard.end_ms,
        "text": heard.text,
        "live": heard.live,
    }
    _once(session, SegmentRow, keys, words=[asdict(word) for word in heard.words])


def _hit(session: Session, event: HitFound) -> None:
    hit = event.hit
    keys = {
        "call_id": _call(session, event).call_id,
        "rule": hit.rule,
        "party": hit.party.value,
        "start_ms": hit.start_ms,
        "end_ms": hit.end_ms,
    }
    _once(session, HitRow, keys, **{k: v for k, v in asdict(hit).items() if k not in keys})


def _gap(session: Session, event: GapLeft) -> None:
    gap = event.gap
    keys = {
        "call_id": _call(session, event).call_id,
        "party": gap.party.value,
        "start_ms": gap.start_ms,
        "end_ms": gap.end_ms,
    }
    _once(session, GapRow, keys, reason=gap.reason)


def _proposed(session: Session, event: TerminationProposed) -> None:
    _call(session, event)
    keys = {"call_id": event.call_id, "at": event.at, "kind": "proposed", "prompt": event.prompt}
    _once(session, Decision, keys, actor=SYSTEM, reason=event.reason, evidence=event.evidence)


def _withdrawn(session: Session, event: ProposalWithdrawn) -> None:
    _call(session, event)
    keys = {"call_id": event.call_id, "at": event.at, "kind": "withdrawn"}
    _once(session, Decision, keys, actor=SYSTEM)


def _confirmed(session: Session, event: TerminationConfirmed) -> None:
    _call(session, event)
    keys = {"call_id": event.call_id, "at": event.at, "kind": "confirmed", "prompt": event.prompt}
    _once(session, Decision, keys, actor=event.agent)


def _ticked(session: Session, event: Ticked) -> None:
    _call(session, event)
    keys = {"call_id": event.call_id, "at": event.at, "kind": "ticked", "reason": event.what}
    _once(session, Decision, keys, actor=event.agent)


def _prompt_started(session: Session, event: PromptStarted) -> None:
    _call(session, event)
    keys = {"call_id": event.call_id, "name": event.name, "started_at": event.at}
    _once(session, PromptRow, keys, file_ms=event.file_ms)


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


def _ended(session: Session, event: CallEnded) -> None:
    call = _call(session, event)
    if call.ended_at is None:
        call.ended_at = event.at
        call.ended_by = event.ended_by
        call.call_result = event.call_result
        call.disposition = event.disposition
        call.transcribed = event.transcribed


def _recording(session: Session, event: RecordingClosed) -> None:
    _call(session, event)
    session.merge(RecordingRow(call_id=event.call_id, **asdict(event.recording)))


def _transcribed(session: Session, event: TranscriptCompleted) -> None:
    _call(session, event).transcribed = True
    session.execute(update(GapRow).where(GapRow.call_id == event.call_id).values(filled=True))


def _linked(session: Session, event: WorkOrderLinked) -> None:
    """An empty number asks for a new work order, which a consequence opens; the system never
    undoes what a person linked."""
    call = _call(session, event)
    by_person = call.work_order_linked_by not in ("", SYSTEM)
    if not event.number or (event.linked_by == SYSTEM and by_person):
        return
    order = session.get(WorkOrder, event.number)
    if order is None:
        raise NoSuchWorkOrder(f"no work order {event.number}")
    order.type = event.type
    call.work_order = order
    call.work_order_linked_by = event.linked_by


def _verdict(session: Session, event: VerdictGiven) -> None:
    _call(session, event)
    keys = {
        "call_id": event.call_id,
        "at": event.at,
        "verdict": event.verdict,
        "reviewer": event.reviewer,
    }
    _once(session, Verdict, keys, reason=event.reason)


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {
    CallRang: _rang,
    CallAnswered: _answered,
    PartialHeard: _not_kept,
    MicrophoneMuted: _not_kept,
    SegmentHeard: _segment,
    GapLeft: _gap,
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
}
"""How each kind of event is written down; a test walks the kinds, so none can be forgotten."""
