"""What an event is called when others are told of it, and what of it they are told. Pure.

Never a telephone number, and never what was said or written: numbers are read from the call when
the fact leaves, and who may know the rest asks the API for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callcenter.core import events
from callcenter.core.events import Event
from callcenter.core.records import BANNED
from callcenter.core.webhooks import TOPICS


@dataclass(frozen=True, slots=True)
class Fact:
    """`type` as "call.answered"; `subject` is what it is about, in whose order it is told."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""


def fact_of(event: Event) -> Fact | None:
    """None for what nobody is told of."""
    read = _READ.get(type(event))
    return read(event) if read else None


def topic_of(type: str) -> str:
    """The first part of a type."""
    return type.partition(".")[0]


def _fields(type: str, *names: str) -> Callable[[Event], Fact]:
    def read(event: Event) -> Fact:
        data = {name: getattr(event, name) for name in names}
        return Fact(type, data, event.call_id or topic_of(type))

    return read


def _transferred(event: events.TransferDone) -> Fact:
    """Outside is a telephone number, which is not told."""
    to = "" if event.outside else event.to
    data = {"agent": event.agent, "to": to, "outside": event.outside}
    return Fact("call.transferred", data, event.call_id)


def _flagged(event: events.HitFound) -> Fact | None:
    hit = event.hit
    if hit.category == BANNED:
        return None
    data = {name: getattr(hit, name) for name in ("category", "rule", "severity")}
    data |= {"party": hit.party.value, "start_ms": hit.start_ms, "end_ms": hit.end_ms}
    return Fact("flag.found", data, event.call_id)


def _recorded(event: events.RecordingClosed) -> Fact:
    data = {"seconds": event.recording.seconds, "sha256": event.recording.sha256}
    return Fact("recording.closed", data, event.call_id)


def _linked(event: events.WorkOrderLinked) -> Fact | None:
    """A wish for a new work order is followed by the fact, which has its number."""
    names = ("number", "type", "linked_by")
    return _fields("work_order.linked", *names)(event) if event.number else None


def _block_decided(event: events.BlockDecided) -> Fact:
    until = event.expires_at.isoformat() if event.expires_at else None
    data = {"approved": event.approved, "supervisor": event.supervisor, "expires_at": until}
    return Fact("block.decided", data, event.call_id)


def _case_opened(event: events.CaseOpened) -> Fact:
    names = ("case_number", "source_type", "person")
    data = {name: getattr(event, name) for name in names} | {"calls": list(event.calls)}
    return Fact("case.opened", data, f"case/{event.case_number}")


def _case_changed(event: events.CaseActionTaken) -> Fact:
    names = ("case_number", "action", "person", "state")
    data = {name: getattr(event, name) for name in names}
    return Fact("case.changed", data, f"case/{event.case_number}")


def _stepped(event: events.RecordStepped) -> Fact | None:
    if event.kind not in TOPICS:
        return None
    names = ("number", "action", "person", "state", "version")
    data = {name: getattr(event, name) for name in names}
    return Fact(f"{event.kind}.{event.action}", data, f"{event.kind}/{event.number}")


_READ: Mapping[type[Event], Callable[[Any], Fact | None]] = {
    events.CallRang: _fields("call.rang", "agent"),
    events.CallAnswered: _fields("call.answered", "agent"),
    events.TransferDone: _transferred,
    events.CallEnded: _fields("call.ended", "ended_by", "call_result", "disposition"),
    events.HitFound: _flagged,
    events.TerminationProposed: _fields("termination.proposed", "prompt"),
    events.ProposalDismissed: _fields("termination.dismissed", "agent"),
    events.TerminationConfirmed: _fields("termination.confirmed", "agent", "prompt"),
    events.TerminationUndone: _fields("termination.undone", "agent"),
    events.RecordingClosed: _recorded,
    events.TranscriptCompleted: _fields("recording.transcribed"),
    events.VerdictGiven: _fields("verdict.given", "verdict", "reviewer"),
    events.WorkOrderLinked: _linked,
    events.BlockProposed: _fields("block.proposed", "attempts", "known_customer", "person"),
    events.BlockDecided: _block_decided,
    events.BlockLifted: _fields("block.lifted", "supervisor"),
    events.CaseOpened: _case_opened,
    events.CaseActionTaken: _case_changed,
    events.RecordStepped: _stepped,
}
