"""Lets people and programs in by cookie or token, each to what their roles may ask for."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import partial
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from callcenter.casework.staff.doors import Doors
from callcenter.core.errors import StoreAway
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.web.access.reach import Reach, call_of
from callcenter.web.access.rights import allowed, is_public, line_of
from callcenter.web.access.visiting import ASKING
from callcenter.web.errors import answer

COOKIE = "callcenter"
FRESH_SECONDS = 5.0
"""So long what a cookie or token stands for is remembered: an archived account is out after it."""
MOST = 1000
"""Cookies and tokens that are remembered; then the oldest is asked for again."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Known:
    """What cookies and tokens stand for, asked of the store off the loop and remembered briefly."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._found: OrderedDict[str, tuple[float, Visitor | None]] = OrderedDict()

    async def of(self, headers: Headers) -> Visitor | None:
        """Who sends these headers; None for a stranger. Raises StoreError."""
        token, cookie = token_in(headers), cookie_in(headers)
        secret, ask = (token, self._doors.of_token) if token else (cookie, self._doors.of_cookie)
        if not secret:
            return None
        found = self._found.get(secret)
        if found is None or time.monotonic() - found[0] > FRESH_SECONDS:
            try:
                found = (time.monotonic(), await run_in_threadpool(partial(ask, secret)))
            except StoreAway:
                if found is None:
                    raise
                return found[1]  # calls go on while the store is away: who was in stays in
            self._found[secret] = found
            if len(self._found) > MOST:
                self._found.popitem(last=False)
        return found[1]

    def forget(self) -> None:
        """Somebody left, or what they may do has changed."""
        self._found.clear()


class Gate:
    """The middleware inside the guard; `known` None: everybody is let in, to everything."""

    def __init__(self, app: ASGIApp, known: Known | None, reach: Reach) -> None:
        self._app = app
        self._known = known
        self._reach = reach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with who asks, or refuse it."""
        if scope["type"] != "http" or self._known is None:
            ASKING.set(ANYBODY)
            await self._app(scope, receive, send)
            return
        visitor = await self._known.of(Headers(scope=scope))
        ASKING.set(visitor or STRANGER)
        refusal = None if is_public(scope["path"]) else refused(scope, visitor)
        if refusal is None and visitor is not None:
            refusal = await self._out_of_reach(scope, visitor)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _out_of_reach(self, scope: Scope, visitor: Visitor) -> Response | None:
        """As for a call that is not there: who may not know of it learns nothing of it."""
        call_id = call_of(scope["path"])
        if not call_id or await self._reach.covers(visitor.scope, call_id):
            return None
        return answer(Request(scope), 404, f"no call {call_id}")


STRANGER = Visitor("", frozenset())


def refused(scope: Scope, visitor: Visitor | None) -> Response | None:
    """The answer to who may not ask for this; None where they may."""
    path, writes = scope["path"], scope["method"] not in SAFE
    api = path.startswith("/api/")
    if visitor is None:
        if api or writes:
            detail = "expected a login or a token; log in at /login"
            return JSONResponse({"detail": detail}, 401, {"WWW-Authenticate": "Bearer"})
        return RedirectResponse(f"/login?next={quote(path)}", 303)
    if not line_of(path):
        return answer(Request(scope), 404, "there is nothing here")
    roles = allowed(path, writes=writes)
    if visitor.roles & roles:
        return None
    who = ", ".join(sorted(roles)) or "nobody"
    return answer(Request(scope), 403, f"{visitor.name} may not do this; it is open to: {who}")


def token_in(headers: Headers) -> str:
    """The token of a program; "" where there is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def cookie_in(headers: Headers) -> str:
    """The session's cookie; "" where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
