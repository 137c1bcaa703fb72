"""Follow-up calls: planned, allotted, called, written down (F1-F15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.follow_ups import lists as follow_up_lists
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.follow_ups import report as follow_up_report
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import names_of
from callcenter.core.talks import spoken
from callcenter.store.follow_up_tables import FollowUp
from callcenter.web.api.base import Line, Out, Text
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, Whole, as_paper
from callcenter.web.api.steps import (
    Act,
    RecordOut,
    Signed,
    carried_out,
    listed,
    opened,
    read,
    stepped,
    whole,
)
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/follow-ups", tags=["回访"])

Reason = Literal["order", "complaint", "member", "lapsed", "other"]


class PlanFollowUp(Signed):
    """Somebody to be called; within three days where no time is given (F1)."""

    reason: Reason = "other"
    phone: Line
    customer: Line = ""
    about: Line = ""
    plan: Line = ""
    content: Text = ""
    due_at: AwareDatetime | None = None


class ActOnFollowUp(Act):
    """A step; `agreed` says that the customer asked to be called at this hour (F4)."""

    agent: Line = ""
    due_at: AwareDatetime | None = None
    agreed: bool = False
    call_id: Line = ""
    result: Text = ""
    satisfied: bool | None = None
    answers: list[dict[Literal["question", "answer"], Text]] = Field(
        default_factory=list, max_length=30
    )
    message: Line = ""


class AllotFollowUps(Signed):
    """Those that wait for somebody, to these agents, evenly (F5)."""

    agents: list[Line] = Field(min_length=1, max_length=500)
    limit: int = Field(200, ge=1, le=1000)


class BuildFollowUps(Signed):
    """A due list: members who were not called in `days`, customers who did not come for `days`."""

    reason: Literal["member", "lapsed"]
    plan: Line = ""
    days: int | None = Field(None, ge=1, le=3660)
    limit: int = Field(200, ge=1, le=1000)


class PlannedOut(Out):
    """The follow-ups that were planned; who could not be, and why."""

    planned: list[str]
    left_out: list[str]


class TalkOut(Out):
    """What to say, with both branches."""

    opening: str
    questions: list[str]
    satisfied: str
    unsatisfied: str
    closing: str


class FollowUpOut(RecordOut):
    """A follow-up."""

    reason: str
    plan: str
    about: str
    customer: str
    phone: str
    content: str
    due_at: datetime
    agent: str
    tries: list[Any]
    calls: list[str]
    satisfied: bool | None
    answers: list[Any]
    result: str
    done_at: datetime | None
    message: str


@router.get("", summary="回访列表", responses=problems(422))
def list_follow_ups(
    room: InRoom,
    session: InSession,
    agent: str = "",
    reason: str = "",
    plan: str = "",
    state: str = "",
    overdue: bool = False,
    due_since: AwareDatetime | None = None,
    due_until: AwareDatetime | None = None,
    in_time: bool | None = None,
    satisfied: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[FollowUpOut]:
    """Follow-ups, the most urgent first; `overdue`: open ones whose time has passed; `agent` "-":
    nobody's yet."""
    found = follow_ups.listing(
        session,
        agent=agent,
        reason=reason,
        plan=plan,
        state=state,
        due_before=room.now() if overdue else None,
        due=(due_since, due_until),
        in_time=in_time,
        satisfied=satisfied,
        limit=limit,
    )
    return [listed(FollowUpOut, follow_ups.MOVES, row) for row in found]


@router.get("/report", summary="回访总结报告", responses=problems(422))
def report(
    room: InRoom,
    session: InSession,
    whole: Whole,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """What was due, done and said, of the last 30 days unless told otherwise."""
    end = until or room.now()
    begin = since or end - timedelta(days=30)
    return as_paper(follow_up_report.sheet(session, begin, end), form, "follow-ups", whole)


@router.get("/{number}", summary="一次回访", responses=problems(404))
def get_follow_up(session: InSession, number: str) -> FollowUpOut:
    """A follow-up and every step in it."""
    row = steps.get(session, FollowUp, number)
    return whole(FollowUpOut, follow_ups.MOVES, session, follow_ups.KIND, row)


@router.post("", summary="安排回访", status_code=201, responses=problems(409, 422, 503))
async def plan(room: InRoom, wanted: PlanFollowUp) -> FollowUpOut:
    """Plan a follow-up; refused where this customer has an open one."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        default = {"reason": wanted.reason, "due_at": actor.at + follow_ups.WITHIN}
        return follow_ups.plan(session, default | wanted.given(), actor)

    return await opened(room, wanted.by, made, get_follow_up)


@router.get("/{number}/script", summary="回访话术", responses=problems(404, 422))
def script(room: InRoom, session: InSession, number: str) -> TalkOut:
    """What to say in this call, its fields filled."""
    row = steps.get(session, FollowUp, number)
    talk = room.house.talks.get(row.reason)
    if talk is None:
        raise Refused(f"there is no talk for a follow-up because of: {row.reason}")
    known = {"agent": row.agent, "customer": row.customer, "about": row.about}
    return TalkOut.model_validate(spoken(talk, {**room.house.letterhead, **known}))


@router.post("/build", summary="生成回访名单", responses=problems(409, 422, 503))
async def build(room: InRoom, wanted: BuildFollowUps) -> PlannedOut:
    """Plan a follow-up for each customer whose turn it is (F2, F13)."""
    turn = (wanted.reason, room.now(), wanted.days, wanted.limit)
    due = await read(room, lambda session: follow_up_lists.due(session, *turn))
    planned, left_out = [], []
    for customer in due:
        made = partial(follow_up_lists.plan_for, customer, wanted.reason, wanted.plan)
        try:
            planned.append(await carried_out(room, wanted.by, made))
        except Refused as error:
            left_out.append(f"{customer.number}: {error}")
    return PlannedOut(planned=planned, left_out=left_out)


@router.post("/allot", summary="分配回访", responses=problems(409, 422, 503))
async def allot(room: InRoom, wanted: AllotFollowUps) -> dict[str, str]:
    """Give those that wait to these agents, evenly; who calls whom, by number."""

    agents = room.desk.agents()
    names = {agent: names_of(agent, agents) for agent in wanted.agents}

    def shared_out(session: Session) -> dict[str, str]:
        waiting = follow_ups.listing(session, state=follow_ups.DUE, limit=wanted.limit)
        load = follow_ups.load(session, names)
        return follow_ups.allotment([row.number for row in waiting], load)

    given = await read(room, shared_out)
    for number, agent in given.items():
        made = partial(_allotted, number, agent)
        await carried_out(room, wanted.by, made)
    return given


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnFollowUp) -> FollowUpOut:
    """Take a step; `possible` in the follow-up says which its state allows."""
    act_within = partial(follow_ups.act, hours=room.house.hours)
    return await stepped(room, number, wanted, act_within, get_follow_up)


def _allotted(number: str, agent: str, session: Session, actor: Actor) -> RecordStepped:
    return follow_ups.act(session, number, "allot", {"agent": agent}, actor)
