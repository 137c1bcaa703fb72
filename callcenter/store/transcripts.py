"""Recordings to hear again, and the transcripts that another model made of them.

Uses the session it is given; nothing here touches what was heard, hit or decided at the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.core.records import BANNED, Hit, Segment
from callcenter.store import calls
from callcenter.store.tables import (
    Call,
    RecordingRow,
    Transcript,
    TranscriptHit,
    TranscriptSegment,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call that is over, and its recording; `path` is "" where none was closed."""

    call_id: str
    path: str
    seconds: float
    sha256: str


def recorded(
    session: Session,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    call_id: str | None = None,
) -> list[Recorded]:
    """Calls that are over and had sound, oldest first: those that rang from `since` on and
    `before` another moment (UTC). With `call_id` that one, if it is among them.

    Raises NoSuchCall for an unknown `call_id`.
    """
    query = (
        select(Call.call_id, RecordingRow.path, RecordingRow.seconds, RecordingRow.sha256)
        .outerjoin(RecordingRow)
        .where(Call.ended_at.is_not(None))
        .where(or_(Call.answered_at.is_not(None), RecordingRow.call_id.is_not(None)))
        .order_by(Call.rang_at, Call.call_id)
    )
    if since is not None:
        query = query.where(Call.rang_at >= since)
    if before is not None:
        query = query.where(Call.rang_at < before)
    if call_id is not None:
        query = query.where(Call.call_id == calls.get_call(session, call_id, loaded=False).call_id)
    rows = session.execute(query)
    return [Recorded(name, path or "", length or 0, sha or "") for name, path, length, sha in rows]


def keep(
    session: Session,
    call_id: str,
    model: str,
    made_at: datetime,
    segments: Sequence[Segment],
    hits: Iterable[Hit],
) -> None:
    """Keep what `model` heard in a call, in place of what it heard there before.

    An agent's banned words are kept from the call itself alone (D6). Raises NoSuchCall.
    """
    calls.get_call(session, call_id, loaded=False)
    old = session.scalar(select(Transcript).filter_by(call_id=call_id, model=model))
    if old is not None:
        session.delete(old)
        session.flush()
    new = Transcript(call_id=call_id, model=model, made_at=made_at)
    new.segments = [_segment_row(segment) for segment in segments]
    new.hits = [_hit_row(hit) for hit in hits if hit.category != BANNED]
    session.add(new)


def _segment_row(segment: Segment) -> TranscriptSegment:
    return TranscriptSegment(
        party=segment.party.value,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
        text=segment.text,
        words=[asdict(word) for word in segment.words],
    )


def _hit_row(hit: Hit) -> TranscriptHit:
    return TranscriptHit(**{**asdict(hit), "party": hit.party.value})
