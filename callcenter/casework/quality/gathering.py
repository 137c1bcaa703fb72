"""What is kept of a call, as the measures want it. Reads through the session given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.quality.measures import Heard
from callcenter.casework.quality.speech import Span
from callcenter.core.records import Hit, Party, Segment, Word
from callcenter.store import calls
from callcenter.store.assist_tables import CardRow
from callcenter.store.tables import Call, HitRow, SegmentRow

WAITING = "D14"
"""The handbook's item of the card 无言等待."""
_FAR = timedelta(days=2)


def heard(session: Session, call_id: str) -> Heard:
    """A call that was answered, in a bounded number of questions. Raises NoSuchCall."""
    call = calls.get_call(session, call_id, loaded=False)
    since = call.answered_at or call.rang_at
    waited = round((since - call.rang_at).total_seconds() * 1000)
    return Heard(
        tuple(map(_segment, call.segments)),
        tuple(map(_hit, call.banned)),
        tuple(_elsewhere(call, since)),
        tuple(_ms(at, since) for at in _waits(session, call_id)),
        waited if call.direction == "inbound" and call.answered_at else None,
    )


def _elsewhere(call: Call, since: datetime) -> Iterator[Span]:
    """What is no silence: prompts, holding, sound that was not listened to."""
    for prompt in call.prompts:
        start = _ms(prompt.started_at, since)
        yield start, start + prompt.sent_ms
    for gap in call.gaps:
        if not gap.filled:
            yield gap.start_ms, gap.end_ms
    end = _ms(call.ended_at or since + _FAR, since)
    yield from _holding([(one.kind, _ms(one.at, since)) for one in call.handling], end)


def _holding(steps: Iterable[tuple[str, int]], end_ms: int) -> Iterator[Span]:
    held = None
    for kind, at in steps:
        if kind == "held" and held is None:
            held = at
        elif kind == "resumed" and held is not None:
            yield held, at
            held = None
    if held is not None:
        yield held, end_ms


def _waits(session: Session, call_id: str) -> Iterable[datetime]:
    shown = select(CardRow.at).where(CardRow.call_id == call_id, CardRow.handbook == WAITING)
    return session.scalars(shown)


def _ms(at: datetime, since: datetime) -> int:
    return max(0, round((at - since).total_seconds() * 1000))


def _segment(row: SegmentRow) -> Segment:
    words = tuple(Word(one["word"], one["start_ms"], one["end_ms"]) for one in row.words)
    return Segment(Party(row.party), row.start_ms, row.end_ms, row.text, words)


def _hit(row: HitRow) -> Hit:
    return Hit(row.rule, row.category, Party(row.party), row.start_ms, row.end_ms, row.text)
