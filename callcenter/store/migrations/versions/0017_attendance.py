"""Where agents stood and when (座席状态)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import moment, text

revision = "0017"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "agent_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        *(text(name) for name in ("agent", "state", "reason", "by", "call_id")),
        moment("since"),
        moment("until", nullable=True),
        sa.Column("lasted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_spans")),
    )
    op.create_index("ix_agent_spans_agent_since", "agent_spans", ["agent", "since"])
    op.create_index("ix_agent_spans_until_agent", "agent_spans", ["until", "agent"])
    op.create_index(op.f("ix_agent_spans_since"), "agent_spans", ["since"])


def downgrade() -> None:
    op.drop_table("agent_spans")
