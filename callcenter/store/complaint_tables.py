"""The table of complaints (投诉), one row a 顾客投诉登记表. See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.kept import Kept
from callcenter.store.tables import Base


class Complaint(Kept, Base):
    """A complaint through its six stages; money is in fen. Who recorded it is `opened_by`."""

    __tablename__ = "complaints"

    work_order_number: Mapped[str] = mapped_column(default="", index=True)
    call_id: Mapped[str] = mapped_column(default="", index=True)
    customer_number: Mapped[str] = mapped_column(default="", index=True)
    complainant: Mapped[str]
    company: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="", index=True)
    address: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="phone")
    category: Mapped[str] = mapped_column(index=True)
    severity: Mapped[str] = mapped_column(default="ordinary")
    content: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str] = mapped_column(Text)
    process_told: Mapped[str] = mapped_column(Text, default="")
    feedback_due_at: Mapped[datetime | None] = mapped_column(index=True)
    reported_to: Mapped[list[Any]] = mapped_column(default=list)
    """To whom a major one was reported at once: {at, by, to}."""
    founded: Mapped[bool | None]
    judged_at: Mapped[datetime | None]
    judgement: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(default="", index=True)
    investigate_by: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(Text, default="")
    responsible: Mapped[str] = mapped_column(default="")
    impact: Mapped[str] = mapped_column(Text, default="")
    loss_fen: Mapped[int] = mapped_column(default=0)
    proposals: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, measures, owner, due_at, cost_fen}, in the order in which they were made; the cost
    only where somebody told it."""
    chosen: Mapped[int | None]
    """Which of them, from 0."""
    signed_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    customer_signature: Mapped[str] = mapped_column(default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    sanction: Mapped[str] = mapped_column(Text, default="")
    satisfied: Mapped[bool | None]
    rounds: Mapped[int] = mapped_column(default=0)
    """How often the customer was not satisfied, so that it began anew."""
    summary: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    improvements: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, measure, owner, due_at, checked_at, result}."""
