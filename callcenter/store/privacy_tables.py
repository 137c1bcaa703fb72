"""The table of numbers that were hidden in calls (脱敏). See store/tables.py."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class Redaction(Base):
    """Where a number was told: that party's sound is a tone there; `kind` is card, id or phone."""

    __tablename__ = "redactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    kind: Mapped[str]
