"""Harassment cases per source, withheld calls, what a carrier's bill says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = (
    "evidence_exports",
    "recovered_numbers",
    "bill_lines",
    "case_actions",
    "case_calls",
    "harassment_cases",
)


def upgrade() -> None:
    _create_cases()
    _create_numbers()
    _create(
        "evidence_exports",
        _number("id"),
        _time("at"),
        _text("person"),
        _text("case_number"),
        _json("calls"),
        _text("manifest_sha256"),
        index="case_number",
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_cases() -> None:
    _create(
        "harassment_cases",
        _text("number"),
        _time("opened_at"),
        _text("opened_by"),
        _text("caller_number"),
        _text("source_type"),
        _text("state"),
        key=("number",),
        index="caller_number",
    )
    _create(
        "case_calls",
        _text("case_number"),
        _text("call_id"),
        _of_case("case_calls"),
        _of_call("case_calls"),
        key=("case_number", "call_id"),
        index="call_id",
    )
    _create(
        "case_actions",
        _number("id"),
        _text("case_number"),
        _time("at"),
        _text("action"),
        _text("person"),
        sa.Column("text", sa.Text(), nullable=False),
        _text("state"),
        _json("calls"),
        _of_case("case_actions"),
        index="case_number",
    )


def _create_numbers() -> None:
    _create(
        "bill_lines",
        _number("id"),
        _text("call_id"),
        _text("caller_number"),
        _text("callee_number"),
        _time("started_at"),
        _number("seconds"),
        _text("bill_sha256"),
        _number("bill_line"),
        _time("imported_at"),
        _text("imported_by"),
        _of_call("bill_lines"),
        sa.UniqueConstraint(
            "call_id", "bill_sha256", "bill_line", name=op.f("uq_bill_lines_call_id")
        ),
    )
    _create(
        "recovered_numbers",
        _number("id"),
        _text("call_id"),
        _time("at"),
        _text("caller_number"),
        _text("person"),
        _text("bill_sha256"),
        _number("bill_line"),
        _of_call("recovered_numbers"),
        index="call_id",
    )
    column = "caller_number"
    op.create_index(op.f(f"ix_recovered_numbers_{column}"), "recovered_numbers", [column])


def _create(
    table: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...] = ("id",), index: str = ""
) -> None:
    op.create_table(table, *parts, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")))
    if index:
        op.create_index(op.f(f"ix_{table}_{index}"), table, [index])


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_case_number_harassment_cases")
    return sa.ForeignKeyConstraint(["case_number"], ["harassment_cases.number"], name=name)


def _of_call(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_call_id_calls")
    return sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=name)
