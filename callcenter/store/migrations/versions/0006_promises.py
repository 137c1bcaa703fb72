"""Promises that an agent made, the follow-ups offered for them, and the cards that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _create(
        "promises",
        "promise_id",
        _text("promise_id"),
        _text("call_id"),
        _moment("at"),
        _text("agent"),
        _text("what"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        _moment("heard_due_at"),
        _moment("due_at"),
        _text("status"),
        _moment("decided_at", nullable=True),
        _text("decided_by"),
    )
    op.create_index(op.f("ix_promises_due_at"), "promises", ["due_at"])
    _create(
        "cards_offered",
        "id",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("call_id"),
        _moment("at"),
        _text("name"),
        _text("title"),
        _text("handbook"),
        sa.Column("because", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("cards_offered")
    op.drop_table("promises")


def _create(table: str, key: str, *columns: sa.Column[Any]) -> None:
    """A table of things in a call."""
    op.create_table(
        table,
        *columns,
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f(f"fk_{table}_call_id_calls")
        ),
    )
    op.create_index(op.f(f"ix_{table}_call_id"), table, ["call_id"])


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
