"""The knowledge base (知识库): written, read by a manager, released by a lead, searched (N1, S4).

What is published stays until a new edition is; objections (常见异议) are a category of their own.
Reads through the session given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
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
SOON = timedelta(days=30)
"""So long before its end a document is brought to mind."""
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
    (PUBLISHED, "extend"): Move(PUBLISHED, ("valid_until",), LEADS),
    (PUBLISHED, "retire"): Move(RETIRED, ("remark",), LEADS),
}
"""New business document → manager → lead → knowledge base."""


def write(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Begin a document. Raises Refused."""
    if fields.get("category") not in CATEGORIES:
        raise Refused(f"a document is one of: {', '.join(CATEGORIES)}")
    kept = {**fields, "valid_until": _day(fields)}
    return steps.opening(session, KIND, MOVES, PREFIX, "write", kept, actor)


def search(
    session: Session,
    words: str = "",
    category: str = "",
    limit: int = 50,
    today: date | None = None,
) -> Sequence[Document]:
    """What is published and holds all of these words: what holds `today` first, then the newest."""
    query = select(Document).where(*_standing())
    if category:
        query = query.where(Document.category == category)
    if words.split():
        query = query.where(texts.says(session, Document.number, KIND, words))
    if today:
        query = query.order_by(is_over(today))
    newest = (Document.published_at.desc(), Document.number)
    return session.scalars(query.order_by(*newest).limit(limit)).all()


def ending(session: Session, today: date, limit: int = 50) -> Sequence[Document]:
    """What is published and ends within SOON or is over, what ended first at the top."""
    query = select(Document).where(*_standing(), *_ends_by(today + SOON))
    ordered = query.order_by(Document.published_until, Document.number)
    return session.scalars(ordered.limit(limit)).all()


def ends(session: Session, today: date) -> tuple[int, int]:
    """How many published documents are over, and how many will be within SOON."""
    over = func.count().filter(is_over(today))
    query = select(over, func.count()).where(*_standing(), *_ends_by(today + SOON))
    past, both = session.execute(query).one()
    return past, both - past


def over_among(session: Session, numbers: Sequence[str], today: date) -> set[str]:
    """Those of these documents that hold no longer."""
    query = select(Document.number).where(Document.number.in_(numbers), is_over(today))
    return set(session.scalars(query)) if numbers else set()


def is_over(today: date) -> ColumnElement[bool]:
    """What is published holds no longer."""
    day = today.isoformat()
    return (Document.published_until != "") & (Document.published_until < day)


def stands(until: str, today: date) -> str:
    """How a document stands that ends then: over, soon, or "" where nothing is to be said."""
    if not until:
        return ""
    if until < today.isoformat():
        return "over"
    return "soon" if until <= (today + SOON).isoformat() else ""


def _standing() -> tuple[ColumnElement[bool], ...]:
    return Document.edition > 0, Document.state != RETIRED


def _ends_by(day: date) -> tuple[ColumnElement[bool], ...]:
    return Document.published_until != "", Document.published_until <= day.isoformat()


def _day(fields: Mapping[str, Any]) -> str:
    """A day in the one form in which days are compared; "" for no end. Raises Refused."""
    given = fields.get("valid_until") or ""
    try:
        return date.fromisoformat(str(given)).isoformat() if given else ""
    except ValueError:
        raise Refused(f"valid_until: {given!r} is no day; expected such as 2026-12-31") from None


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
            ended = {"valid_until": _day(given)} if "valid_until" in given else {}
            return {**{n: given[n] for n in ("title", "body") if given.get(n)}, **ended}
        case "review":
            return {"reviewed_by": actor.person.strip()}
        case "publish":
            if actor.person.strip() == row.opened_by:
                raise Refused("nobody releases what they wrote themselves")
            shown = {"published_title": row.title, "published_body": row.body}
            shown["published_until"] = row.valid_until
            by = {"published_at": actor.at, "published_by": actor.person.strip()}
            return {**shown, **by, "edition": row.edition + 1, "remark": ""}
        case "submit":
            return {}
        case "extend":
            day = _day(given)
            return {"valid_until": day, "published_until": day}
        case _:
            return {"remark": given["remark"]}


act = steps.acting(Document, MOVES, _changes)
"""A step in a document. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""
