"""How hidden numbers and secure pauses are written down; pages of store/books.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.events import (
    Event,
    NumberHeard,
    PauseEnded,
    PauseReminded,
    PauseStarted,
    Redacted,
)
from callcenter.core.pauses import PAUSE
from callcenter.core.people import SYSTEM
from callcenter.core.records import Party
from callcenter.core.redaction import Hidden
from callcenter.store import trail
from callcenter.store.facts import once_in_call
from callcenter.store.privacy_tables import Redaction
from callcenter.store.tables import GapRow, Handling


def of(session: Session, call_id: str) -> list[Redaction]:
    """What was hidden in a call, in order."""
    found = select(Redaction).filter_by(call_id=call_id).order_by(Redaction.start_ms)
    return list(session.scalars(found))


def hidden(row: Redaction) -> Hidden:
    """What was hidden there; not what was said."""
    return Hidden(Party(row.party), row.start_ms, row.end_ms, row.kind, "")


def _not_kept(session: Session, event: NumberHeard | PauseReminded) -> None:
    """What is told live and never stored."""


def _redacted(session: Session, event: Redacted) -> bool:
    fields = asdict(event)
    del fields["at"]
    return once_in_call(session, Redaction, fields)


def _paused(session: Session, event: PauseStarted) -> bool:
    is_new = _deed(session, event, "paused", event.agent, event.why)
    if is_new:
        what = ("call", event.call_id, "pause_recording", event.agent)
        trail.sign(session, event, *what)
    return is_new


def _unpaused(session: Session, event: PauseEnded) -> bool:
    """The gap is told for both, and filled: there is nothing to listen to."""
    for party in Party:
        span = {"start_ms": event.start_ms, "end_ms": event.end_ms}
        keys = {"call_id": event.call_id, "party": party.value, **span}
        once_in_call(session, GapRow, keys, reason=PAUSE, filled=True)
    is_new = _deed(session, event, "unpaused", event.agent, "")
    if is_new and event.agent != SYSTEM:
        what = ("call", event.call_id, "resume_recording", event.agent)
        trail.sign(session, event, *what)
    return is_new


def _deed(session: Session, event: Event, kind: str, actor: str, text: str) -> bool:
    keys = {"call_id": event.call_id, "at": event.at, "kind": kind, "actor": actor}
    return once_in_call(session, Handling, keys, text=text)


PAGES: dict[type[Event], Callable[[Session, Any], bool | None]] = {
    NumberHeard: _not_kept,
    PauseReminded: _not_kept,
    Redacted: _redacted,
    PauseStarted: _paused,
    PauseEnded: _unpaused,
}
"""How each of these events is written down."""
