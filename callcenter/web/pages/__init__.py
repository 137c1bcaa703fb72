"""The pages: server-rendered HTML, Chinese first. What changes live is filled in by static/*.js."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.pages import blocks, cases, documentation, rules, views

router = APIRouter(include_in_schema=False)
for part in (views, documentation, blocks, cases, rules):
    router.include_router(part.router)
