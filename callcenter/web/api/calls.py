"""Calls that were kept: the list, one call, and its parts. Reads the store."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from callcenter.core.errors import NoSuchWorkOrder
from callcenter.store import calls
from callcenter.store.calls import Counted
from callcenter.web.api.models import (
    CallDetailOut,
    CallOut,
    CallsOut,
    HitOut,
    LinkedWorkOrderOut,
    PromptOut,
    SegmentOut,
    problems,
)
from callcenter.web.room import InSession

router = APIRouter(prefix="/calls", tags=["通话"])

Limit = Annotated[int, Query(ge=1, le=calls.MOST)]
Before = Annotated[str | None, Query(max_length=128)]


@dataclass
class CountedCalls:
    """Which calls a figure of a report counts: `taken` by an agent, `category` of a hit in them."""

    direction: Literal["", "inbound", "outbound"] = ""
    disposition: Annotated[str, Query(max_length=40)] = ""
    category: Annotated[str, Query(max_length=40)] = ""
    blocked: bool | None = None
    taken: bool | None = None
    nuisance: bool | None = None
    withheld: bool | None = None
    source: Annotated[str, Query(max_length=128)] = ""


EVERY = CountedCalls()


@router.get("", summary="通话列表", responses=problems(404, 422))
def list_calls(
    session: InSession,
    limit: Limit = 50,
    before: Before = None,
    flagged: bool | None = None,
    caller_number: Annotated[str | None, Query(max_length=128)] = None,
    agent: Annotated[str | None, Query(max_length=64)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    counted: Annotated[CountedCalls, Depends()] = EVERY,
) -> CallsOut:
    """Calls, newest first. `before` is the call_id that the last page ended with; `since` and
    `until` are about when they rang."""
    found = calls.list_calls(
        session,
        limit=limit,
        before=before,
        flagged=flagged,
        caller_number=caller_number,
        agent=agent,
        rang=(since, until),
        counted=Counted(**asdict(counted)),
    )
    more = found[-1].call_id if len(found) == limit else None
    return CallsOut(calls=[CallOut.model_validate(call) for call in found], before=more)


@router.get("/{call_id}", summary="一通电话", responses=problems(404))
def get_call(session: InSession, call_id: str) -> CallDetailOut:
    """One call with everything that is kept of it."""
    return CallDetailOut.of(calls.get_call(session, call_id))


@router.get("/{call_id}/segments", summary="转写", responses=problems(404))
def segments(session: InSession, call_id: str) -> list[SegmentOut]:
    """What both parties said, in order, with words and their times."""
    call = calls.get_call(session, call_id)
    return [SegmentOut.model_validate(segment) for segment in call.segments]


@router.get("/{call_id}/hits", summary="命中", responses=problems(404))
def hits(session: InSession, call_id: str) -> list[HitOut]:
    """The patterns that were found, in order."""
    return [HitOut.model_validate(hit) for hit in calls.get_call(session, call_id).hits]


@router.get("/{call_id}/prompts", summary="提示音", responses=problems(404))
def prompts(session: InSession, call_id: str) -> list[PromptOut]:
    """The prompts that were played, with how much of each left our socket."""
    return [PromptOut.model_validate(prompt) for prompt in calls.get_call(session, call_id).prompts]


@router.get("/{call_id}/work-order", summary="通话的工单", responses=problems(404))
def work_order(session: InSession, call_id: str) -> LinkedWorkOrderOut:
    """The work order that the call hangs on, and who linked it."""
    linked = LinkedWorkOrderOut.of(calls.get_call(session, call_id))
    if linked is None:
        raise NoSuchWorkOrder(f"call {call_id} hangs on no work order")
    return linked
