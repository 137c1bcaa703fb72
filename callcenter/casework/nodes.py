"""The nodes in the common store: signs of life, and what is closed for one that died.

Writes go through the books, so that they are facts like others; the clock is the database's, for
those of several machines differ. Only where the store is PostgreSQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from callcenter.casework.staff import attendance
from callcenter.core import nodes as core
from callcenter.core.errors import ConfigError
from callcenter.core.event import Event
from callcenter.core.nodes import Node
from callcenter.store import calls
from callcenter.store.books import SqlBooks
from callcenter.store.node_tables import NodeRow
from callcenter.store.sql import Store

FORGOTTEN = timedelta(days=1)
"""A node that was not seen for so long is on the list no more."""


class StoredNodes:
    """core.nodes.Nodes over a Store."""

    def __init__(self, store: Store, books: SqlBooks, now: Callable[[], datetime]) -> None:
        self._store = store
        self._books = books
        self._now = now

    def enter(self, node: Node) -> Sequence[Node]:
        """This node begins; the others that are alive.

        Raises ConfigError where another machine has the same name, which shows within two beats.
        """
        before = self._seen(node.name)
        if before is not None:
            time.sleep(2 * core.BEAT_SECONDS + 0.2)
            if self._seen(node.name) != before:
                raise ConfigError(
                    f"[node] name: another machine runs as {node.name!r}; each needs its own"
                )
        with self._store.session(write=True) as session:
            old = NodeRow.seen_at < func.now() - FORGOTTEN
            session.execute(delete(NodeRow).where(old | (NodeRow.name == node.name)))
            _sign(session, node)
            return [one for one in _all(session) if one.is_alive and one.name != node.name]

    def _seen(self, name: str) -> datetime | None:
        """When this node was seen last; None where that is long ago, or never."""
        recent = NodeRow.seen_at > func.now() - 2 * timedelta(seconds=core.BEAT_SECONDS)
        with self._store.session() as session:
            asked = select(NodeRow.seen_at).where(NodeRow.name == name, recent)
            return session.scalar(asked)

    def beat(self, node: Node) -> Sequence[Node]:
        """A sign of life; all nodes, by name. Waits for no other writer."""
        with self._store.session() as session:
            _sign(session, node)
            return _all(session)

    def bury(self, name: str) -> Sequence[Event]:
        """Close what a dead node left open; the writer's place sees to it that one node does."""
        with self._store.session(write=True) as session:
            found = next((one for one in _all(session) if one.name == name), None)
            if found is not None and found.is_alive:
                return []
            endings = calls.endings(session, [name])
            written = self._books.enter(session, *endings)
            left = attendance.freed(session, [one.call_id for one in endings], self._now())
            return [*endings, *written, *left, *self._books.enter(session, *left)]

    def leave(self, name: str) -> None:
        """This node ends in good order."""
        with self._store.session(write=True) as session:
            session.execute(delete(NodeRow).where(NodeRow.name == name))


def _sign(session: Session, node: Node) -> None:
    row = session.get(NodeRow, node.name)
    if row is None:
        row = NodeRow(name=node.name, started_at=func.now())
        session.add(row)
    row.url, row.draining, row.seen_at = node.url, node.draining, func.now()
    session.flush()


def _all(session: Session) -> list[Node]:
    unseen = func.extract("epoch", func.clock_timestamp() - NodeRow.seen_at)
    asked = select(NodeRow.name, NodeRow.url, unseen, NodeRow.draining)
    known = asked.where(NodeRow.seen_at > func.now() - FORGOTTEN).order_by(NodeRow.name)
    return [Node(*row[:2], float(row[2]), row[3]) for row in session.execute(known)]
