"""The pages of the knowledge base (知识库): searched, read, proposed, approved, with editions."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from markupsafe import escape
from starlette.responses import HTMLResponse

from callcenter.casework import documents, steps
from callcenter.casework.documents import CATEGORIES, RETIRED, UNDER_WAY
from callcenter.core.people import AGENT, LEADS, QA
from callcenter.store import trail
from callcenter.store.document_tables import Document
from callcenter.web.api.documents import today_of
from callcenter.web.pages.calls import facts
from callcenter.web.pages.calls.views import Agents
from callcenter.web.pages.offered import has, offered
from callcenter.web.pages.records.editions import difference, editions
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom, InSession

router = APIRouter()

SHOWN = 100
"""Documents in the list."""
ASKED = 30
"""Common objections on the first page."""
OBJECTION = "objection"
ENDING = "ending"
"""Asks for what is over or ends soon."""

Short = Annotated[str, Query(max_length=100)]


@router.get("/documents")
def all_documents(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    q: Short = "",
    category: Short = "",
    state: Short = "",
) -> HTMLResponse:
    """What is published and holds these words; or what is on its way, or ends soon."""
    today = today_of(room)
    return render(
        request,
        "documents/documents.html",
        **_listed(session, q, category, state, today),
        asked=documents.search(session, "", OBJECTION, ASKED, today),
        people=facts.names(agents),
        facts=facts,
        document=None,
        writes=has(AGENT, QA, *LEADS),
    )


@router.get("/documents/{number}")
def document(
    request: Request,
    room: InRoom,
    session: InSession,
    agents: Agents,
    number: str,
    q: Short = "",
    category: Short = "",
    state: Short = "",
    edition: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> HTMLResponse:
    """One document: what is published, the draft against it, an older edition against the next."""
    row = steps.get(session, Document, number)
    entries = trail.of(session, documents.KIND, number)
    published = editions(entries)
    chosen = next((one for one in published if one.number == edition), None)
    if edition and chosen is None:
        raise HTTPException(404, f"{number} has no edition {edition}")
    before = next((one for one in published if one.number == edition - 1), None)
    drafting = row.state in UNDER_WAY
    if chosen is not None:
        compared = difference(before.body if before else "", chosen.body)
    else:
        compared = difference(row.published_body, row.body) if drafting and row.edition else []
    writes = has(AGENT, QA, *LEADS)
    return render(
        request,
        "documents/documents.html",
        **_listed(session, q, category, state or (row.state if drafting else ""), today_of(room)),
        document=row,
        drafting=drafting,
        entries=entries,
        editions=published,
        chosen=chosen,
        compared=compared,
        possible=offered(documents.MOVES, row.state) if writes else (),
        people=facts.names(agents),
        facts=facts,
        writes=writes,
    )


def _listed(
    session: InSession, q: str, category: str, state: str, today: date
) -> dict[str, object]:
    """The list at the left: by words and category, by where they stand, or by when they end.

    Texts are shown as written: their numbers are no customer's, and an editor sends them back.
    """
    wanted = state if state in (*UNDER_WAY, RETIRED, ENDING) else ""
    if wanted == ENDING:
        found = documents.ending(session, today, SHOWN)
    elif wanted:
        found = documents.listing(session, wanted, SHOWN)
    else:
        found = documents.search(session, q, category, SHOWN, today)
    return {
        "ending": ENDING,
        "ends": documents.ends(session, today),
        "stands": lambda until: documents.stands(until, today),
        "documents": found,
        "q": q,
        "category": category,
        "state": wanted,
        "states": UNDER_WAY,
        "waiting": documents.waiting(session),
        "categories": CATEGORIES,
        "written": escape,
    }
