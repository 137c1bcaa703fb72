"""What is kept of a number that calls: attempts, prompts, verdicts (H5, H12, H17).

Reads the database through the session it is given. A source is a number in its plain form; a
withheld one is "", and such calls are never counted together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from callcenter.core.numbers import plain
from callcenter.core.records import CallerHistory
from callcenter.store.customers import is_known, newest_verdict
from callcenter.store.tables import Block, Call, Decision, PromptRow, Verdict

ATTEMPT = timedelta(seconds=60)
"""Calls of one source within this time from the first of them are one attempt."""
DAY = timedelta(hours=24)
MONTH = timedelta(days=30)
"""How long played prompts and harassing attempts count."""


def count_attempts(moments: Iterable[datetime]) -> int:
    """How many attempts these calls of one source are; the moments are those of their rings."""
    attempts, began = 0, None
    for moment in sorted(moments):
        if began is None or moment - began > ATTEMPT:
            attempts, began = attempts + 1, moment
    return attempts


def history(session: Session, caller_number: str, now: datetime) -> CallerHistory:
    """What is kept of this number, however it is written; empty where it is withheld."""
    source = plain(caller_number)
    if not source:
        return CallerHistory()
    rings = session.scalars(
        select(Call.rang_at).where(Call.source == source, Call.rang_at > now - DAY, came_in())
    ).all()
    prompts = prompts_played(session, source, now - MONTH)
    return CallerHistory(
        calls_24h=len(rings),
        attempts=count_attempts(rings),
        prompts_a=prompts.get("line_fault", 0),
        prompts_b=prompts.get("analysis", 0),
        last_verdict=_last_verdict(session, source),
        known_customer=is_known(session, source),
        blocked=block_of(session, source, now) is not None,
    )


def block_of(session: Session, source: str, now: datetime) -> Block | None:
    """The block of this source that is in force."""
    block = session.get(Block, source) if source else None
    in_force = block is not None and (block.expires_at is None or now < block.expires_at)
    return block if in_force else None


def prompts_played(session: Session, source: str, since: datetime) -> dict[str, int]:
    """How often each prompt was played to this source; one that was undone does not count."""
    counted = (
        select(PromptRow.name, func.count().label("times"))
        .join(Call, Call.call_id == PromptRow.call_id)
        .where(Call.source == source, PromptRow.started_at > since, was_heard())
        .group_by(PromptRow.name)
    )
    return {row.name: row.times for row in session.execute(counted)}


def was_heard() -> ColumnElement[bool]:
    """A prompt that nobody took back: the confirmation behind it was not undone."""
    return ~exists().where(
        Decision.call_id == PromptRow.call_id,
        Decision.kind == "undone",
        Decision.at >= PromptRow.started_at,
    )


def came_in() -> ColumnElement[bool]:
    """A call that the source made: one that we made is no attempt of theirs."""
    return Call.direction == "inbound"


def harassing() -> ColumnElement[bool]:
    """A call that was harassment: by its newest verdict, else by who confirmed its end."""
    verdict = newest_verdict()
    return or_(verdict == "harassment", and_(verdict.is_(None), Call.disposition == "harassment"))


def harassing_attempts(session: Session, source: str, since: datetime) -> int:
    """Attempts of this source since then that were harassment."""
    rings = session.scalars(
        select(Call.rang_at).where(
            Call.source == source, Call.rang_at > since, harassing(), came_in()
        )
    )
    return count_attempts(rings)


def blocked_attempts(session: Session, source: str, since: datetime) -> int:
    """Attempts of this source since then that the blocklist caught."""
    rings = session.scalars(
        select(Call.rang_at).where(
            Call.source == source, Call.rang_at > since, Call.disposition == "blocked"
        )
    )
    return count_attempts(rings)


def _last_verdict(session: Session, source: str) -> str:
    """The newest verdict about any call of this source, "" where there is none."""
    newest = (
        select(Verdict.verdict)
        .join(Call, Call.call_id == Verdict.call_id)
        .where(Call.source == source)
        .order_by(Verdict.at.desc(), Verdict.id.desc())
        .limit(1)
    )
    return session.scalar(newest) or ""
