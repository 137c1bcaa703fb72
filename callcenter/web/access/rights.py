"""What each role may ask for: one line for each part of the site, nothing unlisted passes. Pure.

What a person may do with one record says the record's own table of moves (ADR 11); here is who
gets as far as that. `*` stands for one piece of a path; the longest line that fits counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.core.people import ADMIN, AGENT, LEADS, MANAGER, MONITOR, PAUSER, QA, ROLES

Roles = frozenset[str]

ALL: Roles = frozenset(ROLES)
DESK: Roles = LEADS | {AGENT}
"""Who speaks with customers, and who leads them."""
CALLS: Roles = DESK | {QA}
"""Who knows of calls."""
REVIEW: Roles = LEADS | {QA}
"""Who judges calls."""
OFFICE: Roles = LEADS | {ADMIN}
NOBODY: Roles = frozenset()
ORIGINALS: Roles = frozenset({MANAGER})
"""Who may open what was hidden in a call."""

PUBLIC = ("/login", "/enter/*", "/static", "/api/v1/login", "/api/v1/invitations/*")
"""Open to who is not logged in."""

RIGHTS: Mapping[str, tuple[Roles, Roles]] = {
    # pages: who may read them
    "/": (CALLS, NOBODY),
    "/wall": (LEADS, NOBODY),
    "/review": (REVIEW, NOBODY),
    "/calls": (CALLS, NOBODY),
    "/cases": (REVIEW, NOBODY),
    "/blocks": (CALLS, NOBODY),
    "/rules": (REVIEW, NOBODY),
    "/orders": (CALLS, NOBODY),
    "/complaints": (CALLS, NOBODY),
    "/follow-ups": (CALLS, NOBODY),
    "/customers": (CALLS, NOBODY),
    "/documents": (ALL, NOBODY),
    "/staff": (ALL, NOBODY),
    "/staff/accounts": (OFFICE, NOBODY),
    "/staff/settings": (OFFICE, NOBODY),
    "/staff/keeping": (OFFICE, NOBODY),
    "/staff/exposure": (REVIEW, NOBODY),
    "/staff/shifts": (CALLS, NOBODY),
    "/staff/appraisals": (CALLS, NOBODY),
    "/staff/coaching": (CALLS, NOBODY),
    "/reports": (REVIEW, NOBODY),
    "/handovers": (DESK, NOBODY),
    "/search": (CALLS, NOBODY),
    "/parts": (ALL, NOBODY),
    "/parts/today": (CALLS, NOBODY),
    "/audit": (OFFICE, NOBODY),
    "/me": (ALL, NOBODY),
    "/docs": (ALL, NOBODY),
    "/openapi.json": (ALL, NOBODY),
    "/metrics": (OFFICE | {MONITOR}, NOBODY),
    # the API: who may read, who may write
    "/api/v1/logout": (NOBODY, ALL),
    "/api/v1/me": (ALL, ALL),
    "/api/v1/invitations": (NOBODY, frozenset({ADMIN, MANAGER})),
    "/api/v1/tokens": (frozenset({ADMIN}), frozenset({ADMIN})),
    "/api/v1/accounts": (OFFICE, OFFICE),
    "/api/v1/audit": (OFFICE, NOBODY),
    "/api/v1/retention": (OFFICE, NOBODY),
    "/api/v1/holds": (OFFICE, OFFICE),
    "/api/v1/erasures": (OFFICE, OFFICE),
    "/api/v1/reveals": (NOBODY, LEADS),
    "/api/v1/health": (ALL, NOBODY),
    "/api/v1/nodes": (OFFICE, NOBODY),
    "/api/v1/live": (CALLS, NOBODY),
    "/api/v1/events": (CALLS, NOBODY),
    "/api/v1/agents": (CALLS, DESK),
    "/api/v1/floor": (REVIEW, NOBODY),
    "/api/v1/shifts": (CALLS, LEADS),
    "/api/v1/calls": (CALLS, DESK),
    "/api/v1/calls/*/verdict": (NOBODY, REVIEW),
    "/api/v1/calls/*/pause": (NOBODY, DESK | {PAUSER}),
    "/api/v1/calls/*/unpause": (NOBODY, DESK | {PAUSER}),
    "/api/v1/calls/*/originals": (NOBODY, ORIGINALS),
    "/api/v1/calls/*/export": (NOBODY, LEADS),
    "/api/v1/calls/*/siprec": (REVIEW, NOBODY),
    "/api/v1/calls/*/join": (NOBODY, LEADS),
    "/api/v1/calls/*/leave": (NOBODY, LEADS),
    "/api/v1/calls/*/take-over": (NOBODY, LEADS),
    "/api/v1/work-orders": (CALLS, DESK),
    "/api/v1/promises": (CALLS, DESK),
    "/api/v1/complaints": (CALLS, DESK),
    "/api/v1/complaints/statistics": (REVIEW, NOBODY),
    "/api/v1/customers": (CALLS, DESK),
    "/api/v1/customers/import": (NOBODY, LEADS),
    "/api/v1/customers/export": (NOBODY, LEADS),
    "/api/v1/customers/exchanges": (LEADS, NOBODY),
    "/api/v1/customers/allotments": (NOBODY, LEADS),
    "/api/v1/follow-ups": (CALLS, DESK),
    "/api/v1/follow-ups/build": (NOBODY, LEADS),
    "/api/v1/follow-ups/allot": (NOBODY, LEADS),
    "/api/v1/handovers": (DESK, DESK),
    "/api/v1/messages": (DESK, DESK),
    "/api/v1/documents": (ALL, CALLS),
    "/api/v1/appraisals": (CALLS, REVIEW),
    "/api/v1/scorecards": (CALLS, REVIEW),
    "/api/v1/evaluations": (CALLS, CALLS),
    "/api/v1/evaluations/sample": (REVIEW, NOBODY),
    "/api/v1/coaching": (CALLS, CALLS),
    "/api/v1/blocks": (CALLS, LEADS),
    "/api/v1/blocks/proposals": (NOBODY, DESK),
    "/api/v1/blocks/proposals/*": (NOBODY, LEADS),
    "/api/v1/reviews": (REVIEW, REVIEW),
    "/api/v1/cases": (REVIEW, LEADS),
    "/api/v1/withheld": (REVIEW, LEADS),
    "/api/v1/rules": (REVIEW, REVIEW),
    "/api/v1/reports": (REVIEW, NOBODY),
    "/api/v1/reports/exposure": (LEADS, NOBODY),
    "/api/v1/search": (CALLS, NOBODY),
}


def line_of(path: str) -> str:
    """The line of the table that this path comes under; "" where none does."""
    fitting = [line for line in RIGHTS if _fits(line, path)]
    return max(fitting, key=len, default="")


def allowed(path: str, *, writes: bool) -> Roles:
    """Who may ask for this path."""
    line = line_of(path)
    return RIGHTS[line][writes] if line else NOBODY


def is_public(path: str) -> bool:
    """True for what who is not logged in may ask for."""
    return any(_fits(line, path) for line in PUBLIC)


def _fits(line: str, path: str) -> bool:
    if line == "/":
        return path == "/"
    wanted, given = line.split("/"), path.split("/")
    return len(given) >= len(wanted) and all(
        piece in ("*", part) for piece, part in zip(wanted, given, strict=False)
    )
