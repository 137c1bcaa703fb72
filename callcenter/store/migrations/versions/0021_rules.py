"""The rules in force (规则变更记录)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import as_json, create_records

revision = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records("rule_books", as_json("files"))


def downgrade() -> None:
    op.drop_table("rule_books")
