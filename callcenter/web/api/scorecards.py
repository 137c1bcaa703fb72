"""Scorecards (评分表): the form builder (R6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.quality import scorecards
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.scorecards import MOST_ITEMS, MOST_WORDS
from callcenter.store.quality_tables import Scorecard
from callcenter.web.api.base import In, Line
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/scorecards", tags=["质检"])

Measure = Literal[
    "", "silence", "overlap", "talk_share", "pace", "banned", "greeting", "restated", "closing",
    "answered",
]  # fmt: skip
Bound = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0, le=60)]
Mark = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class ItemIn(In):
    """An item; what is measured takes `measure`, and `least` or `most`. See core/scorecards.py."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: Line
    points: Annotated[float, Field(ge=0.5, le=100, allow_inf_nan=False)]
    yes_no: bool = False
    weight: Annotated[float, Field(ge=0.01, le=100, allow_inf_nan=False)] = 1.0
    critical: bool = False
    hint: str = Field("", max_length=500)
    measure: Measure = ""
    least: Bound | None = None
    most: Bound | None = None
    minus: Mark = 0.0
    span_ms: int = Field(0, ge=0, le=3_600_000)
    words: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default_factory=list, max_length=MOST_WORDS
    )


class SectionIn(In):
    """A part of the form."""

    title: Line
    items: list[ItemIn] = Field(min_length=1, max_length=MOST_ITEMS)


Sections = Annotated[list[SectionIn], Field(min_length=1, max_length=MOST_ITEMS)]


class DraftScorecard(Signed):
    """A new one: as the `template` of this name has it, but for what is given."""

    template: Line = ""
    name: Line = ""
    sections: Sections | None = None
    pass_mark: Mark | None = None
    appeal_days: Days | None = None
    review_days: Days | None = None


class ActOnScorecard(Act):
    """edit, use, drop, revise, retire."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    sections: Sections | None = None
    pass_mark: Mark | None = None
    appeal_days: Days | None = None
    review_days: Days | None = None
    remark: Line = ""


class ScorecardOut(RecordOut):
    """A scorecard as it is being written; `form` is what calls are judged by."""

    name: str
    sections: list[Any]
    pass_mark: float
    appeal_days: int
    review_days: int
    edition: int
    form: dict[str, Any]
    used_since: datetime | None
    remark: str


@router.get("", summary="评分表列表", responses=problems(422))
def list_scorecards(
    session: InSession,
    state: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[ScorecardOut]:
    """Scorecards, newest first."""
    found = scorecards.listing(session, state, limit)
    return [listed(ScorecardOut, scorecards.MOVES, row) for row in found]


@router.get("/templates", summary="评分表模板")
def templates(room: InRoom) -> dict[str, dict[str, Any]]:
    """Forms to start from, by name."""
    return {name: form.as_dict() for name, form in room.house.scorecards.items()}


@router.get("/{number}", summary="一份评分表", responses=problems(404))
def get_scorecard(session: InSession, number: str) -> ScorecardOut:
    """A scorecard and every step in it."""
    row = steps.get(session, Scorecard, number)
    return whole(ScorecardOut, scorecards.MOVES, session, scorecards.KIND, row)


@router.post("", summary="拟评分表", status_code=201, responses=problems(409, 422, 503))
async def draft(room: InRoom, wanted: DraftScorecard) -> ScorecardOut:
    """Begin a scorecard; it is used once a lead puts it to use."""
    given = {name: value for name, value in wanted.given().items() if value not in ("", None)}
    template = given.pop("template", "")
    if template and template not in room.house.scorecards:
        raise Refused(f"no scorecard {template!r} to start from")
    start = room.house.scorecards[template].as_dict() if template else {}

    def made(session: Session, actor: Actor) -> RecordStepped:
        return scorecards.draft(session, start | given, actor)

    return await opened(room, wanted.by, made, get_scorecard)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnScorecard) -> ScorecardOut:
    """Take a step; `possible` in the scorecard says which its state allows."""
    return await stepped(room, number, wanted, scorecards.act, get_scorecard)
