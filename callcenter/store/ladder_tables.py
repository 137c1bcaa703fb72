"""The tables of the ladder's end: decisions on blocks, recovery breaks. See store/tables.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.tables import Base


class BlockDecision(Base):
    """What the desk proposed about a number and which supervisor decided what, in order (H18).

    `kind` is proposed, approved, refused or lifted; the blocklist holds what is in force.
    """

    __tablename__ = "block_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.call_id"))
    attempts: Mapped[int] = mapped_column(default=0)
    known_customer: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]


class BreakRow(Base):
    """A recovery break that was offered after a call (H23); no KPI counts its time."""

    __tablename__ = "recovery_breaks"
    __table_args__ = (UniqueConstraint("call_id", "agent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"))
    agent: Mapped[str] = mapped_column(index=True)
    offered_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
