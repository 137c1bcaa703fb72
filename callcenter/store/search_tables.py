"""The table of what records say, for searching; the database's own triggers keep it."""

from __future__ import annotations

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class SearchEntry(Base):
    """What one record says: its title in the first line, then all else that is looked for."""

    __tablename__ = "search_entries"
    __table_args__ = (UniqueConstraint("kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
