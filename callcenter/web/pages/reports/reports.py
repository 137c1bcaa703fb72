"""The pages of the reports (报表): all of them, one in general, and the one of harassment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from callcenter.casework.paper.sheet import Sheet, plain
from callcenter.casework.reports import building, nuisance
from callcenter.casework.reports.catalogue import REPORTS, USUAL
from callcenter.casework.reports.periods import CUSTOM, NAMES, Period
from callcenter.core.people import LEADS
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.reports import AskedPeriod, Name, asked_of
from callcenter.web.api.steps import read
from callcenter.web.pages import language
from callcenter.web.pages.calls import facts
from callcenter.web.pages.offered import has
from callcenter.web.pages.render import render
from callcenter.web.pages.reports import drawn
from callcenter.web.pages.reports.leads import leads_to, page_of
from callcenter.web.pages.words.reports import told
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

BUILT = 60
"""Reports that were built by themselves, on the list."""
FORMS = ("pdf", "xlsx", "csv", "json")


@router.get("/reports")
def reports(request: Request, room: InRoom, session: InSession) -> HTMLResponse:
    """Every report there is, and those that were built when their time was over (R1)."""
    return render(
        request,
        "reports/reports.html",
        names=list(REPORTS),
        usual={name: USUAL.get(name, "day") for name in REPORTS},
        periods=NAMES,
        built=building.listing(session, limit=BUILT) if ASKING.get().scope.is_all else (),
        zone=room.house.hours.zone,
    )


@router.get("/reports/harassment")
async def of_harassment(
    request: Request, room: InRoom, wanted: Annotated[AskedPeriod, Depends()]
) -> HTMLResponse:
    """When it comes, what works, who bears it (H6, H12, H17, H24)."""
    period, agents = wanted.of("harassment", room), room.desk.agents()
    asked = asked_of(room, period, agents)

    def found(session: Session) -> nuisance.Found:
        return nuisance.find(session, period, asked.now, asked.group)

    made = await read(room, found)
    with language.speaking(language.of(request)):
        shown = drawn.of(made)
    return render(
        request,
        "reports/harassment.html",
        exposed=asked.exposed,
        people=facts.names(agents),
        facts=facts,
        **_frame("harassment", period, room),
        **shown,
    )


@router.get("/reports/{name}")
async def report(
    request: Request, room: InRoom, name: Name, wanted: Annotated[AskedPeriod, Depends()]
) -> HTMLResponse:
    """One report of a time: figures, tables, and a line where they follow the time."""
    period, agents = wanted.of(name, room), room.desk.agents()
    asked = asked_of(room, period, agents)

    def built(session: Session) -> Sheet:
        return REPORTS[name](session, asked)

    sheet = await read(room, built)
    frame = _frame(name, period, room)
    people = facts.names(agents)
    return render(request, "reports/report.html", sheet=sheet, people=people, **frame)


def _frame(name: str, period: Period, room: Room) -> dict[str, Any]:
    """What every report's page has: its time, the ones before and after it, the files."""
    now = room.now()
    return {
        "name": name,
        "period": period,
        "here": query(period),
        "earlier": query(period.before),
        "later": query(period.after) if period.until <= now else "",
        "periods": {one: query(Period.of(one, _inside(period, now), period.zone)) for one in NAMES},
        "custom": period.name == CUSTOM,
        "running": period.since <= now < period.until,
        "forms": FORMS,
        "wanted": wanted_of(period),
        "leads": has(*LEADS),
        "leads_to": leads_to,
        "page_of": page_of,
        "text": told,
        "plain": plain,
    }


def query(period: Period) -> str:
    """How an address asks for this time."""
    return urlencode(wanted_of(period), safe=":")


def wanted_of(period: Period) -> dict[str, str]:
    """How a form asks for this time: values by their names."""
    if period.name == CUSTOM:
        return {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return {"period": period.name, "at": f"{period.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _inside(period: Period, now: datetime) -> datetime:
    """The moment by which another length of time is chosen: now where it lies within."""
    return now if period.since <= now < period.until else period.since
