"""Second factors, what a session's browser is, which lines an account is for, an agent's calls."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, moment, text, whole

revision = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        text("person"),
        text("secret"),
        moment("made_at"),
        moment("confirmed_at", nullable=True),
        whole("last_step"),
        as_json("recovery"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_second_factors")),
    )
    browser = sa.Column("browser", sa.String(), nullable=False, server_default="")
    op.add_column("login_sessions", browser)
    lines = sa.Column("lines", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("accounts", lines)
    op.create_index(op.f("ix_calls_agent"), "calls", ["agent"])


def downgrade() -> None:
    op.drop_index(op.f("ix_calls_agent"), "calls")
    op.drop_column("accounts", "lines")
    op.drop_column("login_sessions", "browser")
    op.drop_table("second_factors")
