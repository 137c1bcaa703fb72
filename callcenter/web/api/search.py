"""One search over what was said, work orders, complaints, customers and documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from callcenter.casework import documents
from callcenter.store import search
from callcenter.web.api.base import Out
from callcenter.web.api.documents import today_of
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/search", tags=["检索"])

Kind = Literal["segment", "work_order", "complaint", "customer", "document"]


class ExcerptOut(Out):
    """A piece of a text, telephone numbers masked; `marks` are from where until where it matched,
    in characters."""

    text: str
    marks: list[tuple[int, int]]


class FoundOut(Out):
    """A place that holds every word. Of a segment: the call, who said it, and where (ms since
    answer); of a record: its number and title."""

    kind: Kind
    number: str
    title: str
    call_id: str
    party: str
    start_ms: int
    rang_at: datetime | None
    excerpt: ExcerptOut
    over: bool = False
    """A document that has passed the last day on which it holds; these come last."""


class SearchOut(Out):
    """What was found, kind by kind, the newest first; `more` are the kinds that have more of it."""

    hits: list[FoundOut]
    more: list[Kind] = Field(description="Ask for these alone, with a larger `limit`.")


@router.get("", summary="全文检索", responses=problems(422))
def find(
    room: InRoom,
    session: InSession,
    q: Annotated[str, Query(max_length=256)] = "",
    kinds: Annotated[tuple[Kind, ...], Query()] = (),
    limit: Annotated[int, Query(ge=1, le=search.MOST)] = 20,
) -> SearchOut:
    """What holds every word of `q`, wherever it begins; spaces and marks do not count. `limit` is
    for each kind."""
    found = [FoundOut.model_validate(one) for one in search.find(session, q, kinds, limit + 1)]
    written = [one for one in found if one.kind == "document"]
    past = documents.over_among(session, [one.number for one in written], today_of(room))
    for one in written:
        one.over = one.number in past
    found.sort(key=lambda one: one.over)
    by_kind = {kind: [one for one in found if one.kind == kind] for kind in search.FINDERS}
    return SearchOut(
        hits=[one for of in by_kind.values() for one in of[:limit]],
        more=[kind for kind, of in by_kind.items() if len(of) > limit],
    )
