"""Reports built on a schedule (定时报表)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, moment, text

revision = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "built_reports",
        text("number"),
        text("state"),
        sa.Column("version", sa.Integer(), nullable=False),
        moment("opened_at"),
        text("opened_by"),
        moment("changed_at"),
        text("changed_by"),
        *(text(name) for name in ("name", "period")),
        moment("since"),
        moment("until"),
        text("title"),
        as_json("files"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_built_reports")),
        sa.UniqueConstraint("name", "period", "since", name=op.f("uq_built_reports_name")),
    )
    for column in ("state", "opened_at", "since"):
        op.create_index(op.f(f"ix_built_reports_{column}"), "built_reports", [column])


def downgrade() -> None:
    op.drop_table("built_reports")
