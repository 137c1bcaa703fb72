"""What programs elsewhere are yet to be told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, moment, text, whole

revision = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        whole("id"),
        text("key"),
        text("target"),
        text("subject"),
        text("call_id"),
        text("type"),
        moment("at"),
        as_json("facts"),
        moment("owed_at"),
        whole("tries"),
        moment("next_try_at"),
        moment("done_at", nullable=True),
        text("outcome"),
        text("problem"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    op.create_index("ix_deliveries_target_done_at_id", "deliveries", ["target", "done_at", "id"])
    op.create_index(op.f("ix_deliveries_next_try_at"), "deliveries", ["next_try_at"])


def downgrade() -> None:
    op.drop_table("deliveries")
