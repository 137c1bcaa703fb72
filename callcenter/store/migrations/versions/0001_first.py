"""The first tables: calls and what was heard in them, verdicts, work orders, the blocklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEXES = {
    "work_orders": ["caller_number"],
    "calls": ["caller_number", "rang_at", "transcribed", "work_order_number"],
    "segments": ["call_id"],
    "hits": ["call_id", "category"],
    "gaps": ["call_id"],
    "prompts": ["call_id"],
    "decisions": ["call_id"],
    "verdicts": ["call_id"],
}


def upgrade() -> None:
    _create_work_orders()
    _create_calls()
    _create_heard()
    _create_done()
    _create_recordings()
    _create_blocklist()
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table in ("blocklist", "recordings", "verdicts", "decisions", "prompts"):
        op.drop_table(table)
    for table in ("gaps", "hits", "segments", "calls", "work_orders"):
        op.drop_table(table)


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _long_text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _create(table: str, key: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(table, *items, sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")))


def _create_of_call(table: str, *columns: sa.schema.SchemaItem) -> None:
    _create(table, "id", _number("id"), _text("call_id"), *columns, _to_call(table))


def _to_call(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_call_id_calls")
    return sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=name)


def _create_work_orders() -> None:
    _create(
        "work_orders",
        "number",
        _text("number"),
        _moment("created_at"),
        _text("caller_number"),
        _text("agent"),
        _text("type"),
        _text("status"),
    )


def _create_calls() -> None:
    _create(
        "calls",
        "call_id",
        _text("call_id"),
        _text("direction"),
        _text("line"),
        _text("caller_number"),
        _text("callee_number"),
        _text("agent"),
        _moment("rang_at"),
        _moment("answered_at", nullable=True),
        _moment("ended_at", nullable=True),
        _text("ended_by"),
        _text("call_result"),
        _text("disposition"),
        _flag("transcribed"),
        _text("work_order_number", nullable=True),
        _text("work_order_linked_by"),
        sa.ForeignKeyConstraint(
            ["work_order_number"],
            ["work_orders.number"],
            name=op.f("fk_calls_work_order_number_work_orders"),
        ),
    )


def _create_heard() -> None:
    _create_of_call(
        "segments",
        _text("party"),
        _number("start_ms"),
        _number("end_ms"),
        _long_text("text"),
        sa.Column("words", sa.JSON(), nullable=False),
        _flag("live"),
    )
    _create_of_call(
        "hits",
        _text("rule"),
        _text("category"),
        _text("party"),
        _number("start_ms"),
        _number("end_ms"),
        _text("text"),
    )
    _create_of_call(
        "gaps",
        _text("party"),
        _number("start_ms"),
        _number("end_ms"),
        _text("reason"),
        _flag("filled"),
    )


def _create_done() -> None:
    _create_of_call(
        "prompts",
        _text("name"),
        _moment("started_at"),
        _number("file_ms"),
        _number("sent_ms"),
    )
    _create_of_call(
        "decisions",
        _moment("at"),
        _text("kind"),
        _text("actor"),
        _text("reason"),
        _text("prompt"),
        _long_text("evidence"),
    )
    _create_of_call(
        "verdicts",
        _moment("at"),
        _text("verdict"),
        _long_text("reason"),
        _text("reviewer"),
    )


def _create_recordings() -> None:
    _create(
        "recordings",
        "call_id",
        _text("call_id"),
        _text("path"),
        sa.Column("seconds", sa.Double(), nullable=False),
        _number("channels"),
        _text("sha256"),
        _to_call("recordings"),
    )


def _create_blocklist() -> None:
    _create(
        "blocklist",
        "number",
        _text("number"),
        _moment("blocked_at"),
        _text("blocked_by"),
        _long_text("reason"),
        _moment("expires_at", nullable=True),
    )
