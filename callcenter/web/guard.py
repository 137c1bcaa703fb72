"""Keeps strangers out: host names, foreign origins, body size and kind, security headers.

A page of another site must not command the desk (CSRF), and another site's name must not resolve
to us (DNS rebinding). Browsers tell where a request comes from in Sec-Fetch-Site and Origin;
programs send neither, and a browser cannot be made to leave them out across sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES = 64 * 1024
"""The largest request body that is read."""
LARGER_BODIES = {
    "/api/v1/withheld/bill": 24 * 1024 * 1024,
    "/api/v1/customers/import": 64 * 1024 * 1024,
    "/api/v1/rules/": 2 * 1024 * 1024,
}
"""Except where a path begins so: a carrier's bill or a table of customers as base64, or a pack."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in: an HTTP status and one sentence."""

    status: int
    detail: str


def host_name(host: str) -> str:
    """The name in a Host header, without the port and in lower case; "" where there is none."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def wrong_host(headers: Headers, allowed: frozenset[str]) -> Refusal | None:
    """A refusal where the Host header is none of the allowed names ("*" allows every name)."""
    if "*" in allowed or host_name(headers.get("host", "")) in allowed:
        return None
    return Refusal(400, "this host name is not served here; add it to the web hosts in the config")


def foreign(headers: Headers) -> Refusal | None:
    """A refusal where a browser says that the request comes from another site's page."""
    refusal = Refusal(403, "a command must come from this site's own pages")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return refusal
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers.get("host", ""):
        return refusal
    return None


def wrong_kind(headers: Headers) -> Refusal | None:
    """A refusal where the body does not say that it is JSON."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        return None
    return Refusal(415, "the body must be JSON (Content-Type: application/json)")


async def read_body(receive: Receive, most: int = BODY_BYTES) -> bytes | None:
    """The whole body, or None where it is longer than `most` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body which was read, then what comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


class Guard:
    """The middleware around the whole app."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower().strip("[]") for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = with_security_headers(scope, send)
        headers = Headers(scope=scope)
        refusal = wrong_host(headers, self._allowed)
        if refusal is None and scope["method"] not in SAFE_METHODS:
            refusal, receive = await check_command(scope["path"], headers, receive)
        if refusal is None:
            await self._app(scope, receive, sending)
            return
        answer = JSONResponse({"detail": refusal.detail}, refusal.status)
        await answer(scope, receive, sending)


async def check_command(
    path: str, headers: Headers, receive: Receive
) -> tuple[Refusal | None, Receive]:
    """What is wrong with a request that changes something, and where its body is read from."""
    refusal = foreign(headers) or wrong_kind(headers)
    if refusal is not None:
        return refusal, receive
    larger = (most for begin, most in LARGER_BODIES.items() if path.startswith(begin))
    most = next(larger, BODY_BYTES)
    body = await read_body(receive, most)
    if body is None:
        return Refusal(413, f"the body is longer than {most} bytes"), receive
    return None, replay(body, receive)


def with_security_headers(scope: Scope, send: Send) -> Send:
    """A `send` that adds the headers; what holds a caller's words is not kept by browsers."""
    static = scope["path"].startswith("/static/")

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
        await send(message)

    return sending
