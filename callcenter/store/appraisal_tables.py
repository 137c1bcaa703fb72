"""The table of tests, appraisals and trainings (考核、培训). See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Appraisal(Kept, Base):
    """One person's test, appraisal or training in a period."""

    __tablename__ = "appraisals"

    agent: Mapped[str] = mapped_column(index=True)
    sort: Mapped[str] = mapped_column(index=True)
    """test, monthly, quarterly, yearly or training."""
    period: Mapped[str] = mapped_column(index=True)
    """Such as 2026-11, 2026Q4, 2026."""
    topic: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    ratings: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, source, score, note}: customer, superior, peer, self or test."""
    score: Mapped[float | None] = mapped_column(Double)
    summary: Mapped[str] = mapped_column(default="")
