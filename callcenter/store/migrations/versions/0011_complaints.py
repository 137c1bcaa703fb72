"""Complaints (投诉)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
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

revision = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    create_records(
        "complaints",
        *_texts("work_order_number call_id customer_number complainant company phone address"),
        *_texts("channel category severity"),
        *_long_texts("content wanted process_told"),
        moment("feedback_due_at", nullable=True),
        as_json("reported_to"),
        yes_no("founded", nullable=True),
        moment("judged_at", nullable=True),
        *_long_texts("judgement reply"),
        text("department"),
        moment("investigate_by", nullable=True),
        long_text("cause"),
        text("responsible"),
        long_text("impact"),
        whole("loss_fen"),
        as_json("proposals"),
        whole("chosen", nullable=True),
        text("signed_by"),
        long_text("remark"),
        text("customer_signature"),
        *_long_texts("feedback sanction"),
        yes_no("satisfied", nullable=True),
        whole("rounds"),
        long_text("summary"),
        moment("closed_at", nullable=True),
        as_json("improvements"),
        indexed=(
            "work_order_number",
            "call_id",
            "customer_number",
            "phone",
            "category",
            "feedback_due_at",
            "department",
            "closed_at",
        ),
    )


def downgrade() -> None:
    op.drop_table("complaints")


def _texts(names: str) -> list[sa.Column[str]]:
    return [text(name) for name in names.split()]


def _long_texts(names: str) -> list[sa.Column[str]]:
    return [long_text(name) for name in names.split()]
