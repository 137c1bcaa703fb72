"""An agent marks a kept call as harassing by hand (标记骚扰) when it is over. Reads the session."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import Event, HarassmentMarked, HitFound
from callcenter.core.marks import MARKED, marked
from callcenter.store import calls


def facts(session: Session, call_id: str, by: str, at: datetime) -> list[Event]:
    """That it is marked, and the hit that flags it, at its end. Raises NoSuchCall, NotNow where it
    is marked already, and Refused where nobody talked."""
    call = calls.get_call(session, call_id, loaded=False)
    if call.answered_at is None or call.ended_at is None:
        raise Refused(f"call {call_id} was not talked through; there is nothing to mark")
    if any(hit.category == MARKED for hit in call.hits):
        raise NotNow(f"call {call_id} is marked already")
    at_ms = round((call.ended_at - call.answered_at).total_seconds() * 1000)
    return [HarassmentMarked(call_id, at, by), HitFound(call_id, at, marked(by, at_ms))]
