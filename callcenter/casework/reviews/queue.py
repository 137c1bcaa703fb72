"""The review queue: flagged calls, and what a person judges of them. Reads through the session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework.reviews import claims
from callcenter.core.errors import Refused
from callcenter.core.events import VerdictGiven
from callcenter.store import calls
from callcenter.store.customers import newest_verdict
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.tables import Block, Call, Verdict

VERDICTS = ("harassment", "complaint", "ordinary")
SAID = {
    "harassment": "harassment",
    "suspected": "harassment",
    "silent": "harassment",
    "blocked": "harassment",
    "complaint": "complaint",
}
"""What the system made of a call, by its disposition; ordinary else."""
LONGEST_REASON = 500
"""Characters."""


def queue(session: Session, *, limit: int = 50, before: str | None = None) -> Sequence[Call]:
    """Calls that are over, flagged and without a verdict, newest first; see calls.list_calls."""
    return calls.flagged_unreviewed(session, limit=limit, before=before)


def why_blocked(session: Session, found: Sequence[Call]) -> dict[str, str]:
    """Of the calls that the blocklist caught, why their number is on it, by call: nobody heard
    them say anything. Two queries."""
    caught = {call.call_id: call.source for call in found if call.disposition == "blocked"}
    numbers = set(caught.values())
    decided = select(BlockDecision.number, BlockDecision.reason).where(
        BlockDecision.number.in_(numbers), BlockDecision.kind == "approved"
    )
    listed = select(Block.number, Block.reason).where(Block.number.in_(numbers))
    reasons = dict(session.execute(decided.order_by(BlockDecision.id)).all())
    reasons |= dict(session.execute(listed).all())
    return {call_id: reasons[number] for call_id, number in caught.items() if number in reasons}


def judged(session: Session, since: datetime, *, limit: int = 50) -> list[Call]:
    """Calls that were judged since then, the last one first."""
    last = select(Verdict.call_id).where(Verdict.at >= since).group_by(Verdict.call_id)
    newest = last.order_by(func.max(Verdict.id).desc()).limit(limit)
    ids = list(session.scalars(newest))
    found = {call.call_id: call for call in calls.of_ids(session, ids)}
    return [found[one] for one in ids]


def with_verdict(session: Session, call_ids: Sequence[str]) -> set[str]:
    """Those of these calls that were judged."""
    return set(session.scalars(select(Verdict.call_id).where(Verdict.call_id.in_(call_ids))))


def agreement(session: Session, since: datetime) -> tuple[int, int]:
    """How many calls were judged since then, and of how many the system had said the same; each
    call once, by its newest verdict."""
    told = select(Call.disposition, newest_verdict()).where(
        Call.call_id.in_(select(Verdict.call_id).where(Verdict.at >= since))
    )
    pairs = session.execute(told).all()
    same = sum(SAID.get(disposition, "ordinary") == given for disposition, given in pairs)
    return len(pairs), same


def verdict(
    session: Session, call_id: str, verdict: str, reason: str, reviewer: str, at: datetime
) -> VerdictGiven:
    """A reviewer's judgement of a call as a fact, to be sent through the ledger.

    Raises NoSuchCall, NotNow while somebody else has claimed it, and Refused for an unknown
    verdict, a call that is not over, no reviewer, or a reason that is missing or longer than 500
    characters.
    """
    call = calls.get_call(session, call_id, loaded=False)
    if call.ended_at is None:
        raise Refused(f"call {call_id} is not over; a verdict can be given when it has ended")
    if verdict not in VERDICTS:
        raise Refused(f"a verdict cannot be {verdict!r}; expected {', '.join(VERDICTS)}")
    if not reviewer.strip():
        raise Refused("a verdict needs the reviewer's name")
    claims.check_free(session, call_id, reviewer, at)
    return VerdictGiven(call_id, at, verdict, _reason(reason), reviewer.strip())


def _reason(reason: str) -> str:
    kept = reason.strip()
    if not 1 <= len(kept) <= LONGEST_REASON:
        raise Refused(f"a verdict needs a reason of 1 to {LONGEST_REASON} characters")
    return kept
