"""The table of what programs elsewhere are yet to be told (webhooks). See core/webhooks.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class Delivery(Base):
    """A fact for one target, from the moment it is written until some days after it was taken.

    It holds neither telephone numbers nor what was said: those are read when it leaves.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_target_done_at_id", "target", "done_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """What the target knows it by, the same at every try."""
    target: Mapped[str]
    subject: Mapped[str]
    """The call's id, or the record's kind and number: what is told in order."""
    call_id: Mapped[str]
    """"" where it is about no call."""
    type: Mapped[str]
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    owed_at: Mapped[datetime]
    """Since when it is tried: since then, or since a person had it tried once more."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    """Not before then; while it is on its way, when another may try."""
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """delivered or given_up; "" while it waits."""
    problem: Mapped[str] = mapped_column(default="")
