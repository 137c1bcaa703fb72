"""Carries out what is due to go: erasures that were approved, and once a day what is overdue.

core.keeping.Keeper over the store and the shelf of recordings. Called in a thread; what was removed
comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from callcenter.casework.keeping import erasures, overdue
from callcenter.core.events import Cleared, Event
from callcenter.core.keeping import CALL, SOUND, Batch, Terms
from callcenter.core.office import Shelf
from callcenter.core.people import SYSTEM
from callcenter.store.keeping_tables import Erasure
from callcenter.store.sql import Store
from callcenter.store.tables import RecordingRow


class Sweeper:
    """`now` gives UTC."""

    def __init__(
        self, store: Store, shelf: Shelf, terms: Terms, now: Callable[[], datetime]
    ) -> None:
        self._store, self._shelf, self._terms, self._now = store, shelf, terms, now

    def overdue(self) -> Sequence[Batch]:
        """What has been kept for as long as the terms say. Raises StoreError."""
        with self._store.session() as session:
            return list(overdue.batches(session, self._terms, self._now()))

    def approved(self) -> Sequence[str]:
        """The numbers of erasures that wait to be carried out, the oldest first."""
        query = select(Erasure.number).where(Erasure.state == erasures.APPROVED)
        with self._store.session() as session:
            return session.scalars(query.order_by(Erasure.opened_at)).all()

    def of_erasure(self, number: str) -> Sequence[Batch]:
        """Everything that is kept of the person. Raises Refused where something is under hold."""
        with self._store.session() as session:
            row = session.get_one(Erasure, number)
            found = erasures.kept_of(session, row.subject, row.about)
            erasures.check_free(session, found)
            return found.batches(number)

    def clear(self, batch: Batch) -> Event:
        """Remove its files; the fact, with which the store's part goes. Raises StoreError."""
        if (batch.kind, batch.part) == (CALL, SOUND):
            for path in self._paths(batch.numbers):
                self._shelf.remove(path)
        return Cleared("", self._now(), *self._told(batch))

    def finish(self, number: str) -> Event:
        """An erasure is carried out: its certificate can be had."""
        with self._store.session() as session:
            return erasures.done(session, session.get_one(Erasure, number), self._now())

    def _told(self, batch: Batch) -> tuple[str, tuple[str, ...], str, str, str]:
        return (batch.kind, batch.numbers, batch.part, batch.why, self._person(batch.why))

    def _person(self, why: str) -> str:
        with self._store.session() as session:
            row = session.get(Erasure, why)
            return row.decided_by if row else SYSTEM

    def _paths(self, call_ids: Sequence[str]) -> Sequence[str]:
        mine = select(RecordingRow.path).where(RecordingRow.call_id.in_(call_ids))
        with self._store.session() as session:
            return session.scalars(mine).all()
