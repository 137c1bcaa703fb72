"""What happened, as facts that the bus carries and the ledger writes down. Pure.

Every event names its call and the moment (UTC). `as_dict` gives the JSON form that the API streams.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.core.cards import Card
from callcenter.core.event import Event as Event
from callcenter.core.event import as_dict as as_dict
from callcenter.core.keeping_events import Cleared as Cleared
from callcenter.core.live_events import AgentAway as AgentAway
from callcenter.core.live_events import AgentChanged as AgentChanged
from callcenter.core.live_events import CallHeld as CallHeld
from callcenter.core.live_events import CallResumed as CallResumed
from callcenter.core.live_events import DigitsPressed as DigitsPressed
from callcenter.core.live_events import DigitsSent as DigitsSent
from callcenter.core.live_events import HarassmentMarked as HarassmentMarked
from callcenter.core.live_events import LeadCalled as LeadCalled
from callcenter.core.live_events import QualityMeasured as QualityMeasured
from callcenter.core.live_events import SeatUnattended as SeatUnattended
from callcenter.core.live_events import SupervisorJoined as SupervisorJoined
from callcenter.core.live_events import SupervisorLeft as SupervisorLeft
from callcenter.core.live_events import TransferConsulted as TransferConsulted
from callcenter.core.live_events import TransferDone as TransferDone
from callcenter.core.live_events import TransferReturned as TransferReturned
from callcenter.core.live_events import TransferStarted as TransferStarted
from callcenter.core.live_events import VoiceChanged as VoiceChanged
from callcenter.core.outbound_events import DialRefused as DialRefused
from callcenter.core.privacy_events import NumberHeard as NumberHeard
from callcenter.core.privacy_events import PauseEnded as PauseEnded
from callcenter.core.privacy_events import PauseReminded as PauseReminded
from callcenter.core.privacy_events import PauseStarted as PauseStarted
from callcenter.core.privacy_events import Redacted as Redacted
from callcenter.core.recording_events import SoundLost as SoundLost
from callcenter.core.records import CallerHistory, Gap, Hit, Promise, RecordingInfo, Segment


@dataclass(frozen=True, slots=True)
class CallRang(Event):
    """A call came in on a line and waits for an answer; or, `direction` outbound, `agent` dials."""

    caller_number: str
    callee_number: str
    line: str
    direction: str = "inbound"
    agent: str = ""
    node: str = ""
    """The machine that took it, where several are one call centre."""


@dataclass(frozen=True, slots=True)
class HistoryFound(Event):
    """What is kept of a ringing caller's number (H5, H12); shown live, never stored."""

    history: CallerHistory


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
class SteerBackOffered(Event):
    """The desk suggests words that lead the caller back to the subject, before judging (H2)."""

    reason: str
    say: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CardOffered(Event):
    """A card with words to say was put before the agent, and why (D11 to D17)."""

    card: Card
    because: str


@dataclass(frozen=True, slots=True)
class PromiseHeard(Event):
    """The agent promised something by a time (W12); a follow-up is offered for it."""

    promise: Promise


@dataclass(frozen=True, slots=True)
class PromiseDecided(Event):
    """A named person took a promise as a follow-up, due then, or dismissed it."""

    promise_id: str
    accepted: bool
    person: str
    due_at: datetime


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
class ProposalDismissed(Event):
    """A named person says that it is no harassment; the proposal is taken back."""

    agent: str


@dataclass(frozen=True, slots=True)
class TerminationConfirmed(Event):
    """A named person ended the call with a prompt; the agent's microphone is cut from here on."""

    agent: str
    prompt: str


@dataclass(frozen=True, slots=True)
class TerminationUndone(Event):
    """A named person took the confirmation back at once; the agent's microphone is open again."""

    agent: str


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
class Ticked(Event):
    """The agent hears laughter or several voices behind the caller (H7): `what` is one of TICKS."""

    agent: str
    what: str


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


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """A named person opened a case on a harassing source (H19); `call_id` is its first call."""

    case_number: str
    caller_number: str
    """In its plain form; "" where it is withheld."""
    source_type: str
    person: str
    calls: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class CaseActionTaken(Event):
    """A named person did something in a case (H22), which took it from one state to another."""

    case_number: str
    action: str
    person: str
    text: str
    state_before: str
    state: str
    calls: tuple[str, ...] = ()
    """What was added to the case."""
    source_type: str = ""
    """The source's type where it was corrected."""


@dataclass(frozen=True, slots=True)
class BillLineMatched(Event):
    """A line of the carrier's bill may be this call with a withheld number (H21)."""

    caller_number: str
    callee_number: str
    started_at: datetime
    seconds: int
    bill_sha256: str
    bill_line: int
    person: str
    """Who imported the bill."""


@dataclass(frozen=True, slots=True)
class NumberRecovered(Event):
    """A named person accepts what the bill says of a withheld number; the call's own stays."""

    caller_number: str
    person: str
    bill_sha256: str
    bill_line: int


@dataclass(frozen=True, slots=True)
class EvidenceExported(Event):
    """A named person took these calls out of the house as an evidence package."""

    person: str
    calls: tuple[str, ...]
    manifest_sha256: str
    case_number: str = ""


@dataclass(frozen=True, slots=True)
class Accessed(Event):
    """A named person played, looked at or took out what is personal; kept in the audit trail.

    `call_id` is "" where it is about no call.
    """

    person: str
    action: str
    """play, reveal or export."""
    kind: str
    """Of what: call, customer, reports … ; `number` names which, "" where it is a list."""
    number: str
    reason: str = ""
    """Why, in their words; of an export what was asked for."""


@dataclass(frozen=True, slots=True)
class BlockProposed(Event):
    """The desk, or an agent, proposes to block the number that this call came from (H18); a
    supervisor decides.

    `known_customer` asks for the supervisor's explicit choice (H4).
    """

    caller_number: str
    attempts: int
    """Harassing attempts in the last 30 days."""
    reason: str
    known_customer: bool
    person: str = ""
    """The agent who asks for it; "" where the desk proposes."""


@dataclass(frozen=True, slots=True)
class BlockDecided(Event):
    """A named supervisor approved or refused a proposed block; None never expires."""

    caller_number: str
    approved: bool
    supervisor: str
    reason: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BlockLifted(Event):
    """A named supervisor lifted a block; `call_id` is "": it is about a number, not a call."""

    caller_number: str
    supervisor: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecoveryBreakOffered(Event):
    """After confirmed harassment the agent may take a break that no KPI counts (H23)."""

    agent: str


@dataclass(frozen=True, slots=True)
class RecoveryBreakTaken(Event):
    """The agent takes the break that this call brought: no calls meanwhile."""

    agent: str


@dataclass(frozen=True, slots=True)
class RecoveryBreakEnded(Event):
    """The agent is back."""

    agent: str


@dataclass(frozen=True, slots=True)
class RecordStepped(Event):
    """A person took a step in a record of casework; `version` 0 opens it. See core/steps.py."""

    kind: str
    """complaint, customer … : a key of store.kinds.KINDS."""
    number: str
    action: str
    person: str
    state: str
    """Where the step leads."""
    version: int
    """Of the record that the person saw; the step makes it one more."""
    changes: dict[str, Any]
    """The new values of its fields, by their names."""
