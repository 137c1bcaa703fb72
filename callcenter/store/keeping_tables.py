"""The tables of holds, erasures and of what was cleared (保留与删除). See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Hold(Kept, Base):
    """What must not be removed while it stands (法律保全); `state` is standing or lifted."""

    __tablename__ = "holds"

    subject: Mapped[str]
    """call, source, customer or case."""
    about: Mapped[str] = mapped_column(index=True)
    """The call's id, the telephone number in its plain form, the customer's or case's number."""
    reason: Mapped[str] = mapped_column(Text)
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was lifted."""


class Erasure(Kept, Base):
    """A person's wish that what is kept of them is erased (个人信息删除).

    `state` is asked, refused, approved or done.
    """

    __tablename__ = "erasures"

    subject: Mapped[str]
    """number or customer."""
    about: Mapped[str]
    """The telephone number in its plain form, or the customer's number; the middle of a telephone
    number is hidden once it is done."""
    reason: Mapped[str] = mapped_column(Text)
    """Who asked, how, and on what ground."""
    decided_by: Mapped[str] = mapped_column(default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    erased: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How many of what."""
    certificate_sha256: Mapped[str] = mapped_column(default="")


class Clearance(Base):
    """A part of a call, or of a record, that was removed."""

    __tablename__ = "clearances"

    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    why: Mapped[str]
