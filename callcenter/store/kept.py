"""What every record of casework has in common, as columns. See store/tables.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column


class Kept:
    """A record: its number, where it stands, and how often it was changed."""

    number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    """1 once it is opened, one more with each step: who saw an older one is told so."""
    opened_at: Mapped[datetime] = mapped_column(index=True)
    opened_by: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
