"""How agents' states are written down; pages of store/books.py. Uses the session given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from callcenter.core.events import AgentChanged, Event, SeatUnattended
from callcenter.core.people import SYSTEM
from callcenter.store import trail
from callcenter.store.facts import ask, once, replace
from callcenter.store.staff_tables import AgentSpan

_LASTING = (
    select(AgentSpan.id, AgentSpan.since)
    .where(AgentSpan.agent == bindparam("agent"), AgentSpan.until.is_(None))
    .limit(1)
)


def _changed(session: Session, event: AgentChanged) -> None:
    """The time in the state before ends where that of the new one begins."""
    before = ask(session, _LASTING, agent=event.agent)
    keys = {"agent": event.agent, "since": event.at, "state": event.state}
    keys |= {"reason": event.reason, "call_id": event.call_id}
    if not once(session, AgentSpan, keys, by=event.by, lasted_ms=0):
        return
    if before is not None:
        lasted = max(0, (event.at - before.since) // timedelta(milliseconds=1))
        replace(session, AgentSpan, {"id": before.id}, until=event.at, lasted_ms=lasted)
    if event.by not in (SYSTEM, event.agent):
        trail.sign(session, event, "agent", event.agent, "set_state", event.by, event.state)


def _not_kept(session: Session, event: SeatUnattended) -> None:
    """What is shown live and never stored."""


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {
    AgentChanged: _changed,
    SeatUnattended: _not_kept,
}
"""How each of these events is written down."""
