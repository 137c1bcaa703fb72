"""What was done with a running call, and how its sound came; calls out need no new column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    _create(
        "handling",
        _text("kind"),
        _text("actor"),
        _text("other"),
        _text("how"),
        sa.Column("text", sa.Text(), nullable=False),
    )
    _create(
        "call_quality",
        _text("party"),
        _text("agent"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("packets", "lost", "late")),
        _measure("jitter_ms"),
        _measure("round_trip_ms"),
        _measure("mos"),
    )


def downgrade() -> None:
    op.drop_table("call_quality")
    op.drop_table("handling")


def _create(table: str, *columns: sa.Column[Any]) -> None:
    """A table of moments in a call."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        _text("call_id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f(f"fk_{table}_call_id_calls")
        ),
    )
    op.create_index(op.f(f"ix_{table}_call_id"), table, ["call_id"])


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _measure(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double(), nullable=False)
