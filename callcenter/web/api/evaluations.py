"""Evaluations (质检记录): samples, judging a call, comments, appeal, second review (R6)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.quality import evaluations, gathering, lists, measures, sampling
from callcenter.casework.quality.lists import Wanted
from callcenter.casework.quality.scorecards import QUALITY
from callcenter.casework.reports import service
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.records import Party
from callcenter.core.scorecards import MEASURES
from callcenter.store.quality_tables import Evaluation
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.evaluation_models import (
    ActOnEvaluation,
    EvaluationLine,
    EvaluationOut,
    MarksOut,
    OpenEvaluation,
    SampledOut,
    SampleOut,
    ScoreOut,
    Verdict,
)
from callcenter.web.api.models import problems
from callcenter.web.api.steps import listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/evaluations", tags=["质检"])

LONGEST = timedelta(days=31)
"""A sample is drawn from so much at most."""


def own_only() -> str:
    """The number of the agent who asks, who sees what is about themselves; "" for who judges."""
    visitor = ASKING.get()
    return "" if visitor.roles & QUALITY else visitor.agent or visitor.name


def check_own(agent: str) -> None:
    """Raises an HTTP 403 for an agent who asks for what is about another."""
    if own_only() not in ("", agent):
        raise HTTPException(403, "this is about another agent")


@router.get("", summary="质检记录列表", responses=problems(422))
def list_evaluations(
    session: InSession,
    agent: str = "",
    state: str = "",
    verdict: Verdict | None = None,
    call_id: str = "",
    evaluator: str = "",
    lost: str = "",
    passed: bool | None = None,
    appealed: bool | None = None,
    upheld: bool | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[EvaluationLine]:
    """Evaluations, newest first; `lost` is an item that lost points; `since` and `until` are about
    when they were submitted. An agent sees what was submitted of their own calls."""
    own = own_only()
    who = (own or agent, state, verdict or "", call_id, evaluator)
    wanted = Wanted(*who, lost, passed, appealed, upheld, since, until, bool(own))
    found = lists.listing(session, wanted, limit)
    return [listed(EvaluationLine, evaluations.MOVES, row) for row in found]


@router.get("/sample", summary="抽检任务", responses=problems(422))
def sample(
    room: InRoom,
    session: InSession,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    per_agent: Annotated[int, Query(ge=1, le=50)] = 5,
    seed: Annotated[str, Query(max_length=100)] = "",
    agent: str = "",
) -> SampleOut:
    """Which calls to review: of this week unless told otherwise, flagged ones first, the rest drawn
    by `seed`, which is the week where none is given."""
    monday, sunday = service.span("week", since or room.now(), room.house.hours.zone)
    begin, end = since or monday, until or sunday
    if not timedelta() < end - begin <= LONGEST:
        raise Refused(f"a sample is of at most {LONGEST.days} days, until after since")
    drawn_by = seed or f"{monday.astimezone(room.house.hours.zone):%G-W%V}"
    found = sampling.sample(session, begin, end, per_agent, drawn_by, agent)
    calls = [SampledOut.model_validate(one) for one in found]
    done = sum(bool(one.state) and one.state != evaluations.OPEN for one in found)
    return SampleOut(since=begin, until=end, seed=drawn_by, done=done, calls=calls)


@router.get("/marks", summary="通话标记", responses=problems(404, 422))
def marks(session: InSession, call_id: Annotated[str, Query(max_length=128)]) -> MarksOut:
    """Silences and overlaps of a call, who speaks how much and how fast, for its waveform."""
    heard = gathering.heard(session, call_id)
    return MarksOut(
        silences=list(measures.silences(heard, MEASURES["silence"])),
        overlaps=list(measures.overlaps(heard, MEASURES["overlap"])),
        talk_share=measures.talk_share(heard),
        pace={party.value: measures.pace(heard, party) for party in Party},
        waited_ms=heard.waited_ms,
    )


@router.get("/{number}", summary="一份质检记录", responses=problems(404))
def get_evaluation(session: InSession, number: str) -> EvaluationOut:
    """An evaluation, its score as it stands, and every step in it."""
    row = steps.get(session, Evaluation, number)
    if row.state not in evaluations.JUDGED and own_only():
        raise HTTPException(403, "it is not submitted yet")
    check_own(row.agent)
    shown = whole(EvaluationOut, evaluations.MOVES, session, evaluations.KIND, row)
    shown.now = ScoreOut.model_validate(evaluations.now(row))
    return shown


@router.post("", summary="开始质检", status_code=201, responses=problems(404, 409, 422, 503))
async def open_(room: InRoom, wanted: OpenEvaluation) -> EvaluationOut:
    """Begin to judge a call; automatic items are filled in."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return evaluations.open_(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_evaluation)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnEvaluation) -> EvaluationOut:
    """Take a step; `possible` in the evaluation says which its state allows."""
    take = partial(evaluations.act, hours=room.house.hours)
    return await stepped(room, number, wanted, take, get_evaluation)
