"""Messages that wait to be sent, as the store knows them; implements core.office.Letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from callcenter.casework.messages import record as messages
from callcenter.core.events import Event
from callcenter.core.messages import Letter
from callcenter.store.sql import Store


class Letterbox:
    """Reads the store; what becomes of a letter is a fact for the ledger. `now` gives UTC."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def waiting(self) -> Sequence[Letter]:
        """What should leave now."""
        with self._store.session() as session:
            return messages.waiting(session, self._now())

    def sent(self, letter: Letter, carrier_id: str) -> Event:
        """Its carrier has taken it."""
        with self._store.session() as session:
            return messages.was_sent(session, letter.number, carrier_id, self._now())

    def not_sent(self, letter: Letter, problem: str) -> Event:
        """Its carrier has not."""
        with self._store.session() as session:
            return messages.was_not_sent(session, letter.number, problem, self._now())
