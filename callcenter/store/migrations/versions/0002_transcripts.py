"""Transcripts by another model beside what was heard live; hits that were spotted in the sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PARTS = ("transcript_segments", "transcript_hits")


def upgrade() -> None:
    op.create_table(
        "transcripts",
        _number("id"),
        _text("call_id"),
        _text("model"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name=op.f("fk_transcripts_call_id_calls")
        ),
        sa.UniqueConstraint("call_id", "model", name=op.f("uq_transcripts_call_id")),
    )
    _create_part(
        "transcript_segments",
        *_said(sa.Text()),
        sa.Column("words", sa.JSON(), nullable=False),
    )
    _create_part(
        "transcript_hits", _text("rule"), _text("category"), *_said(sa.String()), _spotted()
    )
    op.add_column("hits", _spotted())


def downgrade() -> None:
    op.drop_column("hits", "spotted")
    for table in (*PARTS, "transcripts"):
        op.drop_table(table)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _spotted() -> sa.Column[Any]:
    return sa.Column("spotted", sa.Boolean(), nullable=False, server_default=sa.false())


def _said(kind: sa.String) -> tuple[sa.Column[Any], ...]:
    text = sa.Column("text", kind, nullable=False)
    return _text("party"), _number("start_ms"), _number("end_ms"), text


def _create_part(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        _number("id"),
        _number("transcript_id"),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f(f"fk_{table}_transcript_id_transcripts"),
        ),
    )
    op.create_index(op.f(f"ix_{table}_transcript_id"), table, ["transcript_id"])
