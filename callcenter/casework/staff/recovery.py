"""Recovery breaks (H23): offered after confirmed harassment, and kept out of every KPI.

Reads through the session given; what an agent does goes through the ledger as a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from callcenter.core.errors import Refused
from callcenter.core.events import (
    CallEnded,
    Event,
    RecoveryBreakEnded,
    RecoveryBreakOffered,
    RecoveryBreakTaken,
)
from callcenter.store import calls
from callcenter.store.ladder_tables import BreakRow

OFFER = timedelta(hours=12)
"""An offer holds for the rest of a shift."""


def consequence(session: Session, event: Event) -> list[Event]:
    """For the books: the agent of a call that was confirmed as harassment is offered a break."""
    if not isinstance(event, CallEnded) or event.disposition != "harassment":
        return []
    agent = calls.get_call(session, event.call_id, loaded=False).agent
    return [RecoveryBreakOffered(event.call_id, event.at, agent)] if agent else []


def take(session: Session, agent: str, at: datetime) -> RecoveryBreakTaken:
    """That the agent takes the break offered last, as a fact.

    Raises Refused where none is offered, or one is being taken.
    """
    row = _open(session, agent, at)
    if row is None:
        raise Refused(
            f"no recovery break is offered to agent {agent}; one follows confirmed harassment"
        )
    if row.taken_at is not None:
        raise Refused(f"agent {agent} is on a recovery break already")
    return RecoveryBreakTaken(row.call_id, at, agent)


def back(session: Session, agent: str, at: datetime) -> RecoveryBreakEnded:
    """That the agent is back, or does without the break offered, as a fact. Raises Refused."""
    row = _open(session, agent, at)
    if row is None:
        raise Refused(f"agent {agent} is on no recovery break")
    return RecoveryBreakEnded(row.call_id, at, agent)


@dataclass(frozen=True, slots=True)
class Breaks:
    """The breaks offered to an agent: taken, done without, and those that nobody answered."""

    offered: int = 0
    taken: int = 0
    refused: int = 0


def breaks(session: Session, since: datetime, until: datetime) -> dict[str, Breaks]:
    """By agent, what was offered from `since` until, but without, `until`."""
    taken = BreakRow.taken_at.is_not(None)
    refused = and_(BreakRow.taken_at.is_(None), BreakRow.ended_at.is_not(None))
    counted = select(
        BreakRow.agent, func.count(), func.count().filter(taken), func.count().filter(refused)
    ).where(BreakRow.offered_at >= since, BreakRow.offered_at < until)
    rows = session.execute(counted.group_by(BreakRow.agent))
    return {agent: Breaks(*counts) for agent, *counts in rows}


def being_taken(session: Session) -> Sequence[RecoveryBreakTaken]:
    """The breaks that run, oldest first: told to the desk when the service starts again."""
    rows = session.scalars(
        select(BreakRow)
        .where(BreakRow.taken_at.is_not(None), BreakRow.ended_at.is_(None))
        .order_by(BreakRow.taken_at)
    )
    return [RecoveryBreakTaken(r.call_id, r.taken_at, r.agent) for r in rows if r.taken_at]


def _open(session: Session, agent: str, at: datetime) -> BreakRow | None:
    """The break being taken, else the newest offer that still holds."""
    mine = select(BreakRow).where(BreakRow.agent == agent, BreakRow.ended_at.is_(None))
    running = mine.where(BreakRow.taken_at.is_not(None)).order_by(BreakRow.id.desc()).limit(1)
    offered = mine.where(BreakRow.offered_at > at - OFFER).order_by(BreakRow.id.desc()).limit(1)
    return session.scalar(running) or session.scalar(offered)
