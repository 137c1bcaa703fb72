"""Proposed blocks (H18): the ladder's last rung, decided by a named supervisor.

Reads through the session given; what is decided goes through the ledger as a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from callcenter.core.errors import NoSuchBlock, NotNow, Refused
from callcenter.core.events import BlockDecided, BlockLifted, BlockProposed, CallEnded, Event
from callcenter.core.numbers import mask, plain
from callcenter.core.people import check_supervisor
from callcenter.store import calls, directory, sources
from callcenter.store.customers import is_known
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.tables import Block, Call

DEFAULT_DAYS = 30
"""How long an approved block lasts unless the supervisor says otherwise."""
LONGEST_DAYS = 3650
LONGEST_REASON = 500
"""Characters."""
KNOWN = "the number is a known customer's; expected known_customer = true from the supervisor"


def consequence(
    group: Callable[[str], str], block_after: int
) -> Callable[[Session, Event], list[Event]]:
    """A function for the books: a number that harassed in `block_after` attempts within 30 days is
    proposed when the next such call has been ended with a prompt. `group` as Scripts.group."""

    def on_event(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, CallEnded) or event.disposition != "harassment":
            return []
        call = calls.get_call(session, event.call_id, loaded=False)
        attempts = sources.harassing_attempts(session, call.source, event.at - sources.MONTH)
        if attempts < block_after or not _may_be_proposed(session, call, event.at, group):
            return []
        known = is_known(session, call.source)
        reason = f"30 天内骚扰 {attempts} 次"
        return [BlockProposed(call.call_id, event.at, call.source, attempts, reason, known)]

    return on_event


def proposals(session: Session) -> Sequence[BlockDecision]:
    """The proposals that wait for a supervisor, newest first."""
    waiting = select(BlockDecision).where(_waits()).order_by(BlockDecision.id.desc())
    return session.scalars(waiting).all()


def waiting_for(session: Session, number: str) -> BlockDecision | None:
    """The proposal about this number (in its plain form) that waits for a supervisor."""
    waiting = select(BlockDecision).where(BlockDecision.number == number, _waits())
    return session.scalar(waiting.limit(1))


def in_force(session: Session, at: datetime) -> list[tuple[Block, int]]:
    """The blocks in force, newest first, each with the attempts it has caught."""
    return [
        (block, sources.blocked_attempts(session, block.number, block.blocked_at))
        for block in directory.blocks(session, at)
    ]


def decide(
    session: Session,
    proposal_id: int,
    *,
    approved: bool,
    by: str,
    reason: str,
    at: datetime,
    days: int = DEFAULT_DAYS,
    known_customer: bool = False,
    supervisors: Sequence[str] = (),
) -> BlockDecided:
    """A supervisor's decision on a proposal as a fact, to be sent through the ledger.

    `known_customer` is the supervisor's explicit word that a known customer shall be blocked (H4).
    Raises NoSuchBlock, and Refused for who may not, no reason, or a customer without that word.
    """
    person = check_supervisor(by, supervisors)
    proposal = session.scalar(
        select(BlockDecision).where(BlockDecision.id == proposal_id, _waits())
    )
    if proposal is None:
        raise NoSuchBlock(f"no block proposal {proposal_id} waits for a decision")
    if approved and proposal.known_customer and not known_customer:
        raise Refused(KNOWN)
    expires_at = at + timedelta(days=_days(days)) if approved else None
    call_id = proposal.call_id or ""
    why = _reason(reason)
    return BlockDecided(call_id, at, proposal.number, approved, person, why, expires_at)


def ask(session: Session, call_id: str, *, by: str, reason: str, at: datetime) -> BlockProposed:
    """An agent asks for the caller of this call to be blocked (座席申请), as a fact.

    Raises NoSuchCall, NotNow where that is decided or asked already, and Refused.
    """
    call = calls.get_call(session, call_id, loaded=False)
    person, why = by.strip(), _reason(reason)
    if not person:
        raise Refused("this is asked by a named person; expected their name")
    _check_blockable(session, call, at)
    if waiting_for(session, call.source) is not None:
        raise NotNow("a block of this number waits for a supervisor already")
    attempts = sources.harassing_attempts(session, call.source, at - sources.MONTH)
    known = is_known(session, call.source)
    return BlockProposed(call_id, at, call.source, attempts, why, known, person)


def impose(
    session: Session,
    call_id: str,
    *,
    by: str,
    reason: str,
    at: datetime,
    days: int = DEFAULT_DAYS,
    known_customer: bool = False,
    supervisors: Sequence[str] = (),
) -> BlockDecided:
    """A supervisor blocks the caller of this call, proposed or not, as a fact; settles a proposal.

    `known_customer` as in `decide`. Raises NoSuchCall, NotNow where it is blocked, and Refused.
    """
    person = check_supervisor(by, supervisors)
    call = calls.get_call(session, call_id, loaded=False)
    _check_blockable(session, call, at)
    if is_known(session, call.source) and not known_customer:
        raise Refused(KNOWN)
    expires_at = at + timedelta(days=_days(days))
    return BlockDecided(call_id, at, call.source, True, person, _reason(reason), expires_at)


def lift(
    session: Session,
    number: str,
    *,
    by: str,
    reason: str,
    at: datetime,
    supervisors: Sequence[str] = (),
) -> BlockLifted:
    """That a supervisor lifts the block of this number, as a fact. Raises NoSuchBlock, Refused.

    The number may be masked, as it was shown, where one block alone looks like that.
    """
    person = check_supervisor(by, supervisors)
    alike = [one.number for one in directory.blocks(session, at) if mask(one.number) == number]
    if len(alike) > 1:
        raise Refused("several blocked numbers look like this; expected the whole number")
    found = alike[0] if alike else plain(number)
    if sources.block_of(session, found, at) is None:
        raise NoSuchBlock("this number is not blocked")
    return BlockLifted("", at, found, person, _reason(reason))


def _may_be_proposed(
    session: Session, call: Call, at: datetime, group: Callable[[str], str]
) -> bool:
    """Never for a withheld number, one that is blocked or proposed already, or where there was
    complaint in the same call."""
    if not call.source or sources.block_of(session, call.source, at) is not None:
        return False
    if waiting_for(session, call.source) is not None:
        return False
    return "complaint" not in {group(hit.category) for hit in call.hits}


def _check_blockable(session: Session, call: Call, at: datetime) -> None:
    if not call.source:
        raise Refused("a withheld number cannot be blocked")
    if sources.block_of(session, call.source, at) is not None:
        raise NotNow("this number is blocked already")


def _waits() -> ColumnElement[bool]:
    later = aliased(BlockDecision)
    answered = select(later.id).where(
        later.number == BlockDecision.number, later.id > BlockDecision.id
    )
    return (BlockDecision.kind == "proposed") & ~answered.exists()


def _days(days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"a block lasts 1 to {LONGEST_DAYS} days")
    return days


def _reason(reason: str) -> str:
    kept = reason.strip()
    if not 1 <= len(kept) <= LONGEST_REASON:
        raise Refused(f"a decision needs a reason of 1 to {LONGEST_REASON} characters")
    return kept
