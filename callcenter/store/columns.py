"""The columns that migrations of records share; never changed, for old revisions rest on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op


def text(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A short text."""
    return sa.Column(name, sa.String(), nullable=nullable)


def long_text(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A text of any length."""
    return sa.Column(name, sa.Text(), nullable=nullable)


def whole(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=nullable)


def yes_no(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A truth value."""
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A moment in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def as_json(name: str, nullable: bool = False) -> sa.Column[Any]:
    """A list or a mapping."""
    return sa.Column(name, sa.JSON(), nullable=nullable)


def create_records(table: str, *columns: sa.Column[Any], indexed: Sequence[str] = ()) -> None:
    """A table of records: the columns that all of them have, then its own."""
    op.create_table(
        table,
        text("number"),
        text("state"),
        whole("version"),
        moment("opened_at"),
        text("opened_by"),
        moment("changed_at"),
        text("changed_by"),
        *columns,
        sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{table}")),
    )
    for column in ("state", "opened_at", *indexed):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
