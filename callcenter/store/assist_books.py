"""How cards and promises are written down; pages of store/books.py. Uses the session given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.events import CardOffered, Event, PromiseDecided, PromiseHeard
from callcenter.store import calls, promises, trail
from callcenter.store.assist_tables import CardRow, PromiseRow
from callcenter.store.facts import once, once_in_call


def _card(session: Session, event: CardOffered) -> None:
    card = event.card
    keys = {"call_id": event.call_id, "at": event.at, "name": card.name}
    rest = {"title": card.title, "handbook": card.handbook, "because": event.because}
    once_in_call(session, CardRow, keys, **rest)


def _heard(session: Session, event: PromiseHeard) -> None:
    promise = event.promise
    call = calls.get_call(session, event.call_id, loaded=False)
    once(
        session,
        PromiseRow,
        {"promise_id": promise.promise_id},
        call_id=call.call_id,
        at=event.at,
        agent=call.agent,
        what=promise.what,
        text=promise.text,
        start_ms=promise.start_ms,
        end_ms=promise.end_ms,
        heard_due_at=promise.due_at,
        due_at=promise.due_at,
    )


def _decided(session: Session, event: PromiseDecided) -> bool:
    """The first decision stands, whoever else decided at the same moment."""
    row = promises.get(session, event.promise_id)
    is_first = row.status == promises.OFFERED
    if is_first:
        row.status = promises.ACCEPTED if event.accepted else promises.DISMISSED
        row.due_at, row.decided_at, row.decided_by = event.due_at, event.at, event.person
        what = ("accept" if event.accepted else "dismiss", event.person, row.status)
        trail.sign(session, event, "promise", event.promise_id, *what)
    return is_first


PAGES: dict[type[Event], Callable[[Session, Any], bool | None]] = {
    CardOffered: _card,
    PromiseHeard: _heard,
    PromiseDecided: _decided,
}
"""How each of these events is written down."""
