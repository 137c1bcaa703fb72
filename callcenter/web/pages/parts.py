"""What every page's frame asks for: the counts in the rail, and where a search leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcenter.casework.harassment import blocks
from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders.lists import Asked
from callcenter.casework.reviews import queue as reviews
from callcenter.core.people import LEADS, QA
from callcenter.store import search as texts
from callcenter.store.tables import Call
from callcenter.web.pages.offered import has
from callcenter.web.pages.records.crew import own_names
from callcenter.web.pages.render import may, render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

MOST = 100
"""Beyond this a count says only that there are many."""
NUMBER = re.compile(r"\+?[0-9][0-9 -]{2,}")
BETWEEN = str.maketrans("", "", " -")
FOLDERS: Mapping[str, str] = {
    "HC-": "cases",
    "WO-": "orders",
    "CP-": "complaints",
    "FU-": "follow-ups",
    "CU-": "customers",
}
"""Where a record is shown, by how its number begins."""
SEARCHED = (
    ("customer", "customers", "q"),
    ("work_order", "orders", "text"),
    ("complaint", "complaints", "text"),
)
"""What is looked for by words: its kind, where it is listed, and by what it is asked for there."""


WAITING: Mapping[str, Callable[[Session, datetime], int]] = {
    "review": lambda session, _: len(reviews.queue(session, limit=MOST)),
    "blocks": lambda session, _: len(blocks.proposals(session)),
    "orders": lambda session, now: len(order_lists.find(session, _late(now), MOST)),
}
"""By page, how much waits there now."""


@router.get("/parts/counts")
def counts(request: Request, room: InRoom, session: InSession) -> HTMLResponse:
    """How much waits on the pages that this reader's rail leads to."""
    now = room.now()
    waiting = {name: count(session, now) for name, count in WAITING.items() if may(f"/{name}")}
    return render(request, "counts.html", waiting=waiting, most=MOST)


@router.get("/search")
def search(session: InSession, q: Annotated[str, Query(max_length=64)] = "") -> Response:
    """To the record with this number, the calls of a telephone number, the call with this id, the
    customer of this name, or the orders with these words."""
    return RedirectResponse(_place(session, q.strip()), 303)


def _place(session: Session, wanted: str) -> str:
    """Where a search leads."""
    if not wanted:
        return "/calls"
    if NUMBER.fullmatch(wanted):
        return f"/calls?number={quote(wanted.translate(BETWEEN))}"
    if (folder := FOLDERS.get(wanted[:3].upper())) is not None:
        return f"/{folder}/{quote(wanted.upper(), safe='')}"
    if session.get(Call, wanted) is None and (found := _told(session, wanted)):
        return found
    return f"/calls/{quote(wanted, safe='')}"


def _told(session: Session, wanted: str) -> str:
    """The customers, else the orders, that hold these words; one leads to itself."""
    for kind, folder, asks in SEARCHED:
        found = texts.find(session, wanted, (kind,), 2) if may(f"/{folder}") else []
        if len(found) == 1:
            return f"/{folder}/{quote(found[0].number, safe='')}"
        if found:
            return f"/{folder}?{asks}={quote(wanted, safe='')}"
    return ""


def _late(now: datetime) -> Asked:
    """The open orders whose promise has passed; an agent's own."""
    own = () if has(*LEADS, QA) else own_names()
    return Asked(due_before=now, owners=own)
