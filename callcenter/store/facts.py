"""Writes rows so that a repeated event is one fact. Uses the session it is given.

Plain statements, each made once for its shape: the books write thousands of facts a second. What
the session has loaded of the same rows is stale afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Insert,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchCall
from callcenter.store.tables import Base, Call

NOW, NEW = "now_", "new_"
"""What a parameter's name begins with: the value to look for, the value to write."""


def add(session: Session, row: type[Base], **values: Any) -> None:
    """Add a row that cannot be there yet."""
    session.flush()
    session.connection().execute(_inserting(row, tuple(values)), _named(NEW, values))


def add_many(session: Session, row: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Add rows that cannot be there yet, in this order where they have the same fields."""
    session.flush()
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for values in rows:
        alike.setdefault(tuple(sorted(values)), []).append(values)
    for many in alike.values():
        session.connection().execute(insert(_table(row)), many)


def once(session: Session, row: type[Base], keys: dict[str, Any], **rest: Any) -> bool:
    """Add a row unless one with these keys, none of them None, is there; whether it was added."""
    return _add(session, row, keys, rest, in_call=False)


def once_in_call(session: Session, row: type[Base], keys: dict[str, Any], **rest: Any) -> bool:
    """The same for what belongs to the call that `call_id` names. Raises NoSuchCall."""
    added = _add(session, row, keys, rest, in_call=True)
    if not added:
        check_call(session, (keys | rest)["call_id"])
    return added


def set_once(session: Session, row: type[Base], keys: dict[str, Any], **values: Any) -> bool:
    """Give the row with these keys these values; False where the first of them is set already, or
    there is no such row."""
    return _change(session, row, keys, values, once=True)


def replace(session: Session, row: type[Base], keys: dict[str, Any], **values: Any) -> bool:
    """Give the row with these keys these values, whatever it had; False where there is none."""
    return _change(session, row, keys, values, once=False)


def known(session: Session, row: type[Base], keys: dict[str, Any]) -> bool:
    """Whether a row with these keys, none of them None, is there."""
    return ask(session, _looking(row, tuple(keys)), **_named(NOW, keys)) is not None


def ask(session: Session, question: Select[*tuple[Any, ...]], **values: Any) -> Row[Any] | None:
    """The first row that answers a question made beforehand, with these values for its parameters:
    columns only, nothing that the session would keep."""
    return next(iter(ask_all(session, question, **values)), None)


def ask_all(
    session: Session, question: Select[*tuple[Any, ...]], **values: Any
) -> Sequence[Row[Any]]:
    """Every row."""
    session.flush()
    return session.connection().execute(question, values).all()


def check_call(session: Session, call_id: str) -> None:
    """Raises NoSuchCall."""
    if not known(session, Call, {"call_id": call_id}):
        raise NoSuchCall(f"no call {call_id}")


def _add(
    session: Session, row: type[Base], keys: dict[str, Any], rest: dict[str, Any], *, in_call: bool
) -> bool:
    adding = _adding(row, tuple(keys), tuple(rest), in_call)
    return _run(session, adding, _named(NOW, keys | rest))


def _change(
    session: Session, row: type[Base], keys: dict[str, Any], values: dict[str, Any], *, once: bool
) -> bool:
    changing = _changing(row, tuple(keys), tuple(values), once)
    return _run(session, changing, _named(NOW, keys) | _named(NEW, values))


def _run(session: Session, statement: Insert | Update, values: dict[str, Any]) -> bool:
    """Whether it touched a row; what the session has not written yet goes before it."""
    session.flush()
    return bool(session.connection().execute(statement, values).rowcount)


@cache
def _inserting(row: type[Base], names: tuple[str, ...]) -> Insert:
    table = _table(row)
    values = {name: bindparam(NEW + name, type_=table.c[name].type) for name in names}
    return insert(table).values(values).inline()


@cache
def _adding(row: type[Base], keys: tuple[str, ...], rest: tuple[str, ...], in_call: bool) -> Insert:
    table, calls = _table(row), _table(Call)
    values = {name: bindparam(NOW + name, type_=table.c[name].type) for name in (*keys, *rest)}
    new = select(*values.values()).where(~_looking(row, keys).exists())
    if in_call:
        new = new.select_from(calls).where(calls.c.call_id == values["call_id"])
    # INSERT … SELECT keeps its row count only where that is asked for.
    return insert(table).from_select([*values], new).execution_options(preserve_rowcount=True)


@cache
def _changing(
    row: type[Base], keys: tuple[str, ...], values: tuple[str, ...], once: bool
) -> Update:
    table = _table(row)
    changing = update(table).where(*_are(table, keys))
    if once:
        changing = changing.where(table.c[values[0]].is_(None))
    return changing.values({n: bindparam(NEW + n, type_=table.c[n].type) for n in values})


@cache
def _looking(row: type[Base], keys: tuple[str, ...]) -> Select[Any]:
    table = _table(row)
    return select(table.c[keys[0]]).where(*_are(table, keys)).limit(1).correlate(None)


def _are(table: Table, keys: tuple[str, ...]) -> list[Any]:
    return [table.c[n] == bindparam(NOW + n, type_=table.c[n].type) for n in keys]


def _table(row: type[Base]) -> Table:
    table = inspect(row).local_table
    assert isinstance(table, Table)
    return table


def _named(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {prefix + name: value for name, value in values.items()}
