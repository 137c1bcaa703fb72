"""How hold, transfer, supervisors and quality are written down; pages of store/books.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.events import (
    Accessed,
    AgentAway,
    CallHeld,
    CallResumed,
    DigitsPressed,
    DigitsSent,
    Event,
    HarassmentMarked,
    LeadCalled,
    QualityMeasured,
    SupervisorJoined,
    SupervisorLeft,
    TransferConsulted,
    TransferDone,
    TransferReturned,
    TransferStarted,
    VoiceChanged,
)
from callcenter.store import trail
from callcenter.store.facts import once_in_call, replace
from callcenter.store.tables import Call, Decision, Handling, QualityRow


def _not_kept(session: Session, event: VoiceChanged) -> None:
    """What is shown live and never stored."""


def _held(session: Session, event: CallHeld) -> None:
    _deed(session, event, "held", event.agent)


def _resumed(session: Session, event: CallResumed) -> None:
    _deed(session, event, "resumed", event.agent)


def _away(session: Session, event: AgentAway) -> None:
    _deed(session, event, "away", event.agent, how=event.state)


def _sent_digits(session: Session, event: DigitsSent) -> None:
    _deed(session, event, "digits", event.agent, text=event.digits)


def _pressed(session: Session, event: DigitsPressed) -> None:
    _deed(session, event, "pressed", "", text=event.digits)


def _started(session: Session, event: TransferStarted) -> None:
    how = "outside" if event.outside else "attended" if event.attended else "blind"
    _deed(session, event, "transfer", event.agent, other=event.to, how=how, text=event.notes)


def _consulted(session: Session, event: TransferConsulted) -> None:
    _deed(session, event, "consulted", event.to)


def _transferred(session: Session, event: TransferDone) -> bool:
    """The call is the target's from here on, unless that is outside."""
    how = "outside" if event.outside else ""
    is_new = _deed(session, event, "transferred", event.agent, other=event.to, how=how)
    if is_new and not event.outside:
        replace(session, Call, {"call_id": event.call_id}, agent=event.to)
    return is_new


def _returned(session: Session, event: TransferReturned) -> None:
    _deed(session, event, "returned", event.to, text=event.why)


def _lead_called(session: Session, event: LeadCalled) -> None:
    _deed(session, event, "lead_called", event.agent, text=event.reason)


def _marked(session: Session, event: HarassmentMarked) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "kind": "marked"}
    if once_in_call(session, Decision, keys, actor=event.agent):
        trail.sign(session, event, "call", event.call_id, "mark", event.agent)


def _joined(session: Session, event: SupervisorJoined) -> None:
    if _deed(session, event, "joined", event.person, how=event.mode):
        trail.sign(session, event, "call", event.call_id, "join", event.person, event.mode)


def _left(session: Session, event: SupervisorLeft) -> None:
    if _deed(session, event, "left", event.person):
        trail.sign(session, event, "call", event.call_id, "leave", event.person)


def _accessed(session: Session, event: Accessed) -> None:
    trail.sign(session, event, event.kind, event.number, event.action, event.person)


def _measured(session: Session, event: QualityMeasured) -> None:
    keys = {"call_id": event.call_id, "at": event.at, "party": event.party, "agent": event.agent}
    once_in_call(session, QualityRow, keys, **asdict(event.quality))


def _deed(session: Session, event: Event, kind: str, actor: str, **rest: str) -> bool:
    keys = {"call_id": event.call_id, "at": event.at, "kind": kind, "actor": actor}
    return once_in_call(session, Handling, keys, **rest)


PAGES: dict[type[Event], Callable[[Session, Any], bool | None]] = {
    CallHeld: _held,
    CallResumed: _resumed,
    AgentAway: _away,
    DigitsSent: _sent_digits,
    DigitsPressed: _pressed,
    TransferStarted: _started,
    TransferConsulted: _consulted,
    TransferDone: _transferred,
    TransferReturned: _returned,
    LeadCalled: _lead_called,
    HarassmentMarked: _marked,
    SupervisorJoined: _joined,
    SupervisorLeft: _left,
    QualityMeasured: _measured,
    VoiceChanged: _not_kept,
    Accessed: _accessed,
}
"""How each of these events is written down."""
