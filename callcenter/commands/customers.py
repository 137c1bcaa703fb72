"""`callcenter customers`: a table of customers read into the files, or all of them taken out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from callcenter.app import now
from callcenter.casework.customers import exchange as customer_exchange
from callcenter.casework.customers import importing as customer_import
from callcenter.casework.customers.effects import Rules
from callcenter.casework.customers.importing import Checked
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.commands.evidence import login
from callcenter.commands.kept import open_kept
from callcenter.config import Config, load
from callcenter.core.errors import ExportFailed, NumberTaken, Refused
from callcenter.core.events import RecordStepped
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store

MOST_BYTES = 256 << 20
TRIES = 5
"""How often other numbers are tried where the running service was quicker."""


def import_table(file: Path, table: Path, by: str, *, some: bool) -> int:
    """Open a file for every good line, and tell the others; 1 where there are some.

    Without `some` nothing is written unless every line is good. Raises Refused, StoreError.
    """
    config, content, person = load(file), _content(table), by.strip() or login()
    with closing(open_kept(config)) as store:
        desk = _Desk(store, config, person)
        with store.session() as session:
            desk.actor(session).people.check(person)
            checked = customer_import.check(session, content, desk.rules)
        written = 0 if checked.count and not some else _write_all(desk, content, checked)

        def imported(session: Session, actor: Actor) -> list[RecordStepped]:
            return [customer_exchange.imported(session, content, checked, written, actor)]

        desk.write(imported)
    for problem in checked.problems:
        print(f"{table}: line {problem.line}: {problem.reason}", file=sys.stderr)
    print(f"{checked.rows} rows read, {written} customers written, {checked.count} problems")
    return 1 if checked.count else 0


def export_table(file: Path, out: Path, by: str, purpose: str) -> int:
    """Every standing customer into a new file. Raises Refused, ExportFailed, StoreError."""
    form = out.suffix.lower().removeprefix(".")
    if form not in ("csv", "xlsx"):
        raise Refused(f"{out}: expected a name that ends in .csv or .xlsx")
    config, person = load(file), by.strip() or login()
    with closing(open_kept(config)) as store:
        desk = _Desk(store, config, person)
        with store.session() as session:
            made = customer_exchange.export(session, "csv" if form == "csv" else "xlsx")
        desk.write(
            lambda session, actor: [customer_exchange.exported(session, made, purpose, actor)]
        )
    try:
        with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(made.content)
    except OSError as error:
        raise ExportFailed(f"{out}: cannot be written: {error.strerror}") from None
    print(f"{made.rows} customers in {out}")
    return 0


class _Desk:
    """Who writes what into the books, beside a service that may be running."""

    def __init__(self, store: Store, config: Config, person: str) -> None:
        self._store, self._person = store, person
        self._supervisors = config.desk.supervisors
        self._books = SqlBooks(store)
        self.rules = Rules(config.hours.clock(), config.customers.thresholds())

    def actor(self, session: Session) -> Actor:
        """As the steps are signed."""
        return Actor(self._person, now(), accounts.people(session, self._supervisors))

    def write(self, make: Callable[[Session, Actor], Sequence[RecordStepped]]) -> None:
        """Make these facts and write them together."""
        for _ in range(TRIES - 1):
            try:
                return self._write(make)
            except NumberTaken:
                continue
        return self._write(make)

    def _write(self, make: Callable[[Session, Actor], Sequence[RecordStepped]]) -> None:
        with self._store.session() as session:
            facts = make(session, self.actor(session))
        self._books.write(*facts)


def _write_all(desk: _Desk, content: bytes, checked: Checked) -> int:
    written = 0
    for batch in customer_import.batches(content, checked, desk.rules):
        _open(desk, batch)
        written += len(batch)
    return written


def _open(desk: _Desk, batch: Sequence[Mapping[str, Any]]) -> None:
    desk.write(lambda session, actor: customer_import.opened(session, batch, actor))


def _content(table: Path) -> bytes:
    try:
        with table.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{table}: cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise Refused(f"{table}: more than {MOST_BYTES >> 20} MiB; split it")
    return content
