"""The table of follow-up calls (回访), one row a 回访记录表. See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class FollowUp(Kept, Base):
    """Somebody to be called, why, by when, and what came of it (F3, F6)."""

    __tablename__ = "follow_ups"

    reason: Mapped[str] = mapped_column(index=True)
    """order, complaint, member, lapsed or other."""
    plan: Mapped[str] = mapped_column(default="", index=True)
    """What it belongs to, such as a month's members; a name that people chose."""
    about: Mapped[str] = mapped_column(default="", index=True)
    """The number of the work order, complaint or customer."""
    customer: Mapped[str] = mapped_column(default="")
    """Whom to ask for."""
    phone: Mapped[str] = mapped_column(index=True)
    """In the one form in which numbers are compared."""
    content: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(default="", index=True)
    """Who is to call; "" until it is allotted."""
    tries: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, result, call_id}: each time nobody was reached."""
    calls: Mapped[list[Any]] = mapped_column(default=list)
    """The ids of the calls that were made for it."""
    satisfied: Mapped[bool | None]
    answers: Mapped[list[Any]] = mapped_column(default=list)
    """{question, answer}, as the script asks."""
    result: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    message: Mapped[str] = mapped_column(default="")
    """The number of the message that was sent where nobody could be reached."""
