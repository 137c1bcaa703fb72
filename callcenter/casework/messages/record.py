"""Messages to customers (S1, S2, S5, E7, F10): written from templates, logged, tried again.

Reads through the session given; what is to happen comes out as facts for the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.messages import EMAIL, Letter, Template, filled
from callcenter.core.numbers import plain
from callcenter.core.people import SYSTEM
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.message_tables import Message
from callcenter.store.report_tables import BuiltReport

KIND, PREFIX = "message", "MS"
QUEUED, SENT, FAILED, CANCELLED = "queued", "sent", "failed", "cancelled"
WITHIN = timedelta(minutes=30)
"""必须30分钟内发送 (S2)."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Before the next tries; after the last the message has failed, and a person looks at it."""

MOVES: Moves = {
    (NOT_YET, "write"): Move(QUEUED, ("template", "to", "text")),
    (QUEUED, "sent"): Move(SENT),
    (QUEUED, "try_again"): Move(QUEUED),
    (QUEUED, "fail"): Move(FAILED),
    (QUEUED, "cancel"): Move(CANCELLED),
    (FAILED, "resend"): Move(QUEUED),
    (FAILED, "cancel"): Move(CANCELLED),
}
BY_HAND = ("cancel", "resend")
"""What people do; the rest is the outbox's."""
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


def write(
    session: Session,
    template: Template,
    to: str,
    given: Mapping[str, str],
    actor: Actor,
    about: str = "",
) -> RecordStepped:
    """A message from a template. Raises Refused for a missing field or an impossible address."""
    subject, text = filled(template, given)
    fields = {
        "template": template.name,
        "channel": template.channel,
        "to": address(template.channel, to),
        "subject": subject,
        "text": text,
        "about": about,
        "due_at": actor.at + WITHIN,
    }
    return steps.opening(session, KIND, MOVES, PREFIX, "write", fields, actor)


def act(
    session: Session, number: str, action: str, actor: Actor, seen: int | None = None
) -> RecordStepped:
    """Cancel a message, or send a failed one again. Raises NoSuchRecord, NotNow, Refused."""
    if action not in BY_HAND:
        raise Refused(f"people can do this with a message: {', '.join(BY_HAND)}")
    row = steps.get(session, Message, number)
    again: dict[str, Any] = {"tries": 0, "next_try_at": None, "problem": ""}
    return steps.step(row, MOVES, action, again if action == "resend" else {}, actor, seen)


def waiting(session: Session, at: datetime, limit: int = 50) -> list[Letter]:
    """What should leave now, the most urgent first."""
    ready = or_(Message.next_try_at.is_(None), Message.next_try_at <= at)
    query = select(Message).where(Message.state == QUEUED, ready)
    rows = session.scalars(query.order_by(Message.due_at, Message.number).limit(limit))
    return [_letter(session, row) for row in rows]


def _letter(session: Session, row: Message) -> Letter:
    """A letter about a report takes its files along."""
    built = session.get(BuiltReport, row.about) if row.channel == EMAIL and row.about else None
    files = tuple(one["path"] for one in built.files) if built is not None else ()
    return Letter(row.number, row.channel, row.to, row.text, row.subject, files)


def was_sent(session: Session, number: str, carrier_id: str, at: datetime) -> RecordStepped:
    """The carrier has taken it."""
    changes = {"sent_at": at, "carrier_id": carrier_id[:200], "problem": ""}
    return _by_outbox(session, number, "sent", changes, at)


def was_not_sent(session: Session, number: str, problem: str, at: datetime) -> RecordStepped:
    """The carrier did not take it: another try later, or, after the last, it has failed."""
    row = steps.get(session, Message, number)
    changes: dict[str, Any] = {"tries": row.tries + 1, "problem": problem[:200]}
    if row.tries < len(PAUSES):
        changes["next_try_at"] = at + PAUSES[row.tries]
        return _by_outbox(session, number, "try_again", changes, at)
    return _by_outbox(session, number, "fail", changes, at)


def listing(
    session: Session, *, state: str = "", about: str = "", limit: int = 200
) -> Sequence[Message]:
    """Messages, newest first."""
    query = select(Message).order_by(Message.opened_at.desc(), Message.number.desc())
    wanted = {"state": state, "about": about}
    query = query.filter_by(**{name: value for name, value in wanted.items() if value})
    return session.scalars(query.limit(limit)).all()


def address(channel: str, to: str) -> str:
    """Where it goes, in its plain form. Raises Refused."""
    if channel == EMAIL:
        kept = to.strip()
        if not _ADDRESS.fullmatch(kept):
            raise Refused("expected an e-mail address")
        return kept
    number = plain(to)
    if not number.lstrip("+").isdigit():
        raise Refused("expected a telephone number")
    return number


def _by_outbox(
    session: Session, number: str, action: str, changes: dict[str, Any], at: datetime
) -> RecordStepped:
    row = steps.get(session, Message, number)
    to = MOVES[row.state, action].to
    return RecordStepped("", at, KIND, number, action, SYSTEM, to, row.version, changes)
