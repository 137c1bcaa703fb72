"""Each route × each role, through the real gate; what stands in no line passes for nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.casework.staff.doors import Doors
from callcenter.core.people import ROLES
from callcenter.store.sql import Store
from callcenter.web.access.gate import Gate, Known
from callcenter.web.access.reach import Reach
from callcenter.web.access.rights import allowed, is_public
from callcenter.web.api import router as api
from callcenter.web.guard import BODY_BYTES, LARGER_BODIES, Guard
from callcenter.web.pages import router as pages
from tests.web.conftest import HOST
from tests.web.fakes import FakeDesk

STRANGER, IN = "stranger", 299
SAFE = ("GET", "HEAD", "OPTIONS")


def routes() -> list[tuple[str, str]]:
    """Every method of every path, of the API and of the pages."""
    found = [
        (method, re.sub(r"\{[^}]+\}", "x1", before + path))
        for before, router in ((api.prefix, api), ("", pages))
        for part in router.routes
        for method, path in pairs(part)
    ]
    return sorted(pair for pair in set(found) if pair[0] != "HEAD")


def pairs(part: Any) -> list[tuple[str, str]]:
    """The methods and the path of a route, or of all of a router that is included."""
    if path := getattr(part, "path", ""):
        return [(method, path) for method in part.methods]
    inner = getattr(part, "original_router", None) or getattr(part, "router", None)
    return [pair for one in inner.routes for pair in pairs(one)] if inner else []


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": IN, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def status(
    door: ASGIApp, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> int:
    """How a request is answered, without what a client and the app behind would do."""
    given = {"host": HOST, **headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    found: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        found.extend([message["status"]] if message["type"] == "http.response.start" else [])

    await door(scope, receive, send)
    return found[0]


@pytest.fixture
def gate(doors: Doors, desk: FakeDesk, store: Store) -> Gate:
    """The gate with nothing behind it."""
    return Gate(inside, Known(doors), Reach(desk, store))


def token(doors: Doors, *roles: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {doors.make_token(f'of {roles}', roles, 1, 'test')}"}


async def test_every_route_lets_in_whom_the_table_names_and_nobody_else(
    gate: Gate, doors: Doors
) -> None:
    headers = {role: token(doors, role) for role in ROLES} | {STRANGER: {}}
    wrong, asked = [], routes()
    assert len(asked) > 150
    for method, path in asked:
        let_in = allowed(path, writes=method not in SAFE)
        for role, told in headers.items():
            answer = await status(gate, method, path, told)
            if (answer == IN) != (is_public(path) or role in let_in):
                wrong.append((method, path, role, answer))
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api/v1/nothing", "/api/v2/calls", "//calls", "/api//v1/calls", "/API/v1/calls",
     "/metricsx", "/redoc", "/api/v1", "", "/../audit", "/%61udit"],
)  # fmt: skip
async def test_what_stands_in_no_line_passes_for_nobody(
    gate: Gate, doors: Doors, path: str
) -> None:
    everything = token(doors, *ROLES)
    for method in ("GET", "POST", "DELETE"):
        assert await status(gate, method, path, everything) != IN


async def test_every_route_that_takes_a_body_takes_no_longer_one() -> None:
    guard, kind = Guard(inside, [HOST]), {"content-type": "application/json"}
    for method, path in routes():
        if method not in SAFE:
            most = next((n for p, n in LARGER_BODIES.items() if path.startswith(p)), BODY_BYTES)
            assert await status(guard, method, path, kind, b"x" * (most + 1)) == 413, path
            assert await status(guard, method, path, kind, b"{}") == IN, path
