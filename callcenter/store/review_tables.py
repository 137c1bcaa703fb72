"""The table of reviews: who has claimed which flagged call, and what is only watched. See
store/kept.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Review(Kept, Base):
    """A flagged call in a reviewer's hands (认领), or put aside to be watched (观察).

    Its number is the call's call_id; who claimed it is `changed_by`.
    """

    __tablename__ = "reviews"

    claimed_until: Mapped[datetime | None]
    """When the claim lapses by itself."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What is to be watched."""
