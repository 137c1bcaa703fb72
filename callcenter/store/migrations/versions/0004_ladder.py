"""The harassment ladder: each call's source, decisions on blocks, recovery breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from callcenter.core.numbers import plain

revision = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CALLS = sa.table("calls", sa.column("caller_number", sa.String), sa.column("source", sa.String))


def upgrade() -> None:
    op.add_column("calls", sa.Column("source", sa.String(), nullable=False, server_default=""))
    op.create_index(op.f("ix_calls_source"), "calls", ["source"])
    _fill_sources()
    _create(
        "block_decisions",
        _text("number"),
        _moment("at", nullable=False),
        _text("kind"),
        _text("actor"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("known_customer", sa.Boolean(), nullable=False),
        _moment("expires_at"),
    )
    op.create_index(op.f("ix_block_decisions_number"), "block_decisions", ["number"])
    _create(
        "recovery_breaks",
        _text("call_id"),
        _text("agent"),
        _moment("offered_at", nullable=False),
        _moment("taken_at"),
        _moment("ended_at"),
        sa.UniqueConstraint("call_id", "agent", name=op.f("uq_recovery_breaks_call_id")),
    )
    op.create_index(op.f("ix_recovery_breaks_agent"), "recovery_breaks", ["agent"])


def downgrade() -> None:
    op.drop_table("recovery_breaks")
    op.drop_table("block_decisions")
    op.drop_index(op.f("ix_calls_source"), "calls")
    op.drop_column("calls", "source")


def _fill_sources() -> None:
    """Calls of before get their source too."""
    connection = op.get_bind()
    numbers = connection.scalars(sa.select(CALLS.c.caller_number).distinct()).all()
    for number in numbers:
        same = sa.update(CALLS).where(CALLS.c.caller_number == number)
        connection.execute(same.values(source=plain(number)))


def _create(table: str, *parts: Any) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f(f"fk_{table}_call_id_calls")
        ),
    )


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
