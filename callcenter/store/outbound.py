"""Calls out as the limits count them, and how a refused one is written down.

Touches the database through its Store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.core.events import DialRefused, Event
from callcenter.core.numbers import plain
from callcenter.core.outbound import Use
from callcenter.store import trail
from callcenter.store.sql import Store
from callcenter.store.tables import Call


class SqlTolls:
    """core.office.Tolls over a Store; `now` is the clock (UTC)."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def since(self, midnight: datetime, agent: str, number: str) -> Use:
        """What was dialled since then, on whichever node. Raises StoreError."""
        out = (Call.direction == "outbound", Call.rang_at >= midnight)
        talked = Call.answered_at.is_not(None)
        answered = select(Call.agent, Call.answered_at, Call.ended_at).where(*out, talked)
        to_it = select(func.count()).select_from(Call).where(*out, Call.source == plain(number))
        mine = house = 0.0
        with self._store.session() as session:
            repeats = session.scalar(to_it) or 0
            for who, began, ended in session.execute(answered):
                seconds = ((ended or self._now()) - (began or midnight)).total_seconds()
                house += seconds
                mine += seconds if who == agent else 0
        return Use(mine, house, repeats)


def _refused(session: Session, event: DialRefused) -> None:
    what = ("agent", event.agent, "dial_refused", event.agent, event.rule)
    trail.sign(session, event, *what)


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {DialRefused: _refused}
"""How each of these events is written down."""
