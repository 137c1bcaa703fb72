"""What happened, as facts that the bus carries and the ledger writes down. Pure.

Every event names its call and the moment (UTC). `as_dict` gives the JSON form that the API streams.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from callcenter.core.records import Gap, Hit, RecordingInfo, Segment


@dataclass(frozen=True, slots=True)
class Event:
    """The root: something happened in a call at a moment (UTC)."""

    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallRang(Event):
    """A call came in on a line and waits for an answer."""

    caller_number: str
    callee_number: str
    line: str


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    """The call was picked up; offsets count from here. `agent` is "" where the system answered."""

    agent: str


@dataclass(frozen=True, slots=True)
class PartialHeard(Event):
    """A segment that is still being said; shown live, never stored."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class SegmentHeard(Event):
    """A finished segment."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class GapLeft(Event):
    """Sound that nobody listened to yet."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class HitFound(Event):
    """A pattern was found in the caller's words."""

    hit: Hit


@dataclass(frozen=True, slots=True)
class TerminationProposed(Event):
    """The desk proposes to end the call with a prompt; a person decides."""

    reason: str
    prompt: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn(Event):
    """The reason for a proposal is gone: a caller thought silent has spoken."""


@dataclass(frozen=True, slots=True)
class TerminationConfirmed(Event):
    """A named person ended the call with a prompt; the agent's microphone is cut from here on."""

    agent: str
    prompt: str


@dataclass(frozen=True, slots=True)
class PromptStarted(Event):
    """A prompt begins to play to the caller."""

    name: str
    file_ms: int


@dataclass(frozen=True, slots=True)
class PromptEnded(Event):
    """A prompt stopped; `sent_ms` of its `file_ms` left our socket."""

    name: str
    file_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True)
class MicrophoneMuted(Event):
    """The agent switched the microphone off, or on again; shown live, never stored."""

    agent: str
    muted: bool


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The call is over. `ended_by` is caller, agent or system; see VOCABULARY for the others.

    `transcribed` is False where the recording still waits to be transcribed.
    """

    ended_by: str
    call_result: str
    disposition: str
    transcribed: bool = True


@dataclass(frozen=True, slots=True)
class RecordingClosed(Event):
    """The recording is whole on disk and hashed."""

    recording: RecordingInfo


@dataclass(frozen=True, slots=True)
class TranscriptCompleted(Event):
    """A recording that waited was transcribed afterwards."""


@dataclass(frozen=True, slots=True)
class WorkOrderLinked(Event):
    """The call hangs on this work order. `linked_by` is system, or the person who corrected it."""

    number: str
    type: str
    linked_by: str


@dataclass(frozen=True, slots=True)
class VerdictGiven(Event):
    """A reviewer judged a flagged call: `verdict` is harassment, complaint or ordinary."""

    verdict: str
    reason: str
    reviewer: str


def as_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON types: `{"event": its class, "call_id": …, "at": ISO 8601, …}`."""
    fields = asdict(event)
    fields["at"] = event.at.isoformat()
    return {"event": type(event).__name__, **fields}
