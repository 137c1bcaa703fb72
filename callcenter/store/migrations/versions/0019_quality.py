"""Scorecards (评分表), and calls judged by them (质检记录)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from callcenter.store.columns import as_json, create_records, long_text, moment, text, whole, yes_no

revision = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _number(name: str, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _call() -> sa.Column[str]:
    key = sa.ForeignKey("calls.call_id", name="fk_evaluations_call_id_calls")
    return sa.Column("call_id", sa.String(), key, nullable=False)


def upgrade() -> None:
    create_records(
        "scorecards",
        text("name"),
        as_json("sections"),
        _number("pass_mark"),
        *(whole(name) for name in ("appeal_days", "review_days", "edition")),
        as_json("form"),
        moment("used_since", nullable=True),
        text("remark"),
        indexed=("name",),
    )
    create_records(
        "evaluations",
        _call(),
        text("agent"),
        moment("rang_at"),
        text("scorecard"),
        whole("edition"),
        *(as_json(name) for name in ("form", "answers", "comments")),
        _number("score", nullable=True),
        yes_no("passed", nullable=True),
        as_json("failed"),
        *(text(name) for name in ("verdict", "evaluator")),
        *(moment(n, nullable=True) for n in ("submitted_at", "appeal_until", "seen_at")),
        moment("appealed_at", nullable=True),
        long_text("appeal"),
        text("appeal_item"),
        moment("review_until", nullable=True),
        text("reviewer"),
        yes_no("upheld", nullable=True),
        long_text("review"),
        _number("first_score", nullable=True),
        *(text(name) for name in ("first_verdict", "remark")),
        indexed=(
            "call_id", "agent", "scorecard", "verdict", "evaluator", "submitted_at", "appealed_at",
            "rang_at",
        ),
    )  # fmt: skip
    op.create_table(
        "evaluation_items",
        whole("id"),
        *(text(name) for name in ("number", "item", "section", "title")),
        *(_number(name) for name in ("points", "most")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_items")),
        sa.ForeignKeyConstraint(
            ["number"], ["evaluations.number"], name=op.f("fk_evaluation_items_number_evaluations")
        ),
    )
    for column in ("number", "item"):
        op.create_index(op.f(f"ix_evaluation_items_{column}"), "evaluation_items", [column])


def downgrade() -> None:
    for table in ("evaluation_items", "evaluations", "scorecards"):
        op.drop_table(table)
