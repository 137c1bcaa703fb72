"""The pages: server-rendered HTML, Chinese first. What changes live is filled in by static/*.js."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.pages import documentation, parts
from callcenter.web.pages.calls import blocks, cases, review, rules, today, views, wall
from callcenter.web.pages.people import audit, keeping, learning, logins, rosters, staff
from callcenter.web.pages.records import (
    complaints,
    customers,
    documents,
    follow_ups,
    handovers,
    orders,
)
from callcenter.web.pages.reports import counts, reports

router = APIRouter(include_in_schema=False)
for part in (
    views,
    review,
    wall,
    documentation,
    blocks,
    cases,
    rules,
    logins,
    audit,
    parts,
    today,
    customers,
    documents,
    staff,
    keeping,
    rosters,
    learning,
    counts,
    reports,
    handovers,
    orders,
    complaints,
    follow_ups,
):
    router.include_router(part.router)
