"""Several machines over one database: who they are, and which of them has a call."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import moment, text

revision = "0030"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "nodes",
        text("name"),
        text("url"),
        moment("started_at"),
        moment("seen_at"),
        sa.Column("draining", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nodes")),
    )
    op.add_column("calls", sa.Column("node", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("calls", "node")
    op.drop_table("nodes")
