"""Every route stands in the table of rights, and the table lets nobody in by mistake."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from callcenter.core.people import ADMIN, AGENT, QA, ROLES
from callcenter.web.access.rights import NOBODY, RIGHTS, allowed, is_public, line_of
from callcenter.web.pages import router as pages

SAFE = ("get", "head", "options")


def asked(app: FastAPI) -> list[tuple[str, bool]]:
    """Every path of the API as somebody may ask for it, and whether that writes."""
    return [
        (re.sub(r"\{[^}]+\}", "x1", path), method not in SAFE)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]


def test_every_route_of_the_api_is_listed_and_open_to_somebody(app: FastAPI) -> None:
    routes = asked(app)
    assert len(routes) > 80
    missing = [
        path for path, writes in routes if not is_public(path) and not allowed(path, writes=writes)
    ]
    assert missing == []


def test_every_page_is_listed() -> None:
    paths = {re.sub(r"\{[^}]+\}", "x1", path) for part in pages.routes for path in paths_of(part)}
    assert {"/", "/review", "/login"} <= paths
    assert [path for path in paths if not is_public(path) and not line_of(path)] == []


def paths_of(part: object) -> list[str]:
    """The paths of a route, or of a router that is included."""
    if path := getattr(part, "path", ""):
        return [path]
    inner = getattr(part, "original_router", None) or getattr(part, "router", None)
    return [path for one in inner.routes for path in paths_of(one)] if inner else []


def test_every_line_of_the_table_is_there_for_a_route(app: FastAPI) -> None:
    paths = {path for path, _ in asked(app)}
    for line in RIGHTS:
        if line.startswith("/api/"):
            assert any(line_of(path) == line for path in paths), line


@pytest.mark.parametrize(
    ("path", "writes", "roles"),
    [
        ("/api/v1/tokens", True, {ADMIN}),
        ("/api/v1/tokens/crm", True, {ADMIN}),
        ("/api/v1/calls/x1/verdict", True, {"supervisor", "manager", QA}),
        ("/api/v1/calls/x1/hold", True, {AGENT, "supervisor", "manager"}),
        ("/api/v1/blocks/x1/lift", True, {"supervisor", "manager"}),
        ("/api/v1/health", False, set(ROLES)),
        ("/api/v1/nothing", False, set()),
        ("/nothing", False, set()),
        ("/api/v1", False, set()),
        ("/api/v1/callsx", False, set()),
        ("//review", False, set()),
        ("", False, set()),
    ],
)
def test_the_longest_line_counts_and_nothing_unlisted_passes(
    path: str, writes: bool, roles: set[str]
) -> None:
    assert allowed(path, writes=writes) == roles


def test_pages_are_read_only() -> None:
    assert all(RIGHTS[line][1] == NOBODY for line in RIGHTS if not line.startswith("/api/"))


@pytest.mark.parametrize(
    "path", ["/loginx", "/enterx", "/staticx", "/api/v1/invitations", "/api/v1/loginx"]
)
def test_what_only_looks_public_is_not(path: str) -> None:
    assert not is_public(path)
