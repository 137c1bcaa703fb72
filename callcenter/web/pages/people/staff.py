"""The pages of people (人员): where they stand today, accounts, exposure to abuse, the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from callcenter.casework.harassment import exposure as exposures
from callcenter.casework.reports import floor as floors
from callcenter.casework.staff import accounts, attendance, shifts
from callcenter.core.nodes import Elsewhere
from callcenter.core.numbers import group
from callcenter.core.people import ADMIN, MANAGER, ROLES
from callcenter.core.presence import Presence
from callcenter.store.account_tables import Account
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has, offered
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter()

MOST = 200
"""Accounts in the list."""
COUNTED = ("ready", "on_call", "wrap_up", "break", "recovery", "offline")
"""States whose time is added up."""


class Burden(NamedTuple):
    """What one agent had to hear in a span of time: for care, never for judging (H24)."""

    agent: str
    calls: int
    abuse_seconds: int
    break_seconds: int
    days: Sequence[exposures.Exposure]


async def standing_of(room: InRoom) -> Mapping[str, Presence]:
    """Where agents stand now; asked on the event loop, where the desk lives."""
    return {one.agent: one for one in room.desk.presence()}


Standing = Annotated[Mapping[str, Presence], Depends(standing_of)]


@router.get("/staff")
async def staff(request: Request, room: InRoom, agents: Agents, standing: Standing) -> HTMLResponse:
    """Everybody who takes calls: the state they are in, and how long they were in each today."""
    now = room.now()
    known = await run_in_threadpool(_today, room, now)
    return render(
        request,
        "staff/staff.html",
        agents=agents,
        standing=standing,
        counted=COUNTED,
        now=now,
        length=length,
        missing=sum(agent.number in known["unattended"] for agent in agents),
        **known,
    )


@router.get("/staff/accounts")
def all_accounts(request: Request, session: InSession, agents: Agents) -> HTMLResponse:
    """Who may come in: requested, approved, opened, archived; what waits first."""
    query = select(Account).order_by(Account.opened_at.desc(), Account.number.desc()).limit(MOST)
    order = (accounts.REQUESTED, accounts.APPROVED, accounts.OPEN)
    found = sorted(
        session.scalars(query),
        key=lambda one: order.index(one.state) if one.state in order else len(order),
    )
    return render(
        request,
        "staff/accounts.html",
        accounts=found,
        possible={one.number: _possible(session, one) for one in found},
        invites=has(ADMIN, MANAGER) and request.app.state.doors is not None,
        open_house=request.app.state.doors is None,
        roles=ROLES,
        agents=agents,
        people=facts.names(agents),
        facts=facts,
    )


@router.get("/staff/exposure")
def exposure(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    days: Annotated[int, Query(ge=1, le=90)] = 7,
) -> HTMLResponse:
    """How long agents were abused, and the recovery breaks that they took."""
    zone = room.house.hours.zone
    since = room.house.hours.day_end(room.now(), -days)
    found = exposures.exposure(session, room.group, since, zone)
    return render(
        request,
        "staff/exposure.html",
        burdens=_burdens(found),
        days=days,
        people=facts.names(agents),
        facts=facts,
    )


@router.get("/staff/settings")
def settings(request: Request, room: InRoom) -> HTMLResponse:
    """What the configuration says, to read; it is changed in its file."""
    elsewhere: Elsewhere | None = request.app.state.elsewhere
    return render(
        request,
        "staff/settings.html",
        house=room.house,
        hotline=escape(group(room.house.hotline)),
        model=facts.model_name(room.model),
        voices=sorted(room.voices),
        nodes=elsewhere.nodes() if elsewhere else (),
    )


def _today(room: Room, now: datetime) -> dict[str, Any]:
    hours = room.house.hours
    midnight = hours.day_end(now, -1)
    with room.store.session() as session:
        today = floors.today(session, now, hours.zone, room.house.away)
        planned: dict[str, list[tuple[str, str]]] = {}
        for one in shifts.listing(session, midnight, hours.day_end(now, 0)):
            times = [f"{at.astimezone(hours.zone):%H:%M}" for at in (one.starts_at, one.ends_at)]
            planned.setdefault(one.agent, []).append((one.kind, "–".join(times)))
        return {
            "totals": attendance.totals(session, midnight, now),
            "answered": {who: one.answered for who, one in today.by_agent.items()},
            "spoken": {who: sum(one.talked, timedelta()) for who, one in today.by_agent.items()},
            "unattended": today.unattended,
            "planned": planned,
        }


def _possible(session: Session, account: Account) -> tuple[str, ...]:
    """What the reader may do with it; mostly nothing with what they asked for themselves."""
    asked = account.state == accounts.REQUESTED
    if asked and not accounts.may_decide(session, account, ASKING.get().name):
        return ()
    return offered(accounts.MOVES, account.state)


def _burdens(found: Sequence[exposures.Exposure]) -> Sequence[Burden]:
    """By agent, in the order of their numbers: no ranking."""
    by_agent: dict[str, list[exposures.Exposure]] = {}
    for one in found:
        by_agent.setdefault(one.agent, []).append(one)
    return [
        Burden(
            agent,
            sum(day.calls for day in days),
            sum(day.abuse_seconds for day in days),
            sum(day.break_seconds for day in days),
            days,
        )
        for agent, days in sorted(by_agent.items())
    ]


def length(time: timedelta | None) -> str:
    """A length as hours and minutes: 1:02."""
    minutes = round(time.total_seconds() / 60) if time else 0
    return f"{minutes // 60}:{minutes % 60:02d}" if minutes else "—"
