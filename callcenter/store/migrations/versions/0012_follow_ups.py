"""Follow-ups (回访) and messages (短信、邮件)."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from callcenter.store.columns import (
    as_json,
    create_records,
    long_text,
    moment,
    text,
    whole,
    yes_no,
)

revision = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "follow_ups",
        *(text(name) for name in ("reason", "plan", "about", "customer", "phone")),
        long_text("content"),
        moment("due_at"),
        text("agent"),
        as_json("tries"),
        as_json("calls"),
        yes_no("satisfied", nullable=True),
        as_json("answers"),
        long_text("result"),
        moment("done_at", nullable=True),
        text("message"),
        indexed=("reason", "plan", "about", "phone", "due_at", "agent", "done_at"),
    )
    create_records(
        "messages",
        *(text(name) for name in ("template", "channel", "to", "subject")),
        long_text("text"),
        text("about"),
        moment("due_at"),
        whole("tries"),
        moment("next_try_at", nullable=True),
        moment("sent_at", nullable=True),
        text("carrier_id"),
        text("problem"),
        indexed=("template", "about", "due_at", "sent_at"),
    )


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_table("follow_ups")
