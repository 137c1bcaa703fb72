"""The table of the knowledge base's documents (知识库). See store/kept.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Document(Kept, Base):
    """A document: what is being written, and beside it what was published last."""

    __tablename__ = "documents"

    title: Mapped[str]
    category: Mapped[str] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[str] = mapped_column(default="", server_default="")
    """The last day on which it holds (有效期), such as 2026-12-31; "" where it has no end."""
    remark: Mapped[str] = mapped_column(default="")
    """Why it was sent back, or taken out."""
    reviewed_by: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=0)
    """How often it was published."""
    published_title: Mapped[str] = mapped_column(default="")
    published_body: Mapped[str] = mapped_column(Text, default="")
    published_until: Mapped[str] = mapped_column(default="", server_default="", index=True)
    """As `valid_until`, of what is published."""
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    published_by: Mapped[str] = mapped_column(default="")
