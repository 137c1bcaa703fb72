"""Adds rows so that a repeated event is one fact. Uses the session it is given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.store.tables import Base


def once(session: Session, row: type[Base], keys: dict[str, Any], **rest: Any) -> None:
    """Add a row unless one with these keys is there."""
    if not known(session, row, keys):
        session.add(row(**keys, **rest))


def known(session: Session, row: type[Base], keys: dict[str, Any]) -> bool:
    """Whether a row with these keys is there."""
    return session.scalar(select(row).filter_by(**keys).limit(1)) is not None
