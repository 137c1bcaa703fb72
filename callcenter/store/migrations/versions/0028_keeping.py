"""How long things are kept: holds, erasures, what was cleared; the trail is not emptied either."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, create_records, long_text, moment, text

revision = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "holds",
        text("subject"),
        text("about"),
        long_text("reason"),
        long_text("remark"),
        indexed=("about",),
    )
    create_records(
        "erasures",
        text("subject"),
        text("about"),
        long_text("reason"),
        text("decided_by"),
        long_text("decision"),
        moment("done_at", nullable=True),
        as_json("erased"),
        text("certificate_sha256"),
    )
    op.create_table(
        "clearances",
        text("kind"),
        text("number"),
        text("part"),
        moment("at"),
        text("why"),
        sa.PrimaryKeyConstraint("kind", "number", "part", name=op.f("pk_clearances")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER trail_is_whole BEFORE TRUNCATE ON trail "
            "FOR EACH STATEMENT EXECUTE FUNCTION trail_is_never_changed()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER trail_is_whole ON trail")
    for table in ("clearances", "erasures", "holds"):
        op.drop_table(table)
