"""Shifts of agents (排班)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import create_records, moment, text

revision = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "shifts",
        *(text(name) for name in ("agent", "day")),
        *(moment(name) for name in ("starts_at", "ends_at")),
        *(text(name) for name in ("kind", "note")),
        indexed=("agent", "day", "starts_at", "ends_at"),
    )


def downgrade() -> None:
    op.drop_table("shifts")
