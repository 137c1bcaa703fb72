"""What a figure of a report counts and no register lists: promises, evaluations.

A list of the API is the page's dependency: it takes the same query and finds the same records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from callcenter.web.api.evaluation_models import EvaluationLine
from callcenter.web.api.evaluations import list_evaluations
from callcenter.web.api.order_models import OrderPromiseOut
from callcenter.web.api.work_orders import list_promises
from callcenter.web.pages import language
from callcenter.web.pages.language import say
from callcenter.web.pages.render import render
from callcenter.web.pages.words import word

router = APIRouter(prefix="/reports/counts")

Promises = Annotated[Sequence[OrderPromiseOut], Depends(list_promises)]
Evaluations = Annotated[Sequence[EvaluationLine], Depends(list_evaluations)]


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the list."""

    number: str
    path: str
    what: str
    state: str
    person: str
    at: datetime | None


@router.get("/promises")
def promises(request: Request, found: Promises) -> HTMLResponse:
    """What was promised in work orders."""
    with language.speaking(language.of(request)):
        rows = [
            Record(
                one.number,
                f"/orders/{quote(one.number)}",
                word("order_promise", one.what),
                word("promise_kept", str(one.kept)),
                one.made_by,
                one.due_at,
            )
            for one in found
        ]
        return _list(request, say("承诺与时限"), rows)


@router.get("/evaluations")
def evaluations(request: Request, found: Evaluations) -> HTMLResponse:
    """Evaluations; each leads to its call, where its scorecard stands."""
    with language.speaking(language.of(request)):
        rows = [
            Record(
                one.number,
                f"/calls/{quote(one.call_id)}",
                say("{score} 分", score=f"{one.score:.1f}") if one.score is not None else "",
                word("evaluation_verdict", one.verdict),
                one.agent,
                one.submitted_at,
            )
            for one in found
        ]
        return _list(request, say("质检"), rows)


def _list(request: Request, title: str, rows: Sequence[Record]) -> HTMLResponse:
    return render(request, "reports/counts.html", title=title, rows=rows)
