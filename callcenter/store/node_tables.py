"""The table of nodes: machines that share this database (only where that is PostgreSQL)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class NodeRow(Base):
    """A machine that runs the service, until it ends in good order; moments are the database's."""

    __tablename__ = "nodes"

    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    draining: Mapped[bool] = mapped_column(default=False, server_default=false())
