"""What the API says and hears, as pydantic models. Names are those of the vocabulary. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field

from callcenter.core.numerals import read_out
from callcenter.core.ports import Desk
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.store.tables import Call
from callcenter.web.access.asking import Signer
from callcenter.web.access.reach import seen
from callcenter.web.api.assist_models import CardOfferOut, PromiseOut
from callcenter.web.api.base import Out as Out
from callcenter.web.api.live_models import Command as Command
from callcenter.web.api.live_models import (
    HandlingOut,
    JoinedOut,
    LeadCallOut,
    PauseOut,
    QualityOut,
    RedactionOut,
    StandingOut,
    TransferOut,
)
from callcenter.web.api.live_models import Name as Name


class WordOut(Out):
    """One recognised word; offsets in ms since answer."""

    word: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


class SegmentOut(Out):
    """What one party said between two pauses."""

    party: str
    start_ms: int
    end_ms: int
    text: str
    words: list[WordOut]
    live: bool

    @computed_field  # type: ignore[prop-decorator]
    @property
    def numbers(self) -> list[str]:
        """Telephone and order numbers that were read out, in digits."""
        return read_out(self.text)


class LiveSegmentOut(SegmentOut):
    """A segment of a running call; not `final` while it is still being said."""

    final: bool


class HitOut(Out):
    """A pattern found in the caller's words, or, `spotted`, in the sound alone."""

    rule: str
    category: str
    party: str
    start_ms: int
    end_ms: int
    text: str
    spotted: bool
    operator: str
    score: float
    severity: int
    why: str


class TranscriptOut(Out):
    """The call as another model heard it in the recording; its hits decide nothing."""

    model: str
    made_at: datetime
    segments: list[SegmentOut]
    hits: list[HitOut]


class GapOut(Out):
    """Sound that was recorded but not listened to live."""

    party: str
    start_ms: int
    end_ms: int
    reason: str
    filled: bool


class PromptOut(Out):
    """A prompt that was played; `sent_ms` of its `file_ms` left our socket."""

    name: str
    started_at: datetime
    file_ms: int
    sent_ms: int


class DecisionOut(Out):
    """What was proposed or confirmed, by whom."""

    at: datetime
    kind: str
    actor: str
    reason: str
    prompt: str
    evidence: str


class VerdictOut(Out):
    """A reviewer's judgement; the newest one counts."""

    at: datetime
    verdict: str
    reason: str
    reviewer: str


class RecordingOut(Out):
    """A closed recording: left is the caller, right the agent."""

    path: str
    channels: int
    seconds: float
    sha256: str


class LinkedWorkOrderOut(Out):
    """The work order that a call hangs on, and who linked it (system, or a person)."""

    number: str
    opened_at: datetime
    caller_number: str
    owner: str
    type: str
    state: str
    linked_by: str

    @classmethod
    def of(cls, call: Call) -> LinkedWorkOrderOut | None:
        """The link of a kept call, None where it has none."""
        if call.work_order is None:
            return None
        kept = {n: getattr(call.work_order, n) for n in cls.model_fields if n != "linked_by"}
        return cls(**kept, linked_by=call.work_order_linked_by)


class CallOut(Out):
    """One call, without what was said in it."""

    call_id: str
    direction: str
    line: str
    caller_number: str
    callee_number: str
    agent: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    call_result: str
    disposition: str
    transcribed: bool
    work_order_number: str | None
    work_order_linked_by: str


class CallsOut(Out):
    """A page of calls, newest first; give `before` again to read on, None is the end."""

    calls: list[CallOut]
    before: str | None


class CallDetailOut(CallOut):
    """One call with everything that is kept of it."""

    segments: list[SegmentOut]
    hits: list[HitOut]
    gaps: list[GapOut]
    redactions: list[RedactionOut]
    prompts: list[PromptOut]
    decisions: list[DecisionOut]
    verdicts: list[VerdictOut]
    recording: RecordingOut | None
    work_order: LinkedWorkOrderOut | None
    transcripts: list[TranscriptOut]
    handling: list[HandlingOut]
    quality: list[QualityOut]

    @classmethod
    def of(cls, call: Call, first: int | None = None) -> CallDetailOut:
        """Everything of a kept call; its `first` segments alone, where that is given: an hour has
        1,500 of them, with 20,000 words."""
        kept = {name: getattr(call, name) for name in cls.model_fields if name != "work_order"}
        kept["segments"] = call.segments[:first]
        return cls.model_validate({**kept, "work_order": LinkedWorkOrderOut.of(call)})


