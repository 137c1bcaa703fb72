"""Kept calls with what a supervisor judged of them: every verdict is a label. Reads the store.

The store is read in pages and by columns, each page in a session of its own, so that memory stays
bounded and a service can write meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from callcenter.casework.reviews.beforehand import Beforehand
from callcenter.core.records import TICKS, Noticed, Party, Segment, Word
from callcenter.core.trials import HeardCall
from callcenter.store.sql import Store
from callcenter.store.tables import Call, Decision, HitRow, SegmentRow, Verdict

PAGE_CALLS = 200
"""Calls that are held at a time."""
_AS_WORD = itemgetter("word", "start_ms", "end_ms", "confidence")


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A call as it was heard; `verdict` is the newest one, "" where nobody judged it."""

    call_id: str
    caller_number: str
    rang_at: datetime
    verdict: str
    heard: HeardCall


class _Row(NamedTuple):
    """A call without what was said in it."""

    call_id: str
    caller_number: str
    rang_at: datetime
    answered_at: datetime
    ended_at: datetime

    def offset_ms(self, at: datetime) -> int:
        """A moment in ms since answer."""
        return max(0, round((at - self.answered_at).total_seconds() * 1000))


def count(store: Store, since: datetime | None = None, limit: int | None = None) -> int:
    """How many calls `labelled` would give. Raises StoreError."""
    with store.session() as session:
        counted = session.scalar(select(func.count()).select_from(_over(since).subquery())) or 0
    return counted if limit is None else min(counted, limit)


def labelled(
    store: Store, since: datetime | None = None, limit: int | None = None
) -> Iterator[LabelledCall]:
    """Calls that were answered and are over, newest first: at most `limit`, from `since` on (UTC).

    Raises StoreError.
    """
    left, last = limit, None
    while left is None or left > 0:
        size = PAGE_CALLS if left is None else min(PAGE_CALLS, left)
        with store.session() as session:
            rows = _page(session, since, last, size)
            found = _whole(session, rows)
        yield from found
        if len(rows) < size:
            return
        last = rows[-1]
        left = None if left is None else left - size


def verdicts_of(session: Session, call_ids: Sequence[str]) -> dict[str, str]:
    """The newest verdict of each of these calls that was judged."""
    given = select(Verdict.call_id, Verdict.verdict).where(Verdict.call_id.in_(call_ids))
    return {row.call_id: row.verdict for row in session.execute(given.order_by(Verdict.id))}


def hits_of_rules(session: Session, since: datetime) -> dict[str, int]:
    """How often each rule was hit in calls that rang from `since` on (UTC)."""
    counted = (
        select(HitRow.rule, func.count().label("hits"))
        .join(Call, Call.call_id == HitRow.call_id)
        .where(Call.rang_at >= since)
        .group_by(HitRow.rule)
    )
    return {row.rule: row.hits for row in session.execute(counted)}


def _over(since: datetime | None) -> Select[*tuple[Any, ...]]:
    wanted = select(
        Call.call_id, Call.caller_number, Call.rang_at, Call.answered_at, Call.ended_at
    ).where(Call.answered_at.is_not(None), Call.ended_at.is_not(None))
    return wanted if since is None else wanted.where(Call.rang_at >= since)


def _page(session: Session, since: datetime | None, last: _Row | None, size: int) -> list[_Row]:
    wanted = _over(since).order_by(Call.rang_at.desc(), Call.call_id.desc()).limit(size)
    if last is not None:
        wanted = wanted.where(_older_than(last))
    return [_Row(*row) for row in session.execute(wanted)]


def _older_than(last: _Row) -> ColumnElement[bool]:
    same_moment = and_(Call.rang_at == last.rang_at, Call.call_id < last.call_id)
    return or_(Call.rang_at < last.rang_at, same_moment)


def _whole(session: Session, rows: Sequence[_Row]) -> list[LabelledCall]:
    """The calls of a page with all that hangs on them."""
    ids = [row.call_id for row in rows]
    verdicts = verdicts_of(session, ids)
    segments = _segments(session, ids)
    ticked = _ticked(session, {row.call_id: row for row in rows})
    beforehand = Beforehand(session, [(row.caller_number, row.rang_at) for row in rows])
    return [
        LabelledCall(
            row.call_id,
            row.caller_number,
            row.rang_at,
            verdicts.get(row.call_id, ""),
            HeardCall(
                tuple(segments[row.call_id]),
                row.offset_ms(row.ended_at),
                tuple(ticked[row.call_id]),
                beforehand.known(row.caller_number, row.rang_at),
            ),
        )
        for row in rows
    ]


def _segments(session: Session, call_ids: Sequence[str]) -> dict[str, list[Segment]]:
    columns = (SegmentRow.party, SegmentRow.start_ms, SegmentRow.end_ms, SegmentRow.text)
    said = (
        select(SegmentRow.call_id, *columns, SegmentRow.words)
        .where(SegmentRow.call_id.in_(call_ids))
        .order_by(SegmentRow.start_ms, SegmentRow.id)
    )
    found: dict[str, list[Segment]] = defaultdict(list)
    for call_id, party, start_ms, end_ms, text, words in session.execute(said):
        heard = tuple(Word(*_AS_WORD(word)) for word in words)
        found[call_id].append(Segment(Party(party), start_ms, end_ms, text, heard))
    return found


def _ticked(session: Session, rows: dict[str, _Row]) -> dict[str, list[Noticed]]:
    """What agents ticked as heard behind the caller (H7)."""
    ticks = select(Decision.call_id, Decision.reason, Decision.at).where(
        Decision.call_id.in_(rows), Decision.kind == "ticked", Decision.reason.in_(TICKS)
    )
    found: dict[str, list[Noticed]] = defaultdict(list)
    for call_id, what, at in session.execute(ticks.order_by(Decision.id)):
        at_ms = rows[call_id].offset_ms(at)
        found[call_id].append(Noticed(what, Party.CALLER, at_ms, at_ms))
    return found
