"""What is kept of the number behind a flagged call: its calls, verdicts and blocks (来源).

Reads through the session given. A withheld number has no history: such calls are never counted
together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.harassment.blocks import waiting_for
from callcenter.casework.harassment.cases import CLOSED
from callcenter.casework.reviews import claims
from callcenter.store import sources
from callcenter.store.case_tables import HarassmentCase
from callcenter.store.customers import is_known, newest_verdict
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.tables import Block, Call

DAYS = 14
"""How far back the counts go."""
MOST_COUNTED = 1000
MOST_SHOWN = 6
NIGHT = (22, 6)
"""From this hour until before that one."""


@dataclass(frozen=True, slots=True)
class DayOfSource:
    """How often a number rang on a day, and how often that was harassment or caught by a block."""

    day: date
    calls: int
    nuisance: int


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """Another call of the number; `watched_by` put it aside to be watched."""

    call_id: str
    rang_at: datetime
    agent: str
    disposition: str
    verdict: str
    watched_by: str


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """All that a reviewer is shown of a number; `night` are calls from 22 to 6 o'clock."""

    known_customer: bool = False
    calls: int = 0
    harassment: int = 0
    attempts: int = 0
    night: int = 0
    days: Sequence[DayOfSource] = ()
    recent: Sequence[EarlierCall] = ()
    block: Block | None = None
    """In force now."""
    decisions: Sequence[BlockDecision] = field(default_factory=tuple)
    """What was proposed and decided about it, newest first."""
    proposal: BlockDecision | None = None
    """What waits for a supervisor."""
    case_number: str = ""
    """Its open case."""


def history(
    session: Session, call: Call, at: datetime, zone: tzinfo | None = None
) -> SourceHistory:
    """What is kept of this call's number, other calls of it newest first; days are `zone`'s."""
    source = call.source
    if not source:
        return SourceHistory()
    rings = _rings(session, source, at)
    local = [(rang_at.astimezone(zone), bad) for rang_at, bad in rings]
    return SourceHistory(
        known_customer=is_known(session, source),
        calls=len(rings),
        harassment=sum(bad for _, bad in rings),
        attempts=sources.count_attempts(rang_at for rang_at, _ in rings),
        night=sum(moment.hour >= NIGHT[0] or moment.hour < NIGHT[1] for moment, _ in local),
        days=_days(local, at.astimezone(zone).date()),
        recent=_recent(session, call, at),
        block=sources.block_of(session, source, at),
        decisions=_decisions(session, source),
        proposal=waiting_for(session, source),
        case_number=open_case(session, source),
    )


def _rings(session: Session, source: str, at: datetime) -> list[tuple[datetime, bool]]:
    query = (
        select(Call.rang_at, sources.nuisance())
        .where(Call.source == source, Call.rang_at > at - timedelta(days=DAYS), sources.came_in())
        .order_by(Call.rang_at.desc())
        .limit(MOST_COUNTED)
    )
    return [(rang_at, bool(bad)) for rang_at, bad in session.execute(query)]


def _days(rings: Sequence[tuple[datetime, bool]], today: date) -> list[DayOfSource]:
    every = Counter(moment.date() for moment, _ in rings)
    bad = Counter(moment.date() for moment, is_bad in rings if is_bad)
    last = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return [DayOfSource(day, every[day], bad[day]) for day in last]


def _recent(session: Session, call: Call, at: datetime) -> list[EarlierCall]:
    columns = (Call.call_id, Call.rang_at, Call.agent, Call.disposition, newest_verdict())
    query = (
        select(*columns)
        .where(Call.source == call.source, Call.call_id != call.call_id)
        .order_by(Call.rang_at.desc(), Call.call_id)
        .limit(MOST_SHOWN)
    )
    rows = session.execute(query).all()
    held = claims.standing(session, [row[0] for row in rows], at)
    watched = {one: how.person for one, how in held.items() if how.state == claims.OBSERVED}
    return [EarlierCall(*row[:4], row[4] or "", watched.get(row[0], "")) for row in rows]


def _decisions(session: Session, source: str) -> Sequence[BlockDecision]:
    query = select(BlockDecision).where(BlockDecision.number == source)
    return session.scalars(query.order_by(BlockDecision.id.desc()).limit(MOST_SHOWN)).all()


def open_case(session: Session, source: str) -> str:
    """The number of this source's open case, or ""."""
    if not source:
        return ""
    query = select(HarassmentCase.number).where(
        HarassmentCase.caller_number == source, HarassmentCase.state != CLOSED
    )
    return session.scalar(query.limit(1)) or ""