class ProposalOut(Out):
    """What the desk proposes; nothing happens until a person confirms."""

    reason: str
    prompt: str
    evidence: str


class SteerBackOut(Out):
    """Words to say that lead the caller back to the subject, and why they are offered."""

    reason: str
    say: str
    evidence: str


class CustomerFileOut(Out):
    """What the file says in which the number is."""

    number: str
    name: str
    customer_class: str
    member: bool
    agent: str


class CallerHistoryOut(Out):
    """What is kept of the number; calls within 60 s are one attempt, this call is not counted."""

    calls_24h: int
    attempts: int
    prompts_a: int
    prompts_b: int
    last_verdict: str
    known_customer: bool
    blocked: bool
    customer: CustomerFileOut | None


class BreakOut(Out):
    """A recovery break: offered after this call, `taken_at` null until the agent takes it."""

    agent: str
    call_id: str
    taken_at: datetime | None


class LiveCallOut(Out):
    """A call that rings or runs now."""

    call_id: str
    state: str
    caller_number: str
    callee_number: str
    rang_at: datetime
    answered_at: datetime | None
    agent: str
    segments: list[LiveSegmentOut]
    partials: list[LiveSegmentOut]
    hits: list[HitOut]
    rung: str
    steer_back: SteerBackOut | None
    card: CardOfferOut | None
    promises: list[PromiseOut]
    proposal: ProposalOut | None
    history: CallerHistoryOut
    muted: bool
    ticked: list[str]
    lag_ms: int
    work_order: str
    direction: str
    transfer: TransferOut | None
    joined: list[JoinedOut]
    paused: PauseOut | None
    lead_called: LeadCallOut | None
    pressed: str
    node: str = ""
    """The machine that has it, where several are one call centre."""


class LineOut(Out):
    """How a line stands; `registered` is null where it needs no registrar.

    The last ones count messages that were passed over: of sources that sent too many, of sources
    that are not in the line's list, of scanners, of sources that guessed passwords, and what is no
    SIP; and calls with a wrong password.
    """

    name: str
    address: str
    registered: bool | None
    detail: str
    limited: int
    turned_away: int
    scanners: int
    shut_out: int
    wrong_logins: int
    ignored: int


class Health(Out):
    """What the people at the desk must know, and how the lines stand."""

    notices: list[str]
    lines: list[LineOut]

    @classmethod
    def of(cls, desk: Desk) -> Health:
        """Asked of the desk now."""
        return cls.model_validate({"notices": desk.notices(), "lines": desk.lines()})


class Live(Health):
    """How the desk stands at a moment (UTC): the stream's first event."""

    at: datetime
    calls: list[LiveCallOut]
    breaks: list[BreakOut]
    agents: list[StandingOut]

    @classmethod
    def at_desk(cls, desk: Desk, now: datetime, visitor: Visitor = ANYBODY) -> Live:
        """Asked of the desk now; the calls that this visitor may know of."""
        calls = seen(desk.live(), visitor.scope)
        told = {"notices": desk.notices(), "lines": desk.lines(), "at": now, "calls": calls}
        return cls.model_validate({**told, "breaks": desk.breaks(), "agents": desk.presence()})


class Mute(Command):
    """Switch the microphone off (true) or on."""

    muted: bool


class Tick(Command):
    """What the agent hears behind the caller."""

    what: Literal["laughter", "several_voices"]


class Terminate(Command):
    """End the call with a prompt."""

    prompt: Literal["line_fault", "analysis"]


class LinkWorkOrder(Command):
    """Hang the call on this work order; null makes a new one. `type` corrects its type."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None
    type: Literal["enquiry", "suggestion", "complaint", "repair"] | None = None


class GiveVerdict(BaseModel):
    """A reviewer's judgement of a flagged call."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["harassment", "complaint", "ordinary"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    reviewer: Signer
    block_days: Annotated[int | None, Field(ge=1, le=3650)] = None
    """Block the caller's number for so many days, too; a lead does."""
    known_customer: bool = False
    """The explicit word to block a known customer."""
    to_case: bool = False
    """Bring the call into its source's open case, or open one; a lead does."""


class Done(Out):
    """The call after the command; `state` is ended where it is no longer live."""

    call_id: str
    state: str


class Problem(BaseModel):
    """What went wrong, in one sentence."""

    detail: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of a route that may answer with these errors."""
    return {status: {"model": Problem} for status in statuses}
