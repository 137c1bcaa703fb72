"""Who can get in: passwords, sessions, one-time links, tokens for machines."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, moment, text, whole, yes_no

revision = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _create(table: str, key: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table, text(key), *columns, sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}"))
    )


def upgrade() -> None:
    _create(
        "credentials",
        "person",
        text("password"),
        moment("changed_at"),
        whole("failures"),
        moment("locked_until", nullable=True),
    )
    _create("login_sessions", "secret", text("person"), moment("opened_at"), moment("until"))
    _create("invitations", "secret", text("person"), moment("until"))
    _create(
        "api_tokens",
        "secret",
        text("name"),
        as_json("roles"),
        yes_no("for_others"),
        text("made_by"),
        moment("made_at"),
        moment("until"),
    )
    with op.batch_alter_table("api_tokens") as table:
        table.create_unique_constraint(op.f("uq_api_tokens_name"), ["name"])
    for table_name, column in (
        ("login_sessions", "person"),
        ("login_sessions", "until"),
        ("invitations", "person"),
    ):
        op.create_index(op.f(f"ix_{table_name}_{column}"), table_name, [column])


def downgrade() -> None:
    for table in ("api_tokens", "invitations", "login_sessions", "credentials"):
        op.drop_table(table)
