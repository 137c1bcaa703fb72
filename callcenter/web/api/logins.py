"""Logging in and out, one-time links, tokens for programs. Passwords go to the doors only."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from callcenter.casework.staff import accounts, doors
from callcenter.casework.staff.doors import SHIFT, Doors
from callcenter.core.errors import CodeNeeded, NotLetIn
from callcenter.core.events import RecordStepped
from callcenter.core.people import ADMIN, MANAGER, SUPERVISOR
from callcenter.web.access.gate import COOKIE, cookie_in
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import In, Name, Out
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(tags=["登录"])

WINDOW_SECONDS = 900.0
FROM_ONE_ADDRESS = 30
"""Logins that may go wrong from one address within the window."""
ADDRESSES = 10_000
"""That are counted at once; then the oldest is forgotten."""
FIRST_ROLES = (ADMIN, MANAGER, SUPERVISOR)
"""Of the first to come in: enough to open every other account."""

Password = Annotated[str, Field(min_length=1, max_length=200)]


Code = Annotated[str, Field(max_length=40)]


class LogIn(In):
    """A name and its password; `code` where the answer to them says `code_needed`."""

    person: Name
    password: Password
    code: Code = ""


class CodeWanted(Out):
    """What a login without its code is answered, with status 401."""

    detail: str
    code_needed: bool = True


class Accept(In):
    """What a one-time link is used for; `person` only by the first to come in."""

    person: Name | None = None
    password: Password


class Invite(In):
    """For whom a one-time link is made."""

    person: Name


class InvitedOut(Out):
    """Where the link leads; shown this once."""

    path: str


class MakeToken(In):
    """A program that is to be let in."""

    name: Name
    roles: list[Literal["agent", "supervisor", "qa", "manager", "admin", "pause"]] = Field(
        min_length=1, max_length=6
    )
    days: Annotated[int, Field(ge=1, le=3660)] = 365
    for_others: bool = False


class TokenOut(Out):
    """A program that is let in."""

    name: str
    roles: list[str]
    for_others: bool
    made_by: str
    made_at: datetime
    until: datetime


class MadeOut(Out):
    """A token, shown this once."""

    token: str


class Attempts:
    """Counts what went wrong by address, for a quarter of an hour."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raises an HTTP 429 where too much went wrong from there."""
        since, count = self._of(address)
        if count >= FROM_ONE_ADDRESS:
            wait = int(since + WINDOW_SECONDS - time.monotonic()) + 1
            detail = f"too many logins went wrong from here; try again after {wait} seconds"
            raise HTTPException(429, detail, {"Retry-After": str(wait)})

    def went_wrong(self, address: str) -> None:
        """Once more."""
        since, count = self._of(address)
        self._wrong[address] = (since, count + 1)
        if len(self._wrong) > ADDRESSES:
            self._wrong.popitem(last=False)

    def _of(self, address: str) -> tuple[float, int]:
        now = time.monotonic()
        since, count = self._wrong.get(address, (now, 0))
        return (since, count) if now - since < WINDOW_SECONDS else (now, 0)


def doors_of(request: Request) -> Doors:
    """The doors. Raises an HTTP 404 where nobody needs to log in."""
    found: Doors | None = request.app.state.doors
    if found is None:
        raise HTTPException(404, "nobody needs to log in here")
    return found


@router.post(
    "/login",
    summary="登录",
    response_model=None,
    responses={**problems(422, 429), 401: {"model": CodeWanted}},
)
async def log_in(request: Request, response: Response, wanted: LogIn) -> Response | None:
    """Sets the cookie of a session that lasts a shift; one that this browser had ends.

    A 401 with `code_needed` asks for the same again with the code of the second factor.
    """
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client else ""
    attempts.check(address)
    at, given = doors_of(request), (wanted.person, wanted.password, wanted.code)
    try:
        cookie = await run_in_threadpool(at.enter, *given, browser_of(request))
    except NotLetIn as refusal:
        if isinstance(refusal, CodeNeeded) and not wanted.code:
            return JSONResponse(CodeWanted(detail=str(refusal)).model_dump(), 401)
        attempts.went_wrong(address)
        if isinstance(refusal, CodeNeeded):
            return JSONResponse(CodeWanted(detail=str(refusal)).model_dump(), 401)
        raise
    await run_in_threadpool(at.leave, cookie_in(request.headers))
    request.app.state.known.forget()
    set_cookie(request, response, cookie)
    return None


@router.post("/logout", summary="退出", status_code=204)
async def log_out(request: Request) -> Response:
    """Ends the session."""
    await run_in_threadpool(doors_of(request).leave, cookie_in(request.headers))
    request.app.state.known.forget()
    left = Response(status_code=204)
    left.delete_cookie(COOKIE)
    return left


@router.post("/invitations", summary="一次性链接", status_code=201, responses=problems(422))
async def invite(request: Request, wanted: Invite) -> InvitedOut:
    """A link by which this person sets their password; any earlier one ends."""
    secret = await run_in_threadpool(doors_of(request).invite, wanted.person, ASKING.get().name)
    return InvitedOut(path=f"/enter/{secret}")


@router.post("/invitations/{secret}", summary="设置密码", responses=problems(401, 422))
async def accept(
    request: Request, response: Response, room: InRoom, secret: str, wanted: Accept
) -> None:
    """Use a one-time link; the first to come in gets an account that opens the others."""
    at = doors_of(request)
    link = await run_in_threadpool(at.link, secret)
    person = link.person or wanted.person
    if not person:
        raise HTTPException(422, "person: expected your name")
    if not link.person:
        doors.check_password(wanted.password, person)
        await _open_first(room, person)
    told = (secret, person, wanted.password, browser_of(request))
    cookie = await run_in_threadpool(at.accept, *told)
    request.app.state.known.forget()
    set_cookie(request, response, cookie)


@router.get("/tokens", summary="程序令牌")
def list_tokens(session: InSession) -> list[TokenOut]:
    """The programs that are let in."""
    return [TokenOut.model_validate(token) for token in doors.tokens(session)]


@router.post("/tokens", summary="新令牌", status_code=201, responses=problems(422))
async def make_token(request: Request, wanted: MakeToken) -> MadeOut:
    """Let a program in; the token is shown this once."""
    at, by = doors_of(request), ASKING.get().name
    token = await run_in_threadpool(
        at.make_token, wanted.name, wanted.roles, wanted.days, by, wanted.for_others
    )
    return MadeOut(token=token)


@router.delete("/tokens/{name}", summary="收回令牌", status_code=204, responses=problems(422))
async def take_token(request: Request, name: str) -> None:
    """The program is let in no more."""
    await run_in_threadpool(doors_of(request).take_token, name, ASKING.get().name)
    request.app.state.known.forget()


async def _open_first(room: Room, person: str) -> None:
    def made() -> Sequence[RecordStepped]:
        with room.store.session() as session:
            return accounts.first(session, person, FIRST_ROLES, room.now())

    for fact in await run_in_threadpool(made):
        await room.desk.record(fact)


def browser_of(request: Request) -> str:
    """What the browser says of itself."""
    return request.headers.get("user-agent", "")


def set_cookie(request: Request, response: Response, cookie: str) -> None:
    """Neither scripts nor other sites' pages can use it; over HTTPS it never goes in the clear."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SHIFT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
