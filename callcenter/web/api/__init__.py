"""The API under /api/v1: JSON in, JSON out; names from the vocabulary, times UTC, offsets ms."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.api import calls, commands, live, recording, work_orders

router = APIRouter(prefix="/api/v1")
for part in (calls, recording, commands, work_orders, live):
    router.include_router(part.router)
