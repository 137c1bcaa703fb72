"""Reports: the service by day, week and month, the ladder, agents' exposure. Reads the store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from callcenter.casework.harassment import exposure as exposures
from callcenter.casework.reports import ladder as ladder_report
from callcenter.casework.reports import service as service_report
from callcenter.web.api.ladder_models import ExposureOut, LadderReportOut
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, as_paper
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
