"""Remembers which pieces of work failed, for people to see. Uses the store; called in threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select

from callcenter.core.jobs import LONGEST_PAUSE, Failure
from callcenter.store.archive_tables import JobFailure
from callcenter.store.sql import Store


class StoredFailures:
    """core.jobs.Failures over a Store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, failure: Failure) -> None:
        """In place of what is known of the same piece."""
        with self._store.session(write=True) as session:
            session.merge(JobFailure(**asdict(failure)))

    def forget(self, task: str, key: str) -> None:
        """It was done, or is no longer due."""
        with self._store.session(write=True) as session:
            session.execute(delete(JobFailure).filter_by(task=task, key=key))

    def standing(self, now: datetime) -> Sequence[Failure]:
        """What fails at present, the newest first; what nobody tried for long was settled by a
        process that is no more."""
        asked = select(JobFailure).where(JobFailure.at > now - 2 * LONGEST_PAUSE)
        with self._store.session() as session:
            rows = session.scalars(asked.order_by(JobFailure.at.desc())).all()
            return [Failure(r.task, r.key, r.tries, r.at, r.problem) for r in rows]
