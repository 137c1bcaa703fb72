"""The API under /api/v1: JSON in, JSON out; names from the vocabulary, times UTC, offsets ms."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.api import (
    accounts,
    appraisals,
    blocks,
    breaks,
    calling,
    calls,
    case_export,
    cases,
    commands,
    complaints,
    customer_files,
    customers,
    documents,
    follow_ups,
    handovers,
    live,
    messages,
    promises,
    recording,
    reports,
    rules,
    voices,
    withheld,
    work_orders,
)

router = APIRouter(prefix="/api/v1")
for part in (
    calls,
    recording,
    commands,
    calling,
    work_orders,
    live,
    voices,
    blocks,
    breaks,
    reports,
    cases,
    case_export,
    withheld,
    rules,
    promises,
    accounts,
    complaints,
    customer_files,
    customers,
    follow_ups,
    handovers,
    messages,
    documents,
    appraisals,
):
    router.include_router(part.router)
