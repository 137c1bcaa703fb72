"""Reports: the service by day, week and month, the ladder, agents' exposure. Reads the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from callcenter.casework import steps
from callcenter.casework.harassment import exposure as exposures
from callcenter.casework.reports import building
from callcenter.casework.reports import ladder as ladder_report
from callcenter.casework.reports.catalogue import REPORTS, USUAL, Asked
from callcenter.casework.reports.periods import Period
from callcenter.core.errors import NoSuchRecord
from callcenter.core.people import LEADS
from callcenter.core.records import Agent
from callcenter.store.report_tables import BuiltReport
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import Out
from callcenter.web.api.ladder_models import ExposureOut, LadderReportOut
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Form, Whole, as_file, as_paper
from callcenter.web.api.steps import read
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/reports", tags=["报表"])

Name = Literal[
    "service", "agents", "quality", "complaints", "follow_ups", "harassment", "handovers"
]
"""The reports of the catalogue; the routes with words of their own come before them."""
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
    """The reports that were built by themselves, newest first (R1): of the whole house, so for who
    may know of all its lines."""
    found = building.listing(session, name, limit) if ASKING.get().scope.is_all else []
    return [BuiltOut.shown(row) for row in found]


@router.get("/built/{number}/{form}", summary="下载定时报表", responses=problems(404, 422))
def get_built(session: InSession, number: str, form: Literal["xlsx", "pdf"]) -> Response:
    """A file as it was built."""
    if not ASKING.get().scope.is_all:
        raise NoSuchRecord(f"no report {number}")
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


@dataclass
class AskedPeriod:
    """The day, week or month that holds `at` (now where not given), or the days from `first` to
    `last`, both on the wall."""

    period: Literal["day", "week", "month"] | None = None
    at: AwareDatetime | None = None
    first: date | None = None
    last: date | None = None

    def of(self, name: str, room: Room) -> Period:
        """The time that is meant; the report's usual one where nothing says."""
        zone = room.house.hours.zone
        if self.first and not self.period:
            return Period.chosen(self.first, self.last or self.first, zone)
        return Period.of(self.period or USUAL.get(name, "day"), self.at or room.now(), zone)


@router.get("/{name}", summary="日报、周报、月报", responses=problems(422))
async def report(
    room: InRoom,
    name: Name,
    wanted: Annotated[AskedPeriod, Depends()],
    whole: Whole,
    form: Form = "json",
) -> Response:
    """A report of a time: service 接听, agents 座席, quality 质检, complaints 投诉,
    follow_ups 回访, harassment 骚扰, handovers 交接."""
    period = wanted.of(name, room)
    asked = asked_of(room, period, room.desk.agents())
    found = await read(room, lambda session: REPORTS[name](session, asked))
    return as_paper(found, form, f"{name}-{period.name}-{period.first}", whole)


def asked_of(room: Room, period: Period, agents: Sequence[Agent]) -> Asked:
    """What a report is built from; what agents had to bear is told to who leads them."""
    visitor = ASKING.get()
    exposed = not visitor.name or bool(visitor.roles & LEADS)
    return Asked(period, room.now(), room.group, agents, room.house.away, exposed)
