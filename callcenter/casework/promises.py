"""Promises (D9, W12): heard in what an agent says, decided by a named person.

Reads through the session given; what is heard or decided goes through the ledger as a fact.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import Event, PromiseDecided, PromiseHeard, SegmentHeard
from callcenter.core.people import check_supervisor
from callcenter.core.promises import hear
from callcenter.core.records import Party
from callcenter.store import promises
from callcenter.store.facts import ask
from callcenter.store.tables import Call

ANSWERED = select(Call.answered_at).where(Call.call_id == bindparam("call"))


def consequence(zone: tzinfo | None = None) -> Callable[[Session, Event], list[Event]]:
    """A function for the books: what the agent has just promised, live or transcribed afterwards.

    `zone` is the clock on the wall of the calls; None is this machine's own.
    """

    def on_event(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, SegmentHeard) or event.segment.party is not Party.AGENT:
            return []
        call = ask(session, ANSWERED, call=event.call_id)
        if call is None or call.answered_at is None:
            return []
        heard = hear(event.call_id, event.segment, call.answered_at.astimezone(zone))
        return [PromiseHeard(event.call_id, event.at, promise) for promise in heard]

    return on_event


def decide(
    session: Session,
    promise_id: str,
    *,
    accepted: bool,
    by: str,
    at: datetime,
    due_at: datetime | None = None,
) -> PromiseDecided:
    """A person takes a promise as a follow-up, due at another time if they say so, or dismisses it.

    A fact to be sent through the ledger. Raises NoSuchPromise, NotNow where it is decided already,
    and Refused for no name or a new time that is over.
    """
    row = promises.get(session, promise_id)
    person = check_supervisor(by, ())
    if row.status != promises.OFFERED:
        raise NotNow(f"promise {promise_id} is {row.status} already, by {row.decided_by}")
    if due_at is not None and due_at <= at:
        raise Refused("a follow-up cannot be due before now; expected a later time")
    return PromiseDecided(row.call_id, at, promise_id, accepted, person, due_at or row.due_at)
