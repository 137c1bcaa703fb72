"""How the ladder's facts are written down; pages of store/books.py. Uses the session given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.events import (
    BlockDecided,
    BlockLifted,
    BlockProposed,
    Event,
    HistoryFound,
    ProposalDismissed,
    RecoveryBreakEnded,
    RecoveryBreakOffered,
    RecoveryBreakTaken,
    SteerBackOffered,
    TerminationUndone,
)
from callcenter.core.numbers import plain
from callcenter.store import directory, trail
from callcenter.store.facts import known, once_in_call
from callcenter.store.ladder_tables import BlockDecision, BreakRow
from callcenter.store.tables import Decision

SYSTEM = "system"


def _not_kept(session: Session, event: HistoryFound) -> None:
    """What is shown live and never stored."""


def _steer_back(session: Session, event: SteerBackOffered) -> None:
    _decision(session, event, "steer_back", SYSTEM, reason=event.reason, evidence=event.evidence)


def _dismissed(session: Session, event: ProposalDismissed) -> None:
    if _decision(session, event, "dismissed", event.agent):
        trail.sign(session, event, "call", event.call_id, "dismiss_termination", event.agent)


def _undone(session: Session, event: TerminationUndone) -> None:
    if _decision(session, event, "undone", event.agent):
        trail.sign(session, event, "call", event.call_id, "undo_termination", event.agent)


def _decision(session: Session, event: Event, kind: str, actor: str, **rest: str) -> bool:
    keys = {"call_id": event.call_id, "at": event.at, "kind": kind}
    return once_in_call(session, Decision, keys, actor=actor, **rest)


def _block_proposed(session: Session, event: BlockProposed) -> None:
    keys = {"call_id": event.call_id, "number": plain(event.caller_number), "kind": "proposed"}
    added = once_in_call(
        session,
        BlockDecision,
        keys,
        at=event.at,
        actor=event.person or SYSTEM,
        reason=event.reason,
        attempts=event.attempts,
        known_customer=event.known_customer,
    )
    if added and event.person:
        trail.sign(session, event, "call", event.call_id, "ask_block", event.person)


def _block_decided(session: Session, event: BlockDecided) -> None:
    kind = "approved" if event.approved else "refused"
    if _is_new(session, event, kind, event.supervisor) and event.approved:
        directory.add_block(
            session,
            event.caller_number,
            by=event.supervisor,
            reason=event.reason,
            at=event.at,
            expires_at=event.expires_at,
        )


def _block_lifted(session: Session, event: BlockLifted) -> None:
    if _is_new(session, event, "lifted", event.supervisor):
        directory.remove_block(session, event.caller_number)


def _is_new(session: Session, event: BlockDecided | BlockLifted, kind: str, actor: str) -> bool:
    """Add the decision; False where it stands there: written again, it must not block anew."""
    keys = {"number": plain(event.caller_number), "at": event.at, "kind": kind}
    if known(session, BlockDecision, keys):
        return False
    expires_at = event.expires_at if isinstance(event, BlockDecided) else None
    row = BlockDecision(
        **keys,
        actor=actor,
        reason=event.reason,
        call_id=event.call_id or None,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    trail.sign(session, event, "block", str(row.id), kind, actor, kind)
    return True


def _break_offered(session: Session, event: RecoveryBreakOffered) -> None:
    keys = {"call_id": event.call_id, "agent": event.agent}
    once_in_call(session, BreakRow, keys, offered_at=event.at)


def _break_taken(session: Session, event: RecoveryBreakTaken) -> None:
    row = _break(session, event)
    if row is not None and row.taken_at is None:
        row.taken_at = event.at


def _break_ended(session: Session, event: RecoveryBreakEnded) -> None:
    row = _break(session, event)
    if row is not None and row.ended_at is None:
        row.ended_at = event.at


def _break(session: Session, event: RecoveryBreakTaken | RecoveryBreakEnded) -> BreakRow | None:
    return session.scalar(select(BreakRow).filter_by(call_id=event.call_id, agent=event.agent))


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {
    HistoryFound: _not_kept,
    SteerBackOffered: _steer_back,
    ProposalDismissed: _dismissed,
    TerminationUndone: _undone,
    BlockProposed: _block_proposed,
    BlockDecided: _block_decided,
    BlockLifted: _block_lifted,
    RecoveryBreakOffered: _break_offered,
    RecoveryBreakTaken: _break_taken,
    RecoveryBreakEnded: _break_ended,
}
"""How each kind of the ladder's events is written down."""
