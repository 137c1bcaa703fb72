"""Handovers (交接)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import as_json, create_records, long_text, moment, text

revision = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "handovers",
        *(text(name) for name in ("shift", "giver", "taker")),
        moment("starts_at", nullable=True),
        moment("arrived_at", nullable=True),
        as_json("items"),
        long_text("log"),
        moment("given_at", nullable=True),
        moment("taken_at", nullable=True),
        indexed=("shift", "giver", "taker"),
    )


def downgrade() -> None:
    op.drop_table("handovers")
