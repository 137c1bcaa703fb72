"""The table of messages to customers (短信、邮件). See store/kept.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Message(Kept, Base):
    """A message, from its writing until it was taken by who carries it."""

    __tablename__ = "messages"

    template: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    to: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(default="", index=True)
    """The number of the work order, complaint or follow-up."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    """By when it should have left."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    carrier_id: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
