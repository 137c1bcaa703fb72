"""Harassment cases: open, work on, export. Reads the store; what people decide goes to the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment import letters
from callcenter.casework.harassment.cases import Step
from callcenter.core.events import CaseActionTaken, CaseOpened
from callcenter.web.api.case_models import (
    CaseDetailOut,
    CaseOut,
    LetterOut,
    OpenCase,
    RepeatedOut,
    TakeAction,
)
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/cases", tags=["骚扰案件"])

DAYS, AT_LEAST = 30, 3
"""A source is repeated with so many harassing calls in so many days."""

Days = Annotated[int, Query(ge=1, le=3660)]
AtLeast = Annotated[int, Query(ge=1, le=1000)]


@router.get("", summary="案件列表", responses=problems(422))
def list_cases(
    session: InSession,
    closed: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[CaseOut]:
    """Cases, newest first."""
    found = harassment_cases.list_cases(session, closed=closed, limit=limit)
    return [CaseOut.of(case) for case in found]


@router.get("/sources", summary="反复骚扰的来源", responses=problems(422))
def sources(
    room: InRoom, session: InSession, days: Days = DAYS, at_least: AtLeast = AT_LEAST
) -> list[RepeatedOut]:
    """Sources with at least so many harassing calls in so many days, the busiest first."""
    since = room.now() - timedelta(days=days)
    return [RepeatedOut.of(one) for one in harassment_cases.repeated(session, since, at_least)]


@router.get("/{number}", summary="一个案件", responses=problems(404))
def get_case(session: InSession, number: str) -> CaseDetailOut:
    """A case with its calls and all that was done."""
    case = harassment_cases.get(session, number)
    return CaseDetailOut.whole(case, list(harassment_cases.exports(session, number)))


@router.get("/{number}/letter", summary="文书草稿", responses=problems(404, 422))
def letter(
    room: InRoom,
    session: InSession,
    number: str,
    kind: Literal["warning_letter", "report_carrier", "report_police"],
) -> LetterOut:
    """A letter as a draft, with the case's calls; its times are those of this machine."""
    case = harassment_cases.get(session, number)
    return LetterOut(text=letters.draft(case, kind, room.now().astimezone()))


@router.post("", summary="立案", status_code=201, responses=problems(404, 422, 503))
async def open_case(room: InRoom, wanted: OpenCase) -> CaseDetailOut:
    """Open a case on the source of these calls; they come from one number, or all withheld it."""
    fact = await run_in_threadpool(opened, room, wanted)
    await room.desk.record(fact)
    return await run_in_threadpool(shown, room, fact.case_number)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: TakeAction) -> CaseDetailOut:
    """Write down what was done; `possible` in the case says what its state allows."""
    fact = await run_in_threadpool(acted, room, number, wanted)
    await room.desk.record(fact)
    return await run_in_threadpool(shown, room, number)


def opened(room: Room, wanted: OpenCase) -> CaseOpened:
    """The opening as a fact. Raises NoSuchCall and Refused."""
    with room.store.session() as session:
        return harassment_cases.open_case(
            session,
            wanted.calls,
            by=wanted.by,
            at=room.now(),
            source_type=wanted.source_type,
            text=wanted.text,
        )


def acted(room: Room, number: str, wanted: TakeAction) -> CaseActionTaken:
    """The step as a fact. Raises NoSuchCase, NoSuchCall, NotNow and Refused."""
    step = Step(wanted.action, wanted.text, tuple(wanted.calls), wanted.source_type)
    with room.store.session() as session:
        return harassment_cases.act(session, number, step, by=wanted.by, at=room.now())


def shown(room: Room, number: str) -> CaseDetailOut:
    """How the case stands now."""
    with room.store.session() as session:
        return get_case(session, number)
