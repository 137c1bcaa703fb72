"""The page of shifts (排班): a week, a line for each agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from callcenter.casework.staff import shifts
from callcenter.core.people import LEADS
from callcenter.store.staff_tables import Shift
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

DAYS = 7


@router.get("/staff/shifts")
def week(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    day: Annotated[date | None, Query()] = None,
) -> HTMLResponse:
    """The week of this day, Monday to Sunday; the house's time."""
    zone = room.house.hours.zone
    today = room.now().astimezone(zone).date()
    chosen = min(max(day or today, date(2000, 1, 1)), date(2999, 1, 1))
    monday = chosen - timedelta(days=chosen.weekday())
    since = _moment(monday, zone)
    found = shifts.listing(session, since, since + timedelta(days=DAYS))
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    return render(
        request,
        "staff/shifts.html",
        agents=agents,
        days=days,
        today=today,
        cells=_cells(found, zone),
        kinds=shifts.KINDS,
        before=monday - timedelta(days=DAYS),
        after=monday + timedelta(days=DAYS),
        leads=has(*LEADS),
    )


def _moment(day: date, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, time(0))
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _cells(
    found: Sequence[Shift], zone: tzinfo | None
) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    """What stands in the cell of an agent and a day, as the forms take it."""
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in found:
        start, end = (f"{at.astimezone(zone):%H:%M}" for at in (one.starts_at, one.ends_at))
        told = {"agent": one.agent, "day": one.day, "kind": one.kind, "note": one.note}
        shown = {"number": one.number, "version": one.version, **told, "start": start, "end": end}
        cells.setdefault((one.agent, one.day), []).append(shown)
    return cells
