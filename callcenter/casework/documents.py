"""The knowledge base (知识库): written, read by a manager, released by a lead, searched (N1, S4).

What is published stays until a new edition is; objections (常见异议) are a category of their own.
Reads through the session given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS, MANAGER
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store import search as texts
from callcenter.store.document_tables import Document

KIND, PREFIX = "document", "KB"
CATEGORIES = ("business", "script", "objection", "product", "procedure", "other")
DRAFT, SUBMITTED, REVIEWED, PUBLISHED, RETIRED = (
    "draft", "submitted", "reviewed", "published", "retired",
)  # fmt: skip
UNDER_WAY = (DRAFT, SUBMITTED, REVIEWED)
"""What is being written: a first edition, or the next one beside what is published."""
_MANAGERS = frozenset({MANAGER})

MOVES: Moves = {
    (NOT_YET, "write"): Move(DRAFT, ("title", "body", "category")),
    (DRAFT, "edit"): Move(DRAFT, ("body",)),
    (DRAFT, "submit"): Move(SUBMITTED),
    (SUBMITTED, "review"): Move(REVIEWED, by=_MANAGERS),
    (SUBMITTED, "send_back"): Move(DRAFT, ("remark",), LEADS),
    (REVIEWED, "publish"): Move(PUBLISHED, by=LEADS),
    (REVIEWED, "send_back"): Move(DRAFT, ("remark",), LEADS),
    (PUBLISHED, "revise"): Move(DRAFT, ("body",)),
    (PUBLISHED, "retire"): Move(RETIRED, ("remark",), LEADS),
}
"""New business document → manager → lead → knowledge base."""


def write(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Begin a document. Raises Refused."""
    if fields.get("category") not in CATEGORIES:
        raise Refused(f"a document is one of: {', '.join(CATEGORIES)}")
    return steps.opening(session, KIND, MOVES, PREFIX, "write", fields, actor)


def search(
    session: Session, words: str = "", category: str = "", limit: int = 50
) -> Sequence[Document]:
    """What is published and holds all of these words, the newest first."""
    query = select(Document).where(Document.edition > 0, Document.state != RETIRED)
    if category:
        query = query.where(Document.category == category)
    if words.split():
        query = query.where(texts.says(session, Document.number, KIND, words))
    newest = (Document.published_at.desc(), Document.number)
    return session.scalars(query.order_by(*newest).limit(limit)).all()


def listing(session: Session, state: str, limit: int = 50) -> Sequence[Document]:
    """Documents in this state, what was changed last first: drafts, and what waits for somebody."""
    query = select(Document).where(Document.state == state)
    return session.scalars(query.order_by(Document.changed_at.desc()).limit(limit)).all()


def waiting(session: Session) -> Mapping[str, int]:
    """How many documents are on their way, by state."""
    query = select(Document.state, func.count()).where(Document.state.in_(UNDER_WAY))
    return dict(session.execute(query.group_by(Document.state)).all())


def _changes(
    _: Session, row: Document, action: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    match action:
        case "edit" | "revise":
            return {name: given[name] for name in ("title", "body") if given.get(name)}
        case "review":
            return {"reviewed_by": actor.person.strip()}
        case "publish":
            if actor.person.strip() == row.opened_by:
                raise Refused("nobody releases what they wrote themselves")
            shown = {"published_title": row.title, "published_body": row.body}
            by = {"published_at": actor.at, "published_by": actor.person.strip()}
            return {**shown, **by, "edition": row.edition + 1, "remark": ""}
        case "submit":
            return {}
        case _:
            return {"remark": given["remark"]}


act = steps.acting(Document, MOVES, _changes)
"""A step in a document. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""
