"""Why a hit is a hit: operator, score, severity and the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("hits", "transcript_hits")


def upgrade() -> None:
    for table in TABLES:
        for column in _reasons():
            op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        for column in _reasons():
            op.drop_column(table, column.name)


def _reasons() -> Iterator[sa.Column[Any]]:
    """What hits of before are filled with is what core.records.Hit has where nothing is said."""
    yield sa.Column("operator", sa.String(), nullable=False, server_default="")
    yield sa.Column("score", sa.Double(), nullable=False, server_default="1")
    yield sa.Column("severity", sa.Integer(), nullable=False, server_default="3")
    yield sa.Column("why", sa.Text(), nullable=False, server_default="")
