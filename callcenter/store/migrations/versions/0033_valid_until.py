"""Until when documents hold (有效期); with which shift another was exchanged (换班)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COLUMNS = (
    ("documents", "valid_until"),
    ("documents", "published_until"),
    ("shifts", "exchanged_from"),
    ("shifts", "exchanged_with"),
)


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_documents_published_until", "documents", ["published_until"])


def downgrade() -> None:
    op.drop_index("ix_documents_published_until", "documents")
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
