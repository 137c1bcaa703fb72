"""What every page's frame asks for: the counts in the rail, and where a search leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcenter.casework.harassment import blocks
from callcenter.casework.reviews import queue as reviews
from callcenter.web.pages.render import may, render
from callcenter.web.room import InSession

router = APIRouter()

MOST = 100
"""Beyond this a count says only that there are many."""
NUMBER = re.compile(r"\+?[0-9][0-9 -]{2,}")
BETWEEN = str.maketrans("", "", " -")


WAITING: Mapping[str, Callable[[Session], int]] = {
    "review": lambda session: len(reviews.queue(session, limit=MOST)),
    "blocks": lambda session: len(blocks.proposals(session)),
}
"""By page, how much waits there."""


@router.get("/parts/counts")
def counts(request: Request, session: InSession) -> HTMLResponse:
    """How much waits on the pages that this reader's rail leads to."""
    waiting = {name: count(session) for name, count in WAITING.items() if may(f"/{name}")}
    return render(request, "counts.html", waiting=waiting, most=MOST)


@router.get("/search")
def search(q: Annotated[str, Query(max_length=64)] = "") -> Response:
    """To the calls of a number, to a case, or to the call with this id."""
    wanted = q.strip()
    if not wanted:
        return RedirectResponse("/calls", 303)
    if NUMBER.fullmatch(wanted):
        number = wanted.translate(BETWEEN)
        return RedirectResponse(f"/calls?number={quote(number)}", 303)
    folder = "cases" if wanted.upper().startswith("HC-") else "calls"
    return RedirectResponse(f"/{folder}/{quote(wanted, safe='')}", 303)
