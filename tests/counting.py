"""How many questions go to a database: none of our lists asks one for each of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def questions() -> Iterator[list[str]]:
    """The SELECTs that are asked meanwhile, of any database."""
    asked: list[str] = []

    def note(*told: object) -> None:
        statement = str(told[2])
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
