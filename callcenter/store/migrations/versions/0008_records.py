"""The audit trail, which nobody can change, and accounts: the first kind of record."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import create_records, moment, text

revision = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FIXED = (
    "id", "at", "person", "kind", "number", "version", "action", "state", "changes_sha256",
    "digest",
)  # fmt: skip
"""Columns of the trail that never change; the words of a step may be erased, its fact never."""
WHY = "the audit trail is never changed"
NEVER = f"""CREATE FUNCTION trail_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$"""


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("id", sa.Integer(), nullable=False),
        moment("at"),
        *(text(name) for name in ("person", "kind", "number")),
        sa.Column("version", sa.Integer(), nullable=False),
        text("action"),
        text("state"),
        sa.Column("changes", sa.Text(), nullable=False),
        *(text(name) for name in ("salt", "changes_sha256", "digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
        sa.UniqueConstraint("kind", "number", "version", name=op.f("uq_trail_kind")),
    )
    op.create_index(op.f("ix_trail_person"), "trail", ["person"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NEVER)
    _refuse("trail_stays", "DELETE")
    _refuse("trail_stands", f"UPDATE OF {', '.join(FIXED)}")
    create_records(
        "accounts",
        text("person"),
        text("agent"),
        sa.Column("roles", sa.JSON(), nullable=False),
        text("reason"),
        text("decided_by"),
        text("decision"),
        indexed=("person",),
    )


def downgrade() -> None:
    op.drop_table("accounts")
    op.drop_table("trail")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION trail_is_never_changed")


def _refuse(name: str, what: str) -> None:
    refusing = {
        "sqlite": f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
        "postgresql": "FOR EACH ROW EXECUTE FUNCTION trail_is_never_changed()",
    }
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {what} ON trail {refusing[op.get_bind().dialect.name]}"
    )
