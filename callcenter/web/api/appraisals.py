"""Tests, appraisals and trainings (K4-K7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.staff import appraisals
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.appraisal_tables import Appraisal
from callcenter.web.api.base import Line, Text
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/appraisals", tags=["考核"])


class PlanAppraisal(Signed):
    """One for a person; periods are such as 2026-11, 2026Q4, 2026."""

    agent: Line
    sort: Literal["test", "monthly", "quarterly", "yearly", "training"]
    period: Line
    topic: Line = ""
    due_at: AwareDatetime | None = None


class ActOnAppraisal(Act):
    """rate, confirm, appeal."""

    source: Literal["", "customer", "superior", "peer", "self", "test"] = ""
    score: float | None = None
    note: Text = ""
    summary: Text = ""


class AppraisalOut(RecordOut):
    """A test, appraisal or training; `score` is the mean of its sources' means."""

    agent: str
    sort: str
    period: str
    topic: str
    due_at: datetime | None
    ratings: list[Any]
    score: float | None
    summary: str


@router.get("", summary="考核列表", responses=problems(422))
def list_appraisals(
    session: InSession,
    agent: str = "",
    sort: str = "",
    period: str = "",
    state: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AppraisalOut]:
    """Appraisals, newest first."""
    wanted = {"agent": agent, "sort": sort, "period": period, "state": state}
    found = appraisals.listing(session, limit, **wanted)
    return [listed(AppraisalOut, appraisals.MOVES, row) for row in found]


@router.get("/{number}", summary="一次考核", responses=problems(404))
def get_appraisal(session: InSession, number: str) -> AppraisalOut:
    """An appraisal and every step in it."""
    row = steps.get(session, Appraisal, number)
    return whole(AppraisalOut, appraisals.MOVES, session, appraisals.KIND, row)


@router.post("", summary="安排考核", status_code=201, responses=problems(409, 422, 503))
async def plan(room: InRoom, wanted: PlanAppraisal) -> AppraisalOut:
    """Plan one; a lead does."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return appraisals.plan(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_appraisal)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnAppraisal) -> AppraisalOut:
    """Take a step; `possible` in the appraisal says which its state allows."""
    return await stepped(room, number, wanted, appraisals.act, get_appraisal)
