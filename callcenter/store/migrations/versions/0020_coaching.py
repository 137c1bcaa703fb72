"""Coaching and corrected violations (辅导、整改)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import create_records, long_text, moment, text, whole

revision = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "coachings",
        *(text(name) for name in ("agent", "sort")),
        long_text("text"),
        text("evaluation"),
        whole("comment", nullable=True),
        text("call_id"),
        whole("start_ms", nullable=True),
        moment("due_at"),
        moment("acknowledged_at", nullable=True),
        long_text("answer"),
        moment("corrected_at", nullable=True),
        long_text("correction"),
        moment("checked_at", nullable=True),
        text("checked_by"),
        long_text("finding"),
        whole("rounds"),
        text("remark"),
        indexed=("agent", "sort", "evaluation", "due_at"),
    )


def downgrade() -> None:
    op.drop_table("coachings")
