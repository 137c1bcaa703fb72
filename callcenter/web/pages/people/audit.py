"""The audit trail (审计): who did what, by person, deed, record or call. Reads the store."""

from __future__ import annotations

import json
from collections.abc import Iterable

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.web.access.witness import EXPORT, PLAY, REVEAL
from callcenter.web.api.audit import Asked, page_of
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.render import render
from callcenter.web.pages.words import WORDS, word
from callcenter.web.room import InSession

router = APIRouter()

OFTEN = (PLAY, REVEAL, EXPORT, "export_evidence", "join", "leave", "confirm_termination", "judge")
"""Deeds that are asked for most."""
REASONS = ("reason", "purpose", "note", "text")
"""Where a step keeps why it was taken."""
FOLDERS = {
    "call": "/calls/",
    "customer": "/customers/",
    "work_order": "/orders/",
    "complaint": "/complaints/",
    "harassment_case": "/cases/",
}
"""Where what an entry is about is shown."""


@router.get("/audit")
def audit(request: Request, session: InSession, agents: Agents, asked: Asked) -> HTMLResponse:
    """One page of the trail, the newest first."""
    return render(
        request,
        "door/audit.html",
        page=page_of(session, asked),
        asked=asked,
        often=OFTEN,
        kinds=WORDS["audit_kind"],
        folders=FOLDERS,
        people=facts.names(agents),
        facts=facts,
        deed=deed,
        why=why,
    )


def why(changes: str) -> str:
    """What the person gave as the reason; "" where they gave none, or its words were erased."""
    told = json.loads(changes) if changes else {}
    found = (told.get(name) for name in REASONS)
    return next((one for one in found if isinstance(one, str) and one), "")


def deed(kind: str, action: str) -> str:
    """What was done, in the words of the record's own page where it has such."""
    own = {"work_order": "order_action", "harassment_case": "case_action"}.get(kind, "")
    return _said((own, f"{kind}_action", f"{kind}_step", "audit_action"), action)


def _said(tables: Iterable[str], action: str) -> str:
    found = (table for table in tables if action in WORDS.get(table, ()))
    table = next(found, "")
    return word(table, action) if table else action
