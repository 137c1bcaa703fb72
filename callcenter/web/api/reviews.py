"""The review queue: who has claimed which flagged call, and what is kept of its number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from callcenter.casework import steps
from callcenter.casework.reviews import claims, source
from callcenter.store import calls
from callcenter.store.review_tables import Review
from callcenter.web.api.base import Out
from callcenter.web.api.ladder_models import BlockProposalOut
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/reviews", tags=["审核"])


class ActOnReview(Act):
    """claim, put_back; observe, with what is to be watched."""

    action: Literal["claim", "put_back", "observe"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ReviewOut(RecordOut):
    """A review; its number is the call's, who claimed the call is `changed_by`."""

    claimed_until: datetime | None
    note: str


class ClaimOut(Out):
    """A call that somebody has claimed, until then, or put aside to be watched."""

    call_id: str
    state: Literal["claimed", "observed"]
    person: str
    since: datetime
    until: datetime | None
    note: str


class NuisanceDayOut(Out):
    """How often the number rang on a day, and how often that was harassment or blocked."""

    day: date
    calls: int
    nuisance: int


class EarlierOut(Out):
    """Another call of the number."""

    call_id: str
    rang_at: datetime
    agent: str
    disposition: str
    verdict: str
    watched_by: str


class BlockDecisionOut(Out):
    """What was proposed or decided about the number; `kind` as in the blocklist's trail."""

    at: datetime
    kind: str
    actor: str
    reason: str
    expires_at: datetime | None


class SourceHistoryOut(Out):
    """What is kept of the number of a call; the counts are of 14 days, `night` from 22 to 6."""

    known_customer: bool
    calls: int
    harassment: int
    attempts: int
    night: int
    days: list[NuisanceDayOut]
    recent: list[EarlierOut]
    blocked_until: datetime | None
    blocked_by: str
    decisions: list[BlockDecisionOut]
    proposal: BlockProposalOut | None
    case_number: str


@router.get("", summary="审核中的通话", responses=problems(422))
def list_reviews(
    room: InRoom, session: InSession, call_id: Annotated[list[str], Query(max_length=200)]
) -> list[ClaimOut]:
    """Where these calls stand; those that nobody has claimed are not among them."""
    found = claims.standing(session, call_id, room.now())
    return [
        ClaimOut(call_id=one, **{name: getattr(how, name) for name in how.__slots__})
        for one, how in found.items()
    ]


@router.get("/{call_id}", summary="一通电话的审核", responses=problems(404))
def get_review(session: InSession, call_id: str) -> ReviewOut:
    """Every step in the review of a call."""
    row = steps.get(session, Review, call_id)
    return whole(ReviewOut, claims.MOVES, session, claims.KIND, row)


@router.get("/{call_id}/source", summary="来源历史", responses=problems(404))
def get_source(room: InRoom, session: InSession, call_id: str) -> SourceHistoryOut:
    """Earlier calls, verdicts and blocks of the number that this call came from; nothing where it
    is withheld."""
    call = calls.get_call(session, call_id, loaded=False)
    found = source.history(session, call, room.now())
    kept = {name: getattr(found, name) for name in found.__slots__}
    block, proposal = kept.pop("block"), kept.pop("proposal")
    return SourceHistoryOut.model_validate(
        {
            **kept,
            "blocked_until": block and block.expires_at,
            "blocked_by": block.blocked_by if block else "",
            "proposal": BlockProposalOut.of(proposal) if proposal else None,
        }
    )


@router.post(
    "/{call_id}/actions",
    summary="认领、放回、观察",
    status_code=201,
    responses=problems(404, 409, 422, 503),
)
async def act(room: InRoom, call_id: str, wanted: ActOnReview) -> ReviewOut:
    """Claim a call for a quarter of an hour, put it back, or put it aside; 409 says who has it."""
    return await stepped(room, call_id, wanted, claims.act, get_review)
