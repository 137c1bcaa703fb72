"""The table of accounts (账号). See store/kept.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.kept import Kept
from callcenter.store.tables import Base


class Account(Kept, Base):
    """Who may do what here (N2); `person` is the name by which steps are signed."""

    __tablename__ = "accounts"

    person: Mapped[str] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(default="")
    """The agent's number (工号); "" for who takes no calls."""
    roles: Mapped[list[Any]]
    lines: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The telephone lines whose calls this person leads or judges; all where empty."""
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decision: Mapped[str] = mapped_column(default="")
