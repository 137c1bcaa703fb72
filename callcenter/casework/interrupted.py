"""Calls that a crash cut off: how they ended, the recording that is left, what nobody listened to.

Reads the session and the recordings folder; what it finds comes out as facts for the books.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.audio.hiding import hide_in
from callcenter.audio.salvage import recorded_since, salvage
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    GapLeft,
    RecordingClosed,
)
from callcenter.core.records import Gap, Party, RecordingInfo
from callcenter.store import calls, privacy_books
from callcenter.store.privacy_books import hidden
from callcenter.store.tables import Call, GapRow, PromptRow, RecordingRow, SegmentRow

REASON = "interrupted"
"""Of a gap: the process ended before anybody listened; and of the call."""
DAY = timedelta(days=1)

Span = tuple[int, int]


def closings(
    session: Session, recordings: Path, at: datetime, nodes: Collection[str] | None = None
) -> Iterator[Sequence[Event]]:
    """For each call that a crash left open, or left without its recording, what is to be written
    together: what was recorded, what nobody has heard of it, its end. For start-up, before a line
    is open; `at` is now. `nodes`: only calls of these machines, where others go on."""
    for ending in calls.endings(session, nodes):
        left = _left(session, recordings, ending.call_id, at)
        waits = any(isinstance(fact, GapLeft) for fact in left)
        heard = not waits and (ending.transcribed or _is_empty(left))
        end = max(ending.at, _last_sound(session, ending.call_id, left))
        yield [*left, replace(ending, at=end, transcribed=heard)]
    for call_id in _without_recording(session, nodes):
        if left := _left(session, recordings, call_id, at):
            yield left
    if nodes is None:
        yield from _unknown(session, recordings, at)


def _left(session: Session, recordings: Path, call_id: str, at: datetime) -> list[Event]:
    """The recording, and its parts that nobody listened to."""
    found = salvage(recordings, call_id)
    if found is None:
        return []
    if spans := [hidden(one) for one in privacy_books.of(session, call_id)]:
        found = hide_in(recordings, found.path, spans)
    gaps = _unheard(session, calls.get_call(session, call_id, loaded=False), found)
    return [RecordingClosed(call_id, at, found), *(GapLeft(call_id, at, gap) for gap in gaps)]


def _unheard(session: Session, call: Call, found: RecordingInfo) -> Iterator[Gap]:
    """After the last words that are kept of a party there may be more; in what was played as a
    prompt there are no words of theirs."""
    end = round(found.seconds * 1000)
    for party in Party if call.agent else (Party.CALLER,):
        of_party = {"call_id": call.call_id, "party": party.value}
        said = session.scalar(select(func.max(SegmentRow.end_ms)).filter_by(**of_party))
        known = session.scalars(select(GapRow).filter_by(**of_party, filled=False))
        spans = [(gap.start_ms, gap.end_ms) for gap in known]
        if party is Party.AGENT:
            spans += _prompts(session, call)
        for span in without((said or 0, end), spans):
            yield Gap(party, *span, REASON)


def _prompts(session: Session, call: Call) -> Iterator[Span]:
    played = session.scalars(select(PromptRow).filter_by(call_id=call.call_id))
    for prompt in played if call.answered_at else ():
        assert call.answered_at is not None
        start = (prompt.started_at - call.answered_at) // timedelta(milliseconds=1)
        yield start, start + prompt.file_ms


def without(span: Span, others: Iterable[Span]) -> Iterator[Span]:
    """What is left of this span (ms) where the others are taken out."""
    start, end = span
    for first, last in sorted(others):
        if start < min(first, end):
            yield start, min(first, end)
        start = max(start, last)
    if start < end:
        yield start, end


def _last_sound(session: Session, call_id: str, left: Sequence[Event]) -> datetime:
    answered = calls.get_call(session, call_id, loaded=False).answered_at
    seconds = [fact.recording.seconds for fact in left if isinstance(fact, RecordingClosed)]
    if answered is None or not seconds:
        return datetime.min.replace(tzinfo=UTC)
    return answered + timedelta(seconds=seconds[0])


def _is_empty(left: Sequence[Event]) -> bool:
    """Whether there is a recording, and no sound in it."""
    return any(isinstance(fact, RecordingClosed) and not fact.recording.seconds for fact in left)


def _without_recording(session: Session, nodes: Collection[str] | None) -> Sequence[str]:
    """Answered calls that were closed as interrupted elsewhere, or half: their file may be here."""
    lacks = select(Call.call_id).outerjoin(RecordingRow, RecordingRow.call_id == Call.call_id)
    cut = (Call.call_result == REASON, Call.answered_at.is_not(None), RecordingRow.path.is_(None))
    lacking = lacks.where(*cut)
    return session.scalars(lacking if nodes is None else lacking.where(Call.node.in_(nodes))).all()


def _unknown(session: Session, recordings: Path, at: datetime) -> Iterator[Sequence[Event]]:
    """Recordings of calls that the books do not know: cut off in the tenth of a second before they
    were written, or newer than a backup that was put back. Nobody knows any more who rang."""
    newest = session.scalar(select(func.max(Call.rang_at)))
    if newest is None:
        return
    for call_id in sorted(recorded_since(recordings, (newest - DAY).date())):
        if session.get(Call, call_id) is not None:
            continue
        found = salvage(recordings, call_id)
        rang = datetime.strptime(call_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        if found is not None and rang <= at:
            end = rang + timedelta(seconds=found.seconds)
            whole = Gap(Party.CALLER, 0, round(found.seconds * 1000), REASON)
            yield [
                CallRang(call_id, rang, "", "", ""),
                CallAnswered(call_id, rang, ""),
                RecordingClosed(call_id, at, found),
                *([GapLeft(call_id, at, whole)] if whole.end_ms else []),
                CallEnded(call_id, end, "system", REASON, "", transcribed=not whole.end_ms),
            ]
