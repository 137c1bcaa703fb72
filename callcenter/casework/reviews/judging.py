"""A reviewer's whole decision on a flagged call: verdict, block, case, as facts that go together.

Reads through the session given. Everything is checked before the first fact is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from callcenter.casework.harassment import blocks, cases
from callcenter.casework.harassment.cases import Step
from callcenter.casework.reviews import queue
from callcenter.casework.reviews.source import open_case
from callcenter.core.errors import Refused
from callcenter.core.events import Event
from callcenter.store import calls


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reviewer decides; `block_days` None blocks nothing, `known_customer` is the explicit
    word to block a customer, `to_case` brings the call into the source's case."""

    verdict: str
    reason: str
    reviewer: str
    block_days: int | None = None
    known_customer: bool = False
    to_case: bool = False


def facts(
    session: Session,
    call_id: str,
    judgement: Judgement,
    at: datetime,
    supervisors: Sequence[str] = (),
) -> list[Event]:
    """The verdict, then the case, then the block. Raises NoSuchCall, NotNow, Refused."""
    by, reason = judgement.reviewer, judgement.reason
    made: list[Event] = [queue.verdict(session, call_id, judgement.verdict, reason, by, at)]
    if judgement.verdict != "harassment" and (judgement.to_case or judgement.block_days):
        raise Refused("a block or a case goes with the verdict harassment only")
    if judgement.to_case:
        made.append(_to_case(session, call_id, by, at))
    if judgement.block_days is not None:
        block = blocks.impose(
            session,
            call_id,
            by=by,
            reason=reason,
            at=at,
            days=judgement.block_days,
            known_customer=judgement.known_customer,
            supervisors=supervisors,
        )
        made.append(block)
    return made


def _to_case(session: Session, call_id: str, by: str, at: datetime) -> Event:
    number = open_case(session, calls.get_call(session, call_id, loaded=False).source)
    if not number:
        return cases.open_case(session, [call_id], by=by, at=at)
    return cases.act(session, number, Step(cases.ADD_CALLS, "", (call_id,)), by=by, at=at)
