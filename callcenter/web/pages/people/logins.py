"""The pages at the door: log in, set a password by a link, and one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcenter.casework.staff.doors import SHORTEST
from callcenter.web.access.gate import cookie_in
from callcenter.web.access.visiting import ASKING
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


@router.get("/me")
async def me(request: Request) -> Response:
    """One's own account: password, language, second factor, the sessions that are open."""
    if request.app.state.doors is None:
        return RedirectResponse("/", 303)
    at, visitor = doors_of(request), ASKING.get()
    scope = visitor.scope
    return render(
        request,
        "door/me.html",
        shortest=SHORTEST,
        browser_name=browser_name,
        own=scope.own is not None,
        lines=sorted(scope.lines),
        factor=await run_in_threadpool(at.factor, visitor.name),
        sessions=await run_in_threadpool(at.sessions, visitor.name, cookie_in(request.headers)),
    )


BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


def browser_name(told: str) -> str:
    """A browser and its system, out of what it says of itself; that itself where it is another."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in told), "")
    system = next((name for name in SYSTEMS if name in told), "")
    return " · ".join(filter(None, (browser, system))) if browser else told or "—"


def own_path(wanted: str) -> str:
    """The path if it is one of this site's, else the first page: nobody is sent elsewhere."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if local and wanted.isprintable() else "/"
