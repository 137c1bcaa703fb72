"""What was said, and what records say, can be searched in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store import searched
from callcenter.store.columns import long_text, text, whole

revision = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NUMBERS = {
    "sqlite": (
        "(SELECT coalesce(group_concat(json_extract(value, '$.number'), ' '), '')"
        " FROM json_each({row}.numbers))"
    ),
    "postgresql": (
        "(SELECT coalesce(string_agg(one ->> 'number', ' '), '')"
        " FROM json_array_elements({row}.numbers) AS one)"
    ),
}
"""The telephone numbers of a customer."""
RECORDS: Mapping[str, tuple[str, Sequence[searched.Said]]] = {
    "work_orders": (
        "work_order",
        (
            *("title", "number", "content", "solution", "note", "proposal"),
            *("place", "concerned", "phone", "caller_number"),
        ),
    ),
    "complaints": (
        "complaint",
        (
            *("complainant", "number", "content", "wanted", "cause", "judgement", "summary"),
            *("company", "address", "phone"),
        ),
    ),
    "customers": (
        "customer",
        (
            *("name", "number", "contact", "address", "business_scope", "email", "remarks"),
            NUMBERS,
        ),
    ),
    "documents": ("document", ("published_title", "number", "published_body")),
}


def upgrade() -> None:
    searched.create_functions()
    op.create_table(
        "search_entries",
        whole("id"),
        text("kind"),
        text("number"),
        long_text("text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_search_entries_kind")),
    )
    searched.index_text("search_entries", also="kind")
    for table, (kind, said) in RECORDS.items():
        searched.index_records(table, kind, said)
    searched.index_text("segments")


def downgrade() -> None:
    searched.drop_text_index("segments")
    for table in RECORDS:
        searched.drop_records_index(table)
    searched.drop_text_index("search_entries")
    op.drop_table("search_entries")
    searched.drop_functions()
