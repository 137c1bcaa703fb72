"""The tables of who was there and who should have been: states of agents, shifts (排班)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class AgentSpan(Base):
    """A time through which an agent stood in one state (core/presence.py); they follow each other
    without a gap while the service runs."""

    __tablename__ = "agent_spans"
    __table_args__ = (
        Index("ix_agent_spans_agent_since", "agent", "since"),
        Index("ix_agent_spans_until_agent", "until", "agent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    """The agent, who decided for them, or system."""
    call_id: Mapped[str] = mapped_column(default="")
    """The call that rang, ran or was wrapped up."""
    since: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None]
    """None for the one that lasts."""
    lasted_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    """From since to until: months of them are added up."""


class Shift(Kept, Base):
    """When an agent is to be there, or, within that, is not: planned, then maybe cancelled."""

    __tablename__ = "shifts"

    agent: Mapped[str] = mapped_column(index=True)
    day: Mapped[str] = mapped_column(index=True)
    """On which it begins, on the wall: 2026-11-22."""
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    """duty, overtime, meal, training or leave."""
    note: Mapped[str] = mapped_column(default="")
    exchanged_from: Mapped[str] = mapped_column(default="", server_default="")
    """Who had it before the last exchange (换班)."""
    exchanged_with: Mapped[str] = mapped_column(default="", server_default="")
    """The number of the other shift of that exchange."""
