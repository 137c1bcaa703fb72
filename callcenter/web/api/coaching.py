"""Coaching and corrected violations (辅导、违规整改): what agents put right (R7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.quality import coaching
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.quality_tables import Coaching
from callcenter.web.api.base import LARGEST, Line, Text
from callcenter.web.api.evaluations import check_own, own_only
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/coaching", tags=["质检"])


class OpenCoaching(Signed):
    """For an agent; from an evaluation, or its comment with this id, what is not given here."""

    agent: Line = ""
    sort: Literal["advice", "violation"] = "advice"
    text: Text = ""
    evaluation: Line = ""
    comment: int | None = Field(None, ge=1, le=LARGEST)
    call_id: Line = ""
    start_ms: int | None = Field(None, ge=0, le=86_400_000)
    due_at: AwareDatetime | None = None


class ActOnCoaching(Act):
    """acknowledge, correct; confirm, send_back, postpone, withdraw."""

    text: Text = ""
    due_at: AwareDatetime | None = None


class CoachingOut(RecordOut):
    """A coaching; who gave it is `opened_by`."""

    agent: str
    sort: str
    text: str
    evaluation: str
    comment: int | None
    call_id: str
    start_ms: int | None
    due_at: datetime
    acknowledged_at: datetime | None
    answer: str
    corrected_at: datetime | None
    correction: str
    checked_at: datetime | None
    checked_by: str
    finding: str
    rounds: int
    remark: str


@router.get("", summary="辅导与整改列表", responses=problems(422))
def list_coaching(
    room: InRoom,
    session: InSession,
    agent: str = "",
    state: str = "",
    sort: str = "",
    evaluation: str = "",
    overdue: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[CoachingOut]:
    """What is due first, first; `overdue`: what should be done by now."""
    wanted = {"agent": own_only() or agent, "state": state, "sort": sort, "evaluation": evaluation}
    found = coaching.listing(session, limit, room.now() if overdue else None, **wanted)
    return [listed(CoachingOut, coaching.MOVES, row) for row in found]


@router.get("/{number}", summary="一条辅导", responses=problems(404))
def get_coaching(session: InSession, number: str) -> CoachingOut:
    """A coaching and every step in it."""
    row = steps.get(session, Coaching, number)
    check_own(row.agent)
    return whole(CoachingOut, coaching.MOVES, session, coaching.KIND, row)


@router.post("", summary="提出辅导", status_code=201, responses=problems(404, 409, 422, 503))
async def open_(room: InRoom, wanted: OpenCoaching) -> CoachingOut:
    """Show an agent what to do better."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return coaching.open_(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_coaching)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnCoaching) -> CoachingOut:
    """Take a step; `possible` in the coaching says which its state allows."""
    return await stepped(room, number, wanted, coaching.act, get_coaching)
