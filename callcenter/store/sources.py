"""What is kept of a number that calls: attempts, prompts, verdicts (H5, H12, H17).

Reads the database through the session it is given. A source is a number in its plain form; a
withheld one is "", and such calls are never counted together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from callcenter.core.numbers import plain
from callcenter.core.records import CallerHistory
from callcenter.store.customers import file_of, is_known, newest_verdict
from callcenter.store.facts import ask, ask_all
from callcenter.store.tables import Block, Call, Decision, PromptRow, UtcDateTime, Verdict

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
    at_all = ask_all(session, _AT_ALL, source=source, now=now)[0]
    blocked, called = bool(at_all.blocked), bool(at_all.called)
    file = file_of(session, source)
    customer = file is not None or (called and is_known(session, source))
    if not called:
        return CallerHistory(known_customer=customer, blocked=blocked, customer=file)
    rings = [ring.rang_at for ring in ask_all(session, _RINGS, source=source, since=now - DAY)]
    played = ask_all(session, _PROMPTS, source=source, since=now - MONTH)
    prompts = {prompt.name: prompt.times for prompt in played}
    verdict = ask(session, _LAST_VERDICT, source=source)
    return CallerHistory(
        calls_24h=len(rings),
        attempts=count_attempts(rings),
        prompts_a=prompts.get("line_fault", 0),
        prompts_b=prompts.get("analysis", 0),
        last_verdict=verdict.verdict if verdict else "",
        known_customer=customer,
        blocked=blocked,
        customer=file,
    )


def block_of(session: Session, source: str, now: datetime) -> Block | None:
    """The block of this source that is in force."""
    block = session.get(Block, source) if source else None
    in_force = block is not None and (block.expires_at is None or now < block.expires_at)
    return block if in_force else None


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


def overruled() -> ColumnElement[bool]:
    """A call that was ended as harassment, and that a reviewer judged otherwise."""
    verdict = func.coalesce(newest_verdict(), "harassment")
    return and_(Call.disposition == "harassment", verdict != "harassment")


def nuisance() -> ColumnElement[bool]:
    """Harassment, or a call that the blocklist caught."""
    return or_(harassing(), Call.disposition == "blocked")


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


_SOURCE = bindparam("source", type_=Text)
_NOW = bindparam("now", type_=UtcDateTime)
_SINCE = bindparam("since", type_=UtcDateTime)
_AT_ALL = select(
    exists()
    .where(Block.number == _SOURCE, or_(Block.expires_at.is_(None), Block.expires_at > _NOW))
    .label("blocked"),
    exists().where(Call.source == _SOURCE).label("called"),
)
"""Whether a source is blocked, and whether it ever called."""
_RINGS = select(Call.rang_at).where(Call.source == _SOURCE, Call.rang_at > _SINCE, came_in())
_PROMPTS = (
    select(PromptRow.name, func.count().label("times"))
    .join(Call, Call.call_id == PromptRow.call_id)
    .where(Call.source == _SOURCE, PromptRow.started_at > _SINCE, was_heard())
    .group_by(PromptRow.name)
)
"""How often each prompt was played to a source; one that was undone does not count."""
_LAST_VERDICT = (
    select(Verdict.verdict)
    .join(Call, Call.call_id == Verdict.call_id)
    .where(Call.source == _SOURCE)
    .order_by(Verdict.at.desc(), Verdict.id.desc())
    .limit(1)
)
"""The newest verdict about any call of a source."""
