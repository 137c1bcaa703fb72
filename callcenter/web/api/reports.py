"""Reports: the service by day, week and month, the ladder, agents' exposure. Reads the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.harassment import exposure as exposures
from callcenter.casework.reports import building
from callcenter.casework.reports import ladder as ladder_report
from callcenter.casework.reports.catalogue import REPORTS, Asked
from callcenter.store.report_tables import BuiltReport
from callcenter.web.api.base import Out
from callcenter.web.api.ladder_models import ExposureOut, LadderReportOut
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, as_file, as_paper
from callcenter.web.api.steps import read
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/reports", tags=["报表"])

Name = Literal[
    "service", "agents", "quality", "complaints", "follow_ups", "harassment", "handovers"
]
"""The reports of the catalogue; the routes with words of their own come before them."""
USUAL: Mapping[str, Literal["day", "week", "month"]] = {
    "quality": "month",
    "complaints": "month",
    "follow_ups": "month",
    "harassment": "week",
    "handovers": "week",
}
"""The time that is reported where none is asked for; a day for the others."""
Days = Annotated[int, Query(ge=1, le=366)]


class BuiltOut(Out):
    """A report that was built when its time was over; `forms` are those that can be fetched."""

    number: str
    opened_at: datetime
    name: str
    period: str
    since: datetime
    until: datetime
    title: str
    forms: list[str]

    @classmethod
    def shown(cls, row: BuiltReport) -> BuiltOut:
        """As the list shows it."""
        same = {name: getattr(row, name) for name in cls.model_fields if name != "forms"}
        return cls(**same, forms=[one["form"] for one in row.files])


@router.get("/built", summary="定时报表", responses=problems(422))
def list_built(
    session: InSession, name: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[BuiltOut]:
    """The reports that were built by themselves, newest first (R1)."""
    return [BuiltOut.shown(row) for row in building.listing(session, name, limit)]


@router.get("/built/{number}/{form}", summary="下载定时报表", responses=problems(404, 422))
def get_built(session: InSession, number: str, form: Literal["xlsx", "pdf"]) -> Response:
    """A file as it was built."""
    row = steps.get(session, BuiltReport, number)
    return as_file(building.content(row, form), form, f"{row.period}-{row.name}-{number}")


@router.get("/ladder", summary="骚扰阶梯效果", responses=problems(422))
def ladder(room: InRoom, session: InSession, days: Days = 30) -> LadderReportOut:
    """Each rung: used, gave up, came back within 24 hours; harassment by hour and by source."""
    found = ladder_report.report(session, room.now(), days)
    return LadderReportOut.model_validate(asdict(found))


@router.get("/exposure", summary="座席受骚扰时长", responses=problems(422))
def exposure(room: InRoom, session: InSession, days: Days = 30) -> list[ExposureOut]:
    """Per agent and day: from the first harassing words to the end of each call."""
    since = room.now() - timedelta(days=days)
    found = exposures.exposure(session, room.group, since)
    return [ExposureOut.model_validate(each) for each in found]


@router.get("/{name}", summary="日报、周报、月报", responses=problems(422))
async def report(
    room: InRoom,
    name: Name,
    period: Literal["day", "week", "month"] | None = None,
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """A report of the day, week or month that holds `at` (now where not given): service 接听,
    agents 座席, quality 质检, complaints 投诉, follow_ups 回访, harassment 骚扰, handovers 交接."""
    house, now = room.house, room.now()
    usual = period or USUAL.get(name, "day")
    asked = Asked(
        usual, at or now, now, room.group, room.desk.agents(), house.hours.zone, house.away
    )
    found = await read(room, lambda session: REPORTS[name](session, asked))
    return as_paper(found, form, f"{name}-{usual}")
