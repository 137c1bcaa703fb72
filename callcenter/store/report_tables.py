"""The tables of reports that were built, and of the rules in force. See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class BuiltReport(Kept, Base):
    """A report of a time that is over, as it was built then; each only once."""

    __tablename__ = "built_reports"
    __table_args__ = (UniqueConstraint("name", "period", "since"),)

    name: Mapped[str]
    """service, agents, complaints …: a key of casework.reports.catalogue.REPORTS."""
    period: Mapped[str]
    """day, week or month."""
    since: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime]
    title: Mapped[str]
    files: Mapped[list[Any]] = mapped_column(default=list)
    """{form, path, sha256, bytes}."""


class RuleBook(Kept, Base):
    """The packs and cards that are in force: each change is a step."""

    __tablename__ = "rule_books"

    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """SHA-256 by file."""
