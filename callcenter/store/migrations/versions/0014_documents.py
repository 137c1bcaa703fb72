"""Documents of the knowledge base (知识库) and appraisals (考核)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, create_records, long_text, moment, text, whole

revision = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "documents",
        *(text(name) for name in ("title", "category")),
        long_text("body"),
        text("remark"),
        text("reviewed_by"),
        whole("edition"),
        text("published_title"),
        long_text("published_body"),
        moment("published_at", nullable=True),
        text("published_by"),
        indexed=("category", "published_at"),
    )
    create_records(
        "appraisals",
        *(text(name) for name in ("agent", "sort", "period", "topic")),
        moment("due_at", nullable=True),
        as_json("ratings"),
        sa.Column("score", sa.Double(), nullable=True),
        text("summary"),
        indexed=("agent", "sort", "period"),
    )


def downgrade() -> None:
    op.drop_table("appraisals")
    op.drop_table("documents")
