"""The pages: server-rendered HTML, Chinese first. What changes live is filled in by static/*.js."""

from __future__ import annotations

from fastapi import APIRouter

from callcenter.web.pages import blocks, cases, documentation, logins, parts, rules, views, wall

router = APIRouter(include_in_schema=False)
for part in (views, wall, documentation, blocks, cases, rules, logins, parts):
    router.include_router(part.router)
