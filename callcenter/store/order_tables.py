"""The tables of work orders (工单) and of what was promised in them. See store/kept.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from callcenter.core.events import RecordStepped
from callcenter.store.base import Base
from callcenter.store.kept import Kept


class WorkOrder(Kept, Base):
    """A work order (W1): enquiry, suggestion, complaint or repair; money is in fen.

    `state` is draft, pending, in_progress, awaiting_reply, awaiting_follow_up, closed or archived.
    """

    __tablename__ = "work_orders"

    type: Mapped[str]
    priority: Mapped[str] = mapped_column(default="normal")
    """normal or urgent."""
    severe: Mapped[bool] = mapped_column(default=False)
    """What solves it is proposed, and approved by a lead (E4)."""
    title: Mapped[str] = mapped_column(default="")
    content: Mapped[str] = mapped_column(Text, default="")
    solution: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    """What was said with the newest step that had something to say; the trail has all."""

    caller_number: Mapped[str] = mapped_column(default="", index=True)
    """In its plain form; "" where it is withheld."""
    customer_number: Mapped[str | None] = mapped_column(index=True)
    """Of the customer's file."""
    happened_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(default="")
    concerned: Mapped[str] = mapped_column(default="")
    """人物: whom it is about."""
    phone: Mapped[str] = mapped_column(default="", index=True)
    """联系电话: where to ring back."""

    department: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="", index=True)
    """Who holds it: the name or number of a person."""
    dispatched_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it was last handed over to its owner (W15)."""
    dispatched_by: Mapped[str] = mapped_column(default="")
    accepted_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)

    promises: Mapped[list[Any]] = mapped_column(default=list)
    """{what, due_at, made_at, made_by, call_id, promise_id, ended_at, kept}, oldest first."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the first of them that stands is due."""
    contacts: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, call_id, channel, reached, announced, identity_verified, told, note} (W8 to W10)."""

    chased: Mapped[int] = mapped_column(default=0)
    """How often it was chased (催办)."""
    chased_at: Mapped[datetime | None]
    escalated_to: Mapped[str] = mapped_column(default="")
    escalated_at: Mapped[datetime | None]
    escalated_call: Mapped[str] = mapped_column(default="")
    """The call that went to the supervisor with it (E1)."""
    proposal: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    """The lead who approved the proposal as it stands; "" where nobody has."""
    alarm: Mapped[str] = mapped_column(default="")
    """major or danger (E5, E6)."""
    reports: Mapped[list[Any]] = mapped_column(default=list)
    """Who was told of it at once: {at, by, alarm, told, note}."""
    compensation_fen: Mapped[int] = mapped_column(default=0)
    compensated_by: Mapped[str] = mapped_column(default="")
    issued_to: Mapped[str] = mapped_column(default="")
    """Who repairs (W16)."""
    issued_at: Mapped[datetime | None]
    raised_from: Mapped[str] = mapped_column(default="", index=True)
    """The work order in whose reply this was asked for (W11)."""


class OrderPromise(Base):
    """A promise in a work order, as its `promises` have it, for counting and for lists by time."""

    __tablename__ = "order_promises"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("work_orders.number"), index=True)
    what: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    kept: Mapped[bool | None]
    """Whether it was kept in time; NULL while it stands."""


def keep_promises(session: Session, order: WorkOrder, step: RecordStepped) -> None:
    """Write a work order's promises as rows; what a step in it writes besides (store/kinds.py)."""
    session.execute(delete(OrderPromise).where(OrderPromise.number == order.number))
    for one in order.promises:
        ended = one["ended_at"] and datetime.fromisoformat(one["ended_at"])
        session.add(
            OrderPromise(
                number=order.number,
                what=one["what"],
                due_at=datetime.fromisoformat(one["due_at"]),
                made_at=datetime.fromisoformat(one["made_at"]),
                made_by=one["made_by"],
                ended_at=ended or None,
                kept=one["kept"],
            )
        )
