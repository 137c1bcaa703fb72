"""Customers (客户档案) and their numbers; mobile numbers of before in the one form there is now."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.core.numbers import plain
from callcenter.store.columns import as_json, create_records, long_text, moment, text, whole, yes_no

revision = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COMPARED = (
    ("calls", "source"),
    ("work_orders", "caller_number"),
    ("harassment_cases", "caller_number"),
    ("blocklist", "number"),
)
"""Columns that hold a number in its plain form."""


def upgrade() -> None:
    create_records(
        "customers",
        *(text(name) for name in ("name", "name_key", "contact")),
        as_json("numbers"),
        text("address"),
        long_text("business_scope"),
        text("email"),
        long_text("remarks"),
        yes_no("member"),
        text("customer_class"),
        text("class_by"),
        whole("purchases"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("potential_fen", sa.BigInteger(), nullable=False),
        moment("last_purchase_at", nullable=True),
        text("agent"),
        moment("allotted_at", nullable=True),
        moment("contact_due_at", nullable=True),
        moment("contacted_at", nullable=True),
        moment("last_contact_at", nullable=True),
        long_text("contact_note"),
        text("contact_call"),
        as_json("consents"),
        as_json("disclosures"),
        text("merged_into"),
        as_json("absorbed"),
        long_text("reason"),
        indexed=(
            "changed_at",
            "name",
            "name_key",
            "member",
            "customer_class",
            "last_purchase_at",
            "agent",
            "contact_due_at",
            "merged_into",
        ),
    )
    _create_numbers()
    create_records(
        "customer_exchanges",
        long_text("purpose"),
        *(whole(name) for name in ("rows", "written", "problems")),
        text("sha256"),
    )
    for table, column in COMPARED:
        _compare_anew(table, column)


def downgrade() -> None:
    op.drop_table("customer_exchanges")
    op.drop_table("customer_numbers")
    op.drop_table("customers")


def _create_numbers() -> None:
    op.create_table(
        "customer_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        *(text(name) for name in ("customer_number", "number", "kind")),
        moment("since"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_numbers")),
        sa.ForeignKeyConstraint(
            ["customer_number"],
            ["customers.number"],
            name=op.f("fk_customer_numbers_customer_number_customers"),
        ),
        sa.UniqueConstraint(
            "customer_number", "number", name=op.f("uq_customer_numbers_customer_number")
        ),
    )
    op.create_index(op.f("ix_customer_numbers_number"), "customer_numbers", ["number"])


def _compare_anew(table: str, column: str) -> None:
    """013800000001 and 8613800000001 are 13800000001 now; where both are blocked, both stay."""
    rows = sa.table(table, sa.column(column))
    held, connection = rows.c[column], op.get_bind()
    found = connection.scalars(sa.select(held).where(held.like("01%") | held.like("861%")))
    for number in {one for one in found if plain(one) != one}:
        anew = sa.update(rows).where(held == number).values({column: plain(number)})
        if column == "number" and connection.scalar(sa.select(held).where(held == plain(number))):
            continue
        connection.execute(anew)
