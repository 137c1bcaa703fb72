"""What Alembic runs around the revisions: uses the connection that `store.sql` hands it."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from callcenter.store import (  # noqa: F401  (their tables belong to Base)
    access_tables,
    archive_tables,
    assist_tables,
    case_tables,
    kinds,
    ladder_tables,
    node_tables,
    privacy_tables,
    search_tables,
    trail,
    webhook_tables,
)
from callcenter.store.tables import Base, UtcDateTime


def render_item(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our own column types as plain ones, so that a revision never imports our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def is_ours(name: str | None, _kind: str, _parents: object) -> bool:
    """What indexes of grams are made of is no table of ours (searched.py)."""
    return "_grams" not in (name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    include_name=is_ours,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
