"""The API under /api/v1: JSON in, JSON out; names from the vocabulary, times UTC, offsets ms."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.api import (
    blocks,
    breaks,
    calling,
    calls,
    case_export,
    cases,
    commands,
    live,
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
):
    router.include_router(part.router)
