"""How what was removed is written down; pages of store/books.py. What else goes with it is a
consequence (casework/keeping)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.events import Cleared, Event
from callcenter.store import trail
from callcenter.store.facts import once, replace
from callcenter.store.keeping_tables import Clearance

KIND = "keeping"
"""What an entry of the trail is about; its number is the class, or that of an erasure."""


def _cleared(session: Session, event: Cleared) -> None:
    for number in event.numbers:
        keys = {"kind": event.kind, "number": number, "part": event.part}
        rest = {"at": event.at, "why": event.why}
        if not once(session, Clearance, keys, **rest):
            replace(session, Clearance, keys, **rest)
    what = (KIND, event.why, f"clear_{event.part}", event.person, str(len(event.numbers)))
    trail.sign(session, event, *what)


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {Cleared: _cleared}
"""How each of these events is written down."""
