"""The tables of what helps an agent: cards that were shown, promises heard. See store/tables.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.tables import Base


class CardRow(Base):
    """A card that was put before the agent, as it read then: quality checks know what a silence or
    a firm word followed (D14)."""

    __tablename__ = "cards_offered"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    name: Mapped[str]
    title: Mapped[str]
    handbook: Mapped[str]
    because: Mapped[str] = mapped_column(Text)


class PromiseRow(Base):
    """What an agent promised, by when (W12); `status` is offered, accepted or dismissed.

    `heard_due_at` is the time as it was worked out from the words; a person may have changed
    `due_at`.
    """

    __tablename__ = "promises"

    promise_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    agent: Mapped[str]
    what: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    heard_due_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="offered")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
