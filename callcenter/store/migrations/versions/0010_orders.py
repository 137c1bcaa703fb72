"""Work orders (工单) as records; those of before keep their numbers, calls and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import moment, text, whole, yes_no

revision = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ORDERS = sa.table("work_orders", *map(sa.column, ("state", "opened_at", "changed_at", "closed_at")))
OPEN = ("pending", "in_progress", "awaiting_reply", "awaiting_follow_up")
"""What was one status, open."""
RENAMED = {"created_at": "opened_at", "agent": "owner", "status": "state"}
INDEXED = (
    "state", "opened_at", "owner", "customer_number", "phone", "dispatched_at", "due_at",
    "closed_at", "raised_from",
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("work_orders") as orders:
        for old, new in RENAMED.items():
            orders.alter_column(old, new_column_name=new)
        for column in _columns():
            orders.add_column(column)
    _rename(("open",), "in_progress")
    op.execute(sa.update(ORDERS).values(changed_at=ORDERS.c.opened_at))
    closed = ORDERS.c.state == "closed"
    op.execute(sa.update(ORDERS).where(closed).values(closed_at=ORDERS.c.opened_at))
    with op.batch_alter_table("work_orders") as orders:
        orders.alter_column("changed_at", nullable=False)
        for name in INDEXED:
            orders.create_index(op.f(f"ix_work_orders_{name}"), [name])
    op.create_table(
        "order_promises",
        whole("id"),
        text("number"),
        text("what"),
        moment("due_at"),
        moment("made_at"),
        text("made_by"),
        moment("ended_at", nullable=True),
        yes_no("kept", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_promises")),
        sa.ForeignKeyConstraint(
            ["number"],
            ["work_orders.number"],
            name=op.f("fk_order_promises_number_work_orders"),
        ),
    )
    for name in ("number", "due_at", "ended_at"):
        op.create_index(op.f(f"ix_order_promises_{name}"), "order_promises", [name])


def downgrade() -> None:
    op.drop_table("order_promises")
    _rename(OPEN, "open")
    _rename(("archived",), "closed")
    with op.batch_alter_table("work_orders") as orders:
        for name in INDEXED:
            orders.drop_index(op.f(f"ix_work_orders_{name}"))
        for column in _columns():
            orders.drop_column(column.name)
        for old, new in RENAMED.items():
            orders.alter_column(new, new_column_name=old)


def _rename(states: Sequence[str], state: str) -> None:
    op.execute(sa.update(ORDERS).where(ORDERS.c.state.in_(states)).values(state=state))


def _columns() -> list[sa.Column[Any]]:
    """What a work order has now besides what it had."""
    return [
        _filled(sa.Integer(), "1", "version"),
        *(_filled(sa.String(), "system", name) for name in ("opened_by", "changed_by")),
        moment("changed_at", nullable=True),
        _filled(sa.String(), "normal", "priority"),
        sa.Column("severe", sa.Boolean(), nullable=False, server_default=sa.false()),
        *(_filled(sa.Text(), "", name) for name in ("content", "solution", "note", "proposal")),
        *(_filled(sa.String(), "", name) for name in TEXTS),
        text("customer_number", nullable=True),
        *(moment(name, nullable=True) for name in MOMENTS),
        *(_filled(sa.JSON(), "[]", name) for name in ("promises", "contacts", "reports")),
        *(_filled(sa.Integer(), "0", name) for name in ("chased", "compensation_fen")),
    ]


TEXTS = (
    "title", "place", "concerned", "phone", "department", "dispatched_by", "escalated_to",
    "escalated_call", "proposed_by", "approved_by", "alarm", "compensated_by", "issued_to",
    "raised_from",
)  # fmt: skip
MOMENTS = (
    "happened_at", "dispatched_at", "accepted_at", "solved_at", "closed_at", "due_at", "chased_at",
    "escalated_at", "issued_at",
)  # fmt: skip


def _filled(kind: sa.types.TypeEngine[Any], default: str, name: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=default)
