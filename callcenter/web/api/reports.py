"""Reports: the service by day, week and month, the ladder, agents' exposure. Reads the store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.harassment import exposure as exposures
from callcenter.casework.quality import report as quality_report
from callcenter.casework.reports import agents as agents_report
from callcenter.casework.reports import building
from callcenter.casework.reports import handovers as handover_report
from callcenter.casework.reports import harassment as harassment_report
from callcenter.casework.reports import ladder as ladder_report
from callcenter.casework.reports import service as service_report
from callcenter.store.report_tables import BuiltReport
from callcenter.web.api.base import Out
from callcenter.web.api.ladder_models import ExposureOut, LadderReportOut
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, as_file, as_paper
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/reports", tags=["报表"])

Days = Annotated[int, Query(ge=1, le=366)]


@router.get("/service", summary="日报、周报、月报", responses=problems(422))
def service(
    room: InRoom,
    session: InSession,
    period: Literal["day", "week", "month"] = "day",
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """How calls were answered in the day, week or month that holds `at` (now where not given)."""
    found = service_report.sheet(session, period, at or room.now(), room.house.hours.zone)
    return as_paper(found, form, f"service-{period}")


@router.get("/quality", summary="服务质量报告", responses=problems(422))
def quality(
    room: InRoom,
    session: InSession,
    period: Literal["day", "week", "month"] = "month",
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """The evaluations of the day, week or month that holds `at` (now where not given): by agent, by
    item, appeals, coaching."""
    zone = room.house.hours.zone
    since, until = service_report.span(period, at or room.now(), zone)
    found = quality_report.sheet(session, since, until, room.now(), zone)
    return as_paper(found, form, f"quality-{period}")


@router.get("/agents", summary="座席报表", responses=problems(422))
def agents(
    room: InRoom,
    session: InSession,
    period: Literal["day", "week", "month"] = "day",
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """Each agent's figures, and everybody's, in the day, week or month that holds `at`: answering,
    handling, promises, shifts. Recovery breaks are in none of them."""
    house, now = room.house, room.now()
    people = (room.desk.agents(), house.hours.zone, house.away)
    found = agents_report.sheet(session, period, at or now, now, *people)
    return as_paper(found, form, f"agents-{period}")


@router.get("/harassment", summary="骚扰电话报告", responses=problems(422))
def harassment(
    room: InRoom,
    session: InSession,
    period: Literal["day", "week", "month"] = "week",
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """How often, when and from whom in the day, week or month that holds `at`; what each rung
    achieved; what each agent had to bear."""
    now = room.now()
    when = (period, at or now, now, room.house.hours.zone)
    found = harassment_report.sheet(session, room.group, *when)
    return as_paper(found, form, f"harassment-{period}")


@router.get("/handovers", summary="交接班报告", responses=problems(422))
def handovers(
    room: InRoom,
    session: InSession,
    period: Literal["day", "week", "month"] = "week",
    at: AwareDatetime | None = None,
    form: Form = "json",
) -> Response:
    """The shifts of the day, week or month that holds `at`, and how each was handed over."""
    found = handover_report.sheet(session, period, at or room.now(), room.house.hours.zone)
    return as_paper(found, form, f"handovers-{period}")


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
