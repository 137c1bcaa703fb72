"""Recordings that the archive has (归档), and pieces of work that failed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import long_text, moment, text, whole

revision = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "archived_recordings",
        text("call_id"),
        moment("at"),
        text("sha256"),
        moment("shed_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["recordings.call_id"],
            name=op.f("fk_archived_recordings_call_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_archived_recordings")),
    )
    op.create_index(op.f("ix_archived_recordings_shed_at"), "archived_recordings", ["shed_at"])
    op.create_table(
        "job_failures",
        text("task"),
        text("key"),
        whole("tries"),
        moment("at"),
        long_text("problem"),
        sa.PrimaryKeyConstraint("task", "key", name=op.f("pk_job_failures")),
    )


def downgrade() -> None:
    op.drop_table("job_failures")
    op.drop_index(op.f("ix_archived_recordings_shed_at"), table_name="archived_recordings")
    op.drop_table("archived_recordings")
