"""The knowledge base: written, released, searched (N1, S4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session

from callcenter.casework import documents, steps
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.document_tables import Document
from callcenter.web.api.base import Line
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/documents", tags=["知识库"])

Category = Literal["business", "script", "objection", "product", "procedure", "other"]
Body = Annotated[str, Field(max_length=50_000)]


class WriteDocument(Signed):
    """A document that begins."""

    title: Line
    body: Body
    category: Category
    valid_until: date | Literal[""] = ""
    """The last day on which it holds; "" where it has no end."""


class ActOnDocument(Act):
    """edit, submit, review, publish, send_back, revise, extend, retire."""

    title: Line = ""
    body: Body = ""
    valid_until: date | Literal[""] = ""
    remark: Line = ""


class DocumentOut(RecordOut):
    """A document: the draft, and what is published."""

    title: str
    category: str
    body: str
    valid_until: str
    remark: str
    reviewed_by: str
    edition: int
    published_title: str
    published_body: str
    published_until: str
    published_at: datetime | None
    published_by: str


@router.get("", summary="检索知识库", responses=problems(422))
def search(
    room: InRoom,
    session: InSession,
    text: str = "",
    category: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[DocumentOut]:
    """What is published and holds all of these words; what has passed its day comes last."""
    found = documents.search(session, text, category, limit, today_of(room))
    return [listed(DocumentOut, documents.MOVES, row) for row in found]


def today_of(room: Room) -> date:
    """The day on the house's wall."""
    return room.now().astimezone(room.house.hours.zone).date()


@router.get("/{number}", summary="一份文档", responses=problems(404))
def get_document(session: InSession, number: str) -> DocumentOut:
    """A document and every step in it."""
    row = steps.get(session, Document, number)
    return whole(DocumentOut, documents.MOVES, session, documents.KIND, row)


@router.post("", summary="写文档", status_code=201, responses=problems(409, 422, 503))
async def write(room: InRoom, wanted: WriteDocument) -> DocumentOut:
    """Begin a document; it is seen by others once it is published."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return documents.write(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_document)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnDocument) -> DocumentOut:
    """Take a step; `possible` in the document says which its state allows."""
    return await stepped(room, number, wanted, documents.act, get_document)
