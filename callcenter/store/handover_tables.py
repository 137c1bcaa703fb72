"""The table of handovers (交接), one row a 交接表. See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Handover(Kept, Base):
    """What one shift leaves to the next; both sign."""

    __tablename__ = "handovers"

    shift: Mapped[str] = mapped_column(index=True)
    """Such as 2026-11-22 晚班."""
    giver: Mapped[str] = mapped_column(index=True)
    taker: Mapped[str] = mapped_column(default="", index=True)
    starts_at: Mapped[datetime | None]
    """When the taker's shift begins."""
    arrived_at: Mapped[datetime | None]
    items: Mapped[list[Any]] = mapped_column(default=list)
    """{sort, number, text, due_at, by_voice, ticked_by, ticked_at}."""
    log: Mapped[str] = mapped_column(Text, default="")
    """工作日志."""
    given_at: Mapped[datetime | None]
    """When the giver signed."""
    taken_at: Mapped[datetime | None]
    """When the taker signed."""
