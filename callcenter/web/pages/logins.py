"""The two pages that are open to who is not logged in: log in, and set a password by a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcenter.casework.staff.doors import SHORTEST
from callcenter.web.api.logins import doors_of
from callcenter.web.pages.render import render

router = APIRouter()


@router.get("/login")
async def login(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Name and password; then on to the page that was asked for."""
    if request.app.state.doors is None:
        return RedirectResponse("/", 303)
    new = await run_in_threadpool(doors_of(request).is_new)
    return render(request, "door/login.html", next=own_path(next), new=new)


@router.get("/enter/{secret}")
async def enter(request: Request, secret: str) -> HTMLResponse:
    """Set a password by a one-time link. An error page where the link is used up."""
    link = await run_in_threadpool(doors_of(request).link, secret)
    return render(request, "door/enter.html", person=link.person, shortest=SHORTEST)


def own_path(wanted: str) -> str:
    """The path if it is one of this site's, else the first page: nobody is sent elsewhere."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if local and wanted.isprintable() else "/"
