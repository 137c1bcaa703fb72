"""The pages of customers (客户档案): search, one file with its course, duplicates side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from callcenter.casework import steps
from callcenter.casework.customers import allotment, exchange, lists, merging
from callcenter.casework.customers import record as customers
from callcenter.casework.customers.lists import Asked
from callcenter.core.numbers import mask
from callcenter.core.people import AGENT, LEADS
from callcenter.store import trail
from callcenter.store.customer_tables import Customer
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has, offered
from callcenter.web.pages.parts import BETWEEN, NUMBER
from callcenter.web.pages.records import courses
from callcenter.web.pages.render import masked, render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

SHOWN = 50
"""Customers on one page of the list."""
PAGES = 200
LAPSED = 120
"""Days without a purchase (F13)."""
SIDE = 20
"""Entries in each part of the right pane."""
COMPARED = 4
"""Files side by side."""
VIEWS = ("", "unallotted", "overdue", "new", "lapsed")

Short = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=PAGES)]


@router.get("/customers")
def all_customers(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    q: Short = "",
    customer_class: Short = "",
    agent: Short = "",
    view: Short = "",
    page: Page = 1,
) -> HTMLResponse:
    """Customers by what their file says, newest first; who is overdue, the first due first."""
    given = {"text": _wanted(q), "customer_class": customer_class, "agent": agent}
    asked = Asked(**given, **_view(view, room))  # type: ignore[arg-type]
    found = lists.find(session, asked, SHOWN + 1, (page - 1) * SHOWN)
    return render(
        request,
        "customers/customers.html",
        customers=found[:SHOWN],
        more=len(found) > SHOWN,
        page=page,
        view=view,
        views=VIEWS,
        chosen={"q": q, "customer_class": customer_class, "agent": agent},
        now=room.now(),
        agents=agents,
        most=allotment.MOST,
        leads=has(*LEADS),
        writes=has(AGENT, *LEADS),
    )


@router.get("/customers/aside")
def aside(request: Request, room: InRoom, session: InSession) -> HTMLResponse:
    """Beside the list: possible duplicates, callers without a file, tables that came and went."""
    now = room.now()
    since = room.house.hours.day_end(now, -1)
    return render(
        request,
        "customers/aside.html",
        alike=merging.suggestions(session, SIDE),
        unfiled=lists.unfiled(session, since, room.house.hours.day_end(now, 0), SIDE),
        exchanges=exchange.listing(session, SIDE) if has(*LEADS) else (),
        leads=has(*LEADS),
        writes=has(AGENT, *LEADS),
    )


@router.get("/customers/merge")
def merge(
    request: Request,
    session: InSession,
    file: Annotated[list[str], Query(min_length=2, max_length=COMPARED)],
) -> HTMLResponse:
    """Files that may be one customer's, side by side. A 404 for one that is not there."""
    found = [steps.get(session, Customer, number) for number in dict.fromkeys(file)]
    if len(found) < 2:
        raise HTTPException(422, "two files are compared; expected two different numbers")
    standing = all("merge" in offered(customers.MOVES, row.state) for row in found)
    return render(request, "customers/merge.html", files=found, merges=standing)


@router.get("/customers/{number}")
def customer(
    request: Request, room: InRoom, session: InSession, agents: Agents, number: str
) -> HTMLResponse:
    """One file: what it says, what can be done, and everything that there was with the customer."""
    row = steps.get(session, Customer, number)
    history = lists.history(session, row, room.now())
    entries = trail.of(session, customers.KIND, number)
    alike = {one.number: one for each in merging.like(session, row) for one in each.customers}
    return render(
        request,
        "customers/customer.html",
        customer=row,
        possible=offered(customers.MOVES, row.state) if has(AGENT, *LEADS) else (),
        course=partial(courses.of_customer, history, entries),
        history=history,
        alike=[one for one in alike.values() if one.number != number],
        consents=list(_standing(row.consents, room.now())),
        class_rule=room.house.thresholds,
        agent_names=[(agent.name, agent.name) for agent in agents],
        numbered=_numbered,
        reveals=bool(ASKING.get().name) and has(*LEADS),
        people=facts.names(agents),
        facts=facts,
        now=room.now(),
    )


def _numbered(numbers: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """A file's numbers with their middle hidden, to choose one of them."""
    return [(mask(one["number"]), masked(one["number"])) for one in numbers]


def _wanted(q: str) -> str:
    """The words to look for; a number without what people write between its digits."""
    text = q.strip()
    return text.translate(BETWEEN) if NUMBER.fullmatch(text) else text


def _view(view: str, room: InRoom) -> dict[str, Any]:
    now = room.now()
    views: dict[str, dict[str, Any]] = {
        "unallotted": {"unallotted": True},
        "overdue": {"overdue_at": now},
        "new": {"new_since": room.house.hours.day_end(now, -1)},
        "lapsed": {"lapsed_since": lists.lapsed_since(now, LAPSED)},
    }
    return views.get(view, {})


def _standing(consents: Sequence[dict[str, str]], now: datetime) -> Iterator[dict[str, Any]]:
    """Each consent with its moments, and whether it stands."""
    for one in consents:
        until = datetime.fromisoformat(one["until"]) if one["until"] else None
        withdrawn = datetime.fromisoformat(one["withdrawn_at"]) if one["withdrawn_at"] else None
        stands = withdrawn is None and (until is None or now <= until)
        yield one | {"until": until, "withdrawn_at": withdrawn, "stands": stands}
