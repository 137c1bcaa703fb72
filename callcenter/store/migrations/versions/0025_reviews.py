"""Reviews: claims on flagged calls, and calls that are watched (认领、观察)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import create_records, long_text, moment

revision = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records("reviews", moment("claimed_until", nullable=True), long_text("note"))


def downgrade() -> None:
    op.drop_table("reviews")
